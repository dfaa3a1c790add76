"""How many fans are enough, as the settings say: on the best single channel, or on all channels together."""

from dataclasses import dataclass
from typing import Literal

from babel.lists import format_list
from flask_babel import get_locale
from flask_babel import gettext as _

from marketplace.config import Settings, SettingsError
from marketplace.creators.models import Platform
from marketplace.infra.i18n import count
from marketplace.infra.labels import label
from marketplace.infra.settings import settings


@dataclass(frozen=True, slots=True)
class FanRule:
    """More fans than a limit are enough; exactly as many aren't. `limits` are those of single platforms."""

    kind: Literal["best", "sum"]
    limit: int
    limits: dict[Platform, int]

    @property
    def sums(self) -> bool:
        return self.kind == "sum"

    def needed(self, platform: Platform | None = None) -> int:
        """The smallest count that is enough, on `platform` or where no platform has its own limit."""
        if self.sums or platform is None:
            return self.limit + 1
        return self.limits.get(platform, self.limit) + 1

    def explain(self) -> str:
        """The rule as a sentence with its figures, in the reader's language."""
        if self.sums:
            words: str = _(
                "You need at least %(needed)s verified fans on all your channels together.", needed=count(self.needed())
            )
        elif self.limits:
            words = _(
                "You need at least %(needed)s verified fans on one channel; other numbers hold on %(others)s.",
                needed=count(self.needed()),
                others=self._others(),
            )
        else:
            words = _("You need at least %(needed)s verified fans on one channel.", needed=count(self.needed()))
        return words

    def _others(self) -> str:
        found = [
            _("%(platform)s (%(needed)s)", platform=label(platform), needed=count(self.needed(platform)))
            for platform in self.limits
        ]
        return format_list(found, locale=get_locale() or "en")


def fan_rule() -> FanRule:
    """The rule that holds now."""
    return rule_of(settings())


def rule_of(found: Settings) -> FanRule:
    """
    Raises:
        SettingsError: a limit is for a platform that we don't know, is below zero, or has no meaning in a sum.
    """
    unknown = sorted(set(found.fan_thresholds) - set(Platform))
    if unknown:
        raise SettingsError(f"FAN_THRESHOLDS: {unknown[0]!r} is none of {', '.join(Platform)}")
    if any(limit < 0 for limit in found.fan_thresholds.values()):
        raise SettingsError("FAN_THRESHOLDS: a number of fans can't be below zero")
    if found.fan_rule == "sum" and found.fan_thresholds:
        raise SettingsError("FAN_THRESHOLDS: platforms have no limits of their own while FAN_RULE is sum")
    limits = {Platform(name): limit for name, limit in found.fan_thresholds.items()}
    return FanRule(found.fan_rule, found.fan_threshold, limits)
