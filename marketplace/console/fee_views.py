"""Pages of the fee rules: the versions, and the draft of the next from its start until it is published."""

from http import HTTPStatus

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.again import ask_password_again
from marketplace.accounts.forms import DecideForm
from marketplace.accounts.session import Role, access, current_actor
from marketplace.console.blueprint import bp
from marketplace.console.fee_effect import newest_effects, recent_months
from marketplace.console.fee_forms import DraftForm, ReturnForm, SeenForm, draft_data
from marketplace.console.fee_rules import VersionState, author_of, describe_versions, lost_currencies, name_parties
from marketplace.fees import agreements, drafts, words
from marketplace.fees.events import events_of, policy_subject
from marketplace.fees.models import FeePolicy
from marketplace.fees.queries import as_policy, policy_in_force
from marketplace.infra.db import transaction
from marketplace.infra.fields import show_error
from marketplace.kit.errors import Invalid, NotFound


@bp.get("/console/fees")
@access(Role.ADMIN)
def fees() -> ResponseReturnValue:
    """What holds, what comes, what waits, and every version there was."""
    draft = drafts.find_draft()
    rows = [*drafts.published_policies(), *([draft] if draft is not None else [])]
    waiting = agreements.list_agreements(agreements.AgreementTab.WAITING)
    return render_template(
        "console/fees.html",
        versions=describe_versions(rows),
        draft=draft,
        counts=agreements.count_agreements(),
        waiting=waiting,
        parties=name_parties(waiting.rows),
        words=words,
    )


@bp.get("/console/fees/versions/<int:version>")
@access(Role.ADMIN)
def fee_version(version: int) -> ResponseReturnValue:
    """One published version in words, and what it changed; the draft has a page of its own."""
    draft = drafts.find_draft()
    if draft is not None and draft.version == version:
        return redirect(url_for("console.fee_draft"), HTTPStatus.SEE_OTHER)
    found = [one for one in describe_versions(drafts.published_policies()) if one.row.version == version]
    if not found:
        raise NotFound
    return render_template("console/fee_version.html", version=found[0], words=words)


@bp.post("/console/fees/draft/start")
@access(Role.ADMIN)
def start_fee_draft() -> ResponseReturnValue:
    with transaction():
        drafts.start_draft(author_of(current_actor()))
    return redirect(url_for("console.fee_draft"), HTTPStatus.SEE_OTHER)


@bp.get("/console/fees/draft")
@access(Role.ADMIN)
def fee_draft() -> ResponseReturnValue:
    """The draft: its rules, its effect, and what its reader may do with it."""
    row = drafts.find_draft()
    if row is None:
        flash(_("There is no draft now. It was published or discarded, or nobody has started one."), "info")
        return redirect(url_for("console.fees"), HTTPStatus.SEE_OTHER)
    return draft_page(row)


@bp.post("/console/fees/draft")
@access(Role.ADMIN)
def save_fee_draft() -> ResponseReturnValue:
    """Keep the day, the floor and the reason."""
    form = DraftForm()
    if form.validate():
        try:
            with transaction():
                drafts.save_facts(
                    author_of(current_actor()),
                    form.seen.data or "",
                    effective_from=form.day(),
                    creator_floor=form.creator_floor.data or 0,
                    why=form.why.data,
                )
            flash(_("The draft is saved."), "good")
            return redirect(url_for("console.fee_draft"), HTTPStatus.SEE_OTHER)
        except drafts.DraftChanged as changed:
            return _seen_anew(form, changed)
        except Invalid as refused:
            show_error(form, refused)
    return draft_page(_require_draft(), edited=form), HTTPStatus.UNPROCESSABLE_ENTITY


@bp.post("/console/fees/draft/propose")
@access(Role.ADMIN)
def propose_fee_draft() -> ResponseReturnValue:
    form = SeenForm()
    try:
        with transaction():
            drafts.propose_draft(author_of(current_actor()), form.seen.data or "")
    except Invalid as refused:
        row = _require_draft()
        edited = DraftForm(formdata=None, data=draft_data(row) | {"seen": drafts.draft_digest(row)})
        show_error(edited, refused)
        return draft_page(row, edited=edited), HTTPStatus.UNPROCESSABLE_ENTITY
    flash(_("The draft is proposed. The other administrators are told, and one of them may publish it."), "good")
    return redirect(url_for("console.fee_draft"), HTTPStatus.SEE_OTHER)


