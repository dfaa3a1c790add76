"""The list of briefs. Writing, questions and files have modules of their own beside it.

Pages that show selections stand with matching.
"""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from marketplace.accounts.session import Role, access, current_actor
from marketplace.brands.queries import brands_by_ids
from marketplace.briefs import life_views, question_views, reference_views, step_views
from marketplace.briefs.blueprint import bp
from marketplace.briefs.fit import fans_by_platform
from marketplace.briefs.forms import BriefFilterForm
from marketplace.briefs.queries import list_open_briefs

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
