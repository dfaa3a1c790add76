"""Pages of a brand's lists of creators, and the sheet by which a creator is saved to one."""

from http import HTTPStatus

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from marketplace.accounts.session import Role, access, current_actor, local_path
from marketplace.brands.blocks import hides_creator
from marketplace.creators.models import Creator
from marketplace.creators.queries import get_creator_by_handle
from marketplace.discovery import list_queries, lists
from marketplace.discovery.forms import NameForm, NoteForm, SaveForm
from marketplace.infra.db import transaction
from marketplace.infra.fields import show_error
from marketplace.kit.errors import Conflict, Invalid, NotFound

bp = Blueprint("lists", __name__)
_LARGEST_ID = 2**63 - 1


@bp.app_template_global()
def is_saved(creator_id: int) -> bool:
    """Whether the reader's brand has the creator in a list."""
    return creator_id in list_queries.saved_ids(current_actor(), [creator_id])


# --- Lists ------------------------------------------------------------------------------------------------------------
@bp.get("/company/lists")
@access(Role.BRAND)
def index() -> ResponseReturnValue:
    return _index_page(NameForm())


@bp.post("/company/lists")
@access(Role.BRAND)
def create() -> ResponseReturnValue:
    form = NameForm()
    if form.validate():
        try:
            with transaction():
                made = lists.make_list(current_actor(), form.name.data).id
            flash(_("The list is there. Save creators to it from their pages."), "good")
            return redirect(url_for("lists.show", list_id=made), HTTPStatus.SEE_OTHER)
        except Invalid as refused:
            show_error(form, refused)
    return _index_page(form), HTTPStatus.UNPROCESSABLE_ENTITY


def _index_page(form: NameForm) -> str:
    actor = current_actor()
    return render_template(
        "discovery/lists.html",
        lists=list_queries.lists_of(actor),
        form=form,
        may_change=actor.may_manage_brand,
        most=lists.MOST_LISTS,
    )


@bp.get("/company/lists/<int:list_id>")
@access(Role.BRAND)
def show(list_id: int) -> ResponseReturnValue:
    return _list_page(list_id, NameForm())


def _list_page(list_id: int, form: NameForm) -> str:
    actor = current_actor()
    page = list_queries.list_page(actor, list_id, request.args.get("page", 1, type=int))
    if not form.is_submitted():
        form.name.data = page.kept.name
    others = [line for line in list_queries.lists_of(actor) if line.kept.id != list_id]
    return render_template(
        "discovery/list.html",
        page=page,
        form=form,
        note_form=NoteForm(formdata=None),
        others=others,
        may_change=actor.may_manage_brand,
        most=lists.MOST_IN_A_LIST,
    )


@bp.post("/company/lists/<int:list_id>/name")
@access(Role.BRAND)
def rename(list_id: int) -> ResponseReturnValue:
    form = NameForm()
    if form.validate():
        try:
            with transaction():
                lists.rename_list(current_actor(), list_id, form.name.data)
            flash(_("The list has its new name."), "good")
            return redirect(url_for("lists.show", list_id=list_id), HTTPStatus.SEE_OTHER)
        except Invalid as refused:
            show_error(form, refused)
    return _list_page(list_id, form), HTTPStatus.UNPROCESSABLE_ENTITY


@bp.post("/company/lists/<int:list_id>/delete")
@access(Role.BRAND)
def delete(list_id: int) -> ResponseReturnValue:
    with transaction():
        name = lists.delete_list(current_actor(), list_id)
    flash(_("The list “%(name)s” is deleted, with its notes.", name=name), "good")
    return redirect(url_for("lists.index"), HTTPStatus.SEE_OTHER)


@bp.post("/company/lists/<int:list_id>/creators/<int:creator_id>/note")
@access(Role.BRAND)
def note(list_id: int, creator_id: int) -> ResponseReturnValue:
    form = NoteForm()
    if not form.validate():
        flash(" ".join(form.note.errors), "alarm")
    else:
        with transaction():
            lists.write_note(current_actor(), list_id, creator_id, form.note.data)
        flash(_("The note is saved. Only your company reads it."), "good")
    return _back_to(list_id, f"creator-{creator_id}")


