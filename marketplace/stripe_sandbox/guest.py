"""Acts as a person on the hosted pages, over HTTP: for demo data and tests. It needs nothing but an address."""

import http.client
import re
import urllib.error
import urllib.request
from html import unescape
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

_PROBLEM = re.compile(r'data-problem="([^"]+)"')
_TIMEOUT = 20
# Debits of these are confirmed days later; a method's other test numbers are on the page.
_ACCOUNTS = {"us_bank_account": "000123456789", "sepa_debit": "AT611904300234573201"}


class PaymentDeclined(Exception):
    """The page said no and nothing was taken; the message is the page's."""


class PageRefused(Exception):
    """The page isn't there for this: expired, already used, or the form was refused."""


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: object, **kwargs: object) -> None:
        """A redirect leads to the marketplace, which isn't followed."""


_opener = urllib.request.build_opener(_Stay)


def pay(
    checkout_url: str,
    card: str = "4242424242424242",
    *,
    method: str = "card",
    account: str | None = None,
    save: bool = False,
    email: str = "payer@example.com",
    name: str = "Test Payer",
    confirm: bool = True,
) -> str:
    """Pays and gives the address that the browser would go to next. 3-D Secure or a wallet is confirmed, or failed on
    request.

    `method` is a type that the page offers (card, alipay, wechat_pay, us_bank_account, sepa_debit) or the id of a
    saved one; `account` the bank account that a debit is from; `save` ticks the box to keep it.

    Raises PaymentDeclined, or PageRefused when the session can't be paid any more.
    """
    form = {"method": method, "email": email, "name": name}
    if method == "card":
        form |= {"card_number": card, "expiry": "12 / 34", "cvc": "123"}
    if method in _ACCOUNTS:
        form["account_number"] = account or _ACCOUNTS[method]
    if save:
        form["save"] = "yes"
    onward = _submit(checkout_url, form)
    if onward == f"{checkout_url}/confirm":
        onward = _submit(onward, {"outcome": "confirm" if confirm else "fail"})
    if onward.startswith(checkout_url):
        raise PaymentDeclined(parse_qs(urlsplit(onward).query).get("problem", ["not confirmed"])[0])
    return onward


def onboard(
    onboarding_url: str, *, name: str = "Test Person", account_number: str = "000123456789", later: bool = False
) -> str:
    """Fills the onboarding form and gives the address to return to; `later` leaves it half done. Raises PageRefused."""
    form = {"name": name, "routing_number": "110000000", "account_number": account_number}
    if later:
        form["later"] = "yes"
    return _submit(onboarding_url, form)


def _submit(url: str, form: dict[str, str]) -> str:
    request = urllib.request.Request(url, urlencode(form).encode(), method="POST")  # noqa: S310 - a page of the sandbox
    try:
        with _opener.open(request, timeout=_TIMEOUT) as response:
            raise PageRefused(f"{url} answered {response.status} where a redirect was due")
    except urllib.error.HTTPError as answer:
        with answer:
            return _onward(url, answer)


def _onward(url: str, answer: urllib.error.HTTPError) -> str:
    if answer.code in (http.client.FOUND, http.client.SEE_OTHER):
        return urljoin(url, str(answer.headers["Location"]))
    found = _PROBLEM.search(answer.read().decode(errors="replace"))
    words = unescape(found[1]) if found else f"{url} answered {answer.code}"
    raise PaymentDeclined(words) if answer.code == http.client.PAYMENT_REQUIRED else PageRefused(words)
