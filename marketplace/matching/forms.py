"""The forms that make and answer selections."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import Optional, StopValidation
from wtforms.widgets import CheckboxInput, ListWidget

from marketplace.briefs.models import Brief
from marketplace.creators.models import Creator
from marketplace.infra.fields import CountField, DayField, EnumField, LineField, MoneyField, ProseField, required
from marketplace.infra.labels import label
from marketplace.kit.money import Money
from marketplace.matching.apply import by_views
from marketplace.matching.marks import MOST_NOTE
from marketplace.matching.models import DeclineReason, SelectionKind
from marketplace.matching.service import MOST_MESSAGE, MOST_REASON
from marketplace.offers.models import Addon, Offer
from marketplace.offers.policy import LARGEST_PRICE, SMALLEST_PRICE

MOST_VIEWS = 10**10


class _RowField(SelectField):
    """One row of several by its id; `rows` is set before the form is checked. Nothing chosen is None."""

    def __init__(
        self, text: Any = None, validators: Sequence[Any] = (), *, wrong: Any, blank: Any = None, **options: Any
    ):
        self.rows: Sequence[tuple[int, str]] = ()
        self.blank = blank
        options |= dict.fromkeys(("invalid_value_message", "invalid_choice_message"), wrong)
        super().__init__(text, list(validators), coerce=self._read, choices=self._options, **options)

    def _read(self, value: Any) -> int | None:
        return int(value) if value else None

    def _options(self) -> list[SelectChoice]:
        first = [SelectChoice(value="", label=self.blank)] if self.blank is not None else []
        return [*first, *(SelectChoice(value=str(row_id), label=words) for row_id, words in self.rows)]


class BriefField(_RowField):
    """One of the company's briefs that have a free place."""

    def __init__(self, text: Any = None, validators: Sequence[Any] = (), **options: Any):
        super().__init__(text, validators, wrong=_l("Choose one of your open briefs."), **options)

    def offer(self, briefs: Sequence[Brief]) -> None:
        self.rows = [(brief.id, brief.title) for brief in briefs]


class PricedForm(FlaskForm):
    """A form with a price, which is there once the form was found valid."""

    price: MoneyField

    @property
    def amount(self) -> Money:
        found = self.price.data
        assert found is not None, "the form is valid"
        return found


class ApplyForm(FlaskForm):
    """A creator's price for a brief, or the views they promise where it pays by them, and a few words."""

    price = MoneyField(_l("Your price"), [required()], least=SMALLEST_PRICE, most=LARGEST_PRICE)
    views_promised = CountField(_l("Views you promise"), [required()], least=1, most=MOST_VIEWS)
    offer_id = _RowField(
        _l("An offer of yours that shows what you mean"),
        [Optional()],
        wrong=_l("Choose one of your listed offers."),
        blank=_l("None"),
    )
    message = ProseField(_l("A few words to the company"), most=MOST_MESSAGE)

    @classmethod
    def for_brief(cls, brief: Brief, **options: Any) -> "ApplyForm":
        """With the one question of the two that the brief asks."""
        form = cls(**options)
        del form["price" if by_views(brief) else "views_promised"]
        return form

    def show_offers(self, offers: Sequence[Offer]) -> None:
        """Which offers can be pointed to: before the form is checked or drawn."""
        self.offer_id.rows = [(offer.id, offer.title) for offer in offers]

    @property
    def money(self) -> Money | None:
        return self.price.data if "price" in self else None

    @property
    def views(self) -> int | None:
        return self.views_promised.data if "views_promised" in self else None


class EstimateForm(FlaskForm):
    """A price or a promise of views whose fees somebody wants to know, in the address."""

    class Meta:
        csrf = False

    price = MoneyField(_l("Your price"), [Optional()], least=SMALLEST_PRICE, most=LARGEST_PRICE)
    views_promised = CountField(_l("Views you promise"), [Optional()], least=1, most=MOST_VIEWS)


class InviteForm(PricedForm):
    """Which of the company's open briefs a creator is asked to do, and for how much."""

    brief_id = BriefField(_l("Brief"))
    price = MoneyField(_l("Price you offer"), [required()], least=SMALLEST_PRICE, most=LARGEST_PRICE)
    message = ProseField(_l("A few words to the creator"), most=MOST_MESSAGE)


