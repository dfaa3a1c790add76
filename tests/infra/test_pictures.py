"""Pictures for everyone: cut to the ratio of their place, kept in sizes, served for good, forgotten whole."""

import io
import struct
import zlib

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage, ImmutableMultiDict
from wtforms import Form

from marketplace.infra.db import db, transaction
from marketplace.infra.picture_fields import PictureField
from marketplace.infra.pictures import (
    COVER,
    FACE,
    WORK,
    Crop,
    Picture,
    PictureSize,
    Shape,
    box_of,
    cut_picture,
    drop_pictures,
    picture_srcset,
    picture_url,
    store_picture,
)
from marketplace.infra.storage import StoredFile
from marketplace.kit.errors import Invalid
from tests.support.files import animation, bomb, picture, sent
from tests.support.web import Client


@pytest.fixture(autouse=True)
def inside(app: Flask, context: None) -> None:
    """Limits and words come from the application."""


def halves(size: tuple[int, int] = (800, 400)) -> bytes:
    """Green at the left, persimmon at the right."""
    drawn = Image.new("RGB", size, "#12594a")
    drawn.paste("#d8622c", (size[0] // 2, 0, *size))
    written = io.BytesIO()
    drawn.save(written, "PNG")
    return written.getvalue()


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def rows() -> int:
    return sum(db.session.scalar(select(func.count()).select_from(kind)) or 0 for kind in (Picture, PictureSize))


@pytest.mark.parametrize(
    ("size", "shape", "crop", "expected"),
    [
        ((800, 400), FACE, None, (200, 0, 600, 400)),
        ((400, 800), FACE, None, (0, 200, 400, 600)),
        ((800, 400), FACE, Crop(500, 100, 300, 300), (500, 100, 800, 400)),
        ((800, 400), FACE, Crop(700, 100, 300, 300), (500, 100, 800, 400)),
        ((800, 400), FACE, Crop(-50, -50, 900, 900), (200, 0, 600, 400)),
        ((800, 400), FACE, Crop(100, 100, 2, 2), (69, 69, 133, 133)),
        ((800, 400), FACE, Crop(100, 100, 200, 100), (150, 100, 250, 200)),
        ((1000, 1000), COVER, None, (0, 300, 1000, 700)),
        ((1601, 901), WORK, None, (0, 0, 1601, 901)),
    ],
)
def test_the_part_kept_has_the_ratio_and_lies_inside(
    size: tuple[int, int], shape: Shape, crop: Crop | None, expected: tuple[int, int, int, int]
) -> None:
    assert box_of(size, shape, crop) == expected


def test_a_picture_is_kept_in_each_width_that_it_has() -> None:
    cut = cut_picture(halves((2000, 1000)), "image/png", FACE)
    assert (cut.width, cut.height) == (1000, 1000)
    assert {width: opened(content).size for width, content in cut.sizes.items()} == {
        64: (64, 64),
        128: (128, 128),
        256: (256, 256),
    }
    assert all(opened(content).format == "WEBP" for content in cut.sizes.values())


def test_a_small_picture_is_never_made_larger() -> None:
    assert sorted(cut_picture(halves((200, 200)), "image/png", FACE).sizes) == [64, 128, 200]
    assert sorted(cut_picture(halves((128, 128)), "image/png", FACE).sizes) == [64, 128]
    assert sorted(cut_picture(halves((64, 64)), "image/png", FACE).sizes) == [64]


def test_the_part_that_a_person_chose_is_the_one_shown() -> None:
    cut = cut_picture(halves(), "image/png", FACE, Crop(500, 0, 300, 300))
    red, green, _blue = opened(cut.sizes[64]).convert("RGB").getpixel((32, 32))  # type: ignore[misc]
    assert red > 180 > green


def test_a_turned_photograph_is_cropped_as_it_is_seen() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "taken at home"
    cut = cut_picture(picture("JPEG", (400, 200), exif=exif), "image/jpeg", Shape(1, 2, (64,)))
    assert (cut.width, cut.height) == (200, 400)
    assert b"taken at home" not in cut.sizes[64]
    assert not opened(cut.sizes[64]).getexif()


def test_what_is_too_small_is_refused_with_the_size_it_needs() -> None:
    with pytest.raises(Invalid, match="at least 480 by 192 pixels"):
        cut_picture(halves((479, 400)), "image/png", COVER)
    with pytest.raises(Invalid, match="at least 64 by 64 pixels"):
        cut_picture(halves((640, 63)), "image/png", FACE)


class FaceForm(Form):
    face = PictureField("Face", shape=FACE)


HOSTILE = {
    "a decompression bomb": (bomb(), "face.png", "too many pixels"),
    "a script called a photograph": (
        b"<script>alert(1)</script>",
        "face.jpg",
        "Choose one of these: JPEG, PNG, or WebP",
    ),
    "a drawing with a script": (
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        "face.svg",
        "Choose one of these",
    ),
    "a page behind a picture's first bytes": (b"\xff\xd8\xff<script>alert(1)</script>", "face.jpg", "damaged"),
    "a document": (b"%PDF-1.7\n%%EOF", "face.pdf", "Choose one of these"),
    "a film": (b"\0\0\0\x20ftypisom" + b"\0" * 64, "face.png", "Choose one of these"),
    "a truncated picture": (halves()[:400], "face.png", "damaged"),
    "a truncated photograph": (picture("JPEG", (800, 400))[:900], "face.jpg", "damaged"),
    "a moving picture": (animation("WEBP"), "face.webp", "moves"),
    "another moving picture": (animation("PNG"), "face.png", "moves"),
    "an endless strip": (bomb(40_000, 2), "face.png", "too many pixels"),
    "20 MB over the limit": (picture() + b"\0" * 28_000_000, "face.png", "at most 8 MB"),
    "nothing": (b"", "face.png", "empty"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_is_no_picture_is_refused_beside_the_field_and_nothing_is_stored(what: str) -> None:
    content, name, why = HOSTILE[what]
    before = rows()
    form = FaceForm(ImmutableMultiDict([("face", sent(content, name))]))
    assert not form.validate()
    assert any(why in message for message in form.errors["face"])
    assert form.face.cut is None
    assert rows() == before


@pytest.mark.parametrize(
    ("typed", "crop"),
    [
        ("10,20.5,300,300", Crop(10, 20.5, 300, 300)),
        ("-3,0,64,64", Crop(-3, 0, 64, 64)),
        ("", None),
        ("1,2,3", None),
        ("1,2,0,0", None),
        ("nan,0,1,1", None),
        ("1e9,0,1,1", None),
        ("9999999,0,1,1", None),
        ("<script>", None),
    ],
)
def test_a_part_that_makes_no_sense_is_the_middle(typed: str, crop: Crop | None) -> None:
    form = FaceForm(ImmutableMultiDict([("face", sent(halves())), ("face_crop", typed)]))
    assert form.validate()
    assert form.face.crop == crop
    assert form.face.cut is not None


def test_no_file_is_no_picture_and_no_error() -> None:
    form = FaceForm(ImmutableMultiDict([("face", FileStorage(io.BytesIO(), ""))]))
    assert form.validate()
    assert (form.face.cut, form.face.removed) == (None, False)
    assert FaceForm(ImmutableMultiDict([("face_remove", "y")])).face.removed


def test_a_phones_photograph_with_a_preview_behind_it_is_one_picture() -> None:
    written = io.BytesIO()
    first, second = Image.new("RGB", (300, 200)), Image.new("RGB", (30, 20))
    first.save(written, "MPO", save_all=True, append_images=[second])
    assert cut_picture(written.getvalue(), "image/jpeg", FACE).width == 200


def kept(size: tuple[int, int] = (300, 300)) -> int:
    with transaction():
        return store_picture(None, cut_picture(halves(size), "image/png", FACE)).id


def test_a_stored_picture_is_everybodys_for_good(client: Client) -> None:
    address = picture_url(kept(), 100)
    assert address.endswith("/128.webp")
    found = client.get(address)
    assert found.status_code == 200
    assert opened(found.data).size == (128, 128)
    assert found.mimetype == "image/webp"
    assert found.headers["X-Content-Type-Options"] == "nosniff"
    assert {"public", "immutable", "max-age=31536000"} <= set(found.headers["Cache-Control"].split(", "))
    assert "sandbox" in found.headers["Content-Security-Policy"]


def test_the_nearest_larger_size_is_sent_and_the_largest_where_there_is_none(client: Client) -> None:
    small = kept((200, 200))
    widths = {asked: opened(client.get(f"/pictures/{small}/{asked}.webp").data).width for asked in (64, 128, 256, 1600)}
    assert widths == {64: 64, 128: 128, 256: 200, 1600: 200}


@pytest.mark.parametrize("address", ["/pictures/{}/63.webp", "/pictures/{}/0.webp", "/pictures/{}/128.png"])
def test_an_address_of_no_size_is_404(client: Client, address: str) -> None:
    assert client.get(address.format(kept())).status_code == 404


def test_a_picture_of_nobody_is_404(client: Client) -> None:
    assert client.get("/pictures/900/64.webp").status_code == 404


def test_a_forgotten_picture_leaves_nothing(client: Client) -> None:
    files = select(func.count()).select_from(StoredFile)
    before = rows() + (db.session.scalar(files) or 0)
    address = picture_url(gone := kept(), 64)
    with transaction():
        drop_pictures([gone, None])
    assert rows() + (db.session.scalar(files) or 0) == before
    assert client.get(address).status_code == 404


def test_a_browser_is_offered_every_size(app: Flask) -> None:
    with app.test_request_context():
        assert (
            picture_srcset(7, FACE) == "/pictures/7/64.webp 64w, /pictures/7/128.webp 128w, /pictures/7/256.webp 256w"
        )


def test_a_bomb_is_one() -> None:
    """The test's own: a few hundred bytes that would be 10 GB of points."""
    header = struct.unpack(">II", bomb()[16:24])
    assert header == (60_000, 60_000)
    assert len(bomb()) < 2_000
    assert zlib.crc32(bomb()[12:29]) == struct.unpack(">I", bomb()[29:33])[0]
