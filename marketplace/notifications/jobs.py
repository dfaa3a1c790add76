"""The jobs that other features enqueue by name when something has happened. Each tells each person once."""

import uuid
from datetime import datetime

from marketplace.escrow.models import HoldingStage
from marketplace.infra.db import transaction
from marketplace.infra.jobs import job
from marketplace.kit.money import Money
from marketplace.notifications import (
    agencies,
    audiences,
    chargebacks,
    deals,
    documents,
    fee_rules,
    holding,
    manual_entries,
    members,
    money,
    questions,
    readings,
    reconciling,
    reports,
    reviews,
    selections,
)


@job("notifications.tell_deal_event")
def tell_deal_event(event_id: int) -> None:
    with transaction():
        deals.tell_event(event_id)


@job("notifications.tell_deadline")
def tell_deadline(deal_id: int, which: str) -> None:
    """`which` is `half` or `day`: half of the time has passed, or a day is left."""
    with transaction():
        deals.tell_deadline(deal_id, which)


@job("notifications.tell_message")
def tell_message(message_id: int) -> None:
    with transaction():
        deals.tell_message(message_id)


@job("notifications.tell_selection")
def tell_selection(selection_id: int, what: str) -> None:
    """`what` is made, accepted, declined, withdrawn, expired or reminder."""
    with transaction():
        selections.tell(selection_id, what)


@job("notifications.tell_question")
def tell_question(question_id: int, what: str) -> None:
    """`what` is asked, answered or removed."""
    with transaction():
        questions.tell_of_question(question_id, what)


@job("notifications.tell_brief")
def tell_brief(brief_id: int, what: str, version: int) -> None:
    """`what` is held, passed or sent_back: the review of a brief whose words are watched."""
    with transaction():
        questions.tell_of_brief(brief_id, what, version)


@job("notifications.tell_reading")
def tell_reading(reading_id: int) -> None:
    with transaction():
        readings.tell_of_reading(reading_id)


@job("notifications.tell_audience")
def tell_audience(statement_id: int) -> None:
    with transaction():
        audiences.tell_of_audience(statement_id)


@job("notifications.tell_code")
def tell_code(code_id: int, what: str) -> None:
    """`what` is placed or decided; that a code was confirmed is told by its reading, unless that has to wait."""
    with transaction():
        readings.tell_of_code(code_id, what)


@job("notifications.tell_standing")
def tell_standing(creator_ids: list[int], what: str, until: str) -> None:
    """`what` is began, week, ended, regained or reached; `until` in ISO 8601."""
    with transaction():
        readings.tell_of_standing(creator_ids, what, datetime.fromisoformat(until))


@job("notifications.tell_money")
def tell_money(
    kind: str,
    deal_id: int | None,
    creator_id: int | None,
    amount: int | None,
    currency: str | None,
    *,
    agency_id: int | None = None,
    about: str = "",
) -> None:
    """`kind` is transferred, payout_account_ready, refunded or refund_failed; `amount` in minor units of `currency`."""
    with transaction():
        money.tell_of_money(kind, deal_id, creator_id, amount, currency, agency_id=agency_id, about=about)


@job("notifications.tell_held_payment")
def tell_held_payment(*, checkout_id: str, amount: int, currency: str) -> None:
    """A payment was not what was asked: `amount` in minor units of `currency` is what Stripe booked of it."""
    with transaction():
        money.tell_of_held(uuid.UUID(checkout_id), Money(amount, currency))


@job("notifications.tell_unanswered")
def tell_unanswered(*, number: int, day: str) -> None:
    """Stripe has given no answer about so many refunds and transfers; `day` in ISO 8601, as it is told once a day."""
    with transaction():
        money.tell_of_unanswered(number, day)


@job("notifications.tell_unplaced")
def tell_unplaced(*, account_id: int, amount: int, currency: str) -> None:
    """An account of suspense holds `amount` in minor units of `currency`, and no list had it."""
    with transaction():
        money.tell_of_unplaced(account_id, Money(amount, currency))


@job("notifications.tell_chargeback")
def tell_chargeback(chargeback_id: int, what: str) -> None:
    """`what` is opened, escalated, withdrawn or closed; due_3, due_1, overdue: its evidence is; or refused_ and a
    number: Stripe did not take an answer."""
    with transaction():
        chargebacks.tell_of_chargeback(chargeback_id, what)


@job("notifications.tell_holding")
def tell_holding(payment_id: str, stage: str) -> None:
    """`stage` is of `HoldingStage`: how near the payment's money is to the longest time that it may be held."""
    with transaction():
        holding.tell_of_holding(uuid.UUID(payment_id), HoldingStage(stage))


@job("notifications.tell_documents")
def tell_documents(document_ids: list[int]) -> None:
    """Invoices, statements or summaries that were issued."""
    with transaction():
        documents.tell_of_documents(document_ids)


@job("notifications.tell_representation")
def tell_representation(representation_id: int, what: str, by: int | None = None) -> None:
    """`what` is offered, consented, declined, withdrawn, notice or ended; `by` is who did it."""
    with transaction():
        agencies.tell_of_representation(representation_id, what, by)


@job("notifications.tell_agency_member")
def tell_agency_member(agency_id: int, user_id: int, member_id: int, what: str, by: str) -> None:
    """`what` is added or removed, `by` the name of who did it."""
    with transaction():
        agencies.tell_of_member(agency_id, user_id, member_id, what, by)


@job("notifications.tell_member_event")
def tell_member_event(event_id: int) -> None:
    """Somebody joined or left a company, or an owner changed a member's place."""
    with transaction():
        members.tell_of_member_event(event_id)


@job("notifications.tell_review")
def tell_review(review_id: int) -> None:
    with transaction():
        reviews.tell_of_review(review_id)


@job("notifications.tell_manual_entry")
def tell_manual_entry(*, manual_id: int, what: str, proposed_by: int, by: int, who: str, reason: str) -> None:
    """`what` is proposed, posted, refused or withdrawn; `by` and `who` say who did it."""
    with transaction():
        manual_entries.tell_of_manual_entry(manual_id, what, proposed_by=proposed_by, by=by, who=who, reason=reason)


@job("notifications.tell_unreconciled")
def tell_unreconciled(*, run_id: int, movements: int, entries: int) -> None:
    """Something at Stripe or in the books has stood without its counterpart for a day."""
    with transaction():
        reconciling.tell_of_unreconciled(run_id, movements=movements, entries=entries)


@job("notifications.tell_books")
def tell_books(*, check_id: int, number: int) -> None:
    """The books' check found `number` problems that the one before didn't have."""
    with transaction():
        reconciling.tell_of_books(check_id, number)


@job("notifications.tell_fee_rules")
def tell_fee_rules(event_id: int) -> None:
    """A draft of the fee rules or an agreement was proposed, returned or published."""
    with transaction():
        fee_rules.tell_of_fee_rules(event_id)


@job("notifications.tell_report")
def tell_report(report_id: int) -> None:
    with transaction():
        reports.tell_of_report(report_id)
