"""Where people look at an object of the provider: its dashboard, or the sandbox's own page."""

from urllib.parse import quote

from marketplace.infra.settings import settings

_DASHBOARD = "https://dashboard.stripe.com"
# The page of the dashboard by the id's beginning; what isn't named here is found by the dashboard's search.
_PAGES = {
    "pi": "payments",
    "ch": "payments",
    "py": "payments",
    "po": "payouts",
    "tr": "connect/transfers",
    "acct": "connect/accounts",
    "cus": "customers",
    "dp": "disputes",
    "du": "disputes",
    "evt": "events",
}


def dashboard_url(object_id: str, account_id: str = "", live: bool | None = None) -> str:
    """The page of an object; `account_id` is the connected account that it is of, empty where it is our own. `live` is
    the object's mode where it isn't this system's."""
    base, whole_id = settings().stripe_api_base, quote(object_id, safe="")
    if base:
        return f"{base.rstrip('/')}/objects/{whole_id}"
    account = f"/{quote(account_id, safe='')}" if account_id else ""
    root = f"{_DASHBOARD}{account}{'' if (settings().live if live is None else live) else '/test'}"
    page = _PAGES.get(object_id.partition("_")[0])
    return f"{root}/{page}/{whole_id}" if page else f"{root}/search?query={whole_id}"
