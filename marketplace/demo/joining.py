"""How the demo's people and companies come in: accounts, profiles, channels, readings and offers."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Final

from marketplace.accounts.models import Side
from marketplace.accounts.service import create_user
from marketplace.brands.service import BrandFacts, create_brand
from marketplace.creators.channels import add_channel
from marketplace.creators.models import Platform, ReadingStatus
from marketplace.creators.platforms import HOSTS
from marketplace.creators.policy import today
from marketplace.creators.readings import review_reading, submit_reading
from marketplace.creators.service import save_profile
from marketplace.creators.works import works_of
from marketplace.demo import profiles, sandbox, words, works
from marketplace.demo.evidence import drawn
from marketplace.demo.extras import EXTRAS, Extra
from marketplace.demo.offers import OFFERS
from marketplace.demo.plan import FEWEST_THEN
from marketplace.demo.spec import CREATOR, PASSWORD, Company, Person, Shelf
from marketplace.demo.world import Story, World, admin_email
from marketplace.infra.db import end_transaction, transaction
from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.kit.deal_kinds import ContentKind
from marketplace.kit.money import Money
from marketplace.offers.service import AddonFacts, OfferFacts, PackageFacts, create_offer, list_offer
from marketplace.payouts.arrivals import read_account
from marketplace.payouts.onboarding import refresh_account, start_onboarding
from marketplace.payouts.queries import account_of
from marketplace.stripe_sandbox import guest

_ADMIN_NAME: Final = "Wei Lan"
_OPENED: Final = 400
_EXAMPLES: Final = 3
_ONBOARDED: Final = 0.95


def administrator(world: World, password_hash: str) -> Story:
    yield world.at(_OPENED, 9)
    with transaction():
        _account(admin_email(), _ADMIN_NAME, Side.NONE, "en", password_hash, is_admin=True)
        world.learn("admin", admin_email())


def _account(email: str, name: str, side: Side, locale: str, password_hash: str, *, is_admin: bool = False) -> None:
    create_user(
        email=email,
        password=PASSWORD,
        name=name,
        side=side,
        locale=locale,
        timezone=settings().default_timezone,
        confirmed=True,
        is_admin=is_admin,
        password_hash=password_hash,
    )


def company(world: World, one: Company, joined: int, password_hash: str) -> Story:
    yield world.daytime(Random(one.handle), joined)  # noqa: S311 - the same every time
    with transaction():
        _account(one.email, one.owner, Side.BRAND, one.locale, password_hash)
        facts = BrandFacts(
            name=one.name,
            handle=one.handle,
            legal_name=one.legal_name,
            registration_number=f"DEMO-{Random(one.legal_name).randrange(10**7, 10**8)}",  # noqa: S311
            industry=one.industry,
            region=one.region,
            website=f"https://{one.handle}.example",
            about=one.about,
        )
        create_brand(world.learn(one.handle, one.email), facts, logo=profiles.logo_of(one.handle))
        world.learn(one.handle, one.email)


def creator(world: World, one: Person, password_hash: str) -> Story:
    rng = Random(one.handle)  # noqa: S311 - the same every time
    yield world.daytime(rng, one.joined)
    with transaction():
        _account(one.email, one.name, Side.CREATOR, one.locale, password_hash)
        me = world.learn(one.handle, one.email)
        save_profile(me, profiles.facts_of(one), pictures=profiles.pictures_of(one))
        actor = world.learn(one.handle, one.email)
        channels = {platform: _claim(world, one, platform) for platform in one.fans}
    world.channels.update({(one.handle, platform): channel_id for platform, channel_id in channels.items()})
    yield from _first_readings(world, one, rng, channels)
    yield from works.portfolio(world, one)
    if not one.is_new:
        yield from _offers(world, one, rng)
        ready = one.handle == CREATOR or rng.random() < _ONBOARDED
        yield world.daytime(rng, one.joined - 5)
        _connect(world, one.handle, half=not ready)
        yield from _later_readings(world, one, rng, channels)
    assert actor.creator_id is not None


def _claim(world: World, one: Person, platform: Platform) -> int:
    address = f"https://www.{HOSTS[platform][0]}/{one.handle}-demo"
    return add_channel(world.actors[one.handle], platform, one.handle, address).id


def _first_readings(world: World, one: Person, rng: Random, channels: dict[Platform, int]) -> Story:
    """On the day after joining all channels are read; a newcomer's reading may be undecided still."""
    share = 100 if one.is_new else rng.randint(FEWEST_THEN + 3, FEWEST_THEN + 15)
    day = one.joined - 1 if one.newest is ReadingStatus.ACCEPTED or not one.is_new else rng.randint(2, 4)
    verdict = one.newest if one.is_new else ReadingStatus.ACCEPTED
    yield world.daytime(rng, day)
    readings = [
        _hand_in(world, one, rng, channels[platform], _then(rng, fans, share)) for platform, fans in one.fans.items()
    ]
    yield from _decide(world, one, readings, rng=rng, day=day, verdict=verdict)


