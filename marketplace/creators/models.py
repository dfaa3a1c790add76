"""Tables of creators, their channels and the dated counts of their fans."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text, UniqueConstraint, literal_column, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.infra.db import Model, enum_column, pk
from marketplace.infra.i18n import language


class Platform(StrEnum):
    WECHAT_CHANNELS = "wechat_channels"
    DOUYIN = "douyin"
    KUAISHOU = "kuaishou"
    XIAOHONGSHU = "xiaohongshu"
    BILIBILI = "bilibili"
    WEIBO = "weibo"
    YOUTUBE = "youtube"
    TIKTOK = "tiktok"
    INSTAGRAM = "instagram"
    X = "x"
    TWITCH = "twitch"
    OTHER = "other"


class Category(StrEnum):
    """What a creator, an offer or a brief is about; each has a scene for its drawn cover."""

    FOOD = "food"
    OUTDOORS = "outdoors"
    TECHNOLOGY = "technology"
    HOME = "home"
    CITY = "city"
    SPORT = "sport"
    MUSIC = "music"
    BEAUTY = "beauty"
    FASHION = "fashion"
    BOOKS = "books"
    FAMILY = "family"
    TRAVEL = "travel"
    OTHER = "other"


class ReadingStatus(StrEnum):
    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class ReadingSource(StrEnum):
    """How a reading came: reviewed evidence, a code in the channel's text, the platform's feed, or its own API."""

    EVIDENCE = "evidence"
    CODE = "code"
    FEED = "feed"
    YOUTUBE = "youtube"


_SELLING = text("eligible AND newest_offer_at IS NOT NULL")


class Creator(Model):
    """A person who sells work. `verified_fans` follows the newest accepted readings of their channels, kept with it.

    `eligible` says whether offers show and new selections may be made: `enough_fans`, or until `grace_until`, and not
    suspended. The three are written by `creators.standing` alone; a past `grace_until` says that a grace ended.
    `newest_offer_at` and `lowest_amount` (minor units of the default currency) are of the listed offers, None without
    any, written by `offers.selling` alone. `category` is the first of `categories`. On holiday from `holiday_from` to
    `holiday_until`, both days included. `most_deals` is how many deals may run at once, None for any number. `version`
    grows with every edit, so that a form opened before another's edit is refused.
    """

    __tablename__ = "creators"
    __table_args__ = (
        UniqueConstraint("handle"),
        CheckConstraint("handle ~ '^[a-z0-9][a-z0-9-]{1,38}$'", name="handle_form"),
        CheckConstraint("verified_fans >= 0", name="verified_fans_not_negative"),
        CheckConstraint("categories[1] = category AND cardinality(categories) <= 3", name="category_first"),
        CheckConstraint("holiday_until >= holiday_from", name="holiday_in_order"),
        CheckConstraint("most_deals > 0", name="most_deals_positive"),
        Index("ix_creators_fans", text("verified_fans DESC"), text("id DESC"), postgresql_where=_SELLING),
        Index(
            "ix_creators_category_fans",
            "category",
            text("verified_fans DESC"),
            text("id DESC"),
            postgresql_where=_SELLING,
        ),
        Index("ix_creators_newest_offer", text("newest_offer_at DESC"), text("id DESC"), postgresql_where=_SELLING),
        Index(
            "ix_creators_price",
            "lowest_amount",
            text("verified_fans DESC"),
            text("id DESC"),
            postgresql_where=_SELLING,
        ),
        Index("ix_creators_grace", "grace_until", postgresql_where=text("grace_until IS NOT NULL")),
        Index("ix_creators_name", "name", postgresql_using="gin", postgresql_ops={"name": "gin_trgm_ops"}),
        Index(
            "ix_creators_headlines",
            literal_column("((headline_en || ' '::text) || headline_zh)").label("headlines"),
            postgresql_using="gin",
            postgresql_ops={"headlines": "gin_trgm_ops"},
        ),
    )

    id: Mapped[int] = pk()
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), unique=True)
    handle: Mapped[str]
    name: Mapped[str]
    headline_en: Mapped[str] = mapped_column(default="")
    headline_zh: Mapped[str] = mapped_column(default="")
    biography_en: Mapped[str] = mapped_column(default="")
    biography_zh: Mapped[str] = mapped_column(default="")
    spoken: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    region: Mapped[str] = mapped_column(default="")
    category: Mapped[Category] = enum_column(Category)
    categories: Mapped[list[str]] = mapped_column(ARRAY(Text))
    avatar_id: Mapped[int | None] = mapped_column(ForeignKey("pictures.id"))
    cover_id: Mapped[int | None] = mapped_column(ForeignKey("pictures.id"))
    verified_fans: Mapped[int] = mapped_column(default=0)
    eligible: Mapped[bool] = mapped_column(default=False)
    newest_offer_at: Mapped[datetime | None]
    lowest_amount: Mapped[int | None]
    enough_fans: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    grace_until: Mapped[datetime | None]
    holiday_from: Mapped[date | None]
    holiday_until: Mapped[date | None]
    most_deals: Mapped[int | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    channels: Mapped[list["Channel"]] = relationship(back_populates="creator", order_by="Channel.id")

    @property
    def headline(self) -> str:
        """In the reader's language where the creator wrote one, else in the other."""
        return self._in_language(self.headline_en, self.headline_zh)

    @property
    def biography(self) -> str:
        return self._in_language(self.biography_en, self.biography_zh)

    @staticmethod
    def _in_language(english: str, chinese: str) -> str:
        first, second = (chinese, english) if language() == "zh" else (english, chinese)
        return first or second


