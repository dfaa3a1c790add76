"""Who is told: the people of each side who can act on it. Suspended people are told nothing."""

from collections.abc import Collection, Iterable

from sqlalchemy import Select, select

from marketplace.accounts.actor import BrandRole
from marketplace.accounts.models import User
from marketplace.brands.models import Member
from marketplace.creators.models import Creator
from marketplace.infra.db import db

_MANAGING = (BrandRole.OWNER, BrandRole.MANAGER)
_SPENDING = (*_MANAGING, BrandRole.FINANCE)


def creator_people(creator_id: int) -> list[User]:
    return _found(select(User).join(Creator, Creator.user_id == User.id).where(Creator.id == creator_id))


def brand_people(brand_id: int, *, money: bool = False) -> list[User]:
    """The brand's owners and managers; where it is about paying, those who pay as well."""
    roles = _SPENDING if money else _MANAGING
    members = select(User).join(Member, Member.user_id == User.id)
    return _found(members.where(Member.brand_id == brand_id, Member.role.in_(roles)))


def administrators() -> list[User]:
    return _found(select(User).where(User.is_admin))


def without(people: Iterable[User], user_ids: Collection[int | None]) -> list[User]:
    """Everybody but those who did it themselves."""
    return [user for user in people if user.id not in user_ids]


def _found(query: Select[User]) -> list[User]:
    return list(db.session.scalars(query.where(User.suspended_at.is_(None)).order_by(User.id)))
