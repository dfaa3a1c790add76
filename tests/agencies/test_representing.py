"""How an agency comes to represent a creator, and how it ends."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from marketplace.accounts.actor import AgencyRole
from marketplace.agencies.consent import consent_text, fingerprint
from marketplace.agencies.jobs import end_representations
from marketplace.agencies.models import Representation, RepresentationStatus
from marketplace.agencies.queries import agency_of, representation_for, share_of
from marketplace.agencies.representing import consent, decline_offer, give_notice, offer_representation, withdraw_offer
from marketplace.agencies.service import AgencyFacts, edit_agency
from marketplace.infra.db import db, transaction
from marketplace.infra.i18n import reader
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from marketplace.notifications.models import Notification
from tests.support.agencies import AgencySide, agree, make_agency, make_colleague, offer, represent
from tests.support.market import CreatorSide, make_brand, make_creator

pytestmark = pytest.mark.usefixtures("context")
RunJobs = Callable[..., None]


def make_both() -> tuple[AgencySide, CreatorSide]:
    with transaction():
        return make_agency(), make_creator()


def told(user_id: int) -> list[str]:
    query = db.select(Notification.kind).where(Notification.user_id == user_id).order_by(Notification.id)
    found = list(db.session.scalars(query))
    db.session.rollback()
    return found


def test_a_consent_keeps_the_text_the_name_and_the_time() -> None:
    agency, creator = make_both()
    with transaction(), reader("en", "Asia/Shanghai"):
        found = represent(agency, creator, 1_500, 30)
        assert found.status is RepresentationStatus.ACTIVE
        assert found.consented_name == "Lin Yue"
        assert found.consented_at is not None
        for words in ("Lantern Agency Co., Ltd.", "91310000MA1K00001Y", "15 %", "30 days", "payout account"):
            assert words in found.consent
        assert agency_of(creator.id) == agency.id


def test_the_consent_is_written_in_the_readers_language_and_kept_so() -> None:
    agency, creator = make_both()
    with transaction():
        made = offer(agency, creator)
        found = representation_for(creator.actor, made.id)
        with reader("en", "UTC"):
            english = consent_text(found)
        with reader("zh", "UTC"):
            assert "15%" in consent_text(found) or "15 %" in consent_text(found)
        with reader("en", "UTC"):
            consent(creator.actor, made.id, "林悦", fingerprint(english))
    assert db.session.get_one(Representation, made.id).consent == english


def test_a_text_that_changed_since_it_was_read_is_not_agreed_to() -> None:
    agency, creator = make_both()
    with transaction():
        made = offer(agency, creator)
        shown = fingerprint(consent_text(representation_for(creator.actor, made.id)))
        edit_agency(agency.actor, AgencyFacts("Lantern", "lantern", "Another Ltd."), 1)
    with pytest.raises(Invalid), transaction():
        consent(creator.actor, made.id, "Lin Yue", shown)
    assert agency_of(creator.id) is None


@pytest.mark.parametrize("name", ["", " ", "X", "x" * 81])
def test_a_consent_needs_a_name(name: str) -> None:
    agency, creator = make_both()
    with transaction():
        made = offer(agency, creator).id
    with pytest.raises(Invalid) as refused, transaction():
        consent(creator.actor, made, name, fingerprint(consent_text(representation_for(creator.actor, made))))
    assert refused.value.field == "name"


def test_nobody_but_the_creator_consents_declines_or_gives_their_notice() -> None:
    agency, creator = make_both()
    with transaction():
        stranger, member = make_creator("Su Bai"), make_colleague(agency)
        represent(agency, creator)
        again = offer(agency, creator, 2_000).id
    acting = agency.acting_for(creator)
    assert acting.represents
    for refused in (acting, agency.actor, member.actor):
        with pytest.raises(NotAllowed), transaction():
            consent(refused, again, "Lin Yue", "x")
        with pytest.raises(NotAllowed), transaction():
            decline_offer(refused, again)
    with pytest.raises(NotFound), transaction():
        decline_offer(stranger.actor, again)


def test_only_owners_offer_withdraw_and_give_the_agencys_notice() -> None:
    agency, creator = make_both()
    with transaction():
        member, rival = make_colleague(agency), make_agency("Harbour", "Ren Ke")
        active = represent(agency, creator).id
        other = make_creator("Su Bai")
        waiting = offer(agency, other).id
    with pytest.raises(NotAllowed), transaction():
        offer_representation(member.actor, other.handle, 1_000, 30)
    with pytest.raises(NotAllowed), transaction():
        withdraw_offer(member.actor, waiting)
    with pytest.raises(NotAllowed), transaction():
        give_notice(member.actor, active)
    with pytest.raises(NotFound), transaction():
        withdraw_offer(rival.actor, waiting)
    with pytest.raises(NotFound), transaction():
        give_notice(rival.actor, active)
    with pytest.raises(NotFound), transaction():
        give_notice(make_brand().actor, active)


@pytest.mark.parametrize("by_agency", [True, False])
def test_notice_ends_it_after_its_days_and_not_before(by_agency: bool, run_jobs: RunJobs) -> None:
    agency, creator = make_both()
    with transaction():
        found = represent(agency, creator, notice_days=10)
        give_notice(agency.actor if by_agency else creator.actor, found.id)
        assert found.notice_at is not None
        assert found.ends_at == found.notice_at + timedelta(days=10)
    with clock.at(clock.now() + timedelta(days=9)):
        end_representations()
        assert agency_of(creator.id) == agency.id
        assert agency.acting_for(creator).represents
    with clock.at(clock.now() + timedelta(days=10, seconds=1)):
        # Nobody acts by it any more even before the job has closed it.
        assert agency_of(creator.id) is None
        assert not agency.acting_for(creator).represents
        assert share_of(creator.id) is None
        db.session.rollback()
        end_representations()
        run_jobs()
        assert db.session.get_one(Representation, found.id).status is RepresentationStatus.ENDED
    ended = {"representation.ended.agency", "representation.ended.creator"}
    assert ended <= {*told(agency.user_id), *told(creator.user_id)}


def test_notice_is_given_once() -> None:
    agency, creator = make_both()
    with transaction():
        found = represent(agency, creator)
        give_notice(creator.actor, found.id)
    with pytest.raises(Conflict), transaction():
        give_notice(agency.actor, found.id)


def test_a_creator_has_one_agency_at_a_time() -> None:
    agency, creator = make_both()
    with transaction():
        rival = make_agency("Harbour", "Ren Ke")
        represent(agency, creator)
        made = offer(rival, creator).id
    with pytest.raises(Conflict) as refused, transaction():
        agree(creator, made)
    assert "Lantern Agency represents you" in str(refused.value)
    assert agency_of(creator.id) == agency.id


def test_another_share_needs_another_consent_that_takes_the_place_of_the_first() -> None:
    agency, creator = make_both()
    with transaction():
        first = represent(agency, creator, 1_500)
        give_notice(creator.actor, first.id)
        second = represent(agency, creator, 1_000)
        share = share_of(creator.id)
        assert share is not None
        assert share.rate == 1_000
        assert first.status is RepresentationStatus.ENDED
        assert second.ends_at is None


def test_one_offer_waits_at_a_time_and_the_same_again_is_no_news() -> None:
    agency, creator = make_both()
    with transaction():
        made = offer(agency, creator).id
    with pytest.raises(Conflict), transaction():
        offer(agency, creator, 2_000)
    with transaction():
        agree(creator, made)
    with pytest.raises(Invalid), transaction():
        offer(agency, creator)


def test_whoever_declined_isnt_asked_again_at_once() -> None:
    agency, creator = make_both()
    with transaction():
        decline_offer(creator.actor, offer(agency, creator).id)
    with pytest.raises(Conflict), transaction():
        offer(agency, creator)
    with clock.at(clock.now() + timedelta(days=31)), transaction():
        offer(agency, creator)


def test_an_answered_or_withdrawn_offer_cant_be_answered_again() -> None:
    agency, creator = make_both()
    with transaction():
        made = offer(agency, creator).id
        withdraw_offer(agency.actor, made)
    with pytest.raises(Conflict), transaction():
        agree(creator, made)
    with pytest.raises(Conflict), transaction():
        withdraw_offer(agency.actor, made)


@pytest.mark.parametrize(
    ("share", "days", "field"),
    [(-1, 30, "share"), (5_001, 30, "share"), (0, 0, "notice_days"), (0, 181, "notice_days")],
)
def test_a_share_and_a_notice_have_bounds(share: int, days: int, field: str) -> None:
    agency, creator = make_both()
    with pytest.raises(Invalid) as refused, transaction():
        offer_representation(agency.actor, creator.handle, share, days)
    assert refused.value.field == field


def test_each_step_is_told_to_whom_it_concerns(run_jobs: RunJobs) -> None:
    agency, creator = make_both()
    with transaction():
        member = make_colleague(agency)
    with transaction():
        made = offer(agency, creator).id
    run_jobs()
    assert told(creator.user_id)[-1] == "representation.offered"
    with transaction():
        agree(creator, made)
    run_jobs()
    with transaction():
        give_notice(creator.actor, made)
    run_jobs()
    assert told(agency.user_id) == ["representation.consented", "representation.notice.agency"]
    assert told(member.user_id) == ["agency.member_added", *told(agency.user_id)]
    row = db.session.scalars(db.select(Notification).where(Notification.kind == "representation.consented")).first()
    assert row is not None
    assert row.acting == f"agency:{agency.id}"


def test_an_agencys_owner_can_be_a_member_elsewhere() -> None:
    agency, creator = make_both()
    with transaction():
        rival = make_agency("Harbour", "Ren Ke")
        make_colleague(rival, role=AgencyRole.OWNER)
        represent(rival, creator)
    with pytest.raises(NotFound), transaction():
        representation_for(agency.actor, 1)
