"""The words of an offer's status."""

from flask_babel import lazy_gettext as _l

from marketplace.infra.labels import register
from marketplace.offers.models import OfferStatus

register(
    OfferStatus,
    {OfferStatus.DRAFT: _l("Draft"), OfferStatus.LISTED: _l("Listed"), OfferStatus.PAUSED: _l("Paused")},
)
