"""Our answer to a bank: texts that an administrator corrects, evidence that they check and send, or a loss accepted.

What talks to Stripe owns its transactions: prepared, called, then read again. The sweeper goes on with what a crash or
a silent Stripe left half done.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, or_, select

from marketplace.accounts.actor import Actor
from marketplace.chargebacks.case import tell
from marketplace.chargebacks.evidence import MOST_SIGNS, fingerprint
from marketplace.chargebacks.models import WAITS_FOR_ANSWER, Chargeback
from marketplace.chargebacks.service import read_chargeback, take_back_answer
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, end_transaction, transaction
from marketplace.infra.storage import StoredFile
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotFound

logger = structlog.get_logger(__name__)
_LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class _Answer:
    """What is to be sent, as plain values, to be used while no transaction is open."""

    dispute_id: str
    file_key: str
    file_name: str
    content: bytes
    uploaded: str | None
    tries: int
    texts: Mapping[str, str]


def is_half_done() -> ColumnElement[bool]:
    """The condition for what somebody has decided and Stripe hasn't said to have taken."""
    checked = and_(Chargeback.checked_at.is_not(None), Chargeback.submitted_at.is_(None))
    return and_(Chargeback.stage.in_(WAITS_FOR_ANSWER), or_(checked, Chargeback.accepted_by.is_not(None)))


def save_texts(_actor: Actor, chargeback_id: int, texts: Mapping[str, str]) -> None:
    """Keep an administrator's wording of the evidence.

    Raises:
        NotFound: there is no such chargeback.
        Conflict: it was answered, or nothing is to be answered any more.
        Invalid: a text is longer than the provider takes.
    """
    chargeback = _unanswered(chargeback_id)
    for name, most in MOST_SIGNS.items():
        if len(texts.get(name, "")) > most:
            raise Invalid(_l("This is longer than %(most)s characters.", most=most), field=name)
    chargeback.evidence = {name: texts.get(name, "") for name in MOST_SIGNS}


def check_evidence(actor: Actor, chargeback_id: int, seen: str) -> None:
    """The administrator has read the PDF and the texts and finds the answer right: from now on it is on its way.

    `seen` is the `fingerprint` of what they read.

    Raises:
        NotFound, Conflict: as `save_texts`; also where the PDF or a text is another one than they read.
    """
    chargeback = _unanswered(chargeback_id)
    if chargeback.evidence_file_id is None or fingerprint(chargeback) != seen:
        raise Conflict(_l("The file or a text was changed since you opened the page. Read both; nothing was sent."))
    chargeback.checked_by, chargeback.checked_at = actor.user_id, clock.now()


def at_stake(chargeback: Chargeback) -> str:
    """What is given up by whoever accepts the loss now: an inquiry's is nothing but the answer."""
    return f"{chargeback.stage}:{chargeback.amount}"


def accept_loss(actor: Actor, chargeback_id: int, seen: str) -> None:
    """The administrator gives the money up, for good. `seen` is what was `at_stake` on their page.

    Raises:
        NotFound, Conflict: as `save_texts`; also where something else is at stake by now.
    """
    chargeback = _unanswered(chargeback_id)
    if at_stake(chargeback) != seen:
        raise Conflict(_l("What the bank wants has changed since you opened the page. Nothing was accepted."))
    chargeback.accepted_by = actor.user_id


def _unanswered(chargeback_id: int) -> Chargeback:
    """Locked: of two administrators the second finds it answered."""
    query = select(Chargeback).where(Chargeback.id == min(chargeback_id, _LARGEST_ID)).with_for_update()
    chargeback = db.session.scalars(query.execution_options(populate_existing=True)).first()
    if chargeback is None:
        raise NotFound
    decided = chargeback.checked_at is not None or chargeback.accepted_by is not None
    if chargeback.stage not in WAITS_FOR_ANSWER or chargeback.submitted_at is not None or decided:
        raise Conflict(_l("This chargeback has been answered, or is over. Nothing was changed."))
    return chargeback


