"""The triggers by name: which object each fits, what it may be told, and how its arguments are read.

What a trigger does is in `calls/triggers.py`; here is what a command in JSON and a form of the page have in common.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from inspect import Parameter, signature
from typing import Any, get_type_hints

from .calls import payouts, refunds, requirements, triggers
from .errors import Refusal, missing_parameter
from .store import Obj, Tx


@dataclass(frozen=True)
class Field:
    """One argument on the page: chosen from `choices`, or typed, beginning with `value`."""

    name: str
    choices: tuple[str, ...] = ()
    value: str = ""


@dataclass(frozen=True)
class Trigger:
    """`subject` is the argument that names the object; '' where the trigger acts on the platform itself."""

    run: Callable[..., Any]
    kind: str
    subject: str
    fits: Callable[[Obj], bool] = lambda _found: True
    fields: tuple[Field, ...] = ()
    grave: bool = False

    @property
    def name(self) -> str:
        return self.run.__name__


def _choice(name: str, words: str) -> Field:
    return Field(name, tuple(words.split()))


_DISPUTE = (
    _choice(
        "reason",
        """fraudulent product_not_received product_unacceptable credit_not_processed duplicate general
        subscription_canceled unrecognized""",
    ),
    Field("amount"),
    _choice("inquiry", "no yes"),
)
_LATE = _choice(
    "code",
    """payment_intent_payment_attempt_failed insufficient_funds account_closed debit_declined debit_not_authorized
    no_account""",
)
_REFUND = Field("reason", refunds.REASONS)
_REQUIRE = (
    Field("names", value="individual.verification.document"),
    Field("days", value="7"),
    _choice(
        "error", "- verification_document_expired verification_failed_name_match invalid_address_city_state_postal_code"
    ),
)
_MONEY = (Field("amount", value="100000"), Field("currency", value="cny"))
_RESTRICT = Field("reason", requirements.RESTRICTIONS)
_REJECT = Field("reason", requirements.REJECTIONS)
_PAYOUT = Field("code", tuple(payouts.FAILURES))
# What may follow each stage of a dispute.
_INQUIRY = ("warning_needs_response", "warning_under_review")
_STEPS = {
    _INQUIRY: _choice("step", "escalate warning_closed"),
    ("needs_response",): _choice("step", "under_review won lost"),
    ("under_review",): _choice("step", "won lost"),
    ("lost",): _choice("step", "won"),
    ("won",): _choice("step", "lost"),
}


def _paid(charge: Obj) -> bool:
    return bool(charge["paid"]) and not charge["refunded"] and not charge["disputed"]


def _is(*statuses: str) -> Callable[[Obj], bool]:
    return lambda found: found["status"] in statuses


_ALL = (
    Trigger(triggers.open_dispute, "charge", "charge", _paid, _DISPUTE, grave=True),
    Trigger(triggers.warn_of_fraud, "charge", "charge", _paid),
    *(Trigger(triggers.advance_dispute, "dispute", "dispute", _is(*of), (step,)) for of, step in _STEPS.items()),
    Trigger(triggers.settle_refund, "refund", "refund", _is("pending")),
    Trigger(triggers.fail_refund, "refund", "refund", _is("pending", "succeeded"), (_REFUND,), grave=True),
    Trigger(triggers.cancel_refund, "refund", "refund", _is("pending"), grave=True),
    Trigger(triggers.confirm_late_payment, "payment_intent", "intent", _is("processing")),
    Trigger(triggers.fail_late_payment, "payment_intent", "intent", _is("processing"), (_LATE,), grave=True),
    Trigger(triggers.require, "account", "account", fields=_REQUIRE),
    Trigger(triggers.check_details, "account", "account", fields=(_REQUIRE[0],)),
    Trigger(triggers.clear, "account", "account"),
    Trigger(triggers.pay_out, "account", "account"),
    Trigger(triggers.take_fee, "account", "account", fields=_MONEY, grave=True),
    Trigger(triggers.restrict, "account", "account", fields=(_RESTRICT,), grave=True),
    Trigger(triggers.reject, "account", "account", fields=(_REJECT,), grave=True),
    Trigger(triggers.complete_payout, "payout", "payout", _is("pending", "in_transit")),
    Trigger(triggers.fail_payout, "payout", "payout", _is("pending", "in_transit", "paid"), (_PAYOUT,), grave=True),
    Trigger(triggers.top_up, "", "", fields=_MONEY),
)
_BY_NAME = {trigger.name: trigger for trigger in _ALL}


def named(name: str) -> Trigger:
    if name not in _BY_NAME:
        raise Refusal(f"Unknown trigger: {name}. There are {', '.join(sorted(_BY_NAME))}.", status=404)
    return _BY_NAME[name]


def that_fit(found: Obj) -> list[Trigger]:
    return [trigger for trigger in _ALL if trigger.kind == found["object"] and trigger.fits(found)]


def of_the_platform() -> list[Trigger]:
    """They act on the platform's own balance; a payout of the account '' is the platform's."""
    return [_BY_NAME["pay_out"], _BY_NAME["top_up"]]


def pull(tx: Tx, name: str, arguments: Mapping[str, Any]) -> Any:
    """Does it, and gives the object as it then is. Raises a Refusal that names the argument that is wrong."""
    trigger = named(name)
    wanted = _arguments_of(name)
    for given in arguments:
        if given not in wanted:
            raise Refusal(f"Received unknown parameter: {given}", code="parameter_unknown", param=given)
    for argument, (type_, needed) in wanted.items():
        if argument not in arguments:
            if needed:
                raise missing_parameter(argument)
        elif not _is_of(type_, arguments[argument]):
            raise Refusal(f"Invalid value for {argument}", param=argument)
    return trigger.run(tx, **arguments)


def from_form(trigger: Trigger, form: Mapping[str, str]) -> dict[str, Any]:
    """What was typed, as arguments; an empty field or `-` is left to its default. Raises a Refusal."""
    wanted = _arguments_of(trigger.name)
    typed = {field.name: form.get(field.name, "").strip() for field in trigger.fields}
    return {name: _read(wanted[name][0], text, name) for name, text in typed.items() if text not in ("", "-")}


@cache
def _arguments_of(name: str) -> dict[str, tuple[Any, bool]]:
    """Type of each argument after the transaction, and whether it must be given."""
    run = named(name).run
    hints = get_type_hints(run)
    given = list(signature(run).parameters.values())[1:]
    return {each.name: (hints[each.name], each.default is Parameter.empty) for each in given}


def _read(hint: Any, text: str, name: str) -> Any:
    if hint == Sequence[str]:
        return [part for part in text.replace(",", " ").split() if part]
    if hint is bool:
        return text == "yes"
    if hint in (int, int | None):
        if not text.isascii() or not text.isdecimal() or len(text) > 12:
            raise Refusal(f"Invalid integer: {text}", code="parameter_invalid_integer", param=name)
        return int(text)
    return text


def _is_of(hint: Any, value: Any) -> bool:
    if hint == Sequence[str]:
        return isinstance(value, list) and bool(value) and all(isinstance(item, str) for item in value)
    if hint in (int, int | None) and isinstance(value, bool):
        return False
    return isinstance(value, hint)