class InviteManyForm(PricedForm):
    """The same for several: one price and the same words for all, or a price of their own for some."""

    brief_id = BriefField(_l("Brief"))
    price = MoneyField(_l("Price you offer each"), [required()], least=SMALLEST_PRICE, most=LARGEST_PRICE)
    message = ProseField(_l("A few words to all of them"), most=MOST_MESSAGE)

    @classmethod
    def asking(cls, creators: Sequence[Creator], **options: Any) -> "InviteManyForm":
        """With a field for each creator's own price, empty for the common one."""
        own = {
            f"price_{creator.id}": MoneyField(
                _l("Price for %(name)s", name=creator.name), [Optional()], least=SMALLEST_PRICE, most=LARGEST_PRICE
            )
            for creator in creators
        }
        form = type("InviteTheseForm", (cls,), own)(**options)
        assert isinstance(form, cls)
        return form

    def price_for(self, creator_id: int) -> Money:
        found = self[f"price_{creator_id}"].data
        return found if isinstance(found, Money) else self.amount


class AddonsField(SelectMultipleField):
    """The add-ons of the package's offer as boxes to tick; `addons` is set before the form is checked."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, text: Any = None, **options: Any):
        self.addons: Sequence[Addon] = ()
        super().__init__(text, [Optional()], choices=self._options, **options)

    def _options(self) -> list[SelectChoice]:
        return [SelectChoice(value=str(addon.id), label=label(addon.kind)) for addon in self.addons]

    def pre_validate(self, _form: Any) -> None:
        if not set(self.data or []) <= {str(addon.id) for addon in self.addons}:
            raise StopValidation(_("One of these extras is no longer on offer. Look at them again."))

    @property
    def chosen(self) -> list[Addon]:
        """Those ticked that are still on offer."""
        return [addon for addon in self.addons if str(addon.id) in (self.data or [])]


class BookForm(FlaskForm):
    """A booking: the prices are the package's and the add-ons', so only choices, a day and words are asked."""

    addons = AddonsField(_l("Extras"))
    wanted_on = DayField(_l("Day you want the draft"), [Optional()])
    brief_id = BriefField(_l("Brief"), [Optional()], blank=_l("None of our briefs"))
    message = ProseField(_l("A few words to the creator"), most=MOST_MESSAGE, required=False)


class ReasonField(RadioField):
    """Why somebody declines, among the reasons that their side may have; without a choice it is another reason."""

    def __init__(self, text: Any = None, **options: Any):
        self.reasons: Sequence[DeclineReason] = tuple(DeclineReason)
        super().__init__(text, choices=self._options, default=DeclineReason.OTHER.value, **options)

    def _options(self) -> list[SelectChoice]:
        return [SelectChoice(value=reason.value, label=label(reason)) for reason in self.reasons]

    def pre_validate(self, _form: Any) -> None:
        self.data = self.data or DeclineReason.OTHER.value
        if self.data not in [reason.value for reason in self.reasons]:
            raise StopValidation(_("Choose one of the options."))


class DeclineForm(FlaskForm):
    declined_for = ReasonField(_l("Why you decline"))
    reason = ProseField(_l("In your words"), most=MOST_REASON, required=False)

    @classmethod
    def for_side(cls, by_brand: bool) -> "DeclineForm":
        """Each side has a reason that the other can't have."""
        form = cls()
        left_out = DeclineReason.BUSY if by_brand else DeclineReason.FILLED
        form.declined_for.reasons = [reason for reason in DeclineReason if reason is not left_out]
        return form


class NoteForm(FlaskForm):
    note = ProseField(_l("Note for your company"), most=MOST_NOTE, required=False)


class InboxForm(FlaskForm):
    """What narrows the inbox, in the address. What can't be read narrows nothing."""

    class Meta:
        csrf = False

    q = LineField(_l("Name or title"), most=60, required=False)
    kind = EnumField(_l("Kind"), [Optional()], members=SelectionKind, blank=_l("All kinds"))
    brief = _RowField(_l("Brief"), [Optional()], wrong=_l("Choose one of the options."), blank=_l("All briefs"))
