"""The log: what happened, and nobody's address or words."""

import logging
import smtplib
import sys
import traceback

import pytest
import stripe
import structlog

from marketplace.infra.stripe_gateway.client import ProviderRefused, call

WORDS = "The account of wen.he@example.com was closed by its bank."


def formatted(record: logging.LogRecord) -> str:
    """The line that our handler writes."""
    formatters = (handler.formatter for handler in logging.getLogger().handlers)
    return next(one for one in formatters if isinstance(one, structlog.stdlib.ProcessorFormatter)).format(record)


@pytest.mark.usefixtures("context", "sandbox")
def test_a_refusal_of_stripe_is_logged_by_its_code_and_never_in_its_words(caplog: pytest.LogCaptureFixture) -> None:
    def refuse(_client: stripe.StripeClient) -> None:
        raise stripe.InvalidRequestError(WORDS, "email", code="email_invalid", http_status=400)  # type: ignore[no-untyped-call]

    with pytest.raises(ProviderRefused) as refused:
        call(refuse)
    assert refused.value.code == "email_invalid"
    lines = [formatted(record) for record in caplog.records if "stripe refused" in str(record.msg)]
    assert len(lines) == 1
    assert "email_invalid" in lines[0]
    for said in (lines[0], "".join(traceback.format_exception(refused.value))):
        assert "closed by its bank" not in said


def test_the_steps_of_stripes_library_are_never_logged() -> None:
    assert not logging.getLogger("stripe").isEnabledFor(logging.INFO)


def test_a_long_run_of_what_begins_an_address_is_read_once() -> None:
    """Read from each of its signs on it would take this test many minutes."""
    path = "/" + "a.b" * 100_000
    line = formatted(
        logging.LogRecord("marketplace", logging.INFO, "app.py", 1, f"{path} wen.he@example.com", None, None)
    )
    assert path in line
    assert "wen.he" not in line


@pytest.mark.usefixtures("context")
def test_a_job_that_fails_is_logged_without_anybodys_address() -> None:
    try:
        raise smtplib.SMTPRecipientsRefused({"wen.he@example.com": (550, b"no such mailbox")})
    except smtplib.SMTPRecipientsRefused:
        failed = sys.exc_info()
    said = "Job mail.invite[7](address='wen.he@example.com') ended with status: Error"
    line = formatted(logging.LogRecord("procrastinate.worker", logging.ERROR, "worker.py", 1, said, None, failed))
    assert "SMTPRecipientsRefused" in line
    assert "mail.invite[7]" in line
    assert "wen.he" not in line
