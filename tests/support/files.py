"""Files as people hand them in, made on the spot."""

import io
import struct
import zlib

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


def bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A PNG of a few hundred bytes that says it has so many points."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def animation(form: str, size: tuple[int, int] = (300, 300)) -> bytes:
    """Two pictures, one after the other."""
    written = io.BytesIO()
    frames = [Image.new("RGB", size, tone) for tone in ("#12594a", "#d8622c")]
    frames[0].save(written, form, save_all=True, append_images=frames[1:], duration=200)
    return written.getvalue()


def multipart(fields: dict[str, str], name: str, content: bytes) -> tuple[bytes, str]:
    """A whole form with one file called `name`, as a body with its type: for files too large for the client's own way,
    which leaves a temporary file open."""
    parts = [f'--edge\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{said}' for key, said in fields.items()]
    parts.append(f'--edge\r\nContent-Disposition: form-data; name="{name}"; filename="a.png"\r\n\r\n')
    return "\r\n".join(parts).encode() + content + b"\r\n--edge--\r\n", "multipart/form-data; boundary=edge"
