"""Reports: the page on which people report something, their own list, and the administrators' queue; word lists."""

from http import HTTPStatus

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from marketplace.accounts.session import Role, access, current_actor
from marketplace.briefs.review import take_down
from marketplace.console.blueprint import bp
from marketplace.console.query_forms import page_in, words_in
from marketplace.console.subjects import KINDS, Subject, get_subject, read_key, subjects, visible_subject
from marketplace.infra.db import db, transaction
from marketplace.infra.fields import show_error
from marketplace.infra.i18n import LANGUAGES, count
from marketplace.kit.errors import Conflict, Invalid, NotFound
from marketplace.moderation import queries
from marketplace.moderation.blueprint import bp as moderation_bp
from marketplace.moderation.forms import DecisionForm, ReportForm, WordsForm
from marketplace.moderation.models import ReportReason
from marketplace.moderation.service import decide
from marketplace.moderation.service import report as file_report
from marketplace.moderation.words import MOST_WORDS, add_words, remove_word


# --- Reporting --------------------------------------------------------------------------------------------------------
@moderation_bp.route("/report/<subject>", methods=["GET", "POST"])
@access(Role.SIGNED_IN)
def report(subject: str) -> ResponseReturnValue:
    """Anybody reports what they can see; somebody who has done so reads that it is looked at."""
    actor = current_actor()
    found = visible_subject(actor, subject)
    if found.is_own(actor):
        raise Conflict(_("This is your own. You can change it, or take it away."))
    form = ReportForm()
    if form.validate_on_submit():
        try:
            with transaction():
                file_report(actor, found.key, ReportReason(form.reason.data), form.text.data, found.title)
            flash(_("Thank you. An administrator looks at it, and you are told what becomes of it."), "good")
            return redirect(found.href, HTTPStatus.SEE_OTHER)
        except Invalid as refused:
            show_error(form, refused)
    page = render_template(
        "moderation/report.html",
        subject=found,
        kind=KINDS[found.kind],
        form=form,
        made=queries.open_report(actor, found.key),
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.is_submitted() else HTTPStatus.OK


@moderation_bp.get("/reports")
@access(Role.SIGNED_IN)
def mine() -> ResponseReturnValue:
    """What the reader reported, and what became of it."""
    return render_template("moderation/mine.html", reports=queries.reports_by(current_actor()), kind_of=_kind_of)


def _kind_of(key: str) -> str:
    return str(KINDS[read_key(key)[0]])


# --- The queue --------------------------------------------------------------------------------------------------------
@bp.get("/console/reports")
@access(Role.ADMIN)
def reports() -> ResponseReturnValue:
    decided = request.args.get("tab") == "decided"
    number = page_in()
    page = queries.find_cases(number, decided=decided)
    return render_template(
        "console/reports.html",
        page=page,
        number=min(number, page.count),
        decided=decided,
        waiting=db.session.scalar(queries.count_open_cases()) or 0,
        found=subjects(case.subject for case in page.cases),
        kind_of=_kind_of,
    )


@bp.route("/console/reports/<subject>", methods=["GET", "POST"])
@access(Role.ADMIN)
def case(subject: str) -> ResponseReturnValue:
    """Everything said against one thing, and the two buttons while a report is open."""
    found = _subject_or_none(subject)
    form = DecisionForm()
    if form.validate_on_submit():
        try:
            return _decided(subject, found, form)
        except Invalid as refused:
            show_error(form, refused)
    filed = queries.reports_of(subject)
    if not filed:
        raise NotFound
    page = render_template(
        "console/report.html",
        subject=found,
        key=subject,
        kind=_kind_of(subject),
        title=found.title if found is not None else filed[0].report.title,
        filed=filed,
        waits=[one for one in filed if one.report.decided_at is None],
        form=form,
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.is_submitted() else HTTPStatus.OK


def _subject_or_none(key: str) -> Subject | None:
    """None where it is gone: its reports stay to be decided."""
    read_key(key)
    try:
        return get_subject(key)
    except NotFound:
        return None


def _decided(key: str, found: Subject | None, form: DecisionForm) -> ResponseReturnValue:
    verdict = request.form.get("verdict")
    if verdict not in ("upheld", "dismissed"):
        raise Invalid(_("Choose whether the reports are right."))
    actor, upheld = current_actor(), verdict == "upheld"
    with transaction():
        number = decide(actor, key, upheld=upheld, note=form.note.data)
        if upheld and form.close.data and found is not None and found.is_open_brief:
            take_down(actor, read_key(key)[1], form.note.data)
    said = ngettext(
        "One report is decided; who made it is told.",
        "%(num)s reports are decided; those who made them are told.",
        number,
    )
    flash(said, "good")
    return redirect(url_for("console.case", subject=key), HTTPStatus.SEE_OTHER)


# --- Word lists -------------------------------------------------------------------------------------------------------
@bp.get("/console/words")
@access(Role.ADMIN)
def words() -> ResponseReturnValue:
    locale = _locale()
    return _words_page(locale, WordsForm(data={"locale": locale}))


@bp.post("/console/words")
@access(Role.ADMIN)
def add_watched_words() -> ResponseReturnValue:
    form = WordsForm()
    if form.validate():
        try:
            with transaction():
                added = add_words(current_actor(), form.locale.data, form.all_lines(), form.reason.data)
            flash(ngettext("One word is new in the list.", "%(num)s words are new in the list.", added.new), "good")
            if added.known:
                flash(ngettext("One stood in it already.", "%(num)s stood in it already.", added.known), "info")
            return redirect(url_for("console.words", locale=form.locale.data), HTTPStatus.SEE_OTHER)
        except Invalid as refused:
            show_error(form, refused)
    return _words_page(form.locale.data if form.locale.data in LANGUAGES else _locale(), form), 422


@bp.post("/console/words/<int:word_id>/remove")
@access(Role.ADMIN)
def remove_watched_word(word_id: int) -> ResponseReturnValue:
    with transaction():
        word = remove_word(current_actor(), word_id)
        text, locale = word.text, word.locale
    flash(_("“%(word)s” is no longer watched for.", word=text), "good")
    return redirect(url_for("console.words", locale=locale, q=words_in("q") or None), HTTPStatus.SEE_OTHER)


def _words_page(locale: str, form: WordsForm) -> str:
    number, text = page_in(), words_in("q")
    page = queries.list_words(locale, text, number)
    return render_template(
        "console/words.html",
        locale_shown=locale,
        page=page,
        number=min(number, page.count),
        text=text,
        counts=queries.count_words(),
        form=form,
        most=count(MOST_WORDS),
    )


def _locale() -> str:
    typed = request.args.get("locale", "")
    return typed if typed in LANGUAGES else next(iter(LANGUAGES))
