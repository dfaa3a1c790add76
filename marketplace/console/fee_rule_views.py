"""Pages on which one rule of the draft is written, a form each: steps are added and removed without scripts."""

from http import HTTPStatus

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.session import Role, access, current_actor
from marketplace.console.blueprint import bp
from marketplace.console.fee_forms import MOST_STEPS, RuleForm, SeenForm, add_step, read_steps, rule_data
from marketplace.console.fee_rules import author_of
from marketplace.fees import drafts, words
from marketplace.fees.policy import Rule
from marketplace.fees.queries import as_policy
from marketplace.infra.db import transaction
from marketplace.infra.fields import show_error
from marketplace.kit.errors import Conflict, Invalid, NotFound


@bp.route("/console/fees/draft/new-rule", methods=["GET", "POST"])
@access(Role.ADMIN)
def new_fee_rule() -> ResponseReturnValue:
    return _rule_page(None)


@bp.route("/console/fees/draft/rules/<name>", methods=["GET", "POST"])
@access(Role.ADMIN)
def fee_rule(name: str) -> ResponseReturnValue:
    found = [rule for rule in _rules() if rule.id == name]
    if not found:
        raise NotFound(_("The draft has no such rule. Somebody may have renamed or removed it."))
    return _rule_page(found[0])


@bp.post("/console/fees/draft/rules/<name>/remove")
@access(Role.ADMIN)
def remove_fee_rule(name: str) -> ResponseReturnValue:
    with transaction():
        drafts.remove_rule(author_of(current_actor()), SeenForm().seen.data or "", name)
    flash(_("Rule %(name)s is removed from the draft.", name=name), "good")
    return redirect(url_for("console.fee_draft"), HTTPStatus.SEE_OTHER)


def _rules() -> tuple[Rule, ...]:
    """
    Raises:
        Conflict: there is no draft, or it waits to be published.
    """
    row = drafts.find_draft()
    if row is None:
        raise Conflict(_("There is no draft now. It was published or discarded."))
    if row.proposed_at is not None and request.method == "GET":
        raise Conflict(_("This draft waits to be published. Whoever wants to change it returns it first."))
    return as_policy(row).rules


def _rule_page(rule: Rule | None) -> ResponseReturnValue:
    """The form as it comes; the buttons that add or remove a step only change what is shown."""
    _rules()
    try:
        form = _form(rule)
    except Invalid as refused:
        form = RuleForm(formdata=None, data=rule_data(rule) if rule is not None else None)
        show_error(form, refused)
        return _page(form, rule), HTTPStatus.UNPROCESSABLE_ENTITY
    if request.method != "POST" or {"add", "remove"} & set(request.form):
        return _page(form, rule)
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.validate():
        try:
            with transaction():
                replaces = rule.id if rule is not None else ""
                drafts.save_rule(author_of(current_actor()), form.seen.data or "", form.rule(), replaces)
            flash(_("Rule %(name)s is saved in the draft.", name=form.name.data), "good")
            return redirect(url_for("console.fee_draft"), HTTPStatus.SEE_OTHER)
        except drafts.DraftChanged as changed:
            form.form_errors.append(str(changed))
            form.seen.data, status = _seen(), HTTPStatus.CONFLICT
        except Invalid as refused:
            show_error(form, refused)
    return _page(form, rule), status


def _form(rule: Rule | None) -> RuleForm:
    """
    Raises:
        Invalid: more steps came than a rule may have.
    """
    if request.method != "POST":
        data = rule_data(rule) if rule is not None else {}
        return RuleForm(formdata=None, data=data | {"seen": _seen()})
    form = RuleForm(formdata=read_steps(request.form, request.form.get("remove", type=int)))
    if "add" in request.form:
        add_step(form)
    return form


def _seen() -> str:
    row = drafts.find_draft()
    return drafts.draft_digest(row) if row is not None else ""


def _page(form: RuleForm, rule: Rule | None) -> str:
    """`rule` is how it stands in the draft now; None for a new one."""
    return render_template("console/fee_rule.html", form=form, rule=rule, most_steps=MOST_STEPS, words=words)
