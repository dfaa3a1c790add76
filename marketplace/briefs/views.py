"""The list of briefs and a brand's public page. Writing, questions and files have modules of their own beside it.

Pages that show selections stand with matching.
"""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from marketplace.accounts.session import Role, access, current_actor
from marketplace.brands.blocks import hides_brand
from marketplace.brands.policy import can_manage
from marketplace.brands.queries import brands_by_ids, get_brand_by_handle
from marketplace.brands.views import bp as brands_bp
from marketplace.briefs import life_views, question_views, reference_views, step_views
from marketplace.briefs.blueprint import bp
from marketplace.briefs.fit import fans_by_platform
from marketplace.briefs.forms import BriefFilterForm
from marketplace.briefs.queries import list_open_briefs, open_briefs_of
from marketplace.kit.errors import NotFound

__all__ = ["bp", "life_views", "question_views", "reference_views", "step_views"]


@bp.get("/briefs")
@access(Role.PUBLIC)
def index() -> ResponseReturnValue:
    """Briefs that one can apply to today."""
    actor = current_actor()
    form = BriefFilterForm(request.args)
    fans = fans_by_platform(actor.creator_id) if actor.creator_id is not None else None
    found = list_open_briefs(form.wanted(fans), request.args.get("after"), actor)
    brands = brands_by_ids(brief.brand_id for brief in found.briefs)
    return render_template("briefs/index.html", form=form, found=found, brands=brands, fans=fans)


@brands_bp.get("/b/<handle>")
@access(Role.PUBLIC)
def profile(handle: str) -> ResponseReturnValue:
    """What everybody may know of a company, and what it is looking for. The blocked don't find it."""
    actor = current_actor()
    brand = get_brand_by_handle(handle)
    if hides_brand(actor, brand.id):
        raise NotFound
    briefs = open_briefs_of(brand.id, actor)
    may_edit = can_manage(actor, brand.id)
    return render_template("brands/profile.html", brand=brand, briefs=briefs, may_edit=may_edit)
