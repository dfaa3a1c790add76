"""Reviews: each side of a completed deal writes once, neither reads the other's first, and both then show."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.creators.models import TrackRecord
from marketplace.deals.lifecycle import State
from marketplace.deals.models import DealSide
from marketplace.escrow.settle import accept_work
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from marketplace.notifications.models import Notification
from marketplace.reviews.models import Review
from marketplace.reviews.queries import of_brand, of_creator, rating_of_brand
from marketplace.reviews.service import show_waiting, write_review
from tests.support.deals import DealSides, current, make_deal
from tests.support.market import make_brand, make_creator, make_member, sign_in
from tests.support.web import Client


def completed() -> DealSides:
    with transaction():
        sides = make_deal(state=State.ACCEPTANCE)
        accept_work(sides.brand.actor, sides.id)
    return sides


def record_of(sides: DealSides) -> TrackRecord:
    return db.session.scalars(select(TrackRecord).where(TrackRecord.creator_id == sides.creator.id)).one()


def test_a_review_shows_once_the_other_side_has_written_too(context: None) -> None:
    sides = completed()
    with transaction():
        write_review(sides.brand.actor, sides.id, 5, "Came a day early.")
    assert not of_creator(sides.creator.id).reviews
    with transaction():
        write_review(sides.creator.actor, sides.id, 4, "Paid at once.")
    (about_creator, brand), *none = of_creator(sides.creator.id).reviews
    assert (about_creator.stars, about_creator.text, brand.id, none) == (5, "Came a day early.", sides.brand.id, [])
    assert [review.stars for review, _ in of_brand(sides.brand.id).reviews] == [4]
    assert rating_of_brand(sides.brand.id).mean == 4


def test_a_lonely_review_shows_when_the_time_to_write_is_over(context: None) -> None:
    sides = completed()
    with transaction():
        write_review(sides.brand.actor, sides.id, 2, "")
        assert show_waiting(10) == 0
    with clock.at(clock.now() + timedelta(days=14, minutes=1)):
        with transaction():
            assert (show_waiting(10), show_waiting(10)) == (1, 0)
        assert [review.stars for review, _ in of_creator(sides.creator.id).reviews] == [2]
        with pytest.raises(Conflict, match="time to review"), transaction():
            write_review(sides.creator.actor, sides.id, 5, "Too late.")


def test_a_side_writes_once(context: None) -> None:
    sides = completed()
    with transaction():
        write_review(sides.brand.actor, sides.id, 5, "")
        colleague = make_member(sides.brand, "manager")
    with pytest.raises(Conflict, match="already"), transaction():
        write_review(colleague.actor, sides.id, 1, "")


@pytest.mark.parametrize(("stars", "text"), [(0, ""), (6, ""), (-1, ""), (5, "x" * 2001)])
def test_a_review_has_one_to_five_stars_and_bounded_words(context: None, stars: int, text: str) -> None:
    sides = completed()
    with pytest.raises(Invalid), transaction():
        write_review(sides.brand.actor, sides.id, stars, text)


def test_only_those_who_made_the_deal_review_it(context: None) -> None:
    sides = completed()
    with transaction():
        strangers = [make_creator("Su Bai").actor, make_brand("Northmoss").actor]
        viewer = make_member(sides.brand, "viewer")
    for actor in strangers:
        with pytest.raises(NotFound), transaction():
            write_review(actor, sides.id, 5, "")
    with pytest.raises(NotAllowed), transaction():
        write_review(viewer.actor, sides.id, 5, "")


def test_a_deal_that_goes_on_is_not_reviewed(context: None) -> None:
    with transaction():
        sides = make_deal(state=State.ACCEPTANCE)
    with pytest.raises(Conflict), transaction():
        write_review(sides.brand.actor, sides.id, 5, "")


def test_the_track_record_counts_endings_dates_and_stars(app: Flask, run_jobs: Callable[..., None]) -> None:
    with app.app_context():
        sides = completed()
        with transaction():
            write_review(sides.brand.actor, sides.id, 4, "")
            write_review(sides.creator.actor, sides.id, 5, "")
    run_jobs()
    with app.app_context():
        record = record_of(sides)
        assert (record.ended, record.completed, record.published, record.on_time) == (1, 1, 1, 1)
        assert (record.rating_sum, record.rating_count) == (4, 1)
        assert current(sides).state is State.COMPLETED


def test_both_are_told_without_what_the_other_wrote(app: Flask, run_jobs: Callable[..., None]) -> None:
    with app.app_context():
        sides = completed()
        with transaction():
            write_review(sides.brand.actor, sides.id, 1, "A secret opinion.")
    run_jobs()
    with app.app_context():
        found = db.session.scalars(select(Notification).where(Notification.kind == "review.written")).all()
        assert [told.user_id for told in found] == [sides.creator.user_id]
        assert "secret" not in str(found[0].details)


def test_the_page_takes_a_review_and_keeps_the_other_side_from_reading_it(app: Flask, client: Client) -> None:
    with app.app_context():
        sides = completed()
    path = f"/deals/{sides.id}/review"
    sign_in(client, sides.brand)
    refused = client.post(path, data={"text": "Kind and quick."})
    assert refused.status_code == 422
    assert "Choose from one to five stars." in refused.text
    assert "Kind and quick." in refused.text
    taken = client.post(path, data={"stars": "5", "text": "Kind and quick."}, follow_redirects=True)
    assert "Kind and quick." in taken.text
    sign_in(client, sides.creator)
    assert "Kind and quick." not in client.get(path).text
    client.post(path, data={"stars": "4", "text": "Clear."})
    assert "Kind and quick." in client.get(path).text
    with app.app_context():
        assert {review.side for review in db.session.scalars(select(Review))} == {DealSide.CREATOR, DealSide.BRAND}
