"""Jobs of accounts: mail that must not be timed, and clearing away what has expired."""

from marketplace.accounts import limits, service, tokens
from marketplace.infra.db import transaction
from marketplace.infra.jobs import job, periodic


@job("accounts.send_reset")
def send_reset(email: str) -> None:
    with transaction():
        service.send_reset(email)


@periodic("accounts.forget_expired", cron="17 3 * * *")
def forget_expired() -> None:
    with transaction():
        limits.forget_old_tries()
        tokens.forget_old_tokens()
