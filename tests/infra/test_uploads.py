"""What may be handed in: known by its content, cleaned, bounded; and how it is sent back."""

import io
import struct
import zlib

import pytest
from flask import Flask
from PIL import Image
from werkzeug.http import parse_options_header

from marketplace.infra.settings import settings
from marketplace.infra.storage import store_file
from marketplace.infra.uploads import DRAFT, EVIDENCE, UploadKind, formats, read_upload, send_stored
from marketplace.kit.errors import Invalid
from tests.support.files import pdf, picture, sent


@pytest.fixture(autouse=True)
def inside(app: Flask, context: None) -> None:
    """Limits and words come from the application."""


@pytest.mark.parametrize(
    ("form", "content_type", "ending"),
    [("PNG", "image/png", ".png"), ("JPEG", "image/jpeg", ".jpg"), ("WEBP", "image/webp", ".webp")],
)
def test_a_picture_is_known_by_its_content_whatever_its_name(form: str, content_type: str, ending: str) -> None:
    upload = read_upload(sent(picture(form), "report.html", "text/html"), EVIDENCE)
    assert (upload.content_type, upload.name) == (content_type, f"report{ending}")
    with Image.open(io.BytesIO(upload.content)) as opened:
        assert (opened.format, opened.size) == (form, (24, 16))


def test_a_picture_loses_its_metadata_and_keeps_its_turn() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown turned by a quarter
    exif[0x010E] = "taken at home"
    upload = read_upload(sent(picture("JPEG", (30, 10), exif=exif), "a.jpg"), EVIDENCE)
    assert b"taken at home" not in upload.content
    with Image.open(io.BytesIO(upload.content)) as opened:
        assert opened.size == (10, 30)
        assert not opened.getexif()


def test_what_hides_behind_a_picture_is_gone() -> None:
    upload = read_upload(sent(picture() + b"<script>alert(1)</script>"), EVIDENCE)
    assert b"script" not in upload.content


@pytest.mark.parametrize(
    "content",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"<!doctype html><script>alert(1)</script>",
        b"GIF89a" + b"\0" * 40,
        b"MZ" + b"\0" * 100,
        b"PK\x03\x04" + b"\0" * 40,
        b"%PDF-1.7 cut off",
        b"just words",
    ],
)
def test_other_kinds_are_refused_by_what_they_are(content: bytes) -> None:
    with pytest.raises(Invalid, match="Choose one of these: JPEG, PNG, WebP, or PDF"):
        read_upload(sent(content), EVIDENCE)


def test_a_damaged_picture_is_refused() -> None:
    with pytest.raises(Invalid, match="damaged"):
        read_upload(sent(picture()[:60]), EVIDENCE)


def test_a_picture_that_would_fill_the_memory_is_refused_before_it_is_opened() -> None:
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    bomb = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    with pytest.raises(Invalid, match="too many pixels"):
        read_upload(sent(bomb), EVIDENCE)


def test_empty_and_too_large_files_are_refused() -> None:
    with pytest.raises(Invalid, match="empty"):
        read_upload(sent(b""), EVIDENCE)
    with pytest.raises(Invalid, match="at most 8 MB"):
        read_upload(sent(picture() + b"\0" * settings().max_upload_bytes), EVIDENCE)


def test_a_video_is_a_draft_but_no_evidence() -> None:
    video = b"\0\0\0\x20ftypisom" + b"\0" * 64
    assert read_upload(sent(video, "draft.mov"), DRAFT).content_type == "video/mp4"
    webm = b"\x1aE\xdf\xa3\x01\0\0\0\0\0\0\x1fB\x86\x81\x01B\x82\x84webm" + b"\0" * 64
    assert read_upload(sent(webm), DRAFT).content_type == "video/webm"
    with pytest.raises(Invalid):
        read_upload(sent(video), EVIDENCE)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("../../etc/passwd", "passwd.png"),
        ("C:\\fans\\粉丝 11 月.jpeg", "粉丝 11 月.png"),
        ("a\r\nSet-Cookie: x=1.png", "aSet-Cookie: x=1.png"),
        ("photo\u202egnp.exe", "photognp.png"),
        ("", "file.png"),
        ("...", "file.png"),
        ("n" * 400 + ".png", "n" * 100 + ".png"),
    ],
)
def test_names_are_made_fit_for_people_and_headers(typed: str, kept: str) -> None:
    assert read_upload(sent(picture(), typed), EVIDENCE).name == kept


def test_the_formats_are_named_in_words() -> None:
    assert formats([UploadKind.PDF]) == "PDF"
    assert formats(DRAFT) == "JPEG, PNG, WebP, PDF, MP4, or WebM"


@pytest.mark.parametrize(
    ("content_type", "shown"), [("image/png", "inline"), ("application/pdf", "inline"), ("video/mp4", "attachment")]
)
def test_a_stored_file_is_never_sent_as_a_page(content_type: str, shown: str) -> None:
    stored = store_file('粉丝 "11".bin', content_type, b"bytes")
    response = send_stored(stored)
    assert response.get_data() == b"bytes"
    assert response.headers["Content-Type"] == content_type
    disposition = response.headers["Content-Disposition"]
    assert disposition.isascii(), "a server can't send it otherwise"
    assert parse_options_header(disposition) == (shown, {"filename": '粉丝 "11".bin'})
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "private" in response.headers["Cache-Control"]
    assert ("sandbox" in response.headers.get("Content-Security-Policy", "")) == (content_type != "application/pdf")


def test_a_pdf_is_kept_as_it_is() -> None:
    assert read_upload(sent(pdf(), "statement.pdf"), EVIDENCE).content == pdf()
