"""The verbs of a brand's lists of creators: its owners and managers keep them, its other members look on."""

from collections.abc import Collection

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, delete, exists, func, select, update

from marketplace.accounts.actor import Actor
from marketplace.brands.blocks import is_blocked
from marketplace.brands.models import Brand
from marketplace.brands.policy import require_manager
from marketplace.creators.models import Creator
from marketplace.discovery.models import CreatorList, ListedCreator
from marketplace.infra.db import db
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotFound

MOST_LISTS = 50
MOST_IN_A_LIST = 200


def make_list(actor: Actor, name: str) -> CreatorList:
    """
    Raises:
        NotAllowed: the actor doesn't manage a brand.
        Invalid: the brand has a list of this name.
        Conflict: the brand has as many lists as it may have.
    """
    brand_id = require_manager(actor)
    # Held, so that two members can't both make the last one.
    db.session.execute(select(Brand.id).where(Brand.id == brand_id).with_for_update())
    _require_free_name(brand_id, name)
    number = db.session.scalar(select(func.count()).where(CreatorList.brand_id == brand_id)) or 0
    if number >= MOST_LISTS:
        raise Conflict(_("Your company has %(most)s lists, which is as many as it may have.", most=MOST_LISTS))
    made = CreatorList(brand_id=brand_id, name=name, created_by=actor.user_id, created_at=clock.now())
    db.session.add(made)
    db.session.flush()
    return made


def rename_list(actor: Actor, list_id: int, name: str) -> CreatorList:
    """
    Raises:
        NotAllowed, Invalid: as `make_list`.
        NotFound: the brand has no such list.
    """
    kept = _locked(actor, list_id)
    _require_free_name(kept.brand_id, name, but=kept.id)
    kept.name = name
    return kept


def delete_list(actor: Actor, list_id: int) -> str:
    """Take the list away with its notes; its name, to say so.

    Raises:
        NotAllowed: the actor doesn't manage a brand.
        NotFound: the brand has no such list.
    """
    name = _locked(actor, list_id).name
    db.session.execute(delete(CreatorList).where(CreatorList.id == list_id))
    return name


def save_creator(actor: Actor, creator_id: int, list_id: int, note: str = "") -> CreatorList:
    """Put a creator into a list. One who is there already stays, with the new note if there is one.

    Raises:
        NotAllowed: the actor doesn't manage a brand.
        NotFound: the brand has no such list, or there is no such creator for it.
        Conflict: the list is full.
    """
    kept = _locked(actor, list_id)
    if not db.session.scalar(select(exists().where(Creator.id == creator_id))) or is_blocked(kept.brand_id, creator_id):
        raise NotFound
    found = _listed(list_id, creator_id)
    if found is None:
        _require_room(list_id, more=1)
        values = {"list_id": list_id, "creator_id": creator_id, "note": note}
        db.session.add(ListedCreator(**values, added_by=actor.user_id, added_at=clock.now()))
    elif note:
        found.note = note
    return kept


def write_note(actor: Actor, list_id: int, creator_id: int, note: str) -> None:
    """
    Raises:
        NotAllowed: the actor doesn't manage a brand.
        NotFound: the brand has no such list, or the creator isn't in it.
    """
    _locked(actor, list_id)
    found = _listed(list_id, creator_id)
    if found is None:
        raise NotFound
    found.note = note


def remove_creators(actor: Actor, list_id: int, creator_ids: Collection[int]) -> int:
    """Take creators out of a list, and say how many were there. Their notes go with them.

    Raises:
        NotAllowed, NotFound: as `delete_list`.
        Invalid: nobody is chosen.
    """
    _locked(actor, list_id)
    _require_chosen(creator_ids)
    gone = delete(ListedCreator).where(_in(list_id, creator_ids)).returning(ListedCreator.id)
    return len(db.session.scalars(gone).all())


def move_creators(actor: Actor, list_id: int, to_id: int, creator_ids: Collection[int]) -> CreatorList:
    """Move creators to another list with their notes. Who is there already keeps the note that they have there.

    Raises:
        NotAllowed, NotFound: as `delete_list`, of either list.
        Invalid: nobody is chosen, or it is the same list.
        Conflict: the other list has too little room.
    """
    if list_id == to_id:
        raise Invalid(_l("They are in this list already. Choose another."), field="to")
    # In one order, so that two who move against each other don't wait for each other.
    kept = {one: _locked(actor, one) for one in sorted((list_id, to_id))}
    _require_chosen(creator_ids)
    there = select(ListedCreator.creator_id).where(ListedCreator.list_id == to_id)
    moving = (_in(list_id, creator_ids), ListedCreator.creator_id.not_in(there))
    _require_room(to_id, more=db.session.scalar(select(func.count()).select_from(ListedCreator).where(*moving)) or 0)
    db.session.execute(update(ListedCreator).where(*moving).values(list_id=to_id))
    db.session.execute(delete(ListedCreator).where(_in(list_id, creator_ids)))
    return kept[to_id]


def _locked(actor: Actor, list_id: int) -> CreatorList:
    """The list, held: what is counted in it stays true until the end of the transaction."""
    mine = (CreatorList.id == list_id, CreatorList.brand_id == require_manager(actor))
    query = select(CreatorList).where(*mine).with_for_update().execution_options(populate_existing=True)
    found = db.session.scalars(query).first()
    if found is None:
        raise NotFound
    return found


def _listed(list_id: int, creator_id: int) -> ListedCreator | None:
    return db.session.scalars(select(ListedCreator).where(_in(list_id, [creator_id]))).first()


def _in(list_id: int, creator_ids: Collection[int]) -> ColumnElement[bool]:
    return (ListedCreator.list_id == list_id) & ListedCreator.creator_id.in_(creator_ids)


def _require_free_name(brand_id: int, name: str, but: int | None = None) -> None:
    same = exists().where(CreatorList.brand_id == brand_id, func.lower(CreatorList.name) == func.lower(name))
    if but is not None:
        same = same.where(CreatorList.id != but)
    if db.session.scalar(select(same)):
        raise Invalid(_l("Your company has a list of this name already."), field="name")


def _require_room(list_id: int, *, more: int) -> None:
    number = db.session.scalar(select(func.count()).where(ListedCreator.list_id == list_id)) or 0
    if number + more > MOST_IN_A_LIST:
        raise Conflict(
            _("A list holds at most %(most)s creators; this one has %(number)s.", most=MOST_IN_A_LIST, number=number)
        )


def _require_chosen(creator_ids: Collection[int]) -> None:
    if not creator_ids:
        raise Invalid(_l("Choose at least one creator."))
