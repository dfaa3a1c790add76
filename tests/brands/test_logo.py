"""A company's logo: uploaded by those who may change its profile, shown wherever the company is."""

import pytest
from flask import Flask

from marketplace.brands.models import Brand
from marketplace.infra.db import db, transaction
from tests.support.files import bomb, picture, sent
from tests.support.market import BrandSide, make_brand, make_brief, make_member, sign_in
from tests.support.web import Client


@pytest.fixture
def brand(app: Flask, client: Client) -> BrandSide:
    with app.app_context(), transaction():
        made = make_brand()
        make_brief(made)
    sign_in(client, made)
    return made


def typed(brand: BrandSide, version: int = 1) -> dict[str, object]:
    return {"version": version, "name": "Tidewell", "handle": brand.handle, "legal_name": "Tidewell Co., Ltd."}


def logo_of(app: Flask, brand: BrandSide) -> int | None:
    with app.app_context():
        return db.session.get_one(Brand, brand.id).logo_id


def test_a_logo_stands_wherever_the_company_does_until_it_is_taken_away(
    app: Flask, client: Client, brand: BrandSide
) -> None:
    data = {**typed(brand), "logo": sent(picture("PNG", (500, 300))), "logo_crop": "100,0,300,300"}
    assert client.post("/company", data=data, content_type="multipart/form-data").status_code == 303
    logo = logo_of(app, brand)
    assert logo is not None
    for address in ("/company", f"/b/{brand.handle}", "/briefs"):
        assert f"/pictures/{logo}/" in client.get(address).text, address
    assert client.post("/company", data={**typed(brand, 2), "logo_remove": "y"}).status_code == 303
    assert logo_of(app, brand) is None
    assert f"/art/company/brand-{brand.id}.svg" in client.get("/company").text


def test_what_is_no_picture_is_refused_and_who_only_looks_on_uploads_nothing(
    app: Flask, client: Client, brand: BrandSide
) -> None:
    answer = client.post("/company", data={**typed(brand), "logo": sent(bomb())}, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "too many pixels" in answer.text
    assert 'id="logo-error"' in answer.text
    with app.app_context(), transaction():
        viewer = make_member(brand, "viewer")
    sign_in(client, viewer)
    data = {**typed(brand), "logo": sent(picture("PNG", (300, 300)))}
    assert client.post("/company", data=data, content_type="multipart/form-data").status_code == 403
    assert logo_of(app, brand) is None
