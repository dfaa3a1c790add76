"""A small drawn picture of a channel's figures: what creators hand in as evidence."""

import io

from PIL import Image, ImageDraw, ImageFont

from marketplace.infra.uploads import Upload

_SIZE = (360, 200)


def drawn(handle: str, fans: int, day: str, hue: int) -> Upload:
    """The page of a channel as a creator would photograph it; `hue` from 0 to 359 tells channels apart."""
    picture = Image.new("RGB", _SIZE, "#f7f7f4")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, _SIZE[0], 44), fill=f"hsl({hue}, 45%, 38%)")
    pen.ellipse((20, 62, 84, 126), fill=f"hsl({hue}, 40%, 72%)")
    pen.text((20, 14), handle, fill="white", font=ImageFont.load_default(16))
    pen.text((104, 62), f"{fans:,}", fill="#1a1f1c", font=ImageFont.load_default(36))
    pen.text((104, 106), "fans", fill="#4a514c", font=ImageFont.load_default(16))
    pen.text((20, 164), day, fill="#626963", font=ImageFont.load_default(14))
    written = io.BytesIO()
    picture.save(written, "PNG")
    return Upload(f"{handle}-{day}.png", "image/png", written.getvalue())
