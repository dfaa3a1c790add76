"""The pictures of a profile: uploaded with a part of them, shown wherever the creator is, refused when hostile."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage

from marketplace.creators.models import Creator
from marketplace.infra.db import db, transaction
from marketplace.infra.pictures import Picture, PictureSize
from marketplace.infra.storage import StoredFile
from tests.support.files import animation, bomb, multipart, picture, sent
from tests.support.market import CreatorSide, make_creator, make_offer, sign_in
from tests.support.web import Client

PROFILE = {
    "name": "Lin Yue",
    "handle": "lin-yue",
    "headline_en": "Slow suppers in a small kitchen",
    "category": "food",
    "version": "1",
}


@pytest.fixture
def creator(app: Flask, client: Client) -> CreatorSide:
    """Signed in as a creator with a profile."""
    with app.app_context(), transaction():
        made = make_creator()
    sign_in(client, made)
    return made


def rows(app: Flask) -> list[int]:
    with app.app_context():
        return [
            db.session.scalar(select(func.count()).select_from(kind)) or 0
            for kind in (Picture, PictureSize, StoredFile)
        ]


@contextmanager
def kept(app: Flask, creator: CreatorSide) -> Iterator[Creator]:
    with app.app_context():
        yield db.session.get_one(Creator, creator.id)


def test_a_face_and_a_cover_are_cropped_and_shown_everywhere(app: Flask, client: Client, creator: CreatorSide) -> None:
    with app.app_context(), transaction():
        make_offer(creator)
    answer = client.post(
        "/me/profile",
        data={
            **PROFILE,
            "avatar": sent(picture("PNG", (600, 400)), "me.png"),
            "avatar_crop": "10,20,300,300",
            "cover": sent(picture("JPEG", (1200, 900)), "table.jpg"),
        },
        content_type="multipart/form-data",
    )
    assert answer.status_code == 303
    with kept(app, creator) as found:
        face, cover = found.avatar_id, found.cover_id
        assert face is not None
        assert cover is not None
        assert (db.session.get_one(Picture, face).width, db.session.get_one(Picture, cover).height) == (300, 480)
    for address in ("/c/lin-yue", "/creators", "/me/profile"):
        page = client.get(address).text
        assert f"/pictures/{face}/" in page, address
        assert f"/pictures/{cover}/" in page, address
    with Image.open(io.BytesIO(client.get(f"/pictures/{face}/64.webp").data)) as shown:
        assert shown.size == (64, 64)


def test_another_picture_replaces_the_first_whole(app: Flask, client: Client, creator: CreatorSide) -> None:
    client.post("/me/profile", data={**PROFILE, "avatar": sent(picture("PNG", (300, 300)))})
    with kept(app, creator) as found:
        first = found.avatar_id
    before = rows(app)
    client.post("/me/profile", data={**PROFILE, "version": "2", "avatar": sent(picture("PNG", (300, 300)))})
    assert rows(app) == before
    assert client.get(f"/pictures/{first}/64.webp").status_code == 404


def test_a_picture_is_taken_away(app: Flask, client: Client, creator: CreatorSide) -> None:
    before = rows(app)
    client.post("/me/profile", data={**PROFILE, "avatar": sent(picture("PNG", (300, 300)))})
    assert 'name="avatar_remove"' in client.get("/me/profile").text
    assert client.post("/me/profile", data={**PROFILE, "version": "2", "avatar_remove": "y"}).status_code == 303
    with kept(app, creator) as found:
        assert found.avatar_id is None
    assert rows(app) == before
    assert "/art/person/creator-" in client.get("/c/lin-yue").text


HOSTILE: dict[str, tuple[Callable[[], FileStorage], str]] = {
    "a decompression bomb": (lambda: sent(bomb(), "face.png"), "too many pixels"),
    "a script named .jpg": (
        lambda: sent(b"<script>alert(1)</script>", "face.jpg", "image/jpeg"),
        "Choose one of these",
    ),
    "an SVG with a script": (
        lambda: sent(b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "face.svg", "image/svg+xml"),
        "Choose one of these",
    ),
    "a truncated picture": (lambda: sent(picture("PNG", (300, 300))[:120]), "damaged"),
    "a moving picture": (lambda: sent(animation("WEBP"), "face.webp", "image/webp"), "moves"),
    "an endless strip": (lambda: sent(bomb(40_000, 3)), "too many pixels"),
    "too small": (lambda: sent(picture()), "at least 64 by 64 pixels"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_is_no_picture_is_refused_beside_its_field_and_nothing_is_stored(
    app: Flask, client: Client, creator: CreatorSide, what: str
) -> None:
    make, why = HOSTILE[what]
    before = rows(app)
    typed = {**PROFILE, "headline_en": "Typed and kept", "avatar": make()}
    answer = client.post("/me/profile", data=typed, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert why in answer.text
    assert 'id="avatar-error"' in answer.text
    assert "Typed and kept" in answer.text
    assert rows(app) == before
    with kept(app, creator) as found:
        assert (found.version, found.avatar_id) == (1, None)


def test_a_file_a_little_over_the_limit_is_refused_beside_its_field(
    app: Flask, client: Client, creator: CreatorSide
) -> None:
    before = rows(app)
    body, content_type = multipart(PROFILE, "avatar", picture() + b"\0" * 8_000_000)
    answer = client.post("/me/profile", data=body, content_type=content_type)
    assert answer.status_code == 422
    assert "at most 8 MB" in answer.text
    assert 'id="avatar-error"' in answer.text
    assert "Slow suppers in a small kitchen" in answer.text
    assert rows(app) == before


@pytest.mark.parametrize(("language", "sentence"), [("en", "That file is too large"), ("zh", "文件太大")])
def test_twenty_megabytes_over_the_limit_get_our_page_in_the_readers_language(
    app: Flask, client: Client, creator: CreatorSide, language: str, sentence: str
) -> None:
    client.post("/language", data={"locale": language})
    before = rows(app)
    body, content_type = multipart(PROFILE, "avatar", picture() + b"\0" * 28_000_000)
    answer = client.post("/me/profile", data=body, content_type=content_type)
    assert answer.status_code == 413
    assert sentence in answer.text
    assert '<main id="main"' in answer.text
    assert rows(app) == before


def test_a_good_picture_beside_a_wrong_word_is_asked_for_again(
    app: Flask, client: Client, creator: CreatorSide
) -> None:
    before = rows(app)
    typed = {**PROFILE, "name": "", "avatar": sent(picture("PNG", (300, 300)))}
    answer = client.post("/me/profile", data=typed, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "Choose the picture again" in answer.text
    assert rows(app) == before


def test_a_refusal_by_the_verb_stores_no_picture(app: Flask, client: Client, creator: CreatorSide) -> None:
    with app.app_context(), transaction():
        other = make_creator("Su Bai")
    before = rows(app)
    typed = {**PROFILE, "handle": other.handle, "avatar": sent(picture("PNG", (300, 300)))}
    assert client.post("/me/profile", data=typed, content_type="multipart/form-data").status_code == 422
    typed = {**PROFILE, "version": "7", "avatar": sent(picture("PNG", (300, 300)))}
    assert client.post("/me/profile", data=typed, content_type="multipart/form-data").status_code == 409
    assert rows(app) == before
