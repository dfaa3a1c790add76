"""The words of a brand's roles, and what each of them may do."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from marketplace.accounts.actor import BrandRole
from marketplace.infra.labels import register

register(
    BrandRole,
    {
        BrandRole.OWNER: _l("Owner"),
        BrandRole.MANAGER: _l("Manager"),
        BrandRole.FINANCE: _l("Finance"),
        BrandRole.VIEWER: _l("Viewer"),
    },
)

RIGHTS: dict[BrandRole, LazyString] = {
    BrandRole.OWNER: _l("Everything, and says who belongs to the company."),
    BrandRole.MANAGER: _l("Writes briefs, chooses creators, negotiates, signs and pays."),
    BrandRole.FINANCE: _l("Sees everything, writes messages and pays."),
    BrandRole.VIEWER: _l("Sees everything and changes nothing."),
}