@bp.post("/console/fees/draft/return")
@access(Role.ADMIN)
def return_fee_draft() -> ResponseReturnValue:
    form = ReturnForm()
    if form.validate():
        try:
            with transaction():
                drafts.return_draft(author_of(current_actor()), form.seen.data or "", form.why.data)
            flash(_("The draft is returned. It can be edited again."), "good")
            return redirect(url_for("console.fee_draft"), HTTPStatus.SEE_OTHER)
        except Invalid as refused:
            show_error(form, refused)
    return draft_page(_require_draft(), returned=form), HTTPStatus.UNPROCESSABLE_ENTITY


@bp.post("/console/fees/draft/publish")
@access(Role.ADMIN)
def publish_fee_draft() -> ResponseReturnValue:
    """With the password again, and only what was seen: of a draft that changed meanwhile the new state is shown."""
    form, actor = DecideForm(), current_actor()
    if form.validate():
        try:
            ask_password_again(actor, form.password.data or "")
            with transaction():
                version = drafts.publish_draft(author_of(actor), form.seen.data or "").version
            flash(_("Version %(version)s is published.", version=version), "good")
            return redirect(url_for("console.fee_version", version=version), HTTPStatus.SEE_OTHER)
        except drafts.DraftChanged as changed:
            return _seen_anew(form, changed)
        except Invalid as refused:
            show_error(form, refused)
    return draft_page(_require_draft(), published=form), HTTPStatus.UNPROCESSABLE_ENTITY


@bp.post("/console/fees/draft/discard")
@access(Role.ADMIN)
def discard_fee_draft() -> ResponseReturnValue:
    with transaction():
        drafts.discard_draft(author_of(current_actor()), SeenForm().seen.data or "")
    flash(_("The draft is discarded. The rules in force stay as they are."), "good")
    return redirect(url_for("console.fees"), HTTPStatus.SEE_OTHER)


def _require_draft() -> FeePolicy:
    """
    Raises:
        NotFound: there is none.
    """
    row = drafts.find_draft()
    if row is None:
        raise NotFound(_("There is no draft now. It was published or discarded."))
    return row


def _seen_anew(form: DraftForm | DecideForm, changed: drafts.DraftChanged) -> ResponseReturnValue:
    """The page as the draft is now, with what was typed: whoever sends it again has seen that."""
    row = _require_draft()
    form.seen.data = drafts.draft_digest(row)
    form.form_errors.append(str(changed))
    if isinstance(form, DecideForm):
        return draft_page(row, published=form), HTTPStatus.CONFLICT
    return draft_page(row, edited=form), HTTPStatus.CONFLICT


def draft_page(
    row: FeePolicy,
    *,
    edited: DraftForm | None = None,
    published: DecideForm | None = None,
    returned: ReturnForm | None = None,
) -> str:
    seen = drafts.draft_digest(row)
    after, before = as_policy(row), policy_in_force(row.effective_from)
    author = author_of(current_actor())
    events = events_of(policy_subject(row.version))
    return render_template(
        "console/fee_draft.html",
        row=row,
        seen=seen,
        state=VersionState.DRAFT if row.proposed_at is None else VersionState.PROPOSED,
        policy=after,
        before=before,
        change=words.compare(before, after),
        lost=lost_currencies(before, after),
        later=[one for one in drafts.published_policies() if one.effective_from > row.effective_from],
        events=events,
        writers=list(dict.fromkeys(event.name for event in events[::-1] if event.by in row.editors)),
        wrote=author.key in row.editors,
        effects=newest_effects(row),
        months=recent_months(),
        edited=edited or DraftForm(formdata=None, data=draft_data(row) | {"seen": seen}),
        published=published or DecideForm(formdata=None, data={"seen": seen}),
        returned=returned or ReturnForm(formdata=None, data={"seen": seen}),
        most_rules=drafts.MOST_RULES,
        words=words,
    )
