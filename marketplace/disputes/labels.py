"""The words of disputes."""

from flask_babel import lazy_gettext as _l

from marketplace.disputes.models import DisputeReason, DisputeStatus
from marketplace.infra.labels import register

register(
    DisputeReason,
    {
        DisputeReason.LATE: _l("It is late"),
        DisputeReason.NOT_AS_AGREED: _l("It isn’t what we agreed"),
        DisputeReason.NOT_PUBLISHED: _l("It wasn’t published"),
        DisputeReason.REMOVED: _l("It was taken down"),
        DisputeReason.UNRESPONSIVE: _l("The other side doesn’t answer"),
        DisputeReason.HOLDING_LIMIT: _l("The money can’t be held much longer"),
        DisputeReason.OTHER: _l("Something else"),
    },
)
register(
    DisputeStatus,
    {
        DisputeStatus.OPEN: _l("Open"),
        DisputeStatus.RULED: _l("Ruled"),
        DisputeStatus.AGREED: _l("Agreed"),
        DisputeStatus.WITHDRAWN: _l("Withdrawn"),
        DisputeStatus.LIMIT: _l("Ended by the holding limit"),
        DisputeStatus.CHARGEBACK: _l("Ended by a chargeback"),
    },
)