def send_answer(chargeback_id: int) -> str:
    """Send what was decided, and read what came of it; the code of Stripe's refusal, or nothing. Owns its transactions;
    harmless to repeat.

    What Stripe refuses is an administrator's to correct: the decision is taken back, and they are told. So is one on a
    bank's question that has become a chargeback meanwhile.

    Raises:
        ProviderUnavailable: Stripe doesn't answer; the same is tried again later.
    """
    _read_before_the_loss(chargeback_id)
    with transaction():
        chargeback = db.session.get_one(Chargeback, chargeback_id)
        dispute_id, key = chargeback.stripe_dispute_id, f"chargeback:{chargeback_id}"
        accepted, tries = chargeback.accepted_by is not None, chargeback.tries
        waits = chargeback.stage in WAITS_FOR_ANSWER and chargeback.submitted_at is None
        answer = _answer(chargeback) if waits and not accepted and chargeback.checked_at is not None else None
    refused = ""
    try:
        if waits and accepted:
            gateway.close_dispute(f"{key}:close:{tries}", dispute_id)
        elif answer is not None:
            _submit(chargeback_id, answer)
    except gateway.ProviderFault:
        with transaction():
            db.session.get_one(Chargeback, chargeback_id, with_for_update=True).tries += 1
        raise
    except gateway.ProviderRefused as refusal:
        # An earlier try did it, or the bank was faster: the reading says which.
        logger.warning("answer refused", dispute=dispute_id, code=refusal.code)
        refused = refusal.code
    read_chargeback(dispute_id)
    if refused:
        with transaction():
            _give_to_administrators(chargeback_id, tries)
    return refused


def _read_before_the_loss(chargeback_id: int) -> None:
    """Closing a question gives up nothing, and the same call on a chargeback the money: reading takes back what was
    decided of an earlier stage."""
    end_transaction()
    query = select(Chargeback.stripe_dispute_id).where(
        Chargeback.id == chargeback_id, Chargeback.accepted_by.is_not(None), Chargeback.closed_at.is_(None)
    )
    dispute_id = db.session.scalar(query)
    end_transaction()
    if dispute_id is not None:
        read_chargeback(dispute_id)


def _give_to_administrators(chargeback_id: int, tries: int) -> None:
    """Unless somebody has seen to it meanwhile. The next answer goes under keys of its own, as the provider keeps its
    no under those of this one."""
    query = select(Chargeback).where(Chargeback.id == chargeback_id).with_for_update()
    chargeback = db.session.scalars(query.execution_options(populate_existing=True)).one()
    waits = chargeback.stage in WAITS_FOR_ANSWER and chargeback.submitted_at is None
    if waits and chargeback.tries == tries:
        take_back_answer(chargeback)
        chargeback.tries += 1
        tell(chargeback_id, f"refused_{tries}")


def _answer(chargeback: Chargeback) -> _Answer:
    stored = db.session.get_one(StoredFile, chargeback.evidence_file_id)
    return _Answer(
        dispute_id=chargeback.stripe_dispute_id,
        file_key=f"chargeback:{chargeback.id}:file:{stored.id}:{chargeback.tries}",
        file_name=stored.name,
        content=stored.content,
        uploaded=chargeback.stripe_file_id,
        tries=chargeback.tries,
        texts={name: text for name, text in chargeback.evidence.items() if text},
    )


def _submit(chargeback_id: int, answer: _Answer) -> None:
    """The file first, kept by its id; then all of it, unless an earlier try has handed it in."""
    uploaded = answer.uploaded
    if uploaded is None:
        uploaded = gateway.upload_evidence(answer.file_key, answer.file_name, answer.content)
        with transaction():
            db.session.get_one(Chargeback, chargeback_id, with_for_update=True).stripe_file_id = uploaded
    if answer.tries and _has_it(gateway.get_dispute(answer.dispute_id)):
        return
    key = f"chargeback:{chargeback_id}:evidence:{uploaded}:{answer.tries}"
    gateway.submit_evidence(gateway.EvidenceOrder(key, answer.dispute_id, answer.texts, uploaded))


def _has_it(found: gateway.Dispute) -> bool:
    """What it wants answered anew isn't answered by what it once got."""
    return found.submitted and found.stage not in WAITS_FOR_ANSWER
