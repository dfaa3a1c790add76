"""The verbs of brands: make one with its first owner, change its profile."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from marketplace.accounts.actor import Actor, BrandRole
from marketplace.accounts.models import User
from marketplace.brands.members import lock_row, record
from marketplace.brands.models import Brand, Member, MemberEventKind
from marketplace.brands.policy import can_manage
from marketplace.brands.queries import brand_place
from marketplace.infra.db import db
from marketplace.infra.pictures import NO_CHANGE, PictureChange, change_picture
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed, NotFound

_HANDLE_KEY = "uq_brands_handle"


@dataclass(frozen=True, slots=True)
class BrandFacts:
    """What a company says of itself. `handle` is its address under /b/; `website` is empty or an http(s) address."""

    name: str
    handle: str
    legal_name: str
    registration_number: str = ""
    industry: str = ""
    region: str = ""
    website: str = ""
    about: str = ""


def create_brand(actor: Actor, facts: BrandFacts, *, another: bool = False, logo: PictureChange = NO_CHANGE) -> Brand:
    """Make a brand with the actor as its owner; `another` where the actor means one beside those they belong to.

    Raises:
        NotAllowed: an administrator, who takes no side.
        Conflict: the actor has a brand already, perhaps since a moment ago in another tab.
        Invalid: another brand has the handle.
    """
    if actor.user_id is None or actor.is_admin:
        raise NotAllowed(_l("Administrators take no side, so they have no company."))
    # The user's row is the lock: two first saves at once make one brand, and the same form sent twice does too.
    user = lock_row(User, actor.user_id)
    if not another and brand_place(actor.user_id, None) is not None:
        raise Conflict(_l("You already have a company profile. Open it again to change it."))
    if another and _belongs_to(actor.user_id, facts.handle):
        raise Conflict(_l("You have made this company already. Choose it from your places."))
    brand = Brand(**asdict(facts), created_at=clock.now())
    with _handle_still_free():
        db.session.add(brand)
    db.session.add(Member(brand_id=brand.id, user_id=actor.user_id, role=BrandRole.OWNER, joined_at=clock.now()))
    record(actor, MemberEventKind.FOUNDED, subject=user, brand_id=brand.id, role=BrandRole.OWNER)
    change_picture(brand, "logo_id", logo, actor.user_id)
    return brand


def _belongs_to(user_id: int, handle: str) -> bool:
    mine = select(Member.id).join(Brand, Brand.id == Member.brand_id)
    return db.session.scalar(mine.where(Member.user_id == user_id, Brand.handle == handle)) is not None


def edit_brand(
    actor: Actor, brand_id: int, facts: BrandFacts, version: int, *, logo: PictureChange = NO_CHANGE
) -> Brand:
    """Change the profile that the actor saw at `version`.

    Raises:
        NotFound: it isn't the actor's brand.
        NotAllowed: the actor is no owner or manager.
        Conflict: another member has changed it since.
        Invalid: another brand has the handle.
    """
    if actor.brand_id != brand_id:
        raise NotFound
    if not can_manage(actor, brand_id):
        raise NotAllowed(_l("Only owners and managers of the company may change its profile."))
    brand = db.session.get_one(Brand, brand_id, with_for_update=True, populate_existing=True)
    if brand.version != version:
        raise Conflict(_l("Someone else has changed the profile since you opened it. Open it again to see how."))
    with _handle_still_free():
        for name, value in asdict(facts).items():
            setattr(brand, name, value)
        brand.version += 1
    change_picture(brand, "logo_id", logo, actor.user_id)
    return brand


@contextmanager
def _handle_still_free() -> Iterator[None]:
    """Write what is changed inside; the database decides whose handle it is."""
    try:
        with db.session.begin_nested():
            yield
            db.session.flush()
    except IntegrityError as error:
        if _HANDLE_KEY not in str(error.orig):
            raise
        raise Invalid(_l("Another company has this address. Choose another one."), field="handle") from error


__all__ = ["BrandFacts", "create_brand", "edit_brand"]
