"""Pictures that everyone may see (covers, faces, works): cut to their place's ratio, kept in the sizes that pages need.

Cutting is slow and touches no table, so it is done before a transaction; storing is quick.
"""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from flask import url_for
from flask_babel import gettext as _
from PIL import Image
from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column, undefer

from marketplace.infra.db import Model, db, pk
from marketplace.infra.i18n import count
from marketplace.infra.storage import StoredFile, store_file
from marketplace.infra.uploads import opened_image, points_of
from marketplace.kit import clock
from marketplace.kit.errors import Invalid, NotFound

WEBP: Final = "image/webp"
# A longer side than this is no photograph, whatever the other one is.
_LONGEST_SIDE: Final = 16_000


class Picture(Model):
    """One uploaded picture after cropping; never changed, a new upload is a new row. `width` and `height` in pixels."""

    __tablename__ = "pictures"
    __table_args__ = (CheckConstraint("width > 0 AND height > 0", name="some_size"),)

    id: Mapped[int] = pk()
    width: Mapped[int]
    height: Mapped[int]
    uploaded_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]


class PictureSize(Model):
    """A picture encoded at one width."""

    __tablename__ = "picture_sizes"
    __table_args__ = (UniqueConstraint("picture_id", "width"),)

    id: Mapped[int] = pk()
    picture_id: Mapped[int] = mapped_column(ForeignKey("pictures.id"))
    width: Mapped[int]
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_files.id"))


