"""The page where creators say how their audience divides."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.session import Role, access, current_actor
from marketplace.creators.audience import (
    Dimension,
    newest_statement,
    readable_audience_evidence,
    shares_of,
    state_audience,
)
from marketplace.creators.audience_models import AudienceStatement
from marketplace.creators.blueprint import bp
from marketplace.creators.profile_forms import AudienceForm
from marketplace.creators.profile_views import profile_first
from marketplace.creators.queries import own_creator
from marketplace.infra.db import transaction
from marketplace.infra.settings import settings
from marketplace.infra.uploads import EVIDENCE, formats, send_stored
from marketplace.kit.errors import Invalid

bp.add_app_template_global(shares_of, "audience_shares")


@bp.route("/me/audience", methods=["GET", "POST"])
@access(Role.CREATOR)
def audience() -> ResponseReturnValue:
    creator = own_creator(current_actor())
    if creator is None:
        return profile_first()
    newest = newest_statement(creator.id)
    form = AudienceForm(data=_shares_of(newest))
    if form.validate_on_submit():
        try:
            with transaction():
                stated = state_audience(current_actor(), form.split(), form.evidence.upload)
                reviewed = stated.evidence_id is not None
        except Invalid as refused:
            form.show_refusal(refused)
        else:
            return _stated(reviewed)
    page = render_template(
        "creators/audience.html",
        form=form,
        dimensions=list(Dimension),
        newest=newest_statement(creator.id),
        formats=formats(EVIDENCE),
        most_bytes=settings().max_upload_bytes,
    )
    return page, 422 if form.is_submitted() else 200


def _shares_of(newest: AudienceStatement | None) -> dict[str, object]:
    if newest is None:
        return {}
    return {
        f"{dimension}_{bucket}": share for dimension, shares in newest.split.items() for bucket, share in shares.items()
    }


def _stated(reviewed: bool) -> ResponseReturnValue:
    if reviewed:
        flash(_("Your audience is stated. We tell you when an administrator has looked at the evidence."), "good")
    else:
        flash(_("Your audience is stated. Brands see that it is your own word; evidence makes it verified."), "good")
    return redirect(url_for("creators.audience"), 303)


@bp.get("/audience/<int:statement_id>/evidence")
@access(Role.CREATOR, Role.ADMIN)
def audience_evidence(statement_id: int) -> ResponseReturnValue:
    return send_stored(readable_audience_evidence(current_actor(), statement_id))
