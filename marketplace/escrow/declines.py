"""Why a payment or a refund failed, in the reader's words, by the provider's codes (docs.stripe.com/declines/codes)."""

from dataclasses import dataclass
from enum import StrEnum

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l


class Family(StrEnum):
    """Failures that ask the same of the payer."""

    FUNDS = "funds"
    EXPIRED = "expired"
    DETAILS = "details"
    AUTHENTICATION = "authentication"
    PROCESSING = "processing"
    UNFIT = "unfit"
    BANK = "bank"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Decline:
    """What happened, and what to do."""

    why: LazyString
    then: LazyString


_OTHER_WAY = _l("Pay with another card, or in another way.")
_WORDS = {
    Family.FUNDS: Decline(
        _l("The card or account didn’t have enough for it, or its limit is reached."),
        _l("Have the limit raised, or pay with another card or in another way."),
    ),
    Family.EXPIRED: Decline(_l("The card has expired."), _OTHER_WAY),
    Family.DETAILS: Decline(
        _l("The bank didn’t recognise what was typed: the number, the date, the security code or the address."),
        _l("Type it again as it stands on the card, or pay in another way."),
    ),
    Family.AUTHENTICATION: Decline(
        _l("Your bank asked you to confirm the payment, and it wasn’t confirmed."),
        _l("Pay again, and confirm it in your bank’s app or with the code that it sends you."),
    ),
    Family.PROCESSING: Decline(
        _l("Something went wrong between the banks. It is no fault of the card."),
        _l("Try again in a few minutes. If it happens again, pay in another way."),
    ),
    Family.UNFIT: Decline(
        _l("The card or account doesn’t take payments of this kind, amount or currency."),
        _l("Ask your bank to allow it, or pay in another way."),
    ),
    Family.BANK: Decline(
        _l("Your bank didn’t carry it out: the account is closed, can’t be debited, or the bank wasn’t allowed to."),
        _l("Ask your bank, or pay with a card or from another account."),
    ),
    # Banks don't say more, and for cards that were lost or stolen nobody should.
    Family.OTHER: Decline(
        _l("Your bank declined it, and gave no reason."),
        _l("Ask your bank, or pay with another card or in another way."),
    ),
}
_CODES = {
    Family.FUNDS: (
        "insufficient_funds card_velocity_exceeded withdrawal_count_limit_exceeded debit_limit_exceeded "
        "charge_exceeds_source_limit charge_exceeds_weekly_limit charge_exceeds_transaction_limit"
    ),
    Family.EXPIRED: "expired_card invalid_expiry_month invalid_expiry_year",
    Family.DETAILS: (
        "incorrect_number invalid_number incorrect_cvc invalid_cvc incorrect_zip incorrect_address incorrect_pin "
        "invalid_pin pin_try_exceeded invalid_account new_account_information_available"
    ),
    Family.AUTHENTICATION: (
        "authentication_required authentication_not_handled payment_intent_authentication_failure "
        "setup_intent_authentication_failure offline_pin_required online_or_offline_pin_required "
        "payment_method_customer_decline mobile_device_authentication_required"
    ),
    Family.PROCESSING: (
        "processing_error issuer_not_available reenter_transaction try_again_later approve_with_id no_action_taken "
        "payment_method_provider_timeout payment_method_provider_decline payment_intent_payment_attempt_expired"
    ),
    Family.UNFIT: (
        "card_not_supported currency_not_supported not_permitted transaction_not_allowed service_not_allowed "
        "invalid_amount restricted_card security_violation payment_method_not_available "
        "payment_method_currency_mismatch amount_too_large amount_too_small"
    ),
    Family.BANK: (
        "payment_intent_payment_attempt_failed account_closed no_account debit_declined debit_not_authorized "
        "bank_account_declined bank_account_restricted bank_account_unusable bank_account_unverified "
        "bank_ownership_changed invalid_bank_account_iban payment_method_bank_account_blocked "
        "payment_method_microdeposit_failed refer_to_customer generic_could_not_process could_not_process "
        "customer_bank_account_declined no_account_or_unable_to_locate"
    ),
}
_FAMILY = {code: family for family, codes in _CODES.items() for code in codes.split()}


def family_of(code: str) -> Family:
    """The family of a decline or error code of the provider; OTHER for any that isn't known."""
    return _FAMILY.get(code, Family.OTHER)


def decline_words(code: str) -> Decline:
    """What happened and what to do, for whoever tried to pay."""
    return _WORDS[family_of(code)]


# Failure reasons of refunds (docs.stripe.com/refunds#failed-refunds), and error codes where one is refused at once.
_REFUNDS = {
    "expired_or_canceled_card": _l("The card that paid has expired or was cancelled."),
    "lost_or_stolen_card": _l("The card that paid was reported lost or stolen."),
    "declined": _l("The payer’s bank declined it."),
    "insufficient_funds": _l("Our balance at the payment provider didn’t reach."),
    "balance_insufficient": _l("Our balance at the payment provider didn’t reach."),
    "merchant_request": _l("It was cancelled on the payment provider’s own pages."),
    "canceled": _l("It was cancelled on the payment provider’s own pages."),
    "charge_for_pending_refund_disputed": _l("The payer disputed the payment at their bank meanwhile."),
    "charge_disputed": _l("The payer disputed the payment at their bank: the money goes back that way."),
    "charge_already_refunded": _l("The payment was refunded already, perhaps on the payment provider’s own pages."),
}
_REFUND_FAILED = _l("The payment provider gave no reason that we know.")


def refund_failure_words(code: str) -> LazyString:
    """Why a refund failed, for the administrator who finds another way."""
    return _REFUNDS.get(code, _REFUND_FAILED)
