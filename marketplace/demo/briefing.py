"""How the demo's briefs come in: written, opened or held, asked about, closed; and what its administrator watches."""

from random import Random

from marketplace.briefs.copies import save_as_template
from marketplace.briefs.facts import BriefFacts, Deliverable, Step
from marketplace.briefs.models import BudgetKind
from marketplace.briefs.questions import answer_question, ask_question
from marketplace.briefs.references import add_reference
from marketplace.briefs.service import close_brief, create_brief, open_brief
from marketplace.demo import words
from marketplace.demo.brands import COMPANIES
from marketplace.demo.brief_details import MORE, WATCHED, More, Talk
from marketplace.demo.briefs import BRIEFS
from marketplace.demo.spec import Wanted
from marketplace.demo.world import Story, World
from marketplace.infra.db import db, transaction
from marketplace.kit.deal_kinds import ContentKind
from marketplace.kit.money import Money
from marketplace.moderation.words import add_words

_BRANDS = {wanted.key: wanted.brand for wanted in BRIEFS}
_LOCALES = {company.handle: company.locale for company in COMPANIES}
_WATCHED_FROM = 395


def watched(world: World) -> Story:
    yield world.at(_WATCHED_FROM, 10)
    with transaction():
        for locale, lines in WATCHED.items():
            add_words(world.admin, locale, lines)


def brief(world: World, wanted: Wanted) -> Story:
    rng, more = Random(wanted.key), MORE.get(wanted.key, More())  # noqa: S311 - the same every time
    facts = _facts(world, wanted, more, rng)
    yield world.at(wanted.opened, 8, rng.randint(0, 59))
    with transaction():
        actor = world.actors[wanted.brand]
        made = create_brief(actor, facts)
        for title, url in more.links:
            add_reference(actor, made.id, title, url)
        if more.is_template:
            save_as_template(actor, made.id)
        world.briefs[wanted.key] = open_brief(actor, made.id).id
    if wanted.closes > 0:
        yield world.at(wanted.closes - 1, 8, rng.randint(0, 59))
        with transaction():
            close_brief(world.actors[wanted.brand], world.briefs[wanted.key])
    db.session.expire_all()


def _facts(world: World, wanted: Wanted, more: More, rng: Random) -> BriefFacts:
    low, high = wanted.budget
    locale = _LOCALES[wanted.brand]
    made = more.made or ((next(kind for kind in ContentKind if kind.deal_kind is wanted.kind), 1),)
    ranged = more.budget_kind is BudgetKind.RANGE
    return BriefFacts(
        title=wanted.title,
        product=more.product,
        goal=wanted.goal,
        deliverables=tuple(Deliverable(content, number) for content, number in made),
        details=wanted.deliverables,
        key_messages=more.messages,
        musts=more.musts,
        must_nots=more.must_nots,
        category=wanted.category,
        platforms=tuple(platform.value for platform in wanted.platforms),
        minimum_fans=wanted.fans,
        maximum_fans=more.most_fans,
        audience=more.audience,
        visibility=more.visibility,
        budget_kind=more.budget_kind,
        budget_min=Money(low * 100) if ranged else None,
        budget_max=Money(high * 100),
        rate=Money(more.rate * 100) if more.rate is not None else None,
        total=Money(more.total * 100) if more.total is not None else None,
        slots=wanted.slots,
        apply_by=world.at(wanted.closes, 12).date(),
        publish_by=world.at(wanted.closes - 35, 12).date(),
        disclosure=words.DISCLOSURE[locale],
        usage_rights=rng.choice(words.RIGHTS[locale]),
        exclusivity=more.exclusivity,
    )


def draft(world: World, brand: str, title: str) -> Story:
    """One that somebody has only begun."""
    yield world.at(2, 17)
    with transaction():
        create_brief(world.actors[brand], BriefFacts(title=title), step=Step.GOAL)


def talk(world: World, one: Talk) -> Story:
    rng = Random(one.question)  # noqa: S311 - the same every time
    yield world.daytime(rng, one.asked)
    with transaction():
        question_id = ask_question(world.actors[one.creator], world.briefs[one.brief], one.question).id
    if one.answer:
        yield world.daytime(rng, one.asked - 1)
        with transaction():
            answer_question(world.actors[_BRANDS[one.brief]], question_id, one.answer)
