"""Asking about a brief, answering, and taking a question off its page. The page itself stands with matching."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.limits import ASK, guard
from marketplace.accounts.session import Role, access, current_actor
from marketplace.brands.policy import require_manager
from marketplace.briefs.blueprint import bp
from marketplace.briefs.forms import AnswerForm, QuestionForm
from marketplace.briefs.queries import get_brief
from marketplace.briefs.questions import answer_question, ask_question, get_question, remove_question
from marketplace.infra.db import transaction
from marketplace.infra.fields import show_error
from marketplace.kit.errors import Invalid


@bp.route("/briefs/<int:brief_id>/ask", methods=["GET", "POST"])
@access(Role.CREATOR)
def ask(brief_id: int) -> ResponseReturnValue:
    """The form that the brief's page has too, as a page of its own: where a refused question is corrected."""
    actor = current_actor()
    brief = get_brief(actor, brief_id)
    if actor.creator_id is None:
        flash(_("Fill in your profile first. Then you can ask."), "info")
        return redirect(url_for("creators.edit"), 303)
    form = QuestionForm()
    if form.validate_on_submit():
        guard((ASK, f"creator:{actor.creator_id}"))
        try:
            with transaction():
                ask_question(actor, brief_id, form.question.data)
        except Invalid as refused:
            show_error(form, refused)
        else:
            flash(_("Your question is there. The company has been told, and everybody will read its answer."), "good")
            return redirect(url_for("briefs.show", brief_id=brief_id, _anchor="h-qa"), 303)
    return render_template("briefs/ask.html", brief=brief, form=form), 422 if form.is_submitted() else 200


@bp.route("/company/questions/<int:question_id>", methods=["GET", "POST"])
@access(Role.BRAND)
def answer(question_id: int) -> ResponseReturnValue:
    """Answer a question about one's own brief, or correct the answer."""
    actor = current_actor()
    question, brief = get_question(actor, question_id)
    require_manager(actor)
    form = AnswerForm(data={"answer": question.answer})
    if form.validate_on_submit():
        try:
            with transaction():
                answer_question(actor, question_id, form.answer.data)
        except Invalid as refused:
            show_error(form, refused)
            question, brief = get_question(actor, question_id)
        else:
            flash(_("Your answer is there for everybody who sees the brief."), "good")
            return redirect(url_for("briefs.show", brief_id=brief.id, _anchor="h-qa"), 303)
    page = render_template("briefs/answer.html", brief=brief, question=question, form=form)
    return page, 422 if form.is_submitted() else 200


@bp.post("/company/questions/<int:question_id>/remove", endpoint="remove_question")
@access(Role.BRAND)
def take_off(question_id: int) -> ResponseReturnValue:
    with transaction():
        brief_id = remove_question(current_actor(), question_id).brief_id
    flash(_("The question is off the page. Whoever asked it has been told."), "good")
    return redirect(url_for("briefs.show", brief_id=brief_id, _anchor="h-qa"), 303)
