"""What accounts have: every movement is one balance transaction and one change of one balance row."""

from . import currencies
from .errors import Refusal
from .ids import new_id
from .store import Obj, Tx


def charge_fee(tx: Tx, amount: int, currency: str) -> int:
    """Stripe's share of a charge in minor units: the percentage rounded half up, and the fixed part."""
    share = (amount * tx.config.fee_basis_points + 5_000) // 10_000
    return share + currencies.in_minor_units(tx.config.fee_fixed_hundredths, currency)


def post(
    tx: Tx,
    *,
    type_: str,
    category: str,
    amount: int,
    currency: str,
    source: str | None,
    fee: int = 0,
    fee_words: str = "Stripe processing fees",
    description: str | None = None,
    account: str = "",
    available_on: int | None = None,
) -> Obj:
    """The caller checks that the money is there; a refund or a fee may take a balance below zero, as at Stripe."""
    ready = tx.now if available_on is None else max(available_on, tx.now)
    details = [
        {"amount": fee, "application": None, "currency": currency, "description": fee_words, "type": "stripe_fee"}
    ]
    txn = tx.add(
        {
            "id": new_id("balance_transaction"),
            "object": "balance_transaction",
            "amount": amount,
            "available_on": ready,
            "balance_type": "payments",
            "created": tx.now,
            "currency": currency,
            "description": description,
            "exchange_rate": None,
            "fee": fee,
            "fee_details": details if fee else [],
            "net": amount - fee,
            "reporting_category": category,
            "source": source,
            "status": "available" if ready <= tx.now else "pending",
            "type": type_,
        },
        account=account,
    )
    _move(tx, txn, account)
    return txn


def _move(tx: Tx, txn: Obj, account: str) -> None:
    pending = txn["status"] == "pending"
    column = "pending" if pending else "available"
    tx.run(
        f"insert into stripe_sandbox.balances as held (account, currency, {column}) values (%s, %s, %s)"
        f" on conflict (account, currency) do update set {column} = held.{column} + excluded.{column}",
        account,
        txn["currency"],
        txn["net"],
    )
    if pending:
        tx.run(
            "insert into stripe_sandbox.maturing (txn, account, currency, net, available_on)"
            " values (%s, %s, %s, %s, %s)",
            txn["id"],
            account,
            txn["currency"],
            txn["net"],
            txn["available_on"],
        )


def mature(tx: Tx) -> None:
    """Moves what has become available since; rows that another request is moving are left to it."""
    rows = tx.run(
        "delete from stripe_sandbox.maturing where txn in (select txn from stripe_sandbox.maturing"
        " where available_on <= %s order by account, currency limit 500 for update skip locked)"
        " returning txn, account, currency, net",
        tx.now,
    ).fetchall()
    for row in sorted(rows, key=lambda row: (row["account"], row["currency"])):
        tx.run(
            "update stripe_sandbox.balances set pending = pending - %s, available = available + %s"
            " where account = %s and currency = %s",
            row["net"],
            row["net"],
            row["account"],
            row["currency"],
        )
        tx.run('update stripe_sandbox.objects set data = data || \'{"status": "available"}\' where id = %s', row["txn"])


def take_available(tx: Tx, amount: int, currency: str) -> None:
    """Raises balance_insufficient, or keeps the balance row locked until the movement is posted."""
    mature(tx)
    row = tx.run(
        "select available from stripe_sandbox.balances where account = %s and currency = %s for update",
        tx.account,
        currency,
    ).fetchone()
    if row is None or row["available"] < amount:
        raise Refusal(
            "You have insufficient available funds in your Stripe account. Try adding funds directly to your available"
            " balance by creating Charges using the 4000000000000077 test card. See:"
            " https://docs.stripe.com/testing#available-balance",
            code="balance_insufficient",
        )
