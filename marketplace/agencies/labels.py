"""The words of agencies' roles and of where a representation stands."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from marketplace.accounts.actor import AgencyRole
from marketplace.agencies.models import RepresentationStatus
from marketplace.infra.labels import register

register(AgencyRole, {AgencyRole.OWNER: _l("Owner"), AgencyRole.MEMBER: _l("Member")})
register(
    RepresentationStatus,
    {
        RepresentationStatus.OFFERED: _l("Waits for consent"),
        RepresentationStatus.ACTIVE: _l("In force"),
        RepresentationStatus.ENDED: _l("Ended"),
        RepresentationStatus.DECLINED: _l("Declined"),
        RepresentationStatus.WITHDRAWN: _l("Taken back"),
    },
)

RIGHTS: dict[AgencyRole, LazyString] = {
    AgencyRole.OWNER: _l("Everything: whom the agency represents, for what share, its people and its money."),
    AgencyRole.MEMBER: _l("Answers for the creators that the agency represents."),
}
