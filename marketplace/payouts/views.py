"""Pages of payouts: what a creator or an agency has earned, line by line, and the way to the payout account."""

from collections.abc import Iterator
from http import HTTPStatus

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.actor import Actor
from marketplace.accounts.session import Role, access, current_actor
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.csv_files import Cell, csv_answer
from marketplace.infra.settings import settings
from marketplace.kit.errors import Invalid, NotFound
from marketplace.kit.money import DEFAULT_CURRENCY
from marketplace.kit.periods import PeriodChoice, asked_period, period_of
from marketplace.ledger.pages import parse_cursor
from marketplace.payouts.earnings import EarningFilter, EarningRow, earnings, every_earning, first_year
from marketplace.payouts.lines import MoneyLine, Place, Which, currencies_of, every_line, lines_of
from marketplace.payouts.onboarding import has_given_details, refresh_account, start_onboarding
from marketplace.payouts.page import build
from marketplace.payouts.payee import Payee, payee_of, payee_read_by
from marketplace.payouts.queries import account_for

bp = Blueprint("payouts", __name__)
_PAGE = 30
_LINES = 50


@bp.get("/earnings", endpoint="earnings")
@access(Role.CREATOR)
def earnings_page() -> ResponseReturnValue:
    """What the creator has earned, where it is, and what each line is made of."""
    actor = current_actor()
    if actor.represents:
        # Their earnings are theirs; the agency reads its own part of them.
        return redirect(url_for("payouts.agency_earnings", creator=actor.creator_id), HTTPStatus.SEE_OTHER)
    payee = payee_read_by(actor)
    return _without_profile(actor) if payee is None else _page(payee, None)


@bp.get("/agency/earnings")
@access(Role.AGENCY)
def agency_earnings() -> ResponseReturnValue:
    """The agency's shares of what its creators have earned; `creator` narrows them to one."""
    actor = current_actor()
    if actor.agency_id is None:
        return _without_profile(actor)
    return _page(Payee(agency_id=actor.agency_id), request.args.get("creator", type=int))


def _without_profile(actor: Actor) -> ResponseReturnValue:
    if actor.side == "agency":
        return redirect(url_for("agencies.new"), HTTPStatus.SEE_OTHER)
    flash(_("Fill in your profile first."), "info")
    return redirect(url_for("creators.edit"), HTTPStatus.SEE_OTHER)


def _page(payee: Payee, creator_id: int | None) -> str:
    page = build(payee, request.args.get("currency"), request.args.get("period", ""), creator_id)
    settled = earnings(payee, _PAGE, _cursor(1), page.filters)
    return render_template(
        "payouts/earnings.html",
        page=page,
        rows=settled.rows,
        older=settled.older,
        is_agency=payee.is_agency,
        help_email=settings().help_email,
    )


@bp.get("/earnings/settlements.csv")
@access(Role.CREATOR, Role.AGENCY)
def settlements_file() -> ResponseReturnValue:
    """The settlements of a period as a file: those of one currency if asked, and for an agency of one creator."""
    payee = payee_read_by(current_actor())
    if payee is None:
        raise NotFound
    period = period_of(request.args.get("period", ""), settings().default_timezone)
    creator_id = request.args.get("creator", type=int) if payee.is_agency else None
    asked = request.args.get("currency")
    filters = EarningFilter(period, asked if asked in currencies_of(payee) else None, creator_id)
    heads = [
        *(_("Deal"), _("Title"), _("Creator"), _("Settled"), _("Currency"), _("Price agreed"), _("Price settled")),
        *(_("Commission"), _("Received in all"), _("Agency’s share"), _("You received"), _("Available from")),
        *(_("Transferred"), _("Entries")),
    ]
    return csv_answer(f"settlements-{period.start}-{period.last}", heads, _settlement_rows(payee, filters))


def _settlement_rows(payee: Payee, filters: EarningFilter) -> Iterator[list[Cell]]:
    for found in every_earning(payee, filters):
        yield _settlement_row(found)


def _settlement_row(found: EarningRow) -> list[Cell]:
    return [
        *(f"M-{found.deal_id}", found.title, found.creator_name, found.settled_at, found.receives.currency),
        *(found.agreed, found.quote.price, found.fee, found.gross, found.share, found.receives, found.available_at),
        *(found.transferred_at if found.transfer_state == "paid" else None,),
        url_for("money.deal", deal_id=found.deal_id, _external=True),
    ]