class Work(Model):
    """One piece of a creator's portfolio, in the order they chose. Counts are as the creator states them."""

    __tablename__ = "works"
    __table_args__ = (
        Index("ix_works_creator", "creator_id", "position"),
        CheckConstraint("views >= 0 AND likes >= 0 AND comments >= 0", name="counts_not_negative"),
    )

    id: Mapped[int] = pk()
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"))
    position: Mapped[int]
    title: Mapped[str]
    url: Mapped[str]
    platform: Mapped[Platform] = enum_column(Platform)
    cover_id: Mapped[int | None] = mapped_column(ForeignKey("pictures.id"))
    published_on: Mapped[date]
    views: Mapped[int | None]
    likes: Mapped[int | None]
    comments: Mapped[int | None]
    created_at: Mapped[datetime]


class TrackRecord(Model):
    """What a creator's past says of them, counted anew from selections, deals and reviews after each change.

    `answered` of `chosen` selections within their time, `response_minutes` the median; `completed` of `ended` funded
    deals, `on_time` of `published`; ratings are stars from one to five.
    """

    __tablename__ = "track_records"

    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"), primary_key=True, autoincrement=False)
    chosen: Mapped[int] = mapped_column(default=0)
    answered: Mapped[int] = mapped_column(default=0)
    response_minutes: Mapped[int | None]
    ended: Mapped[int] = mapped_column(default=0)
    completed: Mapped[int] = mapped_column(default=0)
    published: Mapped[int] = mapped_column(default=0)
    on_time: Mapped[int] = mapped_column(default=0)
    rating_sum: Mapped[int] = mapped_column(default=0)
    rating_count: Mapped[int] = mapped_column(default=0)
    counted_at: Mapped[datetime]


class PullProblem(StrEnum):
    """Why a platform's own API gave no count of a channel the last time it was asked."""

    HIDDEN = "hidden"
    GONE = "gone"


