"""Fee rules in words, and what one set of them says otherwise than another, in the language of whoever reads."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from marketplace.fees.policy import Amounts, Policy, Rule, RuleKind
from marketplace.infra.i18n import count, listed, money_text, percent, short_date
from marketplace.infra.labels import label, register
from marketplace.kit.deal_kinds import DealKind
from marketplace.kit.money import DEFAULT_CURRENCY, Money

register(
    RuleKind,
    {
        RuleKind.CREATOR_COMMISSION: _l("Commission, paid by the creator"),
        RuleKind.BRAND_SERVICE_FEE: _l("Service fee, paid by the brand"),
    },
)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that a rule says otherwise; `was` or `now` is empty where it said or says nothing of it."""

    what: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule that came, went or changed. `before` and `after` are None where it wasn't or isn't there."""

    name: str
    before: Rule | None
    after: Rule | None
    differences: Sequence[Difference]


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """What of a policy is otherwise than in the one before; the floors are basis points."""

    floor: tuple[int, int] | None
    rules: Sequence[RuleChange]

    def __bool__(self) -> bool:
        return self.floor is not None or bool(self.rules)


def sentences(rule: Rule, currency: str | None = None) -> list[str]:
    """What the rule takes and when it holds; amounts in one currency, the default one if it names that."""
    code = currency or shown_currency(rule)
    return [*_takes(rule, code), *_limits(rule, code), *_holds(rule)]


def shown_currency(rule: Rule) -> str:
    """The currency that its amounts are read in first."""
    named = rule.currencies
    return DEFAULT_CURRENCY if named is None or DEFAULT_CURRENCY in named else min(named, default=DEFAULT_CURRENCY)


def _takes(rule: Rule, code: str) -> Iterator[str]:
    edges = [bracket.above.get(code) for bracket in rule.brackets]
    for bracket, lower, upper in zip(rule.brackets, edges, [*edges[1:], None], strict=True):
        if bracket.rate == 0 and lower is None:
            yield _nothing(rule.kind, _amount(upper, code))
        elif rule.kind is RuleKind.CREATOR_COMMISSION:
            yield _of_earnings(percent(bracket.rate), _amount(lower, code), _amount(upper, code))
        else:
            yield _of_price(percent(bracket.rate), _amount(lower, code), _amount(upper, code))


def _nothing(kind: RuleKind, upper: str) -> str:
    if not upper:
        return str(_("Nothing on any price."))
    if kind is RuleKind.CREATOR_COMMISSION:
        return str(_("Nothing on what the creator earns in a calendar month up to %(upper)s.", upper=upper))
    return str(_("Nothing on the price up to %(upper)s.", upper=upper))


def _of_earnings(rate: str, lower: str, upper: str) -> str:
    values = {"rate": rate, "lower": lower, "upper": upper}
    if lower and upper:
        return str(_("%(rate)s of what the creator earns in a calendar month from %(lower)s to %(upper)s.", **values))
    if lower:
        return str(_("%(rate)s of what the creator earns in a calendar month above %(lower)s.", **values))
    if upper:
        return str(_("%(rate)s of what the creator earns in a calendar month up to %(upper)s.", **values))
    return str(_("%(rate)s of the price.", **values))


def _of_price(rate: str, lower: str, upper: str) -> str:
    values = {"rate": rate, "lower": lower, "upper": upper}
    if lower and upper:
        return str(_("%(rate)s of the part of the price from %(lower)s to %(upper)s.", **values))
    if lower:
        return str(_("%(rate)s of the part of the price above %(lower)s.", **values))
    if upper:
        return str(_("%(rate)s of the price up to %(upper)s.", **values))
    return str(_("%(rate)s of the price.", **values))


def _limits(rule: Rule, code: str) -> Iterator[str]:
    if rule.minimum is not None and code in rule.minimum:
        yield _("At least %(amount)s for each deal.", amount=_amount(rule.minimum[code], code))
    if rule.cap is not None and code in rule.cap:
        yield _("At most %(amount)s for each deal.", amount=_amount(rule.cap[code], code))


def _holds(rule: Rule) -> Iterator[str]:
    if rule.deal_kinds is not None:
        yield _("Only for: %(kinds)s.", kinds=kinds_text(rule))
    if rule.programme is not None:
        yield _(
            "Only in a creator’s first %(days)s days: “%(name)s”.",
            days=count(rule.programme.first_days),
            name=rule.programme.name,
        )
    if days := days_text(rule.starts, rule.ends):
        yield days


def kinds_text(rule: Rule) -> str:
    """The kinds of deal that it names, or that it is for all."""
    if rule.deal_kinds is None:
        return str(_("Every kind of deal"))
    return listed([str(label(kind)) for kind in DealKind if kind in rule.deal_kinds])


def days_text(starts: date | None, ends: date | None) -> str:
    """From when to when something holds; nothing where it always does."""
    if starts is not None and ends is not None:
        return str(_("From %(first)s to %(last)s.", first=short_date(starts), last=short_date(ends)))
    if starts is not None:
        return str(_("From %(first)s on.", first=short_date(starts)))
    if ends is not None:
        return str(_("Until %(last)s.", last=short_date(ends)))
    return ""


def amount_rows(rule: Rule) -> tuple[list[str], list[tuple[str, list[str]]]]:
    """The rule's amounts as a table: the columns' names, then a row for each currency. Empty where it names none."""
    columns = _amount_columns(rule)
    codes = sorted({code for amounts in columns.values() for code in amounts}, key=_by_default_first)
    rows = [(code, [_amount(amounts.get(code), code) for amounts in columns.values()]) for code in codes]
    return list(columns), rows


def _amount_columns(rule: Rule) -> dict[str, Amounts]:
    columns: dict[str, Amounts] = {
        str(_("%(rate)s above", rate=percent(bracket.rate))): bracket.above for bracket in rule.brackets[1:]
    }
    if rule.minimum is not None:
        columns[str(_("At least"))] = rule.minimum
    if rule.cap is not None:
        columns[str(_("At most"))] = rule.cap
    return columns


def compare(before: Policy, after: Policy) -> PolicyChange:
    """What `after` says otherwise than `before`, rule by rule, by their names."""
    floors = (before.creator_floor, after.creator_floor)
    was, now = ({rule.id: rule for rule in policy.rules} for policy in (before, after))
    found = [_rule_change(name, was.get(name), now.get(name)) for name in dict.fromkeys([*now, *was])]
    return PolicyChange(floors if floors[0] != floors[1] else None, [change for change in found if change is not None])


def _rule_change(name: str, before: Rule | None, after: Rule | None) -> RuleChange | None:
    if before == after:
        return None
    if before is None or after is None:
        return RuleChange(name, before, after, ())
    was, now = _aspects(before), _aspects(after)
    differences = [
        Difference(what, was.get(what, ""), now.get(what, ""))
        for what in dict.fromkeys([*was, *now])
        if was.get(what, "") != now.get(what, "")
    ]
    return RuleChange(name, before, after, differences)


def _aspects(rule: Rule) -> Mapping[str, str]:
    """Everything that a rule says, each thing under its name, the amounts currency by currency."""
    programme = rule.programme
    rates = " · ".join(percent(bracket.rate) for bracket in rule.brackets)
    found = {
        str(_("Fee")): str(label(rule.kind)),
        str(_("Rates")): rates,
        str(_("Kinds of deal")): kinds_text(rule),
        str(_("Programme")): _("%(name)s, first %(days)s days", name=programme.name, days=count(programme.first_days))
        if programme is not None
        else "",
        str(_("Days")): days_text(rule.starts, rule.ends),
    }
    for number, bracket in enumerate(rule.brackets[1:], 1):
        for code, amount in bracket.above.items():
            name = _("Step %(number)s begins at, in %(currency)s", number=number, currency=code)
            found[str(name)] = _amount(amount, code)
    for code, amount in (rule.minimum or {}).items():
        found[str(_("At least, in %(currency)s", currency=code))] = _amount(amount, code)
    for code, amount in (rule.cap or {}).items():
        found[str(_("At most, in %(currency)s", currency=code))] = _amount(amount, code)
    return found


def _amount(amount: int | None, code: str) -> str:
    return money_text(Money(amount, code)) if amount is not None else ""


def _by_default_first(code: str) -> tuple[bool, str]:
    return code != DEFAULT_CURRENCY, code
