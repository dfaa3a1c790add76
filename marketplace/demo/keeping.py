"""What people of the demo keep to themselves: lists, stars and notes, blocks, reports, what they want to be told."""

from dataclasses import dataclass
from typing import Final

from marketplace.brands.blocks import block_brand, block_creator
from marketplace.demo.spec import BRAND, CREATOR, MANAGER
from marketplace.demo.world import Story, World
from marketplace.discovery.lists import make_list, save_creator
from marketplace.infra.db import transaction
from marketplace.kit.money import Money
from marketplace.matching.invite import invite_many
from marketplace.matching.marks import shortlist, write_note
from marketplace.moderation.models import ReportReason
from marketplace.moderation.service import report
from marketplace.notifications.preferences import choose
from marketplace.notifications.topics import Topic

_LISTS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "Small kitchens": (
        (CREATOR, "Always asks for the recipe a week ahead. Worth it."),
        ("priya-nandakumar", "Rice cooker first, pot second: good for the No. 4."),
        ("kofi-mensah-baker", "The clay oven is the star. Ask about the lid."),
        ("he-mianmian", "Our first in Chinese? Speaks English well enough for a call."),
    ),
    "Balconies and gardens": (
        ("clara-winther", "Wind, but lovely light after six."),
        ("marta-elgin", "Represented by Lantern until next month; write to them."),
        ("amara-voss", "Would carry a pot up a hill. Nora asks about insurance."),
    ),
    "Ask again in spring": (
        ("hana-petrov", "Too dear for this brief, liked by all of us."),
        ("wen-xiaozao", ""),
        ("noor-aziz", "Not before the dispute is settled."),
    ),
}
_STARRED: Final = (
    ("priya-nandakumar", True, "Price is fair for the reach. Nora: her last two films were on time."),
    ("clara-winther", True, "Smallest channel, closest to the idea. A second place if budget allows."),
    ("marta-elgin", False, "Her calendar is full for now. Lovely, though: ask what she could move."),
)
_POT: Final = "autumn-clay-pot"


@dataclass(frozen=True, slots=True)
class _Asked:
    """Several creators invited to a brief at once, for `price` yuan each."""

    by: str
    brief: str
    creators: tuple[str, ...]
    price: int
    message: str


_ASKED: Final = (
    _Asked(MANAGER, "lid-before-launch", ("kofi-mensah-baker", "priya-nandakumar"), 9_600,
           "You have both cooked in our pots on your own money. This time it is ours, and it is a secret."),
    _Asked("weiguang-lights", "lamp-study-live", ("nan-ge", "mi-baba"), 9_000,
           "台灯先寄，用一周再决定接不接。文案你写，我们只核对照度。"),
)  # fmt: skip


def kept(world: World) -> list[Story]:
    return [
        _lists(world), _stars(world), _wishes(world), _blocks(world), _reports(world),
        *(_asks_many(world, one) for one in _ASKED),
    ]  # fmt: skip


def _creator_id(world: World, handle: str) -> int:
    found = world.actors[handle].creator_id
    assert found is not None
    return found


def _lists(world: World) -> Story:
    for place, (name, people) in enumerate(_LISTS.items()):
        yield world.at(70 - 30 * place, 16, 20)
        with transaction():
            made = make_list(world.actors[BRAND], name).id
            for number, (handle, note) in enumerate(people):
                save_creator(world.actors[MANAGER if number % 2 else BRAND], _creator_id(world, handle), made, note)


def _stars(world: World) -> Story:
    # After the applications of that day.
    yield world.at(1, 21, 10)
    for handle, starred, note in _STARRED:
        selection_id = world.selections[handle, _POT]
        with transaction():
            if starred:
                shortlist(world.actors[BRAND], selection_id, on=True)
            write_note(world.actors[MANAGER], selection_id, note)


def _wishes(world: World) -> Story:
    yield world.at(40, 18)
    with transaction():
        every = list(Topic)
        quiet = {Topic.MESSAGES, Topic.WAITING, Topic.OFFERS}
        choose(world.actors[CREATOR], topics=every, bell=every, mail=[one for one in every if one not in quiet])


def _blocks(world: World) -> Story:
    yield world.at(1, 20, 30)
    with transaction():
        block_creator(world.actors[BRAND], _creator_id(world, "gabriel-ferro"), "Wanted to be paid outside, twice.")
        brand_id = world.actors["xiaoman-play"].brand_id
        assert brand_id is not None
        block_brand(world.actors[CREATOR], brand_id, "No toys on my table, however often they ask.")


def _reports(world: World) -> Story:
    yield world.at(2, 13, 15)
    brief = f"brief:{world.briefs['kettle-for-one']}"
    words = "Somebody from the company wrote that we could settle half of it without the platform."
    with transaction():
        report(world.actors["dele-marsh"], brief, ReportReason.OFF_PLATFORM, words, "A kettle for one")
    yield world.at(1, 11, 45)
    creator = f"creator:{_creator_id(world, 'nie-xiaoge')}"
    with transaction():
        words = "主页里的作品是别人的，水印被裁掉了。"
        report(world.actors["bu-yi"], creator, ReportReason.SCAM, words, "聂小个")
    yield world.at(1, 12, 5)
    with transaction():
        report(world.actors["yunxi-care"], creator, ReportReason.OTHER, "报价和主页写的不一样。", "聂小个")


def _asks_many(world: World, one: _Asked) -> Story:
    yield world.at(1, 9, 5)
    wanted = [(_creator_id(world, handle), Money(one.price * 100)) for handle in one.creators]
    with transaction():
        invited = invite_many(world.actors[one.by], world.briefs[one.brief], wanted, one.message)
    assert not invited.refused, invited.refused
