"""Pages on which a brand asks creators to do one of its briefs: one of them, or many at once."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from marketplace.accounts.limits import CHOOSE, guard
from marketplace.accounts.session import Role, access, current_actor
from marketplace.brands.blocks import hides_creator
from marketplace.brands.policy import require_manager
from marketplace.briefs.models import Brief
from marketplace.briefs.places import places_of
from marketplace.briefs.queries import fillable_briefs_of
from marketplace.creators.models import Creator
from marketplace.creators.policy import is_eligible
from marketplace.creators.queries import creators_by_ids, get_creator_by_handle
from marketplace.infra.db import transaction
from marketplace.infra.fields import show_error
from marketplace.kit.errors import Conflict, Invalid, NotFound
from marketplace.matching.blueprint import bp
from marketplace.matching.forms import InviteForm, InviteManyForm
from marketplace.matching.queries import creators_met
from marketplace.matching.service import MOST_AT_ONCE, invite_creator, invite_many


@bp.route("/creators/<handle>/invite", methods=["GET", "POST"])
@access(Role.BRAND)
def invite(handle: str) -> ResponseReturnValue:
    """Ask a creator to do one of the company's open briefs."""
    actor = current_actor()
    brand_id = require_manager(actor)
    creator = get_creator_by_handle(handle)
    if hides_creator(actor, creator.id):
        raise NotFound
    briefs = fillable_briefs_of(brand_id)
    form = InviteForm(data=_first_invitation(briefs))
    form.brief_id.offer(briefs)
    if not form.validate_on_submit():
        return _invite_page(form, creator, briefs), 422 if form.is_submitted() else 200
    guard((CHOOSE, f"brand:{brand_id}"))
    try:
        with transaction():
            selection = invite_creator(actor, creator.id, form.brief_id.data, form.amount, form.message.data)
    except (Invalid, Conflict) as error:
        show_error(form, error)
        return _invite_page(form, get_creator_by_handle(handle), fillable_briefs_of(brand_id)), error.status
    flash(_("Your invitation is on its way."), "good")
    return redirect(url_for("matching.show", selection_id=selection.id), 303)


def _first_invitation(briefs: Sequence[Brief]) -> dict[str, object]:
    """The brief that the address names, if it is one of them, else the newest; its lower budget as the price."""
    wanted = request.args.get("brief", type=int)
    chosen = next((brief for brief in briefs if brief.id == wanted), briefs[0] if briefs else None)
    return {"brief_id": chosen.id, "price": chosen.budget_min} if chosen is not None else {}


def _invite_page(form: InviteForm, creator: Creator, briefs: Sequence[Brief]) -> str:
    return render_template(
        "matching/invite.html",
        form=form,
        creator=creator,
        briefs=briefs,
        places={brief.id: places_of(brief) for brief in briefs},
        eligible=is_eligible(creator),
    )


@bp.route("/invitations/new", methods=["GET", "POST"], endpoint="invite_many")
@access(Role.BRAND)
def ask_many() -> ResponseReturnValue:
    """Ask several creators at once: those whose ids the address, or the boxes of the form, name."""
    actor = current_actor()
    brand_id = require_manager(actor)
    ids = named_ids(request.form.getlist("ids") if request.method == "POST" else request.args.getlist("ids"))
    creators = creators_met(actor, ids[:MOST_AT_ONCE])
    briefs = fillable_briefs_of(brand_id)
    form = InviteManyForm.asking(creators, data=_first_invitation(briefs))
    form.brief_id.offer(briefs)
    if form.is_submitted() and not creators:
        form.form_errors.append(_("Choose at least one creator."))
    if form.form_errors or not form.validate_on_submit():
        return _many_page(form, creators, briefs, len(ids)), 422 if form.is_submitted() else 200
    wanted = [(creator.id, form.price_for(creator.id)) for creator in creators]
    guard((CHOOSE, f"brand:{brand_id}"))
    try:
        with transaction():
            invited = invite_many(actor, form.brief_id.data, wanted, form.message.data)
            names = [(one.id, one.creator_id) for one in invited.selections]
            refused = [(refusal.creator.id, refusal.why) for refusal in invited.refused]
    except (Invalid, Conflict) as error:
        show_error(form, error)
        return _many_page(
            form, creators_met(actor, ids[:MOST_AT_ONCE]), fillable_briefs_of(brand_id), len(ids)
        ), error.status
    if refused:
        return _report(names, refused)
    flash(ngettext("Your invitation is on its way.", "Your %(num)s invitations are on their way.", len(names)), "good")
    return redirect(url_for("matching.inbox", tab="waiting", brief=form.brief_id.data), 303)


def named_ids(typed: Sequence[str]) -> list[int]:
    """The ids among what an address says, each once, in its order; anything else is left out."""
    good = [text for text in typed if text.isascii() and text.isdecimal() and len(text) < 19]
    return list(dict.fromkeys(int(text) for text in good))


def _many_page(form: InviteManyForm, creators: Sequence[Creator], briefs: Sequence[Brief], named: int) -> str:
    return render_template(
        "matching/invite_many.html",
        form=form,
        creators=creators,
        briefs=briefs,
        places={brief.id: places_of(brief) for brief in briefs},
        too_many=named > MOST_AT_ONCE,
        most=MOST_AT_ONCE,
    )


def _report(invited: Sequence[tuple[int, int]], refused: Sequence[tuple[int, str]]) -> ResponseReturnValue:
    """Some couldn't be invited: who was, who wasn't and why. Nothing is sent twice by looking at it again."""
    creators = creators_by_ids([*(found[1] for found in invited), *(found[0] for found in refused)])
    page = render_template(
        "matching/invited.html",
        invited=[(selection_id, creators[creator_id]) for selection_id, creator_id in invited],
        refused=[(creators[creator_id], why) for creator_id, why in refused],
    )
    return page, 200 if invited else Conflict.status
