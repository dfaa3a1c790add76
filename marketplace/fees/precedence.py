"""Which fee rules stand before which."""

from enum import IntEnum, StrEnum


class AgreedWith(StrEnum):
    """With whom an agreement was made, seen from its fee: who pays it, the other side of the deal, or both."""

    BOTH = "both"
    PAYER = "payer"
    OTHER = "other"


class Tier(IntEnum):
    """The order of precedence: of all that apply to a deal's fee, the rules of the lowest number hold, alone."""

    AGREEMENT_OF_BOTH = 1
    AGREEMENT_WITH_PAYER = 2
    AGREEMENT_WITH_OTHER = 3
    PROGRAMME = 4
    DEAL_KIND = 5
    GENERAL = 6


AGREED_TIERS = {
    AgreedWith.BOTH: Tier.AGREEMENT_OF_BOTH,
    AgreedWith.PAYER: Tier.AGREEMENT_WITH_PAYER,
    AgreedWith.OTHER: Tier.AGREEMENT_WITH_OTHER,
}
