"""Who is told of a draft of the fee rules and of agreements: those who may publish them, and those who wrote them."""

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.accounts.actor import Actor
from marketplace.fees import agreements, drafts
from marketplace.fees.agreements import AgreementFacts
from marketplace.fees.drafts import find_draft, first_day
from marketplace.fees.events import Author
from marketplace.fees.policy import Bracket, Rule, RuleKind
from marketplace.infra.db import db, transaction
from marketplace.infra.jobs import perform, take_waiting
from marketplace.notifications.models import Notification
from tests.support.market import make_admin

pytestmark = pytest.mark.usefixtures("context")
FLAT = Rule("C1", RuleKind.CREATOR_COMMISSION, (Bracket(800),))


def author(actor: Actor) -> Author:
    return Author(f"user:{actor.user_id}", actor.name)


def seen() -> str:
    row = find_draft()
    assert row is not None
    return drafts.draft_digest(row)


def told() -> list[tuple[int, str]]:
    """Run what waits; who was told what since the last look."""
    with transaction():
        waiting = [(name, args) for name, args in take_waiting() if name == "notifications.tell_fee_rules"]
    before = db.session.scalar(select(Notification.id).order_by(Notification.id.desc()).limit(1)) or 0
    for name, args in waiting:
        perform(name, args)
        perform(name, args)
    rows = db.session.scalars(select(Notification).where(Notification.id > before).order_by(Notification.user_id)).all()
    return [(row.user_id, row.kind) for row in rows]


def test_a_draft_is_told_to_those_who_may_publish_it_and_its_fate_to_those_who_wrote_it(app: Flask) -> None:
    with transaction():
        wei, pan, gu = (make_admin(name) for name in ("Wei Lan", "Pan Qing", "Gu Wen"))
    with transaction():
        drafts.start_draft(author(wei))
        drafts.save_rule(author(wei), seen(), FLAT, "C1")
        drafts.save_facts(author(pan), seen(), effective_from=first_day(), creator_floor=7_000, why="Simpler.")
        drafts.propose_draft(author(wei), seen())
    assert told() == [(gu.user_id, "fee_rules.policy.proposed")]
    with transaction():
        drafts.return_draft(author(gu), seen(), "From June.")
    assert told() == [(wei.user_id, "fee_rules.policy.returned"), (pan.user_id, "fee_rules.policy.returned")]
    with transaction():
        drafts.propose_draft(author(pan), seen())
        drafts.publish_draft(author(gu), seen())
    assert (wei.user_id, "fee_rules.policy.published") in told()


def test_an_agreement_is_told_the_same_way_and_one_that_is_gone_not_at_all(app: Flask) -> None:
    with transaction():
        wei, pan = make_admin("Wei Lan"), make_admin("Pan Qing")
    facts = AgreementFacts("creator:7", None, Rule("agreed", FLAT.kind, FLAT.brackets), first_day(), None, "A year.")
    with transaction():
        row = agreements.propose_agreement(author(wei), facts)
    assert told() == [(pan.user_id, "fee_rules.agreement.proposed")]
    with transaction():
        digest = agreements.agreement_digest(row)
        agreements.return_agreement(author(pan), row.id, digest, "Until June.")
    assert told() == [(wei.user_id, "fee_rules.agreement.returned")]
    with transaction():
        digest = agreements.agreement_digest(
            agreements.edit_agreement(author(wei), row.id, agreements.agreement_digest(row), facts)
        )
        agreements.discard_agreement(author(wei), row.id, digest)
    assert told() == []