@bp.post("/company/lists/<int:list_id>/creators")
@access(Role.BRAND)
def change(list_id: int) -> ResponseReturnValue:
    """Invite the chosen creators, move them, or take them out; which of the three, the button says."""
    try:
        if request.form.get("do") == "invite":
            return _inviting(list_id)
        _change(list_id)
    except (Invalid, Conflict) as refused:
        flash(str(refused), "alarm")
    return _back_to(list_id)


def _inviting(list_id: int) -> ResponseReturnValue:
    """To the page that invites many: it asks for the brief, the prices and the words."""
    list_queries.get_list(current_actor(), list_id)
    chosen = sorted(_chosen())
    if not chosen:
        raise Invalid(_("Choose at least one creator."))
    return redirect(url_for("matching.invite_many", ids=chosen), HTTPStatus.SEE_OTHER)


def _change(list_id: int) -> None:
    actor, chosen, to = current_actor(), _chosen(), request.form.get("to", type=int)
    with transaction():
        if request.form.get("do") == "remove":
            number = lists.remove_creators(actor, list_id, chosen)
            said = ngettext("One creator is taken out.", "%(num)s creators are taken out.", number)
        elif to is None:
            raise Invalid(_("Choose the list to move them to."))
        else:
            if not 0 < to <= _LARGEST_ID:
                raise NotFound
            name = lists.move_creators(actor, list_id, to, chosen).name
            said = _("They stand in “%(name)s” now.", name=name)
    flash(said, "good")


def _chosen() -> set[int]:
    typed = request.form.getlist("ids", type=int)[: lists.MOST_IN_A_LIST]
    return {creator_id for creator_id in typed if 0 < creator_id <= _LARGEST_ID}


def _back_to(list_id: int, anchor: str | None = None) -> ResponseReturnValue:
    page = request.args.get("page", type=int)
    return redirect(url_for("lists.show", list_id=list_id, page=page, _anchor=anchor), HTTPStatus.SEE_OTHER)


# --- Saving -----------------------------------------------------------------------------------------------------------
@bp.route("/creators/<handle>/save", methods=["GET", "POST"])
@access(Role.BRAND)
def save(handle: str) -> ResponseReturnValue:
    """A page, or the inside of the sheet that the save button opens where scripts run."""
    actor = current_actor()
    creator = get_creator_by_handle(handle)
    if hides_creator(actor, creator.id):
        raise NotFound
    form = SaveForm()
    choices = list_queries.choices_for(actor, creator.id)
    form.offer(choices)
    if form.validate_on_submit():
        try:
            return _saved(creator, _save(creator.id, form))
        except (Invalid, Conflict) as refused:
            show_error(form, refused)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_submitted() and not _in_sheet() else HTTPStatus.OK
    name = "discovery/_save_form.html" if _in_sheet() else "discovery/save.html"
    return render_template(name, creator=creator, form=form, choices=choices, may_change=actor.may_manage_brand), status


def _save(creator_id: int, form: SaveForm) -> str:
    """The name of the list that has the creator now."""
    with transaction():
        list_id = form.chosen()
        if form.name.data or list_id is None:
            list_id = lists.make_list(current_actor(), form.name.data).id
        return lists.save_creator(current_actor(), creator_id, list_id, form.note.data).name


def _saved(creator: Creator, name: str) -> ResponseReturnValue:
    said = _("%(creator)s is saved to “%(list)s”.", creator=creator.name, list=name)
    if _in_sheet():
        return render_template("discovery/_saved.html", creator=creator, said=said)
    flash(said, "good")
    back = local_path(request.args.get("next"))
    return redirect(back or url_for("creators.profile", handle=creator.handle), HTTPStatus.SEE_OTHER)


def _in_sheet() -> bool:
    return request.headers.get("HX-Target") == "sheet"
