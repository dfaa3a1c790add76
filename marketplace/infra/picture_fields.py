"""The form field of a picture that everyone may see: a file, the part of it to show, and a box to take it away."""

import re
from typing import Any

from flask_babel import gettext as _
from wtforms import ValidationError

from marketplace.infra.fields import Text, UploadField
from marketplace.infra.pictures import Crop, Cut, PictureChange, Shape, cut_picture
from marketplace.infra.settings import settings
from marketplace.infra.uploads import UploadKind, formats, read_bytes
from marketplace.kit.errors import Invalid

_CROP = re.compile(r"-?[0-9]{1,6}(?:\.[0-9]{1,6})?(?:,-?[0-9]{1,6}(?:\.[0-9]{1,6})?){3}")


class PictureField(UploadField):
    """`cut` holds the picture, ready to be stored, after the form was found valid; `removed` that the old one goes.

    The part is sent as `<name>_crop`: x, y, width and height in the picture's own pixels, with commas between. Without
    it, or with nonsense in it, the middle is taken.
    """

    def __init__(self, label: Text | None = None, validators: Any = (), *, shape: Shape, **options: Any) -> None:
        self.shape = shape
        self.crop: Crop | None = None
        self.cut: Cut | None = None
        self.removed = False
        super().__init__(label, validators, kinds=(UploadKind.IMAGE,), **options)

    @property
    def formats(self) -> str:
        """What may be chosen, in words."""
        return formats(self.kinds)

    @property
    def most_bytes(self) -> int:
        return settings().max_upload_bytes

    @property
    def change(self) -> PictureChange:
        """What the form asks, once it was found valid; a new picture counts for more than taking the old one away."""
        return PictureChange(self.cut, self.removed and self.cut is None)

    def process(self, formdata: Any, *args: Any, **options: Any) -> None:
        super().process(formdata, *args, **options)
        if formdata is not None:
            self.crop = _crop_in(str(formdata.get(f"{self.name}_crop") or ""))
            self.removed = bool(formdata.get(f"{self.name}_remove"))

    def post_validate(self, _form: Any, validation_stopped: bool) -> None:
        if self.data is None or validation_stopped:
            return
        try:
            content, content_type = read_bytes(self.data, self.kinds)
            self.cut = cut_picture(content, content_type, self.shape, self.crop)
        except Invalid as refused:
            raise ValidationError(str(refused)) from refused

    def ask_again(self) -> None:
        """Browsers send no file twice: say so where the form comes back for another reason."""
        if self.cut is not None and not self.errors:
            self.errors = [_("Choose the picture again: it wasn’t kept, as something else needs correcting.")]


def _crop_in(typed: str) -> Crop | None:
    if not _CROP.fullmatch(typed):
        return None
    crop = Crop(*(float(figure) for figure in typed.split(",")))
    return crop if crop.width > 0 and crop.height > 0 else None


__all__ = ["PictureField"]
