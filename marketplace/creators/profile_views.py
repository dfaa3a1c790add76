"""The page where a creator keeps their profile; and the addresses of their pictures, for every template."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.session import Role, access, current_actor, forget_actor
from marketplace.creators.art_idents import cover_ident, creator_ident
from marketplace.creators.blueprint import bp
from marketplace.creators.completeness import completeness
from marketplace.creators.eligibility import eligibility
from marketplace.creators.languages import language_name, spoken_words
from marketplace.creators.models import Category, Creator
from marketplace.creators.profile_forms import ProfileForm
from marketplace.creators.queries import free_handle, own_creator
from marketplace.creators.service import save_profile
from marketplace.infra.db import transaction
from marketplace.infra.fields import show_error
from marketplace.infra.pictures import COVER, picture_srcset, picture_url
from marketplace.kit.errors import Invalid

bp.add_app_template_global(language_name, "language_name")
bp.add_app_template_global(spoken_words, "spoken_words")


@bp.app_template_global()
def cover_url(category: Category, kind: str, row_id: int | str) -> str:
    """The address of the drawn cover of something in a category."""
    return url_for("pages.picture", kind="cover", ident=cover_ident(category, kind, row_id))


@bp.app_template_global()
def creator_cover_url(creator: Creator, width: int = 960) -> str:
    """The address of a creator's cover, uploaded or drawn, for a place `width` pixels wide."""
    if creator.cover_id is not None:
        return picture_url(creator.cover_id, width)
    return cover_url(creator.category, "creator", creator.id)


@bp.app_template_global()
def creator_cover_srcset(creator: Creator) -> str:
    """Every size of an uploaded cover; nothing where it is drawn."""
    return picture_srcset(creator.cover_id, COVER) if creator.cover_id is not None else ""


@bp.app_template_global()
def creator_face_url(creator: Creator | int, width: int = 128) -> str:
    """The address of a creator's portrait, uploaded or drawn. An id alone gives the drawn one: pass the creator."""
    if isinstance(creator, int):
        return url_for("pages.picture", kind="person", ident=creator_ident(creator))
    return picture_url(creator.avatar_id, width) if creator.avatar_id is not None else creator_face_url(creator.id)


@bp.route("/me/profile", methods=["GET", "POST"])
@access(Role.CREATOR)
def edit() -> ResponseReturnValue:
    creator = own_creator(current_actor())
    form = ProfileForm(data=_profile_data(creator))
    if form.validate_on_submit():
        try:
            with transaction():
                save_profile(current_actor(), form.facts(), form.seen_version(), form.pictures())
        except Invalid as refused:
            show_error(form, refused)
        else:
            return _saved(creator)
    if form.is_submitted():
        form.avatar.ask_again()
        form.cover.ask_again()
    return _profile_page(form), 422 if form.is_submitted() else 200


def _profile_page(form: ProfileForm) -> str:
    creator = own_creator(current_actor())
    return render_template(
        "creators/edit.html",
        form=form,
        creator=creator,
        standing=eligibility(creator) if creator is not None else None,
        progress=completeness(creator) if creator is not None else None,
    )


def _saved(before: Creator | None) -> ResponseReturnValue:
    # Of the frame, too, the face may be another one.
    forget_actor()
    if before is not None:
        flash(_("Your profile is saved."), "good")
        return redirect(url_for("creators.edit"), 303)
    flash(_("Your profile is saved. Add a channel next, so that your fans can be verified."), "good")
    return redirect(url_for("creators.channels"), 303)


def _profile_data(creator: Creator | None) -> dict[str, object]:
    if creator is None:
        actor = current_actor()
        return {"name": actor.name, "handle": free_handle(actor.name, actor.user_id or 0), "version": ""}
    names = (
        "name", "handle", "headline_en", "headline_zh", "biography_en", "biography_zh", "category", "region", "spoken",
        "version",
    )  # fmt: skip
    more = [Category(name) for name in creator.categories[1:]] + [None, None]
    return {name: getattr(creator, name) for name in names} | {"second_category": more[0], "third_category": more[1]}


def profile_first() -> ResponseReturnValue:
    """Where to send someone without a profile who wants to add to it."""
    flash(_("Save your profile first; channels, works and offers belong to it."), "info")
    return redirect(url_for("creators.edit"), 303)
