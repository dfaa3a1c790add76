"""Acts on deals' money by a process of its own: `python -m tests.escrow.acting`.

The first line of its input says where to work, and each further one what to do, which is done when an empty line
follows: so two processes begin at the same moment. A line of its output says what came of it, or the refusal's name.
"""

import json
import sys
from typing import Any

from flask import current_app
from pydantic import SecretStr
from sqlalchemy import select

from marketplace.accounts.models import User
from marketplace.app import create_app, load_actor
from marketplace.config import Environment, load_settings
from marketplace.disputes.service import rule
from marketplace.escrow.fund import fund_deals
from marketplace.escrow.refund import send_refund
from marketplace.infra.db import db, end_transaction, transaction
from marketplace.infra.jobs import perform
from marketplace.kit.errors import DomainError
from marketplace.kit.money import Money


def act(told: dict[str, Any]) -> str:
    match told["act"]:
        case "hear":
            return hear(told)
        case "handle":
            perform("webhooks.handle", {"event_id": told["event_id"]})
            return "done"
    with transaction():
        actor = load_actor(db.session.scalars(select(User).where(User.id == told["user_id"])).one())
    match told["act"]:
        case "fund":
            return fund_deals(actor, told["deal_ids"], "en")
        case "rule":
            with transaction():
                rule(actor, told["dispute_id"], Money(told["part"]), "As both said.")
        case "send":
            send_refund(told["refund_id"])
    return "done"


def hear(told: dict[str, Any]) -> str:
    """As a web process does: the answer to a webhook."""
    client = current_app.test_client()
    answer = client.post("/webhooks/stripe", data=told["body"], headers={"Stripe-Signature": told["signature"]})
    return str(answer.status_code)


def main() -> None:
    where = json.loads(sys.stdin.readline())
    found = load_settings(
        mutuals_env=Environment.TEST, secret_key=SecretStr("a secret of the tests and of nobody else"),
        database_url=where["database_url"], stripe_api_base=where["stripe_api_base"],
        stripe_secret_key=SecretStr(where["key"]), stripe_webhook_secret=SecretStr(where["webhook_secret"]),
        smtp_url=None, public_url=None, log_level="ERROR",
    )  # fmt: skip
    with create_app(found).app_context():
        while line := sys.stdin.readline():
            db.session.execute(select(1))
            end_transaction()
            say("ready")
            sys.stdin.readline()
            try:
                said = act(json.loads(line))
            except DomainError as refusal:
                said = type(refusal).__name__
            end_transaction()
            say(said)


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
