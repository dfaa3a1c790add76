"""Who is acting, as plain values: passed to every verb, so that none reaches for the request."""

from dataclasses import dataclass
from enum import StrEnum


class BrandRole(StrEnum):
    """What a member may do for their brand: see, spend, manage, or all of it."""

    OWNER = "owner"
    MANAGER = "manager"
    FINANCE = "finance"
    VIEWER = "viewer"


class AgencyRole(StrEnum):
    """What a person may do for their agency: look after its creators, or its people and shares too."""

    OWNER = "owner"
    MEMBER = "member"


@dataclass(frozen=True, slots=True)
class Actor:
    """One person in one of their places: a creator, a member of a brand, or of an agency.

    `user_id` is None for a visitor and for the clocks. With both `agency_id` and `creator_id` the person answers for a
    creator whom the agency represents. `side` is the place's kind ("creator", "brand", "agency" or "none"): a person
    may have chosen a side before there is a profile. `place` is its name as its pages head it, `face_id` its uploaded
    picture.
    """

    user_id: int | None = None
    name: str = ""
    creator_id: int | None = None
    brand_id: int | None = None
    brand_role: BrandRole | None = None
    agency_id: int | None = None
    agency_role: AgencyRole | None = None
    agency_name: str = ""
    is_admin: bool = False
    side: str = "none"
    email_confirmed: bool = False
    place: str = ""
    face_id: int | None = None

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

    @property
    def owns_brand(self) -> bool:
        """May say who belongs to the brand, and how much each may spend."""
        return self.brand_id is not None and self.brand_role is BrandRole.OWNER

    @property
    def owns_agency(self) -> bool:
        """May say who belongs to the agency, whom it represents and for what share, and where its money goes."""
        return self.agency_id is not None and self.agency_role is AgencyRole.OWNER

    @property
    def represents(self) -> bool:
        """Answers for a creator in an agency's place; payout account and consent stay the creator's own."""
        return self.agency_id is not None and self.creator_id is not None

    @property
    def is_creator_themselves(self) -> bool:
        return self.creator_id is not None and self.agency_id is None

    @property
    def signature(self) -> str:
        """The name that what they do is kept under: an agency's people say whose they are."""
        return f"{self.name} · {self.agency_name}" if self.represents else self.name


VISITOR = Actor()
SYSTEM = Actor(name="Mutuals")
