"""Who belongs to an agency: it always has an owner, and only owners say who."""

import pytest

from marketplace.accounts.actor import AgencyRole
from marketplace.accounts.models import Side
from marketplace.agencies.members import add_member, change_role, leave, remove_member
from marketplace.agencies.queries import people_of
from marketplace.agencies.service import AgencyFacts, create_agency, edit_agency
from marketplace.app import load_actor
from marketplace.infra.db import transaction
from marketplace.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from tests.support.agencies import make_agency, make_colleague
from tests.support.market import make_admin, make_user

pytestmark = pytest.mark.usefixtures("context")
FACTS = AgencyFacts("Harbour", "harbour", "Harbour Co., Ltd.")


def test_an_agency_never_loses_its_last_owner() -> None:
    with transaction():
        agency = make_agency()
        member = make_colleague(agency)
    with pytest.raises(Conflict), transaction():
        leave(agency.actor)
    with pytest.raises(Conflict), transaction():
        change_role(agency.actor, agency.user_id, AgencyRole.MEMBER)
    with pytest.raises(NotAllowed), transaction():
        remove_member(agency.actor, agency.user_id)
    with transaction():
        change_role(agency.actor, member.user_id, AgencyRole.OWNER)
        leave(agency.actor)
        assert [person.user.id for person in people_of(agency.id)] == [member.user_id]


def test_only_owners_add_change_and_remove() -> None:
    with transaction():
        agency = make_agency()
        member, other = make_colleague(agency), make_colleague(agency, "Gu Yi")
        email = make_user(Side.CREATOR).email
    for act in (
        lambda: add_member(member.actor, email, AgencyRole.MEMBER),
        lambda: change_role(member.actor, other.user_id, AgencyRole.OWNER),
        lambda: remove_member(member.actor, other.user_id),
    ):
        with pytest.raises(NotAllowed), transaction():
            act()


def test_who_was_an_owner_a_moment_ago_is_refused_too() -> None:
    with transaction():
        agency = make_agency()
        second = make_colleague(agency, role=AgencyRole.OWNER)
        change_role(agency.actor, second.user_id, AgencyRole.MEMBER)
    with pytest.raises(NotAllowed), transaction():
        remove_member(second.actor, agency.user_id)


def test_only_people_with_an_account_who_arent_there_yet_can_be_added() -> None:
    with transaction():
        agency, admin = make_agency(), make_admin()
        user = make_user(Side.BRAND)
        add_member(agency.actor, user.email.upper(), AgencyRole.MEMBER)
        email, claimed = user.email, make_user(Side.BRAND, confirmed=False).email
        assert admin.user_id is not None
    for refused in (email, claimed, "nobody@example.com", "person without an at"):
        with pytest.raises(Invalid) as error, transaction():
            add_member(agency.actor, refused, AgencyRole.MEMBER)
        assert error.value.field == "email"


def test_somebody_elses_person_is_nobody_here() -> None:
    with transaction():
        agency, rival = make_agency(), make_agency("Harbour", "Ren Ke")
    with pytest.raises(NotFound), transaction():
        remove_member(agency.actor, rival.user_id)


def test_a_profile_is_changed_by_owners_and_one_edit_at_a_time() -> None:
    with transaction():
        agency = make_agency()
        member = make_colleague(agency)
        edit_agency(agency.actor, FACTS, 1)
    with pytest.raises(NotAllowed), transaction():
        edit_agency(member.actor, FACTS, 2)
    with pytest.raises(Conflict), transaction():
        edit_agency(agency.actor, FACTS, 1)


def test_two_agencies_never_share_a_short_name_and_administrators_have_none() -> None:
    with transaction():
        admin = make_admin()
        first, second = (load_actor(make_user(Side.AGENCY)) for _ in range(2))
        create_agency(first, FACTS)
    with pytest.raises(Invalid) as refused, transaction():
        create_agency(second, FACTS)
    assert refused.value.field == "handle"
    with pytest.raises(NotAllowed), transaction():
        create_agency(admin, AgencyFacts("Ours", "ours", "Ours Ltd."))
