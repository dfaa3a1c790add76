"""Files as people hand them in, made on the spot."""

import io

from PIL import Image
from werkzeug.datastructures import FileStorage


def picture(form: str = "PNG", size: tuple[int, int] = (24, 16), *, exif: Image.Exif | None = None) -> bytes:
    """A small picture in Pillow's format `form`."""
    written = io.BytesIO()
    Image.new("RGB", size, "#216b57").save(written, form, **({"exif": exif} if exif else {}))
    return written.getvalue()


def pdf() -> bytes:
    return b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def sent(content: bytes, name: str = "evidence.png", content_type: str = "image/png") -> FileStorage:
    """The file as a form delivers it; name and type are what the browser claims."""
    return FileStorage(io.BytesIO(content), name, content_type=content_type)
