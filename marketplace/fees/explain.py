"""Fee lines in the reader's words. Everything is lazy: it is written in the language of whoever reads it."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from marketplace.fees.policy import WHOLE, Programme, Rule, RuleKind
from marketplace.fees.precedence import AgreedWith, Tier
from marketplace.fees.quote import FeeLine, FeeQuote, LineReason
from marketplace.infra.i18n import language, listed, money_text, percent, short_date
from marketplace.infra.labels import label
from marketplace.kit.deal_kinds import DealKind
from marketplace.kit.money import Money

_FEW = len(DealKind) // 2
"""A rule that names most kinds of deal is the usual one: that isn't said with each line."""

_AGREED_FOR_GOOD = {
    (AgreedWith.BOTH, True): _l("Agreed for deals of these two."),
    (AgreedWith.BOTH, False): _l("Agreed for deals of these two."),
    (AgreedWith.OTHER, True): _l("By an agreement that covers this deal."),
    (AgreedWith.OTHER, False): _l("By an agreement that covers this deal."),
    (AgreedWith.PAYER, True): _l("As agreed with the creator."),
    (AgreedWith.PAYER, False): _l("As agreed with the company."),
}


def explain(line: FeeLine) -> LazyString:
    """Why the line is there, which rule put it there and why that rule holds, for whoever pays the fee."""
    found = [_why(line), *_source(line), *_rounding(line)]
    return LazyString(_joined, found) if len(found) > 1 else found[0]


def explain_openly(line: FeeLine) -> LazyString:
    """The same for a text that both sides read: what one of them has agreed with the platform isn't the other's."""
    if line.source is not None and line.source.agreement is not None:
        return _l("By the fee rules that hold for this deal.")
    return explain(line)


def explain_share(quote: FeeQuote) -> LazyString:
    """Why the agency has its part, for the creator and for the agency; the brand doesn't read it."""
    assert quote.agency is not None
    return _l(
        "%(rate)s of %(base)s, as agreed with %(agency)s.",
        rate=_percent(quote.agency.rate),
        base=_money(quote.creator_receives),
        agency=quote.agency.name,
    )


def _why(line: FeeLine) -> LazyString:
    commission = line.kind is RuleKind.CREATOR_COMMISSION
    match line.reason:
        case LineReason.FREE:
            return _free_commission(line) if commission else _free_service(line)
        case LineReason.RATE:
            return _commission(line) if commission else _service_fee(line)
    return _limit(line)


def _free_commission(line: FeeLine) -> LazyString:
    if line.source is not None and not any(bracket.rate for bracket in line.source.brackets):
        return _l("Free of commission (rule %(rule)s).", rule=line.rule)
    values = {"start": _money(line.start), "end": _money(line.end), "rule": line.rule}
    return _l("Free: it brings this month's earnings from %(start)s to %(end)s (rule %(rule)s).", **values)


def _free_service(line: FeeLine) -> LazyString:
    if line.source is not None and not any(bracket.rate for bracket in line.source.brackets):
        return _l("Free of service fee (rule %(rule)s).", rule=line.rule)
    return _l("Free: the part of the price up to %(end)s (rule %(rule)s).", end=_money(line.end), rule=line.rule)


def _commission(line: FeeLine) -> LazyString:
    values = _rate_values(line)
    if line.threshold:
        return _l(
            "%(rate)s of %(base)s, the part of this month's earnings above %(threshold)s (rule %(rule)s).", **values
        )
    return _l("%(rate)s of %(base)s (rule %(rule)s).", **values)


def _service_fee(line: FeeLine) -> LazyString:
    values = _rate_values(line)
    if line.threshold:
        return _l("%(rate)s of %(base)s, the part of the price above %(threshold)s (rule %(rule)s).", **values)
    if _ends_at_a_step(line):
        return _l("%(rate)s of the part of the price up to %(base)s (rule %(rule)s).", **values)
    return _l("%(rate)s of the price (rule %(rule)s).", **values)


