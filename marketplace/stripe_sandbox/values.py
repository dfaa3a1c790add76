"""Checks that several calls share: addresses, metadata, lists."""

import re
from typing import Any

from .errors import Refusal
from .store import Obj, Tx

_URL = re.compile(r"^https?://[^\s/]+(/\S*)?$", re.IGNORECASE)
_EMAIL = re.compile(r"^[^\s@]+@[^\s@]+\.[^\s@]+$")


def check_url(value: str, param: str) -> str:
    if not _URL.match(value):
        raise Refusal("Not a valid URL", code="url_invalid", param=param)
    return value


def check_email(value: str, param: str = "email") -> str:
    if not _EMAIL.match(value):
        raise Refusal(f"Invalid email address: {value}", code="email_invalid", param=param)
    return value


def metadata(given: Any, kept: dict[str, str] | None = None, param: str = "metadata") -> dict[str, str]:
    """Stripe's rules: an empty value unsets its key, an empty metadata unsets all; 50 keys of 40, values of 500."""
    if given is None:
        return dict(kept or {})
    if given == "":
        return {}
    merged = {key: value for key, value in {**(kept or {}), **given}.items() if value != ""}
    if len(merged) > 50:
        raise Refusal("Metadata can have up to 50 keys.", param=param)
    for key, value in merged.items():
        if len(key) > 40:
            raise Refusal(f"Metadata keys can have up to 40 characters: {key}", param=param)
        if len(value) > 500:
            raise Refusal(
                f"Metadata values can have up to 500 characters, but you passed in a value that is {len(value)}"
                " characters.",
                param=f"{param}[{key}]",
            )
    return merged


def nulls(names: str) -> Obj:
    """An object's fields that are null until something sets them."""
    return dict.fromkeys(names.split())


def short(value: str | None, param: str, limit: int = 5000) -> str | None:
    if value is not None and len(value) > limit:
        raise Refusal(f"Invalid string: must be at most {limit} characters", param=param)
    return value or None


def listing(
    tx: Tx,
    kind: str,
    url: str,
    params: dict[str, Any],
    filters: dict[str, Any] | None = None,
    *also: tuple[str, Any],
) -> Obj:
    """Newest first, by Stripe's cursors; `filters` are top-level fields and the value (or list of values) wanted.

    `also` holds further conditions in SQL, each with its one value.
    """
    limit = params.get("limit", 10)
    if not 1 <= limit <= 100:
        problem = "Invalid integer: limit must be between 1 and 100"
        raise Refusal(problem, code="parameter_invalid_integer", param="limit")
    where = ["kind = %s", "account = %s", *(condition for condition, _ in also)]
    values: list[Any] = [kind, tx.account, *(value for _, value in also)]
    for name, wanted in (filters or {}).items():
        if wanted is not None:
            where.append("data->>%s = any(%s)")
            values += [name, wanted if isinstance(wanted, list) else [wanted]]
    _created(params.get("created"), where, values)
    backwards = _cursor(tx, kind, params, where, values)
    rows = tx.run(
        f"select data from stripe_sandbox.objects where {' and '.join(where)}"
        f" order by seq {'asc' if backwards else 'desc'} limit %s",
        *values,
        limit + 1,
    ).fetchall()
    found = [row["data"] for row in rows[:limit]]
    if backwards:
        found.reverse()
    return {"object": "list", "data": found, "has_more": len(rows) > limit, "url": url}


def _created(created: Any, where: list[str], values: list[Any]) -> None:
    if created is None:
        return
    bounds = created if isinstance(created, dict) else {"eq": created}
    signs = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "eq": "="}
    for name, second in bounds.items():
        where.append(f"created {signs[name]} %s")
        values.append(second)


def _cursor(tx: Tx, kind: str, params: dict[str, Any], where: list[str], values: list[Any]) -> bool:
    """True when the page is the one before the cursor."""
    if "starting_after" in params and "ending_before" in params:
        raise Refusal(
            "You may only specify one of these parameters: starting_after, ending_before.", code="parameters_exclusive"
        )
    for name, sign in (("starting_after", "<"), ("ending_before", ">")):
        if name in params:
            tx.get(kind, params[name], param=name, in_path=False)
            where.append(f"seq {sign} (select seq from stripe_sandbox.objects where id = %s)")
            values.append(params[name])
    return "ending_before" in params
