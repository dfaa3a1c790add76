"""The chart of accounts: what each kind means, and one function to name each account. Naming one opens nothing."""

from dataclasses import dataclass
from enum import StrEnum

PLATFORM = "platform"
"""The owner of every account that belongs to the platform itself."""


class AccountClass(StrEnum):
    """Decides the natural sign: assets and expenses grow by debits, liabilities and income by credits."""

    ASSET = "asset"
    LIABILITY = "liability"
    INCOME = "income"
    EXPENSE = "expense"


class AccountKind(StrEnum):
    STRIPE_CLEARING = "stripe_clearing"
    ESCROW = "escrow"
    CREATOR_PENDING = "creator_pending"
    CREATOR_AVAILABLE = "creator_available"
    AGENCY_PENDING = "agency_pending"
    AGENCY_AVAILABLE = "agency_available"
    TRANSFER_IN_TRANSIT = "transfer_in_transit"
    REFUND_IN_TRANSIT = "refund_in_transit"
    SUSPENSE = "suspense"
    FEES_CREATOR = "fees_creator"
    FEES_BRAND = "fees_brand"
    STRIPE_FEES = "stripe_fees"
    CHARGEBACKS = "chargebacks"
    CHARGEBACK_HELD = "chargeback_held"
    CREATOR_OWES = "creator_owes"
    AGENCY_OWES = "agency_owes"
    PLATFORM_BANK = "platform_bank"
    STRIPE_RESERVED = "stripe_reserved"
    PROGRAMME_SPENT = "programme_spent"


@dataclass(frozen=True, slots=True)
class KindRule:
    """How accounts of a kind behave.

    `keeps_balance`: the account's row carries a running balance; busy platform accounts don't, so that no row is hot.
    `guarded`: the database refuses any posting that would take more out than is in.
    """

    account_class: AccountClass
    keeps_balance: bool
    guarded: bool


_OWED = KindRule(AccountClass.LIABILITY, keeps_balance=True, guarded=True)

CHART: dict[AccountKind, KindRule] = {
    AccountKind.STRIPE_CLEARING: KindRule(AccountClass.ASSET, keeps_balance=False, guarded=False),
    AccountKind.ESCROW: _OWED,
    AccountKind.CREATOR_PENDING: _OWED,
    AccountKind.CREATOR_AVAILABLE: _OWED,
    AccountKind.AGENCY_PENDING: _OWED,
    AccountKind.AGENCY_AVAILABLE: _OWED,
    AccountKind.TRANSFER_IN_TRANSIT: _OWED,
    AccountKind.REFUND_IN_TRANSIT: _OWED,
    AccountKind.SUSPENSE: _OWED,
    AccountKind.FEES_CREATOR: KindRule(AccountClass.INCOME, keeps_balance=False, guarded=False),
    AccountKind.FEES_BRAND: KindRule(AccountClass.INCOME, keeps_balance=False, guarded=False),
    AccountKind.STRIPE_FEES: KindRule(AccountClass.EXPENSE, keeps_balance=False, guarded=False),
    AccountKind.CHARGEBACKS: KindRule(AccountClass.EXPENSE, keeps_balance=False, guarded=False),
    AccountKind.CHARGEBACK_HELD: KindRule(AccountClass.ASSET, keeps_balance=True, guarded=False),
    AccountKind.CREATOR_OWES: KindRule(AccountClass.ASSET, keeps_balance=True, guarded=False),
    AccountKind.AGENCY_OWES: KindRule(AccountClass.ASSET, keeps_balance=True, guarded=False),
    AccountKind.PLATFORM_BANK: KindRule(AccountClass.ASSET, keeps_balance=False, guarded=False),
    AccountKind.STRIPE_RESERVED: KindRule(AccountClass.ASSET, keeps_balance=False, guarded=False),
    AccountKind.PROGRAMME_SPENT: KindRule(AccountClass.EXPENSE, keeps_balance=True, guarded=False),
}

GUARDED_KINDS = tuple(kind for kind, rule in CHART.items() if rule.guarded)
BALANCED_KINDS = tuple(kind for kind, rule in CHART.items() if rule.keeps_balance)


@dataclass(frozen=True, slots=True, order=True)
class Account:
    """The name of one account: whose, of what kind, in which commodity (an ISO 4217 code, or a unit such as IMP)."""

    owner: str
    kind: AccountKind
    commodity: str

    @property
    def rule(self) -> KindRule:
        return CHART[self.kind]

    @property
    def natural_sign(self) -> int:
        """1 where debits make it grow, -1 where credits do: it turns a debit-positive sum into what people expect."""
        return 1 if self.rule.account_class in (AccountClass.ASSET, AccountClass.EXPENSE) else -1

    def __str__(self) -> str:
        return f"{self.kind}:{self.owner}:{self.commodity}"


