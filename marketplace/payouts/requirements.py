"""What Stripe wants of an account, by its names, in words for those who must give it.

The names: https://docs.stripe.com/connect/required-verification-information and the API's account object.
"""

import re
from collections.abc import Iterable

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

# Names that stand for themselves.
_WHOLE = {
    "external_account": _l("The bank account that payouts go to"),
    "business_type": _l("Whether you are a person or a company"),
    "business_profile.url": _l("A website or profile that shows what you do"),
    "business_profile.product_description": _l("What you do, in a sentence"),
    "business_profile.mcc": _l("The sort of your business"),
    "business_profile.name": _l("The name you do business under"),
    "business_profile.support_phone": _l("A telephone number for questions"),
    "business_profile.support_email": _l("An e-mail address for questions"),
    "tos_acceptance": _l("Your consent to Stripe’s terms"),
    "company.name": _l("The company’s name"),
    "company.tax_id": _l("The company’s tax number"),
    "company.registration_number": _l("The company’s registration number"),
    "company.vat_id": _l("The company’s VAT number"),
    "company.phone": _l("The company’s telephone number"),
    "company.address": _l("The company’s address"),
    "company.verification": _l("A document that proves the company"),
    "company.owners_provided": _l("Who owns the company"),
    "company.directors_provided": _l("Who its directors are"),
    "company.executives_provided": _l("Who leads the company"),
    "company.structure": _l("What form the company has"),
    "documents": _l("A document about your business"),
    "settings.payments.statement_descriptor": _l("The name that bank statements show"),
}
# Of a person: what follows the name of the person.
_OF_PERSON = {
    "first_name": _l("name"),
    "last_name": _l("name"),
    "maiden_name": _l("name at birth"),
    "full_name_aliases": _l("other names"),
    "dob": _l("date of birth"),
    "address": _l("home address"),
    "registered_address": _l("registered address"),
    "email": _l("e-mail address"),
    "phone": _l("telephone number"),
    "id_number": _l("identity number"),
    "ssn_last_4": _l("identity number"),
    "nationality": _l("nationality"),
    "political_exposure": _l("whether they hold public office"),
    "verification.document": _l("identity document, as a photograph"),
    "verification.additional_document": _l("proof of address"),
    "verification.proof_of_liveness": _l("selfie, to compare with the document"),
    "relationship.title": _l("position in the company"),
    "relationship": _l("part in the company"),
}
_PERSONS = re.compile(r"(\w+)\.(.+)")
_ERRORS = {
    "verification_document_expired": _l("the document has expired"),
    "verification_document_not_readable": _l("the document can’t be read"),
    "verification_document_too_blurry": _l("the photograph is blurred"),
    "verification_document_not_uploaded": _l("the document didn’t arrive"),
    "verification_document_missing_back": _l("the back of the document is missing"),
    "verification_document_missing_front": _l("the front of the document is missing"),
    "verification_document_name_mismatch": _l("the name isn’t that on the document"),
    "verification_document_dob_mismatch": _l("the date of birth isn’t that on the document"),
    "verification_document_address_mismatch": _l("the address isn’t that on the document"),
    "verification_document_id_number_mismatch": _l("the number isn’t that on the document"),
    "verification_document_photo_mismatch": _l("the picture isn’t that on the document"),
    "verification_document_fraudulent": _l("the document was not accepted"),
    "verification_document_manipulated": _l("the document was not accepted"),
    "verification_failed_keyed_identity": _l("name, date of birth or number don’t fit together"),
    "verification_failed_id_number_match": _l("the number doesn’t fit the name"),
    "verification_failed_tax_id_match": _l("the tax number doesn’t fit the name"),
    "verification_failed_name_match": _l("the name couldn’t be confirmed"),
    "verification_failed_address_match": _l("the address couldn’t be confirmed"),
    "verification_failed_business_iec_number": _l("the number couldn’t be confirmed"),
    "invalid_address_city_state_postal_code": _l("city and postal code don’t fit together"),
    "invalid_street_address": _l("the street couldn’t be found"),
    "invalid_dob_age_under_minimum": _l("the person is too young"),
    "invalid_value_other": _l("what was given isn’t valid"),
}
_REASONS = {
    "requirements.past_due": _l("Something that Stripe asked for is overdue."),
    "requirements.pending_verification": _l("Stripe checks what you gave. That takes some hours, seldom some days."),
    "action_required.requested_capabilities": _l("Stripe needs more from you before money can be sent."),
    "under_review": _l("Stripe is reviewing the account. You don’t need to do anything until it asks."),
    "listed": _l("Stripe compares the account with a list of names. You don’t need to do anything until it asks."),
    "platform_paused": _l("We have paused this account. Write to us if you don’t know why."),
    "rejected.fraud": _l("Stripe has closed this account for good, as it suspects fraud."),
    "rejected.terms_of_service": _l("Stripe has closed this account for good, as it breaks Stripe’s terms."),
    "rejected.listed": _l("Stripe has closed this account for good, as its owner is on a list of sanctions."),
    "rejected.incomplete_verification": _l("Stripe has closed this account, as its details were never complete."),
    "rejected.other": _l("Stripe has closed this account for good."),
    "account_gone": _l("This account is no longer connected with us: it was disconnected or closed."),
    "other": _l("Stripe has stopped this account. It tells its owner why by e-mail."),
}
_FAILURES = {
    "account_closed": _l("the bank account has been closed"),
    "account_frozen": _l("the bank account is frozen"),
    "bank_account_restricted": _l("the bank account takes no such payments"),
    "bank_ownership_changed": _l("the bank account has another owner now"),
    "could_not_process": _l("the bank couldn’t process it"),
    "debit_not_authorized": _l("the bank account allows no debits"),
    "declined": _l("the bank declined it"),
    "incorrect_account_address": _l("the address isn’t the account holder’s"),
    "incorrect_account_holder_address": _l("the address isn’t the account holder’s"),
    "incorrect_account_holder_name": _l("the name isn’t the account holder’s"),
    "incorrect_account_holder_tax_id": _l("the tax number isn’t the account holder’s"),
    "insufficient_funds": _l("there was too little on the account at Stripe"),
    "invalid_account_number": _l("the account number is wrong"),
    "invalid_currency": _l("the bank account takes no money in this currency"),
    "no_account": _l("there is no such bank account"),
    "unsupported_card": _l("the card takes no payouts"),
}


