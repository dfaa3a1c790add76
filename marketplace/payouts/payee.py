"""Who a part of a settlement goes to: the creator or their agency, each with accounts of their own in the books."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, select

from marketplace.accounts.actor import Actor
from marketplace.agencies.models import Agency
from marketplace.creators.models import Creator
from marketplace.deals.models import Deal
from marketplace.escrow.models import Settlement
from marketplace.infra.db import db
from marketplace.kit.errors import NotAllowed
from marketplace.kit.money import Money
from marketplace.ledger.accounts import (
    Account,
    AccountKind,
    agency_available,
    agency_owes,
    agency_owner,
    agency_pending,
    agency_transfer_in_transit,
    creator_available,
    creator_owes,
    creator_owner,
    creator_pending,
    transfer_in_transit,
)
from marketplace.payouts.models import ConnectedAccount, PayoutPlan, Transfer
from marketplace.payouts.pause_models import PayoutPause

_Owned = ConnectedAccount | PayoutPlan | PayoutPause | Transfer | Settlement | Deal


@dataclass(frozen=True, slots=True)
class Payee:
    """A creator or an agency: just one of the two ids."""

    creator_id: int | None = None
    agency_id: int | None = None

    @property
    def is_agency(self) -> bool:
        return self.agency_id is not None

    @property
    def owner(self) -> str:
        """The key of their accounts in the books."""
        return agency_owner(self._agency) if self.is_agency else creator_owner(self._creator)

    @property
    def pending_kind(self) -> AccountKind:
        return AccountKind.AGENCY_PENDING if self.is_agency else AccountKind.CREATOR_PENDING

    @property
    def available_kind(self) -> AccountKind:
        return AccountKind.AGENCY_AVAILABLE if self.is_agency else AccountKind.CREATOR_AVAILABLE

    @property
    def owes_kind(self) -> AccountKind:
        return AccountKind.AGENCY_OWES if self.is_agency else AccountKind.CREATOR_OWES

    def pending(self, currency: str) -> Account:
        return agency_pending(self._agency, currency) if self.is_agency else creator_pending(self._creator, currency)

    def available(self, currency: str) -> Account:
        return (
            agency_available(self._agency, currency) if self.is_agency else creator_available(self._creator, currency)
        )

    def in_transit(self, currency: str) -> Account:
        if self.is_agency:
            return agency_transfer_in_transit(self._agency, currency)
        return transfer_in_transit(self._creator, currency)

    def owes(self, currency: str) -> Account:
        """What they owe of chargebacks that were lost."""
        return agency_owes(self._agency, currency) if self.is_agency else creator_owes(self._creator, currency)

    def part_of(self, settlement: Settlement) -> Money:
        return settlement.agency_receives if self.is_agency else settlement.receives

    def owns(self, table: type[_Owned]) -> ColumnElement[bool]:
        """The condition for the payee's rows."""
        return table.agency_id == self.agency_id if self.is_agency else table.creator_id == self.creator_id

    @property
    def ids(self) -> dict[str, int | None]:
        """As the columns of a row that is theirs."""
        return {"creator_id": self.creator_id, "agency_id": self.agency_id}

    @property
    def _agency(self) -> int:
        assert self.agency_id is not None
        return self.agency_id

    @property
    def _creator(self) -> int:
        assert self.creator_id is not None
        return self.creator_id


def payee_of(actor: Actor) -> Payee:
    """Whose payout account the actor may see to: a creator's is nobody's but theirs, an agency's its owners'.

    Raises:
        NotAllowed: the actor answers for a creator, or is neither a creator nor an owner of an agency.
    """
    if actor.is_creator_themselves:
        return Payee(creator_id=actor.creator_id)
    if actor.owns_agency and not actor.represents:
        return Payee(agency_id=actor.agency_id)
    raise NotAllowed


def payee_read_by(actor: Actor) -> Payee | None:
    """Whose earnings the actor reads: in an agency's place always the agency's. None without a profile."""
    if actor.agency_id is not None:
        return Payee(agency_id=actor.agency_id)
    return Payee(creator_id=actor.creator_id) if actor.creator_id is not None else None


def payee_of_row(row: ConnectedAccount | PayoutPlan | Transfer) -> Payee:
    """Whose row it is."""
    return Payee(creator_id=row.creator_id, agency_id=row.agency_id)


def lock_payee(payee: Payee) -> None:
    """Until the transaction ends nobody else opens their account, prepares their transfers, or changes their plan."""
    table, number = (Agency, payee.agency_id) if payee.is_agency else (Creator, payee.creator_id)
    db.session.execute(select(table.id).where(table.id == number).with_for_update(key_share=True))
