"""A platform with a tax, for documents whose arithmetic shows."""

import pytest
from flask import Flask

from marketplace.infra.settings import settings

ISSUER = {
    "issuer_name": "Mutuals Pay Ltd.",
    "issuer_address": "1 Harbour Road\nHong Kong",
    "issuer_tax_id": "HK-1234567",
    "tax_name": "VAT",
    "tax_basis_points": 600,
}


@pytest.fixture(autouse=True)
def taxed(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        monkeypatch.setitem(app.extensions, "mutuals_settings", settings().model_copy(update=ISSUER))