def requirement_words(names: Iterable[str]) -> list[str]:
    """What these names ask for, each thing once, in their order; what we have no words for as Stripe calls it."""
    return list(dict.fromkeys(_requirement(name) for name in names))


def _requirement(name: str) -> str:
    known = _longest(_WHOLE, name)
    if known is not None:
        return str(known)
    found = _PERSONS.fullmatch(name)
    what = _longest(_OF_PERSON, found[2]) if found else None
    if found is None or what is None:
        return str(_("Something that Stripe calls “%(name)s”", name=_tidy(name)))
    if found[1] == "individual":
        return str(_("Your %(what)s", what=what))
    return str(_("Of a person in the company: %(what)s", what=what))


def _longest(words: dict[str, LazyString], name: str) -> LazyString | None:
    """The words of the name or of the nearest name above it: of `dob` for `dob.day`."""
    while name:
        if name in words:
            return words[name]
        name = name.rpartition(".")[0]
    return None


def _tidy(name: str) -> str:
    return name.replace("_", " ").replace(".", ": ")


def error_words(errors: Iterable[tuple[str, str]]) -> list[str]:
    """What was wrong with what was given, a sentence each; `errors` are a requirement's name and Stripe's code."""
    found = []
    for name, code in errors:
        why = _ERRORS.get(code) or _l("Stripe couldn’t accept it (%(code)s)", code=_tidy(code))
        found.append(str(_("%(what)s: %(why)s.", what=_requirement(name), why=why)))
    return list(dict.fromkeys(found))


def reason_words(reason: str) -> str:
    """Why an account is stopped; one that we don't know as Stripe calls it."""
    if not reason:
        return ""
    known = _REASONS.get(reason)
    return str(known or _("Stripe has stopped this account: %(reason)s.", reason=_tidy(reason)))


def failure_words(code: str) -> str:
    """Why a payout came back from the bank, as part of a sentence."""
    return str(_FAILURES.get(code) or _("the bank gave no reason that we know (%(code)s)", code=_tidy(code)))
