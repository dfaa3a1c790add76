"""Deals' tests run on the whole application; addresses of features that come later lead nowhere yet."""

from collections.abc import Iterator

import pytest
from flask import Flask


@pytest.fixture(autouse=True)
def later_addresses(shared_app: Flask) -> Iterator[None]:
    def nowhere(_error: Exception, endpoint: str, _values: dict[str, object]) -> str:
        return f"/later/{endpoint}"

    shared_app.url_build_error_handlers.append(nowhere)
    yield
    shared_app.url_build_error_handlers.remove(nowhere)
