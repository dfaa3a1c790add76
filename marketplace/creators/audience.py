"""How a creator's audience divides: stated by them, with evidence or without, and reviewed by an administrator."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, exists, func, literal, or_, select
from sqlalchemy.orm import aliased, undefer

from marketplace.accounts.actor import Actor
from marketplace.creators.audience_models import AudienceStatement
from marketplace.creators.models import Creator, ReadingStatus
from marketplace.creators.own import lock_own_creator
from marketplace.creators.policy import require_reviewer
from marketplace.infra.db import db
from marketplace.infra.jobs import defer
from marketplace.infra.labels import label, register
from marketplace.infra.storage import StoredFile, store_file
from marketplace.infra.uploads import Upload
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed, NotFound

WHOLE = 10_000
STATEMENTS_A_PAGE = 20
Split = Mapping[str, Mapping[str, int]]


class Dimension(StrEnum):
    """By what an audience is divided."""

    GENDER = "gender"
    AGE = "age"
    REGION = "region"


class Gender(StrEnum):
    WOMEN = "women"
    MEN = "men"
    OTHER = "other"


class Age(StrEnum):
    UNDER_18 = "under_18"
    FROM_18 = "18_24"
    FROM_25 = "25_34"
    FROM_35 = "35_44"
    FROM_45 = "45_up"


class Place(StrEnum):
    """Where the audience lives; the mainland's cities by the tiers that its advertisers count in."""

    FIRST_TIER = "first_tier"
    SECOND_TIER = "second_tier"
    SMALLER = "smaller"
    HK_MO_TW = "hk_mo_tw"
    ASIA = "asia"
    EUROPE = "europe"
    AMERICAS = "americas"
    ELSEWHERE = "elsewhere"


BUCKETS: dict[Dimension, type[StrEnum]] = {Dimension.GENDER: Gender, Dimension.AGE: Age, Dimension.REGION: Place}
register(
    Dimension,
    {Dimension.GENDER: _l("Gender"), Dimension.AGE: _l("Age"), Dimension.REGION: _l("Region")},
)
register(Gender, {Gender.WOMEN: _l("Women"), Gender.MEN: _l("Men"), Gender.OTHER: _l("Others or unknown")})
register(
    Age,
    {
        Age.UNDER_18: _l("Under 18"),
        Age.FROM_18: _l("18 to 24"),
        Age.FROM_25: _l("25 to 34"),
        Age.FROM_35: _l("35 to 44"),
        Age.FROM_45: _l("45 and older"),
    },
)
register(
    Place,
    {
        Place.FIRST_TIER: _l("Mainland China, first-tier cities"),
        Place.SECOND_TIER: _l("Mainland China, second-tier cities"),
        Place.SMALLER: _l("Mainland China, smaller places"),
        Place.HK_MO_TW: _l("Hong Kong, Macao and Taiwan"),
        Place.ASIA: _l("Elsewhere in Asia"),
        Place.EUROPE: _l("Europe"),
        Place.AMERICAS: _l("The Americas"),
        Place.ELSEWHERE: _l("Elsewhere"),
    },
)


@dataclass(frozen=True, slots=True)
class Shares:
    """One dimension with its shares in basis points, the buckets in their own order, those without people left out."""

    dimension: Dimension
    shares: tuple[tuple[LazyString, int], ...]


def shares_of(statement: AudienceStatement) -> list[Shares]:
    """The statement's dimensions for a page; words that are no longer known are left out."""
    found = []
    for dimension, members in BUCKETS.items():
        given = statement.split.get(dimension.value, {})
        shares = tuple((label(member), given[member.value]) for member in members if given.get(member.value))
        if shares:
            found.append(Shares(dimension, shares))
    return found


def state_audience(actor: Actor, split: Split, evidence: Upload | None = None) -> AudienceStatement:
    """State how the audience divides, in basis points by bucket for each dimension given. With evidence it waits for
    review, and administrators are told; without it is shown as stated.

    Raises:
        NotAllowed: the actor has no profile.
        Invalid: nothing is given, a bucket is unknown, or a dimension's shares aren't the whole.
    """
    creator = lock_own_creator(actor)
    kept = _sound(split)
    stored = store_file(evidence.name, evidence.content_type, evidence.content) if evidence is not None else None
    statement = AudienceStatement(
        creator_id=creator.id,
        split=kept,
        evidence_id=stored.id if stored is not None else None,
        status=ReadingStatus.PENDING,
        stated_at=clock.now(),
    )
    db.session.add(statement)
    db.session.flush()
    if stored is not None:
        defer("notifications.tell_audience", statement_id=statement.id)
    return statement


def _sound(split: Split) -> dict[str, dict[str, int]]:
    given = {name: dict(shares) for name, shares in split.items() if any(shares.values())}
    if not given:
        raise Invalid(_l("Fill in at least one of the three."))
    for name, shares in given.items():
        members = BUCKETS[Dimension(name)]
        if not set(shares) <= set(members) or min(shares.values()) < 0:
            raise Invalid(_l("These are no shares that we know."), field=name)
        if sum(shares.values()) != WHOLE:
            raise Invalid(_l("These shares must make 100 together."), field=name)
    return {name: {bucket: share for bucket, share in shares.items() if share} for name, shares in given.items()}


