"""Tables of creators, their channels and the dated counts of their fans."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.infra.db import Model, enum_column, pk


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


class Creator(Model):
    """A person who sells work. `verified_fans` is the largest newest accepted reading of their channels, kept with it.

    `version` grows with every edit, so that a form opened before another's edit is refused.
    """

    __tablename__ = "creators"
    __table_args__ = (
        UniqueConstraint("handle"),
        CheckConstraint("handle ~ '^[a-z0-9][a-z0-9-]{1,38}$'", name="handle_form"),
        CheckConstraint("verified_fans >= 0", name="verified_fans_not_negative"),
        Index("ix_creators_verified_fans", text("verified_fans DESC"), text("id DESC")),
        Index("ix_creators_name", "name", postgresql_using="gin", postgresql_ops={"name": "gin_trgm_ops"}),
        Index("ix_creators_headline", "headline", postgresql_using="gin", postgresql_ops={"headline": "gin_trgm_ops"}),
    )

    id: Mapped[int] = pk()
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), unique=True)
    handle: Mapped[str]
    name: Mapped[str]
    headline: Mapped[str] = mapped_column(default="")
    biography: Mapped[str] = mapped_column(default="")
    region: Mapped[str] = mapped_column(default="")
    category: Mapped[Category] = enum_column(Category)
    verified_fans: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    channels: Mapped[list["Channel"]] = relationship(back_populates="creator", order_by="Channel.id")


class Channel(Model):
    """A creator's account on one platform; one person's account is claimed once, whatever the case of its name.

    A channel on another platform than those we know is one address.
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
        Index("uq_channels_url", text("lower(url)"), unique=True, postgresql_where=text("platform = 'other'")),
    )

    id: Mapped[int] = pk()
    creator_id: Mapped[int] = mapped_column(ForeignKey("creators.id"), index=True)
    platform: Mapped[Platform] = enum_column(Platform)
    handle: Mapped[str]
    url: Mapped[str]
    created_at: Mapped[datetime]

    creator: Mapped[Creator] = relationship(back_populates="channels")
    readings: Mapped[list["FanReading"]] = relationship(back_populates="channel", order_by="FanReading.id.desc()")


class ReadingStatus(StrEnum):
    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class FanReading(Model):
    """One dated count of a channel's fans with its evidence. The count is never edited, only superseded by a newer row.

    At most one reading of a channel waits for review. The verdict (`status`, `reviewed_*`, `reason`) is written once.
    """

    __tablename__ = "fan_readings"
    __table_args__ = (
        CheckConstraint("fans >= 0", name="fans_not_negative"),
        CheckConstraint("(status = 'pending') = (reviewed_at IS NULL)", name="reviewed_once_decided"),
        Index("ix_fan_readings_pending", "submitted_at", postgresql_where=text("status = 'pending'")),
        Index("uq_fan_readings_waiting", "channel_id", unique=True, postgresql_where=text("status = 'pending'")),
        Index("ix_fan_readings_channel_taken", "channel_id", text("taken_on DESC"), text("id DESC")),
    )

    id: Mapped[int] = pk()
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"))
    fans: Mapped[int]
    taken_on: Mapped[date]
    evidence_id: Mapped[int] = mapped_column(ForeignKey("stored_files.id"))
    status: Mapped[ReadingStatus] = enum_column(ReadingStatus)
    submitted_at: Mapped[datetime]
    reviewed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    reviewed_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")

    channel: Mapped[Channel] = relationship(back_populates="readings")
