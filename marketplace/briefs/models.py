"""The table of briefs."""

from datetime import date, datetime
from enum import StrEnum
from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, composite, mapped_column

from marketplace.creators.models import Category
from marketplace.infra.db import Model, enum_column, pk
from marketplace.infra.labels import register
from marketplace.kit.deal_kinds import ContentKind, DealKind
from marketplace.kit.money import Money


class BriefStatus(StrEnum):
    """A template is opened never, only copied; what is held waits for an administrator before it opens."""

    TEMPLATE = "template"
    DRAFT = "draft"
    HELD = "held"
    OPEN = "open"
    CLOSED = "closed"


register(
    BriefStatus,
    {
        BriefStatus.TEMPLATE: _l("Template"),
        BriefStatus.DRAFT: _l("Draft"),
        BriefStatus.HELD: _l("Being reviewed"),
        BriefStatus.OPEN: _l("Open"),
        BriefStatus.CLOSED: _l("Closed"),
    },
)


class Visibility(StrEnum):
    """Who finds a brief: everybody who may apply; everybody, but only those invited may answer; only those invited."""

    PUBLIC = "public"
    INVITATION = "invitation"
    PRIVATE = "private"


class BudgetKind(StrEnum):
    """A price for each place, a range, or a price for a thousand promised views up to `budget_max`."""

    FIXED = "fixed"
    RANGE = "range"
    VIEWS = "views"


register(
    Visibility,
    {
        Visibility.PUBLIC: _l("Public"),
        Visibility.INVITATION: _l("By invitation"),
        Visibility.PRIVATE: _l("Private"),
    },
)
register(
    BudgetKind,
    {
        BudgetKind.FIXED: _l("A fixed price"),
        BudgetKind.RANGE: _l("A range"),
        BudgetKind.VIEWS: _l("By promised views"),
    },
)
_UNFINISHED = "status IN ('template', 'draft')"


_LISTED = text("status = 'open' AND visibility <> 'private'")


class Brief(Model):
    """What a brand wants made. The budget is for each slot; `apply_by` is the last day, in the platform's time zone.

    `slots_filled` counts the selections whose deals are on, `slots_held` those that the brand waits for an answer to;
    `held_amount` and `committed_amount` are the prices of both, which `total_amount` bounds where the brand gave one.
    They are written with the row locked. `kind` is the deal kind of the first deliverable, and `deliverables` says all
    of them in the brief's language, for what is agreed; `details` are the brand's own words about them.

    A draft or template may lack anything: only there `kind`, `category`, `apply_by` and `publish_by` may be NULL, which
    their types leave out, as nothing but the pages that write briefs reads unfinished ones. `steps` names the steps
    written. `version` grows with every edit, so that a form opened before another's edit is refused.

    `held_for` are the watched words that an administrator has to look at, `cleared_words` those that one let pass. A
    closed brief with words that nobody let pass, or with an administrator's note, is shown to its guests alone.
    """

    __tablename__ = "briefs"
    __table_args__ = (
        CheckConstraint(
            f"{_UNFINISHED} OR (budget_min_amount > 0 AND budget_max_amount >= budget_min_amount)", name="budget_range"
        ),
        CheckConstraint("slots > 0", name="slots_positive"),
        CheckConstraint("slots_filled >= 0 AND slots_held >= 0", name="slots_counted"),
        CheckConstraint("slots_filled + slots_held <= slots", name="slots_fit"),
        CheckConstraint("held_amount >= 0 AND committed_amount >= 0", name="budget_counted"),
        CheckConstraint("held_amount + committed_amount <= total_amount", name="budget_fits"),
        CheckConstraint("maximum_fans >= minimum_fans", name="fan_range"),
        CheckConstraint(f"{_UNFINISHED} OR (budget_kind = 'views') = (rate_amount IS NOT NULL)", name="rate_for_views"),
        CheckConstraint("rate_amount > 0", name="rate_positive"),
        CheckConstraint(
            f"{_UNFINISHED} OR num_nulls(kind, category, apply_by, publish_by) = 0", name="whole_once_finished"
        ),
        CheckConstraint("publish_by >= apply_by", name="dates_in_order"),
        CheckConstraint(f"{_UNFINISHED} OR cardinality(platforms) > 0", name="some_platform"),
        CheckConstraint("status NOT IN ('open', 'closed') OR opened_at IS NOT NULL", name="opened_if_open"),
        CheckConstraint("minimum_fans >= 0", name="minimum_fans_not_negative"),
        Index(
            "ix_briefs_open",
            text("opened_at DESC"),
            text("id DESC"),
            postgresql_where=_LISTED,
        ),
        Index(
            "ix_briefs_open_category",
            "category",
            text("opened_at DESC"),
            text("id DESC"),
            postgresql_where=_LISTED,
        ),
        Index("ix_briefs_open_platforms", "platforms", postgresql_using="gin", postgresql_where=_LISTED),
        Index("ix_briefs_brand", "brand_id", text("id DESC")),
        Index(
            "ix_briefs_brand_open",
            "brand_id",
            text("opened_at DESC"),
            postgresql_where=text("status = 'open'"),
        ),
        Index("ix_briefs_held", "changed_at", postgresql_where=text("status = 'held'")),
    )

    id: Mapped[int] = pk()
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"))
    created_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    changed_by_name: Mapped[str] = mapped_column(default="")
    title: Mapped[str] = mapped_column(default="")
    goal: Mapped[str] = mapped_column(default="")
    product: Mapped[str] = mapped_column(default="")
    key_messages: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    musts: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    must_nots: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    details: Mapped[str] = mapped_column(default="")
    deliverables: Mapped[str] = mapped_column(default="")
    kind: Mapped[DealKind] = enum_column(DealKind, nullable=True)
    category: Mapped[Category] = enum_column(Category, nullable=True)
    platforms: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    minimum_fans: Mapped[int] = mapped_column(default=0)
    maximum_fans: Mapped[int | None]
    audience: Mapped[str] = mapped_column(default="")
    visibility: Mapped[Visibility] = enum_column(Visibility, default=Visibility.PUBLIC)
    budget_kind: Mapped[BudgetKind] = enum_column(BudgetKind, default=BudgetKind.RANGE)
    rate_amount: Mapped[int | None]
    total_amount: Mapped[int | None]
    held_amount: Mapped[int] = mapped_column(default=0)
    committed_amount: Mapped[int] = mapped_column(default=0)
    budget_min_amount: Mapped[int] = mapped_column(default=0)
    budget_max_amount: Mapped[int] = mapped_column(default=0)
    currency: Mapped[str]
    slots: Mapped[int] = mapped_column(default=1)
    slots_filled: Mapped[int] = mapped_column(default=0)
    slots_held: Mapped[int] = mapped_column(default=0)
    apply_by: Mapped[date] = mapped_column(nullable=True)
    publish_by: Mapped[date] = mapped_column(nullable=True)
    disclosure: Mapped[str] = mapped_column(default="")
    usage_rights: Mapped[str] = mapped_column(default="")
    exclusivity: Mapped[str] = mapped_column(default="")
    steps: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    status: Mapped[BriefStatus] = enum_column(BriefStatus)
    review_note: Mapped[str] = mapped_column(default="")
    reviewed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    reviewed_at: Mapped[datetime | None]
    held_for: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    cleared_words: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    budget_min: Mapped[Money] = composite("budget_min_amount", "currency")
    budget_max: Mapped[Money] = composite("budget_max_amount", "currency")

    @property
    def rate(self) -> Money | None:
        """The price for a thousand promised views."""
        return Money(self.rate_amount, self.currency) if self.rate_amount is not None else None

    @property
    def total(self) -> Money | None:
        """The budget for all places together, where the brand gave one."""
        return Money(self.total_amount, self.currency) if self.total_amount is not None else None

    @property
    def slots_left(self) -> int:
        """Neither filled nor held."""
        return self.slots - self.slots_filled - self.slots_held