def review_audience(actor: Actor, statement_id: int, accept: bool, reason: str = "") -> AudienceStatement:
    """Say that the evidence shows what is stated, or that it doesn't; the creator is told.

    Raises:
        NotFound: there is no such statement, or it has no evidence.
        NotAllowed: the actor is no administrator, or the statement is their own.
        Conflict: it was decided already, or the creator has stated another since.
        Invalid: it is rejected without a reason.
    """
    if not actor.is_admin:
        raise NotAllowed
    db.session.execute(select(AudienceStatement.id).where(AudienceStatement.id == statement_id).with_for_update())
    statement, creator = get_statement(statement_id)
    db.session.refresh(statement)
    require_reviewer(actor, creator)
    if statement.status is not ReadingStatus.PENDING:
        raise Conflict(_l("This statement was decided already."))
    if newest_id(creator.id) != statement.id:
        raise Conflict(_l("The creator has stated another split since. Review that one."))
    if not accept and not reason.strip():
        raise Invalid(_l("Write why, so that the creator knows what to do."), field="reason")
    statement.status = ReadingStatus.ACCEPTED if accept else ReadingStatus.REJECTED
    statement.reviewed_by, statement.reviewed_at, statement.reason = actor.user_id, clock.now(), reason.strip()
    db.session.flush()
    defer("notifications.tell_audience", statement_id=statement.id)
    return statement


def newest_audience(creator_id: int) -> AudienceStatement | None:
    """What everybody sees: the newest statement that wasn't rejected. It is verified where `status` is accepted."""
    shown = AudienceStatement.status != ReadingStatus.REJECTED
    return db.session.scalars(_newest(creator_id, shown)).one_or_none()


def newest_statement(creator_id: int) -> AudienceStatement | None:
    """What the creator stated last, whatever came of it."""
    return db.session.scalars(_newest(creator_id)).one_or_none()


def newest_id(creator_id: int) -> int | None:
    """The id of what the creator stated last."""
    return db.session.scalar(select(func.max(AudienceStatement.id)).where(AudienceStatement.creator_id == creator_id))


def _newest(creator_id: int, *conditions: ColumnElement[bool]) -> Select[AudienceStatement]:
    mine = select(AudienceStatement).where(AudienceStatement.creator_id == creator_id, *conditions)
    return mine.order_by(AudienceStatement.id.desc()).limit(1)


def waits_for_review() -> tuple[ColumnElement[bool], ...]:
    """Statements to review: with evidence, undecided, and the creator's newest."""
    later = aliased(AudienceStatement)
    replaced = exists().where(later.creator_id == AudienceStatement.creator_id, later.id > AudienceStatement.id)
    return (
        AudienceStatement.status == ReadingStatus.PENDING,
        AudienceStatement.evidence_id.is_not(None),
        ~replaced,
    )


def count_waiting_statements() -> int:
    """How many statements wait for an administrator."""
    found = select(func.count()).select_from(AudienceStatement).where(*waits_for_review())
    return db.session.scalar(found) or 0


def waiting_statements(page: int = 1) -> Sequence[tuple[AudienceStatement, Creator]]:
    """One page of `STATEMENTS_A_PAGE` to review, the longest waiting first."""
    found = (
        select(AudienceStatement, Creator)
        .join(Creator, Creator.id == AudienceStatement.creator_id)
        .where(*waits_for_review())
        .order_by(AudienceStatement.stated_at, AudienceStatement.id)
        .limit(STATEMENTS_A_PAGE)
        .offset((max(page, 1) - 1) * STATEMENTS_A_PAGE)
    )
    return [(statement, creator) for statement, creator in db.session.execute(found)]


def get_statement(statement_id: int) -> tuple[AudienceStatement, Creator]:
    """A statement that can be reviewed, or was, with its creator.

    Raises:
        NotFound: there is none, or it has no evidence.
    """
    found = (
        select(AudienceStatement, Creator)
        .join(Creator, Creator.id == AudienceStatement.creator_id)
        .where(AudienceStatement.id == statement_id, AudienceStatement.evidence_id.is_not(None))
    )
    row = db.session.execute(found).one_or_none()
    if row is None:
        raise NotFound
    return row[0], row[1]


def readable_audience_evidence(actor: Actor, statement_id: int) -> StoredFile:
    """The evidence of a statement, for those who answer for its creator and for administrators.

    Raises:
        NotFound: there is none that the actor may see.
    """
    allowed = or_(literal(actor.is_admin), AudienceStatement.creator_id == actor.creator_id)
    found = (
        select(StoredFile)
        .join(AudienceStatement, AudienceStatement.evidence_id == StoredFile.id)
        .where(AudienceStatement.id == statement_id, allowed)
        .options(undefer(StoredFile.content))
    )
    stored = db.session.scalars(found).one_or_none()
    if stored is None:
        raise NotFound
    return stored