class Channel(Model):
    """A creator's account on one platform; one person's account is claimed once, whatever the case of its name.

    A channel on another platform than those we know is one address. `external_id` is the platform's own name for it,
    which feeds and pulled readings use. `verified_at` is when it was first proved to be theirs, `verified_by` how.
    `pulled_at` is when the platform's API was last asked for its count.
    """

    __tablename__ = "channels"
    __table_args__ = (
        Index(
            "uq_channels_handle",
            "platform",
            text("lower(handle)"),
            unique=True,
            postgresql_where=text("platform <> 'other'"),
        ),
        Index("ix_channels_verified", "platform", "creator_id", postgresql_where=text("verified_at IS NOT NULL")),
        Index("uq_channels_url", text("lower(url)"), unique=True, postgresql_where=text("platform = 'other'")),
        Index("ix_channels_to_pull", "platform", "pulled_at", postgresql_where=text("verified_at IS NOT NULL")),
        Index(
            "uq_channels_external_id",
            "platform",
            "external_id",
            unique=True,
            postgresql_where=text("external_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = pk()
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"), index=True)
    platform: Mapped[Platform] = enum_column(Platform)
    handle: Mapped[str]
    url: Mapped[str]
    external_id: Mapped[str | None]
    verified_at: Mapped[datetime | None]
    verified_by: Mapped[ReadingSource | None] = enum_column(ReadingSource)
    pulled_at: Mapped[datetime | None]
    pull_problem: Mapped[PullProblem | None] = enum_column(PullProblem)
    created_at: Mapped[datetime]

    creator: Mapped[Creator] = relationship(back_populates="channels")
    readings: Mapped[list["FanReading"]] = relationship(back_populates="channel", order_by="FanReading.id.desc()")


class FanReading(Model):
    """One dated count of a channel's fans with its evidence. The count is never edited, only superseded by a newer row.

    At most one reading of a channel waits for review. The verdict (`status`, `reviewed_*`, `reason`) is written once.
    Only a creator's own readings have `evidence_id`; `flag` says which rule found the jump suspicious, empty for none.
    """

    __tablename__ = "fan_readings"
    __table_args__ = (
        CheckConstraint("fans >= 0", name="fans_not_negative"),
        CheckConstraint("(status = 'pending') = (reviewed_at IS NULL)", name="reviewed_once_decided"),
        CheckConstraint("source <> 'evidence' OR evidence_id IS NOT NULL", name="evidence_shown"),
        CheckConstraint("(source = 'feed') = (feed_run_id IS NOT NULL)", name="feed_named"),
        Index("ix_fan_readings_feed", "feed_run_id", postgresql_where=text("feed_run_id IS NOT NULL")),
        Index("ix_fan_readings_pending", "submitted_at", postgresql_where=text("status = 'pending'")),
        Index("uq_fan_readings_waiting", "channel_id", unique=True, postgresql_where=text("status = 'pending'")),
        Index("ix_fan_readings_channel_taken", "channel_id", text("taken_on DESC"), text("id DESC")),
    )

    id: Mapped[int] = pk()
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"))
    fans: Mapped[int]
    taken_on: Mapped[date]
    source: Mapped[ReadingSource] = enum_column(ReadingSource, default=ReadingSource.EVIDENCE)
    evidence_id: Mapped[int | None] = mapped_column(ForeignKey("stored_files.id"))
    feed_run_id: Mapped[int | None] = mapped_column(ForeignKey("feed_runs.id"))
    status: Mapped[ReadingStatus] = enum_column(ReadingStatus)
    flag: Mapped[str] = mapped_column(default="")
    submitted_at: Mapped[datetime]
    reviewed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    reviewed_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")

    channel: Mapped[Channel] = relationship(back_populates="readings")


class ChannelCode(Model):
    """A code that a creator puts into a channel's public text, so that a reviewer sees that the channel is theirs."""

    __tablename__ = "channel_codes"
    __table_args__ = (
        Index("uq_channel_codes_waiting", "channel_id", unique=True, postgresql_where=text("reviewed_at IS NULL")),
        Index(
            "ix_channel_codes_pending",
            "placed_at",
            postgresql_where=text("placed_at IS NOT NULL AND reviewed_at IS NULL"),
        ),
    )

    id: Mapped[int] = pk()
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"), index=True)
    code: Mapped[str]
    fans: Mapped[int | None]
    created_at: Mapped[datetime]
    placed_at: Mapped[datetime | None]
    reviewed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    reviewed_at: Mapped[datetime | None]
    confirmed: Mapped[bool | None]
    reason: Mapped[str] = mapped_column(default="")

    channel: Mapped[Channel] = relationship()


class FeedWay(StrEnum):
    """How a feed's rows came in."""

    HTTP = "http"
    COMMAND = "command"
    CONSOLE = "console"


class FeedState(StrEnum):
    RUNNING = "running"
    CHECKED = "checked"
    APPLIED = "applied"
    REFUSED = "refused"


class FeedStep(StrEnum):
    """What a running feed is at, in this order."""

    WAITING = "waiting"
    READING = "reading"
    CHECKING = "checking"
    WRITING = "writing"
    COUNTING = "counting"


class FeedRun(Model):
    """One delivery of the platform's readings: all its rows were taken, or none. The same bytes are taken once.

    `summary` counts what the rows change; `problems` are the first errors by line. A dry run ends as `checked`. How
    far it is, is written while it runs: `step`, and of that `step_done` of `step_total`.
    """

    __tablename__ = "feed_runs"
    __table_args__ = (Index("ix_feed_runs_sha256", "sha256", postgresql_where=text("state = 'applied'"), unique=True),)

    id: Mapped[int] = pk()
    way: Mapped[FeedWay] = enum_column(FeedWay)
    state: Mapped[FeedState] = enum_column(FeedState)
    dry_run: Mapped[bool]
    name: Mapped[str] = mapped_column(default="")
    sha256: Mapped[str]
    step: Mapped[FeedStep] = enum_column(FeedStep)
    step_done: Mapped[int] = mapped_column(default=0)
    step_total: Mapped[int | None]
    rows_read: Mapped[int] = mapped_column(default=0)
    summary: Mapped[dict[str, int]] = mapped_column(JSONB, default=dict)
    problems: Mapped[list[dict[str, str]]] = mapped_column(JSONB, default=list)
    started_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class FeedPart(Model):
    """A piece of a file that waits to be checked or applied by the worker; gone when its run is over.

    In pieces, so that no process holds the whole file, and none needs a disk of its own.
    """

    __tablename__ = "feed_parts"

    run_id: Mapped[int] = mapped_column(ForeignKey("feed_runs.id"), primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(LargeBinary)