class BriefDeliverable(Model):
    """How many of one kind of content a brief asks of each creator, in order."""

    __tablename__ = "brief_deliverables"
    __table_args__ = (
        UniqueConstraint("brief_id", "position", deferrable=True, initially="DEFERRED"),
        CheckConstraint("count > 0", name="count_positive"),
    )

    id: Mapped[int] = pk()
    brief_id: Mapped[int] = mapped_column(ForeignKey("briefs.id"))
    position: Mapped[int]
    content: Mapped[ContentKind] = enum_column(ContentKind)
    count: Mapped[int]


class BriefReference(Model):
    """A link or a file that shows what a brief means."""

    __tablename__ = "brief_references"
    __table_args__ = (CheckConstraint("num_nonnulls(url, file_id) = 1", name="link_or_file"),)

    id: Mapped[int] = pk()
    brief_id: Mapped[int] = mapped_column(ForeignKey("briefs.id"), index=True)
    title: Mapped[str]
    url: Mapped[str | None]
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_files.id"))

    @property
    def host(self) -> str:
        """Where a link leads: the part that people know."""
        return urlsplit(self.url or "").hostname or ""


class BriefGuest(Model):
    """A creator who has chosen a brief or been chosen for it once: they see it though it is private.

    The row stays when an invitation ends, as they have read the brief by then.
    """

    __tablename__ = "brief_guests"

    brief_id: Mapped[int] = mapped_column(ForeignKey("briefs.id"), primary_key=True, autoincrement=False)
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"), primary_key=True, autoincrement=False)
    since: Mapped[datetime]


class BriefQuestion(Model):
    """What a creator asked about a brief and what the brand answered, both shown to everyone who may see the brief.

    The asker's name is shown to the brand alone. What the brand removed (`removed_at`) stays for administrators.
    """

    __tablename__ = "brief_questions"
    __table_args__ = (
        Index("ix_brief_questions_brief", "brief_id", "id", postgresql_where=text("removed_at IS NULL")),
        CheckConstraint("(answered_at IS NULL) = (answer = '')", name="answered_once_said"),
    )

    id: Mapped[int] = pk()
    brief_id: Mapped[int] = mapped_column(ForeignKey("briefs.id"))
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    question: Mapped[str]
    asked_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    asked_at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(default="")
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    answered_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
