"""Each row of the table, asked for each kind of person: who may take it, and who may not."""

from collections.abc import Iterator

import pytest

from marketplace.accounts.actor import SYSTEM, Actor, BrandRole
from marketplace.deals.lifecycle import TABLE, Action, State, Who
from marketplace.deals.models import Deal, DealSide, Terms
from marketplace.deals.policy import available_actions, can, require
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, NotAllowed

PEOPLE: dict[str, Actor] = {
    "creator": Actor(user_id=1, creator_id=7),
    "owner": Actor(user_id=2, brand_id=9, brand_role=BrandRole.OWNER),
    "manager": Actor(user_id=3, brand_id=9, brand_role=BrandRole.MANAGER),
    "finance": Actor(user_id=4, brand_id=9, brand_role=BrandRole.FINANCE),
    "viewer": Actor(user_id=5, brand_id=9, brand_role=BrandRole.VIEWER),
    "admin": Actor(user_id=6, is_admin=True),
    "clock": SYSTEM,
    "another creator": Actor(user_id=8, creator_id=70),
    "another brand": Actor(user_id=9, brand_id=90, brand_role=BrandRole.OWNER),
    "an impostor of the clock": Actor(name="Mutuals"),
}
_MANAGE, _SPEND = {"owner", "manager"}, {"owner", "manager", "finance"}


def _deal(state: State, proposed_by: DealSide = DealSide.CREATOR) -> Deal:
    deal = Deal(
        creator_id=7, brand_id=9, state=state, proposed_by=proposed_by, revisions_used=0, deadline_at=clock.now()
    )
    deal.accepted_terms = Terms(revisions=2)
    return deal


def _expected(who: frozenset[Who], action: Action, proposed_by: DealSide) -> set[str]:
    brand = _SPEND if action is Action.FUND else _MANAGE
    found: set[str] = set()
    if Who.CREATOR in who or Who.EITHER in who or (Who.OTHER in who and proposed_by is DealSide.BRAND):
        found |= {"creator"}
    if Who.BRAND in who or Who.EITHER in who or (Who.OTHER in who and proposed_by is DealSide.CREATOR):
        found |= brand
    return found | {str(one) for one in who & {Who.ADMIN, Who.CLOCK}}


def _rows() -> Iterator[tuple[State, Action, DealSide]]:
    for state, action in TABLE:
        for proposed_by in (DealSide.CREATOR, DealSide.BRAND):
            yield state, action, proposed_by


@pytest.mark.parametrize(("state", "action", "proposed_by"), list(_rows()))
def test_each_row_is_open_to_those_it_names(state: State, action: Action, proposed_by: DealSide) -> None:
    deal = _deal(state, proposed_by)
    expected = _expected(TABLE[state, action].who, action, proposed_by)
    assert {name for name, actor in PEOPLE.items() if can(actor, action, deal)} == expected
    for name, actor in PEOPLE.items():
        if name in expected:
            require(actor, action, deal)
        else:
            with pytest.raises(NotAllowed):
                require(actor, action, deal)


@pytest.mark.parametrize("state", list(State))
def test_what_the_table_does_not_have_is_a_conflict_for_everyone(state: State) -> None:
    for action in set(Action) - {action for (start, action) in TABLE if start is state}:
        for actor in PEOPLE.values():
            with pytest.raises(Conflict):
                require(actor, action, _deal(state))


@pytest.mark.parametrize("state", list(State))
def test_buttons_are_only_for_what_one_may_do(state: State) -> None:
    for actor in PEOPLE.values():
        for action in available_actions(_deal(state), actor):
            assert can(actor, action, _deal(state))


def test_an_administrator_has_no_button_on_a_deal() -> None:
    for state in State:
        assert available_actions(_deal(state), PEOPLE["admin"]) == []