@dataclass(frozen=True, slots=True)
class Shape:
    """What a place on a page needs: the ratio `across` to `down`, and the widths in pixels, the smallest first."""

    across: int
    down: int
    widths: tuple[int, ...]

    @property
    def ratio(self) -> float:
        return self.across / self.down

    @property
    def least(self) -> tuple[int, int]:
        """The fewest pixels that a picture for this place may have, across and down."""
        return self.widths[0], -(-self.widths[0] * self.down // self.across)


FACE: Final = Shape(1, 1, (64, 128, 256))
LOGO: Final = Shape(1, 1, (64, 128, 256))
COVER: Final = Shape(5, 2, (480, 960, 1600))
WORK: Final = Shape(16, 9, (320, 640, 1280))
# Every width that an address may ask for.
WIDTHS: Final = tuple(sorted({width for shape in (FACE, LOGO, COVER, WORK) for width in shape.widths}))


class Crop(NamedTuple):
    """The part that a person chose, in pixels of the picture as it is shown."""

    x: float
    y: float
    width: float
    height: float


class Box(NamedTuple):
    """A part of a picture by its edges, in whole pixels."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, slots=True)
class Cut:
    """A picture ready to be stored: its size after cropping, and its bytes as WebP by width."""

    width: int
    height: int
    sizes: dict[int, bytes]


def cut_picture(content: bytes, content_type: str, shape: Shape, crop: Crop | None = None) -> Cut:
    """Crop to the shape's ratio (around the middle without `crop`) and encode each width that isn't an enlargement.

    Raises:
        Invalid: the picture is damaged, moves, or has too many or too few pixels.
    """
    with opened_image(content, content_type) as opened:
        _require_photograph(opened, content_type)
        points = points_of(opened)
    _require_pixels(points, shape)
    part = points.crop(box_of(points.size, shape, crop))
    widths = [width for width in shape.widths if width <= part.width]
    if widths[-1] < min(part.width, shape.widths[-1]):
        widths.append(part.width)
    return Cut(part.width, part.height, {width: _encode(part, width) for width in widths})


def _require_photograph(opened: Image.Image, content_type: str) -> None:
    # A phone's JPEG may hold a preview behind the picture and then counts as several.
    if content_type != "image/jpeg" and getattr(opened, "is_animated", False):
        raise Invalid(_("This picture moves. Choose one that stands still."))
    if max(opened.size) > _LONGEST_SIDE:
        raise Invalid(_("This picture has too many pixels. Make it smaller and choose it again."))


def _require_pixels(points: Image.Image, shape: Shape) -> None:
    across, down = shape.least
    if points.width < across or points.height < down:
        raise Invalid(
            _(
                "This picture is too small: it needs at least %(width)s by %(height)s pixels.",
                width=count(across),
                height=count(down),
            )
        )


def box_of(size: tuple[int, int], shape: Shape, crop: Crop | None = None) -> Box:
    """The part to keep: of the shape's ratio, inside the picture, as near to `crop` as that allows, no less than is
    needed."""
    across, down = size
    most = min(across, down * shape.ratio)
    if crop is None:
        width, middle_x, middle_y = most, across / 2, down / 2
    else:
        least = max(shape.least[0], shape.least[1] * shape.ratio)
        width = min(max(min(crop.width, crop.height * shape.ratio), least), most)
        middle_x, middle_y = crop.x + crop.width / 2, crop.y + crop.height / 2
    kept = min(across, max(1, round(width)))
    high = min(down, max(1, round(width / shape.ratio)))
    left = min(max(0, round(middle_x - kept / 2)), across - kept)
    top = min(max(0, round(middle_y - high / 2)), down - high)
    return Box(left, top, left + kept, top + high)


def _encode(part: Image.Image, width: int) -> bytes:
    high = max(1, round(part.height * width / part.width))
    small = part if width == part.width else part.resize((width, high), Image.Resampling.LANCZOS)
    written = io.BytesIO()
    small.save(written, "WEBP", quality=82, method=4)
    return written.getvalue()


def store_picture(user_id: int | None, cut: Cut) -> Picture:
    """Keep a cut picture and flush, so that it has its id. Who uploaded it is None for the demo."""
    picture = Picture(width=cut.width, height=cut.height, uploaded_by=user_id, created_at=clock.now())
    db.session.add(picture)
    db.session.flush()
    for width, content in cut.sizes.items():
        stored = store_file(f"{picture.id}-{width}.webp", WEBP, content)
        db.session.add(PictureSize(picture_id=picture.id, width=width, file_id=stored.id))
    db.session.flush()
    return picture


@dataclass(frozen=True, slots=True)
class PictureChange:
    """What a form asks of the picture that a row refers to: another one, none at all, or nothing."""

    cut: Cut | None = None
    removed: bool = False


NO_CHANGE: Final = PictureChange()


def change_picture(row: Model, column: str, change: PictureChange, user_id: int | None) -> None:
    """Give the row's `column` the new picture, or none, and forget the one before. The row is locked by the caller."""
    if change.cut is None and not change.removed:
        return
    before: int | None = getattr(row, column)
    setattr(row, column, store_picture(user_id, change.cut).id if change.cut is not None else None)
    drop_pictures([before])


def drop_pictures(picture_ids: Iterable[int | None]) -> None:
    """Forget pictures, bytes and all. Whatever referred to them must no longer do so."""
    wanted = [found for found in picture_ids if found is not None]
    if not wanted:
        return
    db.session.flush()
    files = db.session.scalars(
        delete(PictureSize).where(PictureSize.picture_id.in_(wanted)).returning(PictureSize.file_id)
    ).all()
    db.session.execute(delete(StoredFile).where(StoredFile.id.in_(files)))
    db.session.execute(delete(Picture).where(Picture.id.in_(wanted)))


def picture_file(picture_id: int, width: int) -> StoredFile:
    """The picture's bytes at `width` or the next size above it; at its largest where it is smaller.

    Raises:
        NotFound: there is no such picture, or `width` is none of `WIDTHS`.
    """
    if width not in WIDTHS:
        raise NotFound
    found = (
        select(StoredFile)
        .join(PictureSize, PictureSize.file_id == StoredFile.id)
        .where(PictureSize.picture_id == picture_id)
        .order_by(PictureSize.width < width, func.abs(PictureSize.width - width))
        .limit(1)
        .options(undefer(StoredFile.content))
    )
    stored = db.session.scalars(found).one_or_none()
    if stored is None:
        raise NotFound
    return stored


def picture_url(picture_id: int, width: int) -> str:
    """The address of a stored picture for a place `width` pixels wide: the nearest larger size, or the largest."""
    fitting = next((step for step in WIDTHS if step >= width), WIDTHS[-1])
    return url_for("pages.stored_picture", picture_id=picture_id, width=fitting)


def picture_srcset(picture_id: int, shape: Shape) -> str:
    """All sizes of a picture of this shape, for a browser to choose from."""
    return ", ".join(f"{picture_url(picture_id, width)} {width}w" for width in shape.widths)