def _ends_at_a_step(line: FeeLine) -> bool:
    """Whether the price goes on above this first bracket, or would."""
    steps = line.source.brackets[1:2] if line.source is not None else ()
    return any(line.end.amount in step.above.values() for step in steps)


def _limit(line: FeeLine) -> LazyString:
    if line.reason is LineReason.FLOOR:
        return _l("The creator keeps at least %(share)s of the price.", share=_percent(line.rate))
    if line.reason is LineReason.MINIMUM:
        return _l("At least %(limit)s for each deal (rule %(rule)s).", limit=_money(line.base), rule=line.rule)
    return _l("At most %(limit)s for each deal (rule %(rule)s).", limit=_money(line.base), rule=line.rule)


# --- Why this rule ----------------------------------------------------------------------------------------------------


def _source(line: FeeLine) -> Iterator[LazyString]:
    rule = line.source
    if rule is None or line.reason not in (LineReason.FREE, LineReason.RATE):
        return
    if rule.agreed_with is not None:
        yield _agreed(rule, rule.agreed_with)
    elif rule.programme is not None:
        yield _programme(rule, rule.programme)
    elif rule.deal_kinds is not None and len(rule.deal_kinds) <= _FEW:
        yield _l("It is the rule for %(kinds)s.", kinds=LazyString(_kinds, rule.deal_kinds))
    if rule.ends is not None and rule.tier >= Tier.DEAL_KIND:
        yield _l("It holds until %(day)s.", day=_day(rule.ends))


def _agreed(rule: Rule, agreed_with: AgreedWith) -> LazyString:
    by_creator = rule.kind is RuleKind.CREATOR_COMMISSION
    if rule.ends is None:
        return _AGREED_FOR_GOOD[agreed_with, by_creator]
    day = _day(rule.ends)
    if agreed_with is AgreedWith.BOTH:
        return _l("Agreed for deals of these two, until %(day)s.", day=day)
    if agreed_with is AgreedWith.OTHER:
        return _l("By an agreement that covers this deal, until %(day)s.", day=day)
    if by_creator:
        return _l("As agreed with the creator, until %(day)s.", day=day)
    return _l("As agreed with the company, until %(day)s.", day=day)


def _programme(rule: Rule, programme: Programme) -> LazyString:
    values = {"name": programme.name, "days": programme.first_days}
    if rule.last_day is None:
        return _l("“%(name)s”: for a creator’s first %(days)s days.", **values)
    return _l("“%(name)s”: for the creator’s first %(days)s days, until %(day)s.", day=_day(rule.last_day), **values)


def _rounding(line: FeeLine) -> Iterator[LazyString]:
    """A rate that gives no whole minor unit. The running total is what is rounded down, so a line may gain by it."""
    if line.reason is not LineReason.RATE:
        return
    exact, taken = line.base.amount * line.rate, line.amount.amount * WHOLE
    if taken < exact:
        yield _l("Rounded down.")
    elif taken > exact:
        yield _l("Rounded down together with the lines above it.")


def _joined(sentences: Iterable[LazyString]) -> str:
    # Chinese sentences stand beside each other without a space.
    return ("" if language() == "zh" else " ").join(str(sentence) for sentence in sentences)


def _kinds(kinds: Collection[DealKind]) -> str:
    return listed([str(label(kind)) for kind in DealKind if kind in kinds])


def _rate_values(line: FeeLine) -> dict[str, object]:
    return {
        "rate": _percent(line.rate),
        "base": _money(line.base),
        "threshold": _money(line.threshold),
        "rule": line.rule,
    }


def _money(amount: Money) -> LazyString:
    return LazyString(money_text, amount)


def _percent(basis_points: int) -> LazyString:
    return LazyString(percent, basis_points)


def _day(day: date) -> LazyString:
    return LazyString(short_date, day)