@bp.get("/earnings/lines/<which>")
@access(Role.CREATOR, Role.AGENCY)
def lines(which: str) -> ResponseReturnValue:
    """One of the reader's own accounts in a period: what was there, what moved, what was there then."""
    payee = payee_read_by(current_actor())
    if payee is None:
        return _without_profile(current_actor())
    place, currencies = _place(payee, which)
    zone = settings().default_timezone
    choice = PeriodChoice(asked_period(request.args.get("period", ""), zone), first_year(payee, zone), zone)
    return render_template(
        "payouts/lines.html",
        place=place,
        page=lines_of(place, choice.chosen, _cursor(2), _LINES),
        currencies=currencies,
        choice=choice,
        places=list(Which),
        home="payouts.agency_earnings" if payee.is_agency else "payouts.earnings",
    )


@bp.get("/earnings/lines/<which>.csv")
@access(Role.CREATOR, Role.AGENCY)
def lines_file(which: str) -> ResponseReturnValue:
    """The same as a file, with every line of the period."""
    payee = payee_read_by(current_actor())
    if payee is None:
        raise NotFound
    place, _currencies = _place(payee, which)
    period = period_of(request.args.get("period", ""), settings().default_timezone)
    heads = [_("Entry"), _("Date"), _("What it was"), _("Deal"), _("Title"), _("Currency"), _("Amount"), _("After it")]
    name = f"{place.which.value}-{place.currency}-{period.start}-{period.last}"
    return _lines_answer(name, heads, every_line(place, period))


def _lines_answer(name: str, heads: list[str], found: Iterator[MoneyLine]) -> Response:
    return csv_answer(name, heads, (_line_row(line) for line in found))


def _line_row(line: MoneyLine) -> list[Cell]:
    deal = f"M-{line.deal_id}" if line.deal_id is not None else ""
    return [line.entry_id, line.at, line.words, deal, line.title, line.amount.currency, line.amount, line.after]


def _place(payee: Payee, which: str) -> tuple[Place, list[str]]:
    """The place that the address names, in a currency that the payee has; and all of their currencies."""
    if which not in set(Which):
        raise NotFound
    currencies = currencies_of(payee) or [DEFAULT_CURRENCY]
    asked = request.args.get("currency")
    currency = asked if asked in currencies else currencies[0]
    return Place(payee, Which(which), currency), currencies


def _cursor(numbers: int) -> str | None:
    """The place that the address goes on from; the first page where it says none of ours."""
    before = request.args.get("before") or None
    try:
        if before is not None:
            parse_cursor(before, numbers)
    except Invalid:
        return None
    return before


@bp.post("/earnings/connect")
@access(Role.CREATOR)
def connect() -> ResponseReturnValue:
    """Send the creator to the provider's page."""
    return _connect("payouts.earnings")


@bp.post("/agency/earnings/connect")
@access(Role.AGENCY)
def agency_connect() -> ResponseReturnValue:
    """Send the agency's owner to the provider's page."""
    return _connect("payouts.agency_earnings")


def _connect(back: str) -> ResponseReturnValue:
    """The first time needs no password. Afterwards the provider's page can change where the money goes."""
    if has_given_details(current_actor()):
        return redirect(url_for("payout_account.open_page"), HTTPStatus.SEE_OTHER)
    try:
        return redirect(start_onboarding(current_actor(), request.form.get("country") or None), HTTPStatus.SEE_OTHER)
    except Invalid as refused:
        flash(str(refused), "alarm")
        return redirect(url_for("payout_account.show"), HTTPStatus.SEE_OTHER)
    except (gateway.ProviderUnavailable, gateway.ProviderRefused):
        flash(_("Our payment provider doesn’t answer at the moment. Nothing was lost. Try again in a minute."), "alarm")
        return redirect(url_for(back), HTTPStatus.SEE_OTHER)


@bp.get("/earnings/connected")
@access(Role.CREATOR)
def connected() -> ResponseReturnValue:
    """Where the provider sends the creator back: reads the account and says what is true now."""
    return _connected()


@bp.get("/agency/earnings/connected")
@access(Role.AGENCY)
def agency_connected() -> ResponseReturnValue:
    """The same for an agency."""
    return _connected()


def _connected() -> ResponseReturnValue:
    payee = payee_of(current_actor())
    account = account_for(payee)
    stripe_id = account.stripe_account_id if account is not None else None
    if stripe_id is not None:
        try:
            refresh_account(stripe_id)
        except (gateway.ProviderUnavailable, gateway.ProviderRefused):
            flash(_("We couldn’t read your payout account just now. We try again by ourselves."), "info")
    account = account_for(payee)
    if account is not None and account.transfers_enabled:
        flash(_("Your payout account is ready."), "good")
    else:
        flash(_("Your payout account isn’t complete yet. You can go on where you stopped."), "turn")
    return redirect(url_for("payout_account.show"), HTTPStatus.SEE_OTHER)
