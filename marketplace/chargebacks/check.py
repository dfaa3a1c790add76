"""The books against chargebacks: what banks hold of deals, what they left in escrow of frozen ones, and who owes."""

from collections.abc import Iterable, Sequence

from flask_babel import lazy_gettext as _l
from sqlalchemy import text

from marketplace.chargebacks.models import PartState
from marketplace.deals.lifecycle import State
from marketplace.infra.db import db
from marketplace.ledger.accounts import Account, AccountKind
from marketplace.ledger.check import Problem

_MOST = 100


def held_is_with_banks() -> Iterable[Problem]:
    """What a bank holds of deals that are over is what its undecided chargebacks have taken of them."""
    query = text("""
        SELECT owner, commodity, coalesce(account.balance, 0), coalesce(part.total, 0)
        FROM (SELECT owner, commodity, balance FROM ledger_accounts WHERE kind = :held) account
        FULL JOIN (
            SELECT 'deal:' || deal_id AS owner, currency AS commodity, sum(amount - given_back_amount)::bigint AS total
            FROM chargeback_parts WHERE state = :with_bank AND NOT from_escrow GROUP BY 1, 2
        ) part USING (owner, commodity)
        WHERE coalesce(account.balance, 0) <> coalesce(part.total, 0)
        ORDER BY owner LIMIT :most
    """)
    values = {"held": AccountKind.CHARGEBACK_HELD.value, "with_bank": PartState.HELD.value, "most": _MOST}
    for owner, commodity, held, taken in db.session.execute(query, values):
        yield Problem(
            _l(
                "The books say that a bank holds %(held)s %(commodity)s, and its claims come to %(taken)s.",
                held=held,
                commodity=commodity,
                taken=taken,
            ),
            owner,
        )


def nobody_owes_less_than_nothing(owners: Sequence[str] | None = None) -> Iterable[Problem]:
    """No more of a debt is paid, given back and written off than there was; of all payees, or of these."""
    query = text("""
        SELECT owner, kind, commodity, -balance FROM ledger_accounts
        WHERE kind IN (:of_creators, :of_agencies) AND balance < 0
            AND (CAST(:owners AS text[]) IS NULL OR owner = ANY(CAST(:owners AS text[])))
        ORDER BY id LIMIT :most
    """)
    values = {
        "of_creators": AccountKind.CREATOR_OWES.value,
        "of_agencies": AccountKind.AGENCY_OWES.value,
        "owners": list(owners) if owners is not None else None,
        "most": _MOST,
    }
    for owner, kind, commodity, below in db.session.execute(query, values):
        yield Problem(
            _l("What is owed would be %(below)s minor units less than nothing.", below=below),
            f"account {Account(owner, AccountKind(kind), commodity)}",
        )


def frozen_escrow_is_the_rest() -> Iterable[Problem]:
    """A frozen deal holds what its brand paid, less what banks have taken of it."""
    query = text("""
        SELECT deal.id, payment.amount - part.total, coalesce(-account.balance, 0) FROM deals deal
        JOIN payments payment ON payment.deal_id = deal.id AND payment.state = 'succeeded'
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(amount - given_back_amount), 0)::bigint AS total FROM chargeback_parts
            WHERE deal_id = deal.id AND from_escrow AND state = :with_bank
        ) part
        LEFT JOIN ledger_accounts account ON account.owner = 'deal:' || deal.id
            AND account.kind = :escrow AND account.commodity = payment.currency
        WHERE deal.state = :frozen AND coalesce(-account.balance, 0) <> payment.amount - part.total
        ORDER BY deal.id LIMIT :most
    """)
    values = {
        "with_bank": PartState.HELD.value,
        "escrow": AccountKind.ESCROW.value,
        "frozen": State.FROZEN.value,
        "most": _MOST,
    }
    for deal_id, left, held in db.session.execute(query, values):
        yield Problem(
            _l("Of the frozen deal %(left)s should be left, and escrow holds %(held)s.", left=left, held=held),
            f"deal:{deal_id}",
        )
