"""Forms of what creators say of themselves: the profile, a piece of work, the audience."""

import re
from decimal import Decimal
from enum import StrEnum
from typing import Any

from babel.numbers import format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectMultipleField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import Optional, StopValidation
from wtforms.widgets import CheckboxInput, ListWidget

from marketplace.creators.audience import BUCKETS, WHOLE, Dimension
from marketplace.creators.languages import SPOKEN, language_name
from marketplace.creators.models import Category, Platform
from marketplace.creators.policy import today
from marketplace.creators.service import CreatorFacts, ProfilePictures
from marketplace.creators.works import WorkFacts
from marketplace.infra.fields import (
    CountField,
    DayField,
    EnumField,
    LineField,
    ProseField,
    UploadField,
    required,
    show_error,
)
from marketplace.infra.labels import label
from marketplace.infra.picture_fields import PictureField
from marketplace.infra.pictures import COVER, FACE, WORK
from marketplace.infra.uploads import EVIDENCE
from marketplace.kit.errors import DomainError


class LanguagesField(SelectMultipleField):
    """Several languages as boxes to tick; the data are their codes, in the list's order."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, text: Any = None, **options: Any) -> None:
        super().__init__(text, choices=self._options, **options)

    def _options(self) -> list[SelectChoice]:
        return [SelectChoice(value=code, label=language_name(code)) for code in SPOKEN]

    def pre_validate(self, _form: Any) -> None:
        chosen = set(self.data or [])
        if not chosen <= set(SPOKEN):
            raise StopValidation(_("Choose languages of the list."))
        self.data = [code for code in SPOKEN if code in chosen]


def _another_category(text: Any) -> EnumField:
    return EnumField(text, [Optional()], members=Category, blank=_l("None"))


class ProfileForm(FlaskForm):
    avatar = PictureField(_l("Your picture"), shape=FACE)
    cover = PictureField(_l("Cover"), shape=COVER)
    name = LineField(_l("Name"), most=60)
    handle = LineField(_l("Address of your page"), most=39)
    headline_en = LineField(_l("What you do, in one line of English"), most=120, required=False)
    headline_zh = LineField(_l("What you do, in one line of Chinese"), most=120, required=False)
    biography_en = ProseField(_l("About you, in English"), most=3000, required=False)
    biography_zh = ProseField(_l("About you, in Chinese"), most=3000, required=False)
    category = EnumField(_l("Main category"), members=Category, blank=_l("Choose a category"))
    second_category = _another_category(_l("Second category"))
    third_category = _another_category(_l("Third category"))
    spoken = LanguagesField(_l("Languages you speak"))
    region = LineField(_l("Where you work"), most=60, required=False)
    version = HiddenField()

    def facts(self) -> CreatorFacts:
        more = (self.second_category.data, self.third_category.data)
        return CreatorFacts(
            name=self.name.data,
            handle=self.handle.data.lower(),
            category=self.category.data,
            headline_en=self.headline_en.data,
            headline_zh=self.headline_zh.data,
            biography_en=self.biography_en.data,
            biography_zh=self.biography_zh.data,
            region=self.region.data,
            spoken=tuple(self.spoken.data or ()),
            more_categories=tuple(found for found in more if found is not None),
        )

    def pictures(self) -> ProfilePictures:
        return ProfilePictures(self.avatar.change, self.cover.change)

    def seen_version(self) -> int | None:
        """The profile's version that the form was made from; None for a profile that isn't there yet."""
        typed = str(self.version.data or "")
        return int(typed) if typed.isdecimal() and len(typed) < 10 else None


class WorkForm(FlaskForm):
    title = LineField(_l("Title"), most=90)
    platform = EnumField(_l("Platform"), members=Platform, blank=_l("Choose a platform"))
    url = LineField(_l("Address of the work"), most=500)
    published_on = DayField(_l("Published on"), [required()], not_after=today)
    cover = PictureField(_l("Cover picture"), shape=WORK)
    views = CountField(_l("Views"), [Optional()])
    likes = CountField(_l("Likes"), [Optional()])
    comments = CountField(_l("Comments"), [Optional()])

    def facts(self) -> WorkFacts:
        day = self.published_on.data
        assert day is not None, "the form requires it"
        return WorkFacts(
            title=self.title.data,
            url=self.url.data,
            platform=self.platform.data,
            published_on=day,
            views=self.views.data,
            likes=self.likes.data,
            comments=self.comments.data,
        )


class ShareField(CountField):
    """A share in per cent with one decimal at most, as basis points: 12, 12.5, 12,5 %."""

    def written(self, data: int) -> str:
        return str(format_decimal(Decimal(data) / 100, format="0.#", locale="en"))

    def read(self, figures: str) -> int:
        found = _SHARE.fullmatch(figures)
        if not found:
            raise ValueError(_("Write a percentage with one decimal at most, such as %(example)s.", example="12.5"))
        share = int(found["whole"]) * 100 + int(found["tenths"] or 0) * 10
        if share > WHOLE:
            raise ValueError(_("A share is at most 100."))
        return share


_SHARE = re.compile(r"(?P<whole>[0-9]{1,3})(?:[.,](?P<tenths>[0-9])?0*)?%?")


class AudienceForm(FlaskForm):
    """A field for each share, called after its dimension and bucket, and what shows it."""

    evidence = UploadField(_l("Evidence"), [Optional()], kinds=EVIDENCE)

    def split(self) -> dict[str, dict[str, int]]:
        """The shares given, in basis points; a dimension without any is left out."""
        found = {
            dimension.value: {
                member.value: field.data for member, field in self.shares(dimension).items() if field.data is not None
            }
            for dimension in Dimension
        }
        return {name: shares for name, shares in found.items() if shares}

    def shares(self, dimension: Dimension) -> dict[StrEnum, ShareField]:
        return {member: self[share_name(dimension, member)] for member in BUCKETS[dimension]}

    def show_refusal(self, refused: DomainError) -> None:
        """Put it beside the first share of the dimension that it names."""
        if refused.field in set(Dimension):
            first = next(iter(self.shares(Dimension(refused.field)).values()))
            first.errors = [*first.errors, str(refused)]
        else:
            show_error(self, refused)


def share_name(dimension: Dimension, member: StrEnum) -> str:
    return f"{dimension.value}_{member.value}"


for _dimension, _members in BUCKETS.items():
    for _member in _members:
        setattr(AudienceForm, share_name(_dimension, _member), ShareField(label(_member), [Optional()]))

__all__ = ["AudienceForm", "LanguagesField", "ProfileForm", "ShareField", "WorkForm", "share_name"]
