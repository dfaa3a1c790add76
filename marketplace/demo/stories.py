"""The story of one deal: what two sides do, each step by the verb that a person's click would call."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Final

from sqlalchemy import select

from marketplace.accounts.actor import Actor
from marketplace.briefs.models import Brief
from marketplace.briefs.policy import platform_today
from marketplace.chargebacks.service import read_chargeback
from marketplace.contracts.models import ContractFile
from marketplace.deals.closing import cancel
from marketplace.deals.lifecycle import State
from marketplace.deals.messages import post_message
from marketplace.deals.models import Deal, DealSide
from marketplace.deals.opening import accept_selection
from marketplace.deals.queries import newest_terms
from marketplace.deals.quotes import quote_of
from marketplace.deals.signing import sign
from marketplace.deals.terms import TermsInput, accept_terms, propose_terms
from marketplace.deals.work import approve_draft, request_revision, submit_draft, submit_publication
from marketplace.demo import sandbox, words
from marketplace.demo.judging import Verdict, verdicts_of
from marketplace.demo.spec import Company, Person, Script
from marketplace.demo.world import Story, World
from marketplace.disputes.models import DisputeReason
from marketplace.disputes.queries import dispute_of, get_dispute, proposal_to
from marketplace.disputes.service import Claim, add_statement, agree, open_dispute, rule, withdraw_dispute
from marketplace.escrow.fund import start_funding
from marketplace.escrow.queries import newest_payment
from marketplace.escrow.receive import confirm_checkout
from marketplace.escrow.refund import received_payment
from marketplace.escrow.settle import accept_work, cancel_late
from marketplace.infra.db import db, end_transaction, transaction
from marketplace.kit import clock
from marketplace.kit.deal_kinds import DealKind
from marketplace.kit.money import Money
from marketplace.matching.book import addons_of
from marketplace.matching.service import apply_to_brief, book_package, decline, invite_creator, withdraw
from marketplace.offers.models import Package
from marketplace.reviews.service import write_review
from marketplace.stripe_sandbox import guest

# Days from the step before: at least and at most.
_PACE: Final[dict[str, tuple[int, int]]] = {
    "answer": (0, 2), "decline": (1, 2), "withdraw": (0, 1), "counter": (0, 2), "agree": (0, 2), "sign": (0, 1),
    "sign_brand": (0, 1), "pay": (0, 2), "draft": (4, 9), "revise": (0, 2), "approve": (0, 3), "publish": (1, 4),
    "publish_unasked": (6, 8), "accept": (1, 3), "cancel": (1, 3), "cancel_late": (23, 27), "dispute": (1, 2),
    "statement": (0, 1), "rule": (1, 3), "take_split": (1, 2), "withdraw_dispute": (0, 1), "charge_back": (9, 14),
    "lose": (5, 8),
}  # fmt: skip
_IN_A_HURRY: Final = frozenset({"answer", "counter", "agree", "sign", "sign_brand", "pay", "approve"})
_LIVE: Final = frozenset({DealKind.LIVE_COMMERCE, DealKind.LIVE_MENTION, DealKind.LIVE_REWARDS, DealKind.LIVE_SESSION})


class DealStory:
    """One deal of the demo. Every choice is drawn from its own seed, so that no story changes another."""

    def __init__(self, world: World, script: Script, person: Person, company: Company) -> None:
        self._world, self._script, self._person, self._company = world, script, person, company
        self._rng = Random(f"{script.creator} {script.brand} {script.brief} {script.offer} {script.steps}")  # noqa: S311
        self._locale = person.locale if person.locale == company.locale else "en"
        self._selection_id = self._deal_id = 0
        self._drafts, self._claim = 0, ""
        self._talk = self._rng.sample(words.TALK[self._locale], 2)

    def play(self) -> Story:
        for step, moment in zip(self._script.steps, self.moments(), strict=True):
            yield moment
            name, _, detail = step.partition(":")
            act: Callable[[str], None] = getattr(self, f"_{name}")
            try:
                act(detail)
            except Exception as error:
                error.add_note(f"at the step {step} of {self._script}")
                raise
            yield from self._say_after(name, moment)
        yield from self._judge(moment)

    def moments(self) -> list[datetime]:
        """When each step is taken, from the script's start or back from its end."""
        days = [0]
        for step in self._script.steps[1:]:
            name = step.partition(":")[0]
            least, most = _PACE[name]
            hurried = self._script.end is not None and name in _IN_A_HURRY
            days.append(days[-1] + self._rng.randint(least, min(most, 1) if hurried else most))
        start = self._script.start if self._script.start is not None else (self._script.end or 0) + days[-1]
        found: list[datetime] = []
        for day in days:
            moment = self._world.daytime(self._rng, start - day)
            if found and moment <= found[-1]:
                moment = found[-1] + timedelta(minutes=self._rng.randint(8, 70))
            found.append(moment)
        return found

    def _say_after(self, step: str, moment: datetime) -> Story:
        for after, exchange in self._talk:
            if after == step:
                for place, (side, text) in enumerate(exchange):
                    yield moment + timedelta(minutes=20 + 45 * place)
                    with transaction():
                        post_message(self._creator if side == "creator" else self._brand, self._deal_id, text)

    def _judge(self, last: datetime) -> Story:
        """What the sides write of each other once the deal is completed, if it is."""
        for verdict in verdicts_of(self._script, last):
            if verdict.moment >= self._world.now:
                return
            yield verdict.moment
            with transaction():
                if db.session.get_one(Deal, self._deal_id).state is not State.COMPLETED:
                    return
                actor = self._brand if verdict.side is DealSide.BRAND else self._creator
                write_review(actor, self._deal_id, verdict.stars, self._judgement(verdict))

    def _judgement(self, verdict: Verdict) -> str:
        by_brand = verdict.side is DealSide.BRAND
        writer, other = (self._company, self._person) if by_brand else (self._person, self._company)
        key = (other.handle, verdict.stars)
        turn = self._world.judged[key]
        self._world.judged[key] += 1
        return verdict.words(writer.locale, turn).format(product=self._company.product)

    @property
    def _creator(self) -> Actor:
        """The creator, or since their consent the agency that answers for them."""
        handle = self._person.handle
        return self._world.agents.get(handle) or self._world.actors[handle]

    @property
    def _brand(self) -> Actor:
        return self._world.actors[self._script.by or self._company.handle]

    def _words(self, lines: words.Lines) -> str:
        return self._rng.choice(lines[self._locale]).format(product=self._company.product)

    # --- Choosing each other

    def _apply(self, _: str) -> None:
        brief_id = self._world.briefs[self._script.brief or ""]
        with transaction():
            price, rate = Money(self._script.price * 100), db.session.get_one(Brief, brief_id).rate_amount
            views = price.amount * 1000 // rate if rate is not None else None
            message = self._script.says or self._words(words.APPLY)
            self._selection_id = apply_to_brief(self._creator, brief_id, price, message, views=views).id
        self._world.selections[self._person.handle, self._script.brief or ""] = self._selection_id

    def _invite(self, _: str) -> None:
        brief_id = self._world.briefs[self._script.brief or ""]
        creator_id = self._creator.creator_id
        assert creator_id is not None
        with transaction():
            price, message = Money(self._script.price * 100), self._words(words.INVITE)
            self._selection_id = invite_creator(self._brand, creator_id, brief_id, price, message).id

    def _book(self, _: str) -> None:
        package_id = self._world.offers[self._person.handle, self._script.offer or ""][self._script.package]
        with transaction():
            self._selection_id = book_package(
                self._brand,
                package_id,
                self._words(words.BOOK),
                addon_ids=self._addons(package_id),
                wanted_on=self._world.in_days(self._script.wanted) if self._script.wanted is not None else None,
            ).id

    def _addons(self, package_id: int) -> list[int]:
        offer_id = db.session.get_one(Package, package_id).offer_id
        return [addon.id for addon in addons_of(offer_id) if addon.kind in self._script.addons]

    def _answerer(self) -> Actor:
        return self._brand if self._script.steps[0] == "apply" else self._creator

    def _answer(self, _: str) -> None:
        with transaction():
            self._deal_id = accept_selection(self._answerer(), self._selection_id).id

    def _decline(self, _: str) -> None:
        with transaction():
            lines = words.DECLINE[self._locale]
            decline(self._answerer(), self._selection_id, lines[self._answerer() is self._creator])

    def _withdraw(self, _: str) -> None:
        with transaction():
            withdraw(self._creator if self._script.steps[0] == "apply" else self._brand, self._selection_id)

    # --- Terms and contract

    def _other(self) -> Actor:
        """The side that did not make the newest proposal."""
        return self._brand if newest_terms(self._deal_id).proposed_by == "creator" else self._creator

    def _counter(self, _: str) -> None:
        with transaction():
            before, actor = newest_terms(self._deal_id), self._other()
            lines = words.COUNTER_BRAND if actor is self._brand else words.COUNTER_CREATOR
            change = self._rng.choice((-6, -4, 0)) if actor is self._brand else self._rng.choice((0, 4, 5))
            moved = 0 if change else -2 if actor is self._brand else 2
            draft = max(platform_today() + timedelta(days=4), before.draft_due_on + timedelta(days=moved))
            terms = TermsInput(
                deliverables=before.deliverables,
                price=Money(before.price_amount // 10_000 * (100 + change) * 100),
                draft_due_on=draft,
                publish_on=max(draft + timedelta(days=12), before.publish_on),
                revisions=before.revisions,
                usage_rights=self._rng.choice(words.RIGHTS[self._locale]),
                disclosure=words.DISCLOSURE[self._locale],
                note=lines[self._locale][0 if change else 1],
            )
            propose_terms(actor, self._deal_id, terms, before.number)

    def _agree(self, _: str) -> None:
        with transaction():
            accept_terms(self._other(), self._deal_id, newest_terms(self._deal_id).number)

    def _sign(self, _: str) -> None:
        """The creator first, then the brand."""
        with transaction():
            self._sign_for(self._creator if not self._signed_once() else self._brand)

    def _signed_once(self) -> bool:
        deal = db.session.get_one(Deal, self._deal_id)
        return any(event.action == "sign" for event in deal.events)

    def _sign_brand(self, _: str) -> None:
        with transaction():
            self._sign_for(self._brand)

    def _sign_for(self, actor: Actor) -> None:
        locale = (self._person if actor is self._creator else self._company).locale
        contract = db.session.get_one(Deal, self._deal_id).contract_id
        query = select(ContractFile.sha256).where(ContractFile.contract_id == contract, ContractFile.locale == locale)
        fingerprint = db.session.scalars(query).one()
        sign(actor, self._deal_id, fingerprint, address="203.0.113.7", user_agent="Mozilla/5.0 (demo)", locale=locale)

    def _cancel(self, _: str) -> None:
        with transaction():
            cancel(self._rng.choice((self._creator, self._brand)), self._deal_id, self._words(words.CANCEL))

    # --- Money and work

    def _pay(self, _: str) -> None:
        sandbox.set_clock(clock.now())
        guest.pay(
            start_funding(self._brand, self._deal_id, self._company.locale),
            email=self._company.email,
            name=self._company.owner,
        )
        payment = newest_payment(self._deal_id)
        assert payment is not None
        checkout_id = str(payment.checkout_id)
        end_transaction()
        confirm_checkout(checkout_id)

    def _draft(self, _: str) -> None:
        self._drafts += 1
        with transaction():
            kind = db.session.get_one(Deal, self._deal_id).kind
            image = kind is DealKind.IMAGE
            lines = words.DRAFT_LIVE if kind in _LIVE else words.DRAFT_IMAGE if image else words.DRAFT
            url = f"https://drafts.example/{self._person.handle}/M-{self._deal_id}/v{self._drafts}"
            submit_draft(self._creator, self._deal_id, url=url, note=self._words(lines))

    def _revise(self, _: str) -> None:
        with transaction():
            image = db.session.get_one(Deal, self._deal_id).kind is DealKind.IMAGE
            request_revision(self._brand, self._deal_id, self._words(words.REVISION_IMAGE if image else words.REVISION))

    def _approve(self, _: str) -> None:
        with transaction():
            approve_draft(self._brand, self._deal_id)

    def _publish(self, _: str) -> None:
        with transaction():
            url = f"https://watch.example/{self._person.handle}/{self._deal_id}"
            submit_publication(self._creator, self._deal_id, url, self._words(words.PUBLISHED))

    # The clock has approved in between.
    _publish_unasked = _publish

    def _accept(self, _: str) -> None:
        with transaction():
            accept_work(self._brand, self._deal_id)
            post_message(self._brand, self._deal_id, self._words(words.THANKS))

    def _cancel_late(self, _: str) -> None:
        with transaction():
            cancel_late(self._brand, self._deal_id, self._words(words.CANCEL_LATE))

    # --- Disputes

    def _part(self, percent: int) -> Money:
        """A share of the price, in whole yuan."""
        quote = quote_of(db.session.get_one(Deal, self._deal_id))
        assert quote is not None
        return Money(quote.price.amount * percent // 10_000 * 100)

    def _dispute(self, what: str) -> None:
        reason, percent = {
            "late": (DisputeReason.LATE, 50),
            "nothing": (DisputeReason.NOT_AS_AGREED, 0),
            "link": (DisputeReason.NOT_PUBLISHED, 0),
            "open": (DisputeReason.REMOVED, 60),
        }[what]
        with transaction():
            claim = Claim(words.DISPUTES[what][self._locale][0], self._part(percent))
            open_dispute(self._brand, self._deal_id, reason, claim)

    # --- The payer's bank

    def _charge_back(self, _: str) -> None:
        sandbox.set_clock(clock.now())
        charge = received_payment(self._deal_id).checkout.charge_id
        end_transaction()
        self._claim = str(sandbox.pull("open_dispute", charge=charge, reason="product_unacceptable")["id"])
        read_chargeback(self._claim)

    def _lose(self, _: str) -> None:
        sandbox.set_clock(clock.now())
        sandbox.pull("advance_dispute", dispute=self._claim, step="lost")
        read_chargeback(self._claim)

    def _dispute_id(self) -> int:
        dispute = dispute_of(self._deal_id)
        assert dispute is not None
        return dispute.id

    def _statement(self, what: str) -> None:
        with transaction():
            claim = Claim(words.DISPUTES[what][self._locale][1], self._part(20 if what == "nothing" else 100))
            add_statement(self._creator, self._dispute_id(), claim)

    def _rule(self, percent: str) -> None:
        reasons = words.DISPUTES["late" if int(percent) else "nothing"][self._locale][2]
        with transaction():
            rule(self._world.admin, self._dispute_id(), self._part(int(percent)), reasons)

    def _take_split(self, _: str) -> None:
        """The creator takes what the brand would leave them."""
        with transaction():
            dispute_id = self._dispute_id()
            proposal = proposal_to(get_dispute(self._creator, dispute_id), DealSide.CREATOR)
            assert proposal is not None
            agree(self._creator, dispute_id, proposal.id)

    def _withdraw_dispute(self, _: str) -> None:
        with transaction():
            withdraw_dispute(self._brand, self._dispute_id())
