"""What people do, at random and without end, in a process of their own: it is killed as a web process would be, in the
middle of a verb."""

import pickle
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from marketplace.accounts.actor import Actor
from marketplace.app import create_app
from marketplace.deals.lifecycle import FUNDED, State
from marketplace.deals.models import Deal
from marketplace.disputes.models import DisputeReason
from marketplace.disputes.service import Claim, open_dispute
from marketplace.disputes.service import rule as give_ruling
from marketplace.escrow.fund import fund_deals
from marketplace.escrow.models import Checkout
from marketplace.escrow.settle import accept_work
from marketplace.infra.db import db, end_transaction, transaction
from marketplace.infra.settings import settings
from marketplace.kit.errors import DomainError
from marketplace.kit.money import Money
from marketplace.payouts.payday import start_payday
from marketplace.stripe_sandbox import guest
from tests.crash.sandbox import command
from tests.support.deals import DealSides, advance, make_deal
from tests.support.market import BrandSide, CreatorSide

_CARDS = ["4242424242424242"] * 6 + ["4000000000000002"]
# The provider's silence, a step that came too late, a card that says no: people live with these.
_REFUSALS = (DomainError, guest.PaymentDeclined, guest.PageRefused)


@dataclass(frozen=True, slots=True)
class Cast:
    """Who there is: plain values."""

    brand: BrandSide
    admin: Actor
    creators: list[CreatorSide]

    def keep(self, file: Path) -> None:
        file.write_bytes(pickle.dumps(self))


class People:
    """Who acts, and what by."""

    def __init__(self, seed: int, cast: Cast) -> None:
        self._chance = random.Random(seed)
        self._brand, self._admin, self._creators = cast.brand, cast.admin, cast.creators

    def act(self) -> None:
        acts = [self._fund] * 4 + [self._finish] * 6 + [self._quarrel, self._pay_out] * 2 + [self._charge_back]
        with suppress(*_REFUSALS), outliving_the_connection():
            self._chance.choice(acts)()
        end_transaction()

    def _fund(self) -> None:
        """One to three deals at once."""
        with transaction():
            deals = [
                make_deal(self._chance.choice(self._creators), self._brand, price=price, state=State.FUNDING).id
                for price in self._chance.sample(range(1_00, 9_000_00), self._chance.randint(1, 3))
            ]
        guest.pay(fund_deals(self._brand.actor, deals, "en"), self._chance.choice(_CARDS))

    def _finish(self) -> None:
        sides = self._any_at_work()
        if sides is None:
            self._fund()
            return
        with transaction():
            advance(sides, State.ACCEPTANCE)
            accept_work(self._brand.actor, sides.id)

    def _quarrel(self) -> None:
        """A part of the price goes back."""
        sides = self._any_at_work()
        if sides is None:
            return
        with transaction():
            claim = Claim("It is not what we agreed on.")
            found = open_dispute(self._brand.actor, sides.id, DisputeReason.NOT_AS_AGREED, claim)
            quote = db.session.get_one(Deal, sides.id).quote
            assert quote is not None
            part = Money(quote["price"] * self._chance.randint(0, 100) // 100)
            give_ruling(self._admin, found.id, part, "A part of it was there.")

    def _pay_out(self) -> None:
        with transaction():
            start_payday(self._admin)

    def _charge_back(self) -> None:
        """A bank takes a charge back, and some say at once who won."""
        charges = list(db.session.scalars(select(Checkout.charge_id).where(Checkout.charge_id.is_not(None))))
        end_transaction()
        if not charges:
            return
        url = str(settings().stripe_api_base)
        with suppress(OSError):
            opened = command(url, "triggers/open_dispute", charge=self._chance.choice(charges))
            step = self._chance.choice(["won", "lost", ""])
            if step:
                command(url, "triggers/advance_dispute", dispute=opened["id"], step=step)

    def _any_at_work(self) -> DealSides | None:
        states = FUNDED - {State.DISPUTED}
        query = select(Deal.id, Deal.creator_id).where(Deal.state.in_(states)).order_by(Deal.id)
        found = db.session.execute(query).all()
        end_transaction()
        if not found:
            return None
        deal_id, creator_id = self._chance.choice(found)
        creator = next(one for one in self._creators if one.id == creator_id)
        return DealSides(deal_id, creator, self._brand)


@contextmanager
def outliving_the_connection() -> Iterator[None]:
    """One click ends in an error page where the database has gone away meanwhile, and the process lives on."""
    try:
        yield
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise


def act_until_killed(seed: str, file: str) -> None:
    """With the cast in `file`, as `Cast.keep` wrote it."""
    with create_app().test_request_context():
        people = People(int(seed), pickle.loads(Path(file).read_bytes()))
        while True:
            people.act()
            sys.stdout.write("acted\n")
            sys.stdout.flush()