def _later_readings(world: World, one: Person, rng: Random, channels: dict[Platform, int]) -> Story:
    """The main channel grows: read again half-way, and lately."""
    main, fans = next(iter(one.fans.items()))
    halfway, lately = one.joined // 2, rng.randint(8, 24)
    if halfway > 40:
        yield world.daytime(rng, halfway)
        reading = _hand_in(world, one, rng, channels[main], _then(rng, fans, 91))
        yield from _decide(world, one, [reading], rng=rng, day=halfway, verdict=ReadingStatus.ACCEPTED)
    if one.newest is not ReadingStatus.ACCEPTED:
        lately = rng.randint(1, 3)
    yield world.daytime(rng, lately)
    reading = _hand_in(world, one, rng, channels[main], _then(rng, fans, 100))
    yield from _decide(world, one, [reading], rng=rng, day=lately, verdict=one.newest)


def _then(rng: Random, fans: int, percent: int) -> int:
    return fans * percent // 100 - rng.randint(0, fans // 150)


def _hand_in(world: World, one: Person, rng: Random, channel_id: int, fans: int) -> int:
    evidence = drawn(one.handle, fans, today().isoformat(), rng.randrange(360))
    with transaction():
        return submit_reading(world.actors[one.handle], channel_id, fans, today(), evidence).id


def _decide(world: World, one: Person, readings: list[int], *, rng: Random, day: int, verdict: ReadingStatus) -> Story:
    if verdict is ReadingStatus.PENDING:
        return
    yield world.daytime(rng, day - 1)
    accept = verdict is ReadingStatus.ACCEPTED
    with transaction():
        for reading_id in readings:
            review_reading(world.admin, reading_id, accept, "" if accept else words.REJECTED_READING[one.locale])


def _offers(world: World, one: Person, rng: Random) -> Story:
    for place, shelf in enumerate(shelf for shelf in OFFERS if shelf.creator == one.handle):
        yield world.daytime(rng, one.joined - 3 - place)
        with transaction():
            actor = world.actors[one.handle]
            assert actor.creator_id is not None
            shown = [work.id for work in works_of(actor.creator_id, _EXAMPLES)]
            offer = create_offer(actor, replace(_facts(shelf, one), examples=shown))
            if not shelf.draft:
                list_offer(actor, offer.id)
            world.offers[one.handle, shelf.title] = tuple(package.id for package in offer.packages)


def _facts(shelf: Shelf, one: Person) -> OfferFacts:
    extra = EXTRAS.get(shelf.title, Extra())
    addons = [
        AddonFacts(kind, Money.from_major(price, shelf.currency), days, details)
        for kind, price, days, details in extra.addons
    ]
    return OfferFacts(shelf.title, shelf.description, one.category, list(_packages(shelf, extra)), addons)


def _packages(shelf: Shelf, extra: Extra) -> Iterator[PackageFacts]:
    made = extra.made or ((shelf.content, None),) * len(shelf.packages)
    included = extra.included or ((),) * len(shelf.packages)
    lines = zip(shelf.packages, made, included, strict=True)
    for (name, deliverables, days, revisions, price), (content, number), also in lines:
        yield PackageFacts(
            None,
            name,
            content,
            deliverables,
            days,
            revisions,
            Money.from_major(price, shelf.currency),
            hours=number if content is ContentKind.LIVE_SESSION else None,
            episodes=number if content is ContentKind.SERIES else None,
            included=also,
        )


def _connect(world: World, handle: str, *, half: bool) -> None:
    """Set up where the money goes, on the provider's page; a few leave it before they have named their bank."""
    actor = world.actors[handle]
    sandbox.set_clock(clock.now())
    guest.onboard(start_onboarding(actor), name=actor.name, later=half)
    assert actor.creator_id is not None
    account = account_of(actor.creator_id)
    assert account is not None
    stripe_id = account.stripe_account_id
    end_transaction()
    assert stripe_id is not None
    refresh_account(stripe_id)


def read_payouts(world: World) -> None:
    """What Stripe has paid on to the bank of the creator that visitors sign in as."""
    actor = world.actors[CREATOR]
    assert actor.creator_id is not None
    account = account_of(actor.creator_id)
    stripe_id = account.stripe_account_id if account is not None else None
    if stripe_id is not None:
        read_account(stripe_id)
