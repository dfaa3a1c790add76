"""Pages on which a draft of the fee rules is tried on a month's real deals."""

from collections.abc import Iterator
from http import HTTPStatus

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.session import Role, access
from marketplace.console.blueprint import bp
from marketplace.console.fee_effect import get_effect, recent_months, try_draft
from marketplace.console.fee_forms import EffectForm
from marketplace.creators.queries import creators_by_ids
from marketplace.fees import drafts
from marketplace.fees.effect import CurrencyEffect, Effect
from marketplace.fees.models import FeeEffect
from marketplace.fees.policy import Policy, Rule
from marketplace.infra.db import transaction
from marketplace.kit.money import DEFAULT_CURRENCY, Money


@bp.post("/console/fees/draft/effect")
@access(Role.ADMIN)
def try_fee_draft() -> ResponseReturnValue:
    form = EffectForm()
    month = form.month.data if form.validate() and form.month.data else recent_months()[0]
    with transaction():
        effect_id = try_draft(drafts.find_draft(), month).id
    return redirect(url_for("console.fee_effect", effect_id=effect_id), HTTPStatus.SEE_OTHER)


@bp.get("/console/fees/effects/<int:effect_id>")
@access(Role.ADMIN)
def fee_effect(effect_id: int) -> ResponseReturnValue:
    """The figures once they are whole, and how far they are until then. htmx asks for the inner part alone."""
    effect = get_effect(effect_id)
    found = Effect.from_json(effect.found)
    affected = [one.creator_id for part in found.currencies.values() for one in part.most_affected]
    inner = request.headers.get("HX-Request") == "true"
    return render_template(
        "console/_fee_effect.html" if inner else "console/fee_effect.html",
        effect=effect,
        running=effect.finished_at is None,
        currencies=list(_by_size(found)),
        versions=sorted(found.versions),
        policy=Policy.from_json(effect.rules),
        idle=_idle_rules(effect),
        creators=creators_by_ids(affected),
        money_of=Money,
    )


def _by_size(found: Effect) -> Iterator[tuple[str, CurrencyEffect]]:
    """The default currency first, then by the number of deals."""
    yield from sorted(
        found.currencies.items(), key=lambda one: (one[0] != DEFAULT_CURRENCY, -one[1].total.deals, one[0])
    )


def _idle_rules(effect: FeeEffect) -> list[Rule]:
    """Rules of the draft that hold on no day of the month: their effect can't be seen in it."""
    month = effect.month
    return [
        rule
        for rule in Policy.from_json(effect.rules).rules
        if (rule.starts is not None and rule.starts.replace(day=1) > month)
        or (rule.ends is not None and rule.ends < month)
    ]
