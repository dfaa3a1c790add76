"""Blocked lists of both sides, and the page on which one side blocks the other."""

from http import HTTPStatus

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.session import Role, access, current_actor
from marketplace.brands import blocks
from marketplace.brands.policy import require_manager
from marketplace.brands.queries import get_brand_by_handle
from marketplace.creators.queries import get_creator_by_handle
from marketplace.discovery.block_queries import blocked_brands, blocked_creators
from marketplace.discovery.forms import BlockForm
from marketplace.infra.db import transaction
from marketplace.kit.errors import Conflict, NotFound

bp = Blueprint("blocks", __name__)


@bp.get("/company/blocked")
@access(Role.BRAND)
def creators() -> ResponseReturnValue:
    """Creators whom the company has blocked; its other members look on."""
    actor = current_actor()
    found = blocked_creators(actor)
    return render_template("discovery/blocked_creators.html", found=found, may_change=actor.may_manage_brand)


@bp.get("/me/blocked")
@access(Role.CREATOR)
def brands() -> ResponseReturnValue:
    """Brands that the creator has blocked."""
    return render_template("discovery/blocked_brands.html", found=blocked_brands(current_actor()))


@bp.route("/creators/<handle>/block", methods=["GET", "POST"])
@access(Role.BRAND)
def block_creator(handle: str) -> ResponseReturnValue:
    actor, creator = current_actor(), get_creator_by_handle(handle)
    if blocks.hides_creator(actor, creator.id):
        raise NotFound
    require_manager(actor)
    if creator.user_id == actor.user_id:
        raise Conflict(_("This is your own profile."))
    form = BlockForm()
    if not form.validate_on_submit():
        page = render_template("discovery/block_creator.html", creator=creator, form=form)
        return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.is_submitted() else HTTPStatus.OK
    with transaction():
        blocks.block_creator(actor, creator.id, form.reason.data)
    flash(_("%(name)s is blocked. Neither of you sees or can choose the other.", name=creator.name), "good")
    return redirect(url_for("blocks.creators"), HTTPStatus.SEE_OTHER)


@bp.route("/b/<handle>/block", methods=["GET", "POST"])
@access(Role.CREATOR)
def block_brand(handle: str) -> ResponseReturnValue:
    actor, brand = current_actor(), get_brand_by_handle(handle)
    if blocks.hides_brand(actor, brand.id):
        raise NotFound
    form = BlockForm()
    if not form.validate_on_submit():
        page = render_template("discovery/block_brand.html", brand=brand, form=form)
        return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.is_submitted() else HTTPStatus.OK
    with transaction():
        blocks.block_brand(actor, brand.id, form.reason.data)
    flash(_("%(name)s is blocked. Neither of you sees or can choose the other.", name=brand.name), "good")
    return redirect(url_for("blocks.brands"), HTTPStatus.SEE_OTHER)


@bp.post("/company/blocked/<int:creator_id>/unblock")
@access(Role.BRAND)
def unblock_creator(creator_id: int) -> ResponseReturnValue:
    with transaction():
        blocks.unblock_creator(current_actor(), creator_id)
    flash(_("They are no longer blocked."), "good")
    return redirect(url_for("blocks.creators"), HTTPStatus.SEE_OTHER)


@bp.post("/me/blocked/<int:brand_id>/unblock")
@access(Role.CREATOR)
def unblock_brand(brand_id: int) -> ResponseReturnValue:
    with transaction():
        blocks.unblock_brand(current_actor(), brand_id)
    flash(_("They are no longer blocked."), "good")
    return redirect(url_for("blocks.brands"), HTTPStatus.SEE_OTHER)
