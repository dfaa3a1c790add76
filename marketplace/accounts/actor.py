"""Who is acting, as plain values: passed to every verb, so that none reaches for the request."""

from dataclasses import dataclass
from enum import StrEnum


class BrandRole(StrEnum):
    """What a member may do for their brand: see, spend, manage, or all of it."""

    OWNER = "owner"
    MANAGER = "manager"
    FINANCE = "finance"
    VIEWER = "viewer"


@dataclass(frozen=True, slots=True)
class Actor:
    """One person and the sides they act for. `user_id` is None for a visitor and for the clocks."""

    user_id: int | None = None
    name: str = ""
    creator_id: int | None = None
    brand_id: int | None = None
    brand_role: BrandRole | None = None
    is_admin: bool = False
    side: str = "none"
    email_confirmed: bool = False

    @property
    def signed_in(self) -> bool:
        return self.user_id is not None

    @property
    def may_manage_brand(self) -> bool:
        """May post briefs, select, negotiate, sign and accept for the brand."""
        return self.brand_id is not None and self.brand_role in (BrandRole.OWNER, BrandRole.MANAGER)

    @property
    def may_spend(self) -> bool:
        """May pay the brand's money into escrow."""
        return self.brand_id is not None and self.brand_role in (BrandRole.OWNER, BrandRole.MANAGER, BrandRole.FINANCE)


VISITOR = Actor()
SYSTEM = Actor(name="Mutuals")
