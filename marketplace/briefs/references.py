"""Verbs of the links and files that show what a brief means."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from marketplace.accounts.actor import Actor
from marketplace.briefs.models import Brief, BriefReference
from marketplace.briefs.queries import get_brief
from marketplace.briefs.service import own_brief, recheck
from marketplace.infra.db import db
from marketplace.infra.storage import StoredFile, store_file
from marketplace.infra.uploads import Upload
from marketplace.kit.errors import Conflict, Invalid, NotFound

MOST_REFERENCES = 10


def add_reference(actor: Actor, brief_id: int, title: str, url: str = "", file: Upload | None = None) -> BriefReference:
    """Add a link, or a file.

    Raises:
        NotFound: the brief isn't the actor's brand's.
        NotAllowed: the actor only looks on or pays.
        Conflict: there are enough.
        Invalid: neither or both are given.
    """
    brief = own_brief(actor, brief_id)
    if bool(url) == (file is not None):
        raise Invalid(_l("Give a link or a file, one of the two."), field="url")
    if _count(brief) >= MOST_REFERENCES:
        raise Conflict(_l("A brief has at most %(most)s references. Remove one first.", most=MOST_REFERENCES))
    stored = store_file(file.name, file.content_type, file.content) if file is not None else None
    reference = BriefReference(
        brief_id=brief_id, title=title, url=url or None, file_id=stored.id if stored is not None else None
    )
    db.session.add(reference)
    recheck(actor, brief)
    return reference


def _count(brief: Brief) -> int:
    return db.session.scalar(select(func.count()).where(BriefReference.brief_id == brief.id)) or 0


def remove_reference(actor: Actor, brief_id: int, reference_id: int) -> None:
    """
    Raises:
        NotFound: the brief isn't the actor's brand's, or has no such reference.
    """
    brief = own_brief(actor, brief_id)
    reference = db.session.get(BriefReference, reference_id)
    if reference is None or reference.brief_id != brief_id:
        raise NotFound
    db.session.delete(reference)
    recheck(actor, brief)


def get_reference_file(actor: Actor, brief_id: int, reference_id: int) -> StoredFile:
    """A file of a brief that the actor may see.

    Raises:
        NotFound: there is no such file for the actor.
    """
    get_brief(actor, brief_id)
    mine = (BriefReference.id == reference_id, BriefReference.brief_id == brief_id)
    file_id = db.session.scalar(select(BriefReference.file_id).where(*mine))
    if file_id is None:
        raise NotFound
    return db.session.get_one(StoredFile, file_id)
