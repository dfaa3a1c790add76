"""Importing this declares every table, for migrations and for the mapper."""

from marketplace.accounts import models as accounts
from marketplace.agencies import models as agencies
from marketplace.brands import models as brands
from marketplace.briefs import models as briefs
from marketplace.chargebacks import models as chargebacks
from marketplace.console import models as console
from marketplace.contracts import models as contracts
from marketplace.creators import audience_models as audiences
from marketplace.creators import models as creators
from marketplace.deals import models as deals
from marketplace.discovery import models as discovery
from marketplace.disputes import models as disputes
from marketplace.documents import models as documents
from marketplace.escrow import models as escrow
from marketplace.fees import models as fees
from marketplace.infra import inbox, mail, pictures, storage
from marketplace.ledger import models as ledger
from marketplace.matching import models as matching
from marketplace.moderation import models as moderation
from marketplace.notifications import models as notifications
from marketplace.offers import models as offers
from marketplace.payouts import models as payouts
from marketplace.payouts import pause_models as pauses
from marketplace.reconciliation import models as reconciliation
from marketplace.reviews import models as reviews

__all__ = [
    "accounts", "agencies", "audiences", "brands", "briefs", "chargebacks", "console", "contracts", "creators", "deals",
    "discovery", "disputes", "documents", "escrow", "fees", "inbox", "ledger", "mail", "matching", "moderation",
    "notifications", "offers", "pauses", "payouts", "pictures", "reconciliation", "reviews", "storage",
]  # fmt: skip
