"""One act on a deal's money by a process of its own: `python -m tests.escrow.acting`, with what to do on its input.

Says on its output what it gave, or the name of the refusal.
"""

import json
import sys
import time
from typing import Any

from pydantic import SecretStr
from sqlalchemy import select

from marketplace.accounts.models import User
from marketplace.app import create_app, load_actor
from marketplace.config import Environment, load_settings
from marketplace.disputes.service import rule
from marketplace.escrow.fund import fund_deals
from marketplace.escrow.refund import send_refund
from marketplace.infra.db import db, transaction
from marketplace.kit.errors import DomainError
from marketplace.kit.money import Money


def act(told: dict[str, Any]) -> str:
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


def main() -> None:
    told = json.load(sys.stdin)
    secret = SecretStr("a secret of the tests and of nobody else")
    found = load_settings(
        mutuals_env=Environment.TEST, secret_key=secret, database_url=told["database_url"],
        stripe_api_base=told["stripe_api_base"], stripe_secret_key=SecretStr(told["key"]), smtp_url=None,
        public_url=None, log_level="ERROR",
    )  # fmt: skip
    with create_app(found).app_context():
        db.session.execute(select(1))
        db.session.rollback()
        time.sleep(max(0.0, told["at"] - time.time()))
        try:
            said = act(told)
        except DomainError as refusal:
            said = type(refusal).__name__
    sys.stdout.write(said)


if __name__ == "__main__":
    main()