def deal_owner(deal_id: int) -> str:
    return f"deal:{deal_id}"


def creator_owner(creator_id: int) -> str:
    return f"creator:{creator_id}"


def brand_owner(brand_id: int) -> str:
    return f"brand:{brand_id}"


def agency_owner(agency_id: int) -> str:
    return f"agency:{agency_id}"


def programme_owner(programme_id: int) -> str:
    return f"programme:{programme_id}"


def stripe_clearing(commodity: str) -> Account:
    """What Stripe holds for us: equals the sum of its balance transactions."""
    return Account(PLATFORM, AccountKind.STRIPE_CLEARING, commodity)


def escrow(deal_id: int, commodity: str) -> Account:
    """A deal's money between funding and settlement or refund."""
    return Account(deal_owner(deal_id), AccountKind.ESCROW, commodity)


def creator_pending(creator_id: int, commodity: str) -> Account:
    """Earned and still on hold."""
    return Account(creator_owner(creator_id), AccountKind.CREATOR_PENDING, commodity)


def creator_available(creator_id: int, commodity: str) -> Account:
    """Earned and free to be transferred."""
    return Account(creator_owner(creator_id), AccountKind.CREATOR_AVAILABLE, commodity)


def agency_pending(agency_id: int, commodity: str) -> Account:
    """An agency's share of what its creators have earned, on hold as long as theirs."""
    return Account(agency_owner(agency_id), AccountKind.AGENCY_PENDING, commodity)


def agency_available(agency_id: int, commodity: str) -> Account:
    """An agency's shares that are free to be transferred."""
    return Account(agency_owner(agency_id), AccountKind.AGENCY_AVAILABLE, commodity)


def transfer_in_transit(creator_id: int, commodity: str) -> Account:
    """Taken out of available for a transfer that is prepared and whose outcome isn't recorded yet."""
    return Account(creator_owner(creator_id), AccountKind.TRANSFER_IN_TRANSIT, commodity)


def agency_transfer_in_transit(agency_id: int, commodity: str) -> Account:
    """The same, for a transfer to an agency."""
    return Account(agency_owner(agency_id), AccountKind.TRANSFER_IN_TRANSIT, commodity)


def refund_in_transit(deal_id: int, commodity: str) -> Account:
    """Taken out of escrow for a refund that is prepared and whose outcome isn't recorded yet."""
    return Account(deal_owner(deal_id), AccountKind.REFUND_IN_TRANSIT, commodity)


def suspense(commodity: str, owner: str = PLATFORM) -> Account:
    """Money that arrived and that we can't place yet."""
    return Account(owner, AccountKind.SUSPENSE, commodity)


def fees_creator(commodity: str) -> Account:
    """Creator commissions earned by the platform."""
    return Account(PLATFORM, AccountKind.FEES_CREATOR, commodity)


def fees_brand(commodity: str) -> Account:
    """Brand service fees earned by the platform."""
    return Account(PLATFORM, AccountKind.FEES_BRAND, commodity)


def stripe_fees(commodity: str) -> Account:
    """What Stripe charges us."""
    return Account(PLATFORM, AccountKind.STRIPE_FEES, commodity)


def chargebacks(commodity: str) -> Account:
    """Lost to chargebacks that nobody else bears."""
    return Account(PLATFORM, AccountKind.CHARGEBACKS, commodity)


def chargeback_held(deal_id: int, commodity: str) -> Account:
    """What a payer's bank has taken back of a settled deal's payment, until it decides."""
    return Account(deal_owner(deal_id), AccountKind.CHARGEBACK_HELD, commodity)


def creator_owes(creator_id: int, commodity: str) -> Account:
    """What a creator owes of chargebacks that were lost: taken from their next earnings."""
    return Account(creator_owner(creator_id), AccountKind.CREATOR_OWES, commodity)


def agency_owes(agency_id: int, commodity: str) -> Account:
    """The same, of an agency's shares."""
    return Account(agency_owner(agency_id), AccountKind.AGENCY_OWES, commodity)


def platform_bank(commodity: str) -> Account:
    """What Stripe has paid out to the platform's own bank, less what was topped up from there."""
    return Account(PLATFORM, AccountKind.PLATFORM_BANK, commodity)


def stripe_reserved(commodity: str) -> Account:
    """What Stripe has set aside of our balance, until it gives it back."""
    return Account(PLATFORM, AccountKind.STRIPE_RESERVED, commodity)


def programme_spent(programme_id: int, commodity: str) -> Account:
    """What an incentive programme has awarded."""
    return Account(programme_owner(programme_id), AccountKind.PROGRAMME_SPENT, commodity)
