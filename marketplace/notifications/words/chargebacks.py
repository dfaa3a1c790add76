"""Words for chargebacks: to administrators what has to be answered, to the sides of a settled deal what it costs."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from marketplace.notifications.words.kinds import KINDS, Words

_ICON = "bank"
_OPEN = _l("Open the chargeback")


def _admin(what: str, fact: LazyString, says: LazyString, *, asks: bool = False) -> None:
    KINDS[f"chargeback.{what}.admin"] = Words(fact, says, _OPEN, "console.chargeback", _ICON, asks=asks)


_admin(
    "taken",
    _l("A bank took back %(amount)s from %(company)s’s payment"),
    _l("Check the evidence and hand it in by %(deadline)s, or accept the loss. Late evidence isn’t read."),
    asks=True,
)
_admin(
    "asked",
    _l("A bank asks about %(amount)s that %(company)s paid"),
    _l("No money has moved. An answer by %(deadline)s may keep it from becoming a chargeback."),
    asks=True,
)
_admin(
    "due",
    _l("Evidence for %(amount)s of %(company)s is due by %(deadline)s"),
    _l("Nothing has been handed in. Without an answer the money is lost."),
    asks=True,
)
_admin(
    "overdue",
    _l("The time to answer for %(amount)s of %(company)s is over"),
    _l("No evidence was handed in by %(deadline)s. The bank will most likely keep the money."),
)
_admin(
    "won",
    _l("The bank gave back %(amount)s of %(company)s"),
    _l("Deals that stood still go on, and what was withheld is sent."),
)
_admin("lost", _l("The bank kept %(amount)s of %(company)s"), _l("The chargeback’s page says who bears how much."))
_admin(
    "changed",
    _l("A bank gave back %(amount)s of %(company)s that it had kept"),
    _l("The debt is smaller now. What had been paid is the payee’s again, and waits with their transfers."),
)
_admin(
    "again",
    _l("A bank took %(amount)s of %(company)s’s payment again"),
    _l("It had taken money by the same dispute before. The chargeback’s page says whose it is."),
)
_admin("over", _l("A bank’s question about %(amount)s of %(company)s is closed"), _l("No money moved."))

_EARNINGS, _SHARES = _l("See your earnings"), _l("See your agency’s earnings")
_DEAL = _l("Open the deal")
_HELD_FACT = _l("The payment for “%(title)s” was taken back by the payer’s bank")
_BACK_FACT = _l("The bank gave the payment for “%(title)s” back")
_HELD_AGAIN_FACT = _l("The payer’s bank has taken the payment for “%(title)s” again")
_OWED_AGAIN_FACT = _l("The bank took the payment for “%(title)s” again, and keeps it")


def _payees(what: str, fact: LazyString, creator: LazyString, agency: LazyString) -> None:
    KINDS[f"chargeback.{what}.creator"] = Words(fact, creator, _EARNINGS, "payouts.earnings", _ICON)
    KINDS[f"chargeback.{what}.agency"] = Words(fact, agency, _SHARES, "payouts.agency_earnings", _ICON)


_CREATOR_WAITS = _l(
    "We answer the bank with the contract and your work. What wasn’t sent of this earning waits until it decides; "
    "if it keeps the money, what you received of it is taken from your next earnings."
)
_AGENCY_WAITS = _l(
    "We answer the bank with the contract and the work. What wasn’t sent of your share waits until it decides; "
    "if it keeps the money, what you received of it is taken from your next shares."
)
_payees("held", _HELD_FACT, _CREATOR_WAITS, _AGENCY_WAITS)
_payees(
    "held_again",
    _HELD_AGAIN_FACT,
    _l(
        "What wasn’t sent of this earning waits until the bank decides; if it keeps the money, what you received of it "
        "is taken from your next earnings."
    ),
    _l(
        "What wasn’t sent of your share waits until the bank decides; if it keeps the money, what you received of it "
        "is taken from your next shares."
    ),
)
_OWED_FACT = _l("The bank kept the payment for “%(title)s”")
_CREATOR_OWES = _l("You owe %(amount)s of it. It is taken from your next earnings; there is nothing to pay.")
_AGENCY_OWES = _l("Your agency owes %(amount)s of it. It is taken from your next shares; there is nothing to pay.")
_payees("owed", _OWED_FACT, _CREATOR_OWES, _AGENCY_OWES)
_payees("owed_again", _OWED_AGAIN_FACT, _CREATOR_OWES, _AGENCY_OWES)
_payees(
    "returned",
    _BACK_FACT,
    _l("You owe nothing, and what waited of this earning is sent."),
    _l("You owe nothing, and what waited of your share is sent."),
)


def _brand(what: str, fact: LazyString, says: LazyString) -> None:
    KINDS[f"chargeback.{what}.brand"] = Words(fact, says, _DEAL, "deals.show", _ICON)


_brand(
    "held",
    _HELD_FACT,
    _l("Your bank has taken %(amount)s back after the work was accepted. We answer it with the contract and the work."),
)
_brand("held_again", _HELD_AGAIN_FACT, _l("Your bank has taken %(amount)s back once more. The work was accepted."))
_WENT_BACK = _l("%(amount)s went back to your card or account.")
_brand("owed", _OWED_FACT, _WENT_BACK)
_brand("owed_again", _OWED_AGAIN_FACT, _WENT_BACK)
_brand("returned", _BACK_FACT, _l("The deal stays completed, as you accepted its work."))
