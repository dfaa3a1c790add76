"""Forms of deals. What they refuse is said beside the field; the verbs decide the rest."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, IntegerField, PasswordField
from wtforms.validators import InputRequired, NumberRange
from wtforms.widgets import HiddenInput

from marketplace.briefs.policy import platform_today
from marketplace.deals.messages import LONGEST_MESSAGE
from marketplace.deals.models import Terms
from marketplace.deals.terms import LARGEST_PRICE, MOST_REVISIONS, TermsInput
from marketplace.deals.work import LONGEST_LINK
from marketplace.infra.fields import CountField, DayField, LineField, MoneyField, ProseField, UploadField, required
from marketplace.infra.uploads import DRAFT

_LARGEST_NUMBER = 1_000_000


class TermsForm(FlaskForm):
    """A proposal; `based_on` is the number of the terms that it answers. The currency is the deal's."""

    based_on = IntegerField(
        widget=HiddenInput(),
        validators=[
            InputRequired(_l("Open the page again: it doesn’t say which terms you answer.")),
            NumberRange(1, _LARGEST_NUMBER, _l("Open the page again: it doesn’t say which terms you answer.")),
        ],
    )
    deliverables = ProseField(_l("Deliverables"), most=4000)
    price = MoneyField(_l("Price"), [required()], most=LARGEST_PRICE)
    draft_due_on = DayField(_l("Draft due"), [required()], not_before=platform_today)
    publish_on = DayField(_l("Publish on"), [required()], not_before=platform_today)
    revisions = CountField(_l("Revisions included"), [required()], most=MOST_REVISIONS)
    usage_rights = ProseField(_l("Usage rights"), most=1000, required=False)
    disclosure = LineField(_l("Disclosure"), most=300, required=False)
    note = ProseField(_l("A word to the other side"), most=1000, required=False)

    @classmethod
    def answering(cls, terms: Terms) -> "TermsForm":
        """The form that starts from the terms on the table."""
        form = cls(obj=terms, data={"based_on": terms.number, "note": ""})
        form.price.currency = terms.price_currency
        if not form.is_submitted():
            form.note.data, form.based_on.data = "", terms.number
        return form

    def terms(self) -> TermsInput:
        assert self.price.data is not None
        assert self.revisions.data is not None
        assert self.draft_due_on.data is not None
        assert self.publish_on.data is not None
        return TermsInput(
            deliverables=self.deliverables.data,
            price=self.price.data,
            draft_due_on=self.draft_due_on.data,
            publish_on=self.publish_on.data,
            revisions=self.revisions.data,
            usage_rights=self.usage_rights.data,
            disclosure=self.disclosure.data,
            note=self.note.data,
        )


class SignForm(FlaskForm):
    """The signature: which file was read (its fingerprint and language), that it was, and the password again."""

    sha256 = HiddenField()
    locale = HiddenField()
    read = BooleanField(validators=[InputRequired(_l("Read the contract first, then tick this."))])
    password = PasswordField(_l("Your password"), [InputRequired(_l("Type your password."))])


class DraftForm(FlaskForm):
    """A draft: a link, a file, or both."""

    url = LineField(_l("Link"), most=LONGEST_LINK, required=False)
    file = UploadField(_l("File"), kinds=DRAFT)
    note = ProseField(_l("A word to the brand"), most=2000, required=False)

    def validate(self, extra_validators: Any = None) -> bool:
        found = bool(super().validate(extra_validators))
        if not self.url.data and self.file.data is None:
            self.url.errors = [*self.url.errors, _l("Give a link or a file.")]
            return False
        return found


class RevisionForm(FlaskForm):
    note = ProseField(_l("What should change"), most=2000)


class PublicationForm(FlaskForm):
    url = LineField(_l("Link to the published work"), most=LONGEST_LINK)
    note = ProseField(_l("A word to the brand"), most=2000, required=False)


class CancelForm(FlaskForm):
    why = ProseField(_l("Why you end it"), most=1000)


class MessageForm(FlaskForm):
    body = ProseField(_l("Message"), most=LONGEST_MESSAGE)
