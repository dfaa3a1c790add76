"""Files people hand in: known by their content, cleaned, bounded; and how a stored one is sent back.

Who may send or read one is decided by the feature. Nothing a browser would run as a page of ours gets in.
"""

import io
import unicodedata
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Final, NamedTuple
from urllib.parse import quote

from babel.lists import format_list
from flask import Response
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from PIL import Image, ImageOps
from werkzeug.datastructures import FileStorage
from werkzeug.http import dump_options_header

from marketplace.infra.i18n import filesize
from marketplace.infra.settings import settings
from marketplace.infra.storage import StoredFile
from marketplace.kit.errors import Invalid


class UploadKind(StrEnum):
    """What a form may take."""

    IMAGE = "image"
    PDF = "pdf"
    VIDEO = "video"


class Upload(NamedTuple):
    """A file that may be kept: its name for people, its type as found in the bytes, the bytes as we keep them."""

    name: str
    content_type: str
    content: bytes


EVIDENCE: Final = (UploadKind.IMAGE, UploadKind.PDF)
DRAFT: Final = (UploadKind.IMAGE, UploadKind.PDF, UploadKind.VIDEO)
# A picture of 50 million points takes 200 MB when it is opened; phones' long screenshots have 20 million.
MAX_PIXELS: Final = 50_000_000
_TOO_MANY_PIXELS: Final = _l("This picture has too many pixels. Make it smaller and choose it again.")

_FORMATS = {UploadKind.IMAGE: ("JPEG", "PNG", "WebP"), UploadKind.PDF: ("PDF",), UploadKind.VIDEO: ("MP4", "WebM")}
_IMAGE_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_ENDINGS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "application/pdf": ".pdf",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
}
ACCEPT: Final = {
    UploadKind.IMAGE: "image/jpeg,image/png,image/webp",
    UploadKind.PDF: "application/pdf",
    UploadKind.VIDEO: "video/mp4,video/webm",
}
_SHOWN_INLINE = frozenset(_IMAGE_TYPES.values()) | {"application/pdf"}
_LONGEST_NAME = 100


def read_upload(file: FileStorage, kinds: Collection[UploadKind]) -> Upload:
    """Read a file from a form. Images come back re-encoded, without metadata and with their turn applied.

    Raises:
        Invalid: it is empty, too large, of another kind than `kinds`, or damaged.
    """
    content, content_type = read_bytes(file, kinds)
    if _kind_of(content_type) is UploadKind.IMAGE:
        content = _clean_image(content, content_type)
    return Upload(_clean_name(file.filename or "", content_type), content_type, content)


def read_bytes(file: FileStorage, kinds: Collection[UploadKind]) -> tuple[bytes, str]:
    """A file's bytes as they came, and the type that they prove. Pictures are not opened yet.

    Raises:
        Invalid: it is empty, too large, or of another kind than `kinds`.
    """
    content = file.stream.read(settings().max_upload_bytes + 1)
    if not content:
        raise Invalid(_("This file is empty. Choose another one."))
    if len(content) > settings().max_upload_bytes:
        most = filesize(settings().max_upload_bytes)
        raise Invalid(_("This file is too large. It may have at most %(size)s.", size=most))
    content_type = _type_of(content)
    if content_type is None or _kind_of(content_type) not in kinds:
        raise Invalid(_("This kind of file can’t be taken. Choose one of these: %(formats)s.", formats=formats(kinds)))
    return content, content_type


def formats(kinds: Collection[UploadKind]) -> str:
    """The names of the formats in the reader's language: "JPEG, PNG, WebP, or PDF"."""
    names = [name for kind in UploadKind if kind in kinds for name in _FORMATS[kind]]
    return format_list(names, style="or", locale=get_locale() or "en")


def _type_of(content: bytes) -> str | None:
    """The type that the first bytes prove, whatever the name says."""
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "image/webp"
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-2048:]:
        return "application/pdf"
    if content[4:8] == b"ftyp" and content[8:12] not in (b"heic", b"heix", b"mif1", b"avif"):
        return "video/mp4"
    if content.startswith(b"\x1aE\xdf\xa3") and b"webm" in content[:64]:
        return "video/webm"
    return None


def _kind_of(content_type: str) -> UploadKind:
    if content_type == "application/pdf":
        return UploadKind.PDF
    return UploadKind.IMAGE if content_type.startswith("image/") else UploadKind.VIDEO


@contextmanager
def opened_image(content: bytes, content_type: str) -> Iterator[Image.Image]:
    """A picture that has been bounded but not decoded; what decoding it inside raises is said in words.

    Raises:
        Invalid: it has too many pixels, or is damaged.
    """
    form = next(name for name, found in _IMAGE_TYPES.items() if found == content_type)
    try:
        with Image.open(io.BytesIO(content), formats=[form]) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise Invalid(_TOO_MANY_PIXELS)
            yield opened
    except Invalid:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Invalid(_TOO_MANY_PIXELS) from None
    except Exception as error:  # a decoder may raise anything over hostile bytes
        raise Invalid(_("This picture is damaged and can’t be opened. Choose another one.")) from error


def points_of(opened: Image.Image, *, opaque: bool = False) -> Image.Image:
    """A picture's points alone, turned as it is to be shown: no metadata, no place, nothing hidden behind it."""
    turned = ImageOps.exif_transpose(opened)
    points = turned.convert("RGBA" if turned.has_transparency_data and not opaque else "RGB")
    points.info.clear()
    return points


def _clean_image(content: bytes, content_type: str) -> bytes:
    """The picture encoded anew, in its own format."""
    written = io.BytesIO()
    with opened_image(content, content_type) as opened:
        if content_type == "image/png":
            points_of(opened).save(written, "PNG")
        elif content_type == "image/webp":
            points_of(opened).save(written, "WEBP", quality=88)
        else:
            points_of(opened, opaque=True).save(written, "JPEG", quality=88)
    return written.getvalue()


def _clean_name(name: str, content_type: str) -> str:
    """A name fit for people and headers: no folders, no control or direction marks, the ending of what it really is."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(sign for sign in last if unicodedata.category(sign)[0] != "C")
    stem = plain.rpartition(".")[0] or plain
    return (stem.strip(" .")[:_LONGEST_NAME] or "file") + _ENDINGS[content_type]


def send_stored(file: StoredFile) -> Response:
    """The file as an answer: pictures and PDF are shown, anything else is saved; never taken for a page of ours."""
    response = Response(file.content, content_type=file.content_type)
    shown = "inline" if file.content_type in _SHOWN_INLINE else "attachment"
    response.headers["Content-Disposition"] = dump_options_header(shown, _header_names(file.name))
    response.headers["X-Content-Type-Options"] = "nosniff"
    if file.content_type != "application/pdf":
        # A browser's own PDF viewer doesn't work in a sandbox.
        response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.cache_control.private = True
    response.cache_control.no_cache = True
    response.set_etag(file.sha256)
    return response


def _header_names(name: str) -> dict[str, str]:
    """A header holds Latin letters only; a name of others goes along encoded, as RFC 6266 wants it."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    if plain == name:
        return {"filename": name}
    return {"filename": plain, "filename*": f"UTF-8''{quote(name, safe='')}"}
