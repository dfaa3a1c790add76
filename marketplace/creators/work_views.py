"""Pages where creators keep the portfolio of their works."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.session import Role, access, current_actor
from marketplace.creators.blueprint import bp
from marketplace.creators.models import Category, Creator, Work
from marketplace.creators.policy import today
from marketplace.creators.profile_forms import WorkForm
from marketplace.creators.profile_views import cover_url, profile_first
from marketplace.creators.queries import own_creator
from marketplace.creators.works import MOST_WORKS, add_work, edit_work, move_work, own_work, remove_work, works_of
from marketplace.infra.db import transaction
from marketplace.infra.fields import show_error
from marketplace.infra.pictures import picture_url
from marketplace.kit.errors import Invalid, NotFound


@bp.app_template_global()
def work_cover_url(work: Work, category: Category, width: int = 640) -> str:
    """The address of a work's cover, uploaded or drawn after the creator's category."""
    return picture_url(work.cover_id, width) if work.cover_id is not None else cover_url(category, "work", work.id)


@bp.get("/me/works")
@access(Role.CREATOR)
def works() -> ResponseReturnValue:
    creator = own_creator(current_actor())
    if creator is None:
        return profile_first()
    return render_template("creators/works.html", creator=creator, works=works_of(creator.id), most=MOST_WORKS)


@bp.route("/me/works/new", methods=["GET", "POST"], endpoint="add_work")
@access(Role.CREATOR)
def new_work() -> ResponseReturnValue:
    creator = own_creator(current_actor())
    if creator is None:
        return profile_first()
    form = WorkForm(data={"published_on": today()})
    if form.validate_on_submit():
        try:
            with transaction():
                add_work(current_actor(), form.facts(), form.cover.change)
        except Invalid as refused:
            show_error(form, refused)
        else:
            flash(_("The work is in your portfolio, on top."), "good")
            return redirect(url_for("creators.works"), 303)
    return _form_page(form, creator)


@bp.route("/me/works/<int:work_id>", methods=["GET", "POST"], endpoint="edit_work")
@access(Role.CREATOR)
def change_work(work_id: int) -> ResponseReturnValue:
    work = own_work(current_actor(), work_id)
    form = WorkForm(obj=work)
    if form.validate_on_submit():
        try:
            with transaction():
                edit_work(current_actor(), work_id, form.facts(), form.cover.change)
        except Invalid as refused:
            show_error(form, refused)
        else:
            flash(_("The work is saved."), "good")
            return redirect(url_for("creators.works"), 303)
    creator = own_creator(current_actor())
    assert creator is not None, "a work has its creator"
    return _form_page(form, creator, own_work(current_actor(), work_id))


def _form_page(form: WorkForm, creator: Creator, work: Work | None = None) -> ResponseReturnValue:
    if form.is_submitted():
        form.cover.ask_again()
    page = render_template("creators/work.html", form=form, creator=creator, work=work, latest=today())
    return page, 422 if form.is_submitted() else 200


@bp.post("/me/works/<int:work_id>/remove", endpoint="remove_work")
@access(Role.CREATOR)
def drop_work(work_id: int) -> ResponseReturnValue:
    with transaction():
        title = remove_work(current_actor(), work_id)
    flash(_("“%(title)s” is out of your portfolio.", title=title), "good")
    return redirect(url_for("creators.works"), 303)


@bp.post("/me/works/<int:work_id>/move", endpoint="move_work")
@access(Role.CREATOR)
def shift_work(work_id: int) -> ResponseReturnValue:
    way = request.form.get("way")
    if way not in ("up", "down"):
        raise NotFound
    with transaction():
        move_work(current_actor(), work_id, "up" if way == "up" else "down")
    return redirect(url_for("creators.works", _anchor=f"work-{work_id}"), 303)
