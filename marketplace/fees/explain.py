"""Fee lines in the reader's words. Everything is lazy: it is written in the language of whoever reads it."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from marketplace.fees.policy import RuleKind
from marketplace.fees.quote import FeeLine, FeeQuote, LineReason
from marketplace.infra.i18n import money_text, percent
from marketplace.kit.money import Money


def explain(line: FeeLine) -> LazyString:
    """Why the line is there and which rule put it there, as one sentence."""
    if line.reason is LineReason.FREE:
        return _free(line)
    if line.reason is LineReason.RATE:
        return _commission(line) if line.kind is RuleKind.CREATOR_COMMISSION else _service_fee(line)
    return _limit(line)


def explain_share(quote: FeeQuote) -> LazyString:
    """Why the agency has its part, for the creator and for the agency; the brand doesn't read it."""
    assert quote.agency is not None
    return _l(
        "%(rate)s of %(base)s, as agreed with %(agency)s.",
        rate=_percent(quote.agency.rate),
        base=_money(quote.creator_receives),
        agency=quote.agency.name,
    )


def _free(line: FeeLine) -> LazyString:
    values = {"start": _money(line.start), "end": _money(line.end), "base": _money(line.base), "rule": line.rule}
    if line.kind is RuleKind.CREATOR_COMMISSION:
        return _l("Free: it brings this month's earnings from %(start)s to %(end)s (rule %(rule)s).", **values)
    return _l("Free: the part of the price up to %(end)s (rule %(rule)s).", **values)


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
    return _l("%(rate)s of the price (rule %(rule)s).", **values)


def _limit(line: FeeLine) -> LazyString:
    if line.reason is LineReason.FLOOR:
        return _l("The creator keeps at least %(share)s of the price.", share=_percent(line.rate))
    if line.reason is LineReason.MINIMUM:
        return _l("At least %(limit)s for each deal (rule %(rule)s).", limit=_money(line.base), rule=line.rule)
    return _l("At most %(limit)s for each deal (rule %(rule)s).", limit=_money(line.base), rule=line.rule)


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
