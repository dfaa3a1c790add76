"""Structured logs: one line an event, JSON in production, with the request's id on each and nobody's e-mail address."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from marketplace.config import Settings

# They tell every step of their work at INFO, which would drown our own lines; LOG_LEVEL=DEBUG brings them back.
_TALKATIVE = ("alembic", "procrastinate", "werkzeug")
# Its steps hold whole requests and answers, with people's names and addresses: nothing brings them back.
_INDISCREET = "stripe"
# Looked for from the head of a run of its signs only: from each sign of a long one it would take hours.
_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


def _without_addresses(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A mail server's refusal, a constraint's detail or a job's arguments may hold one, traceback and all."""
    return {name: _ADDRESS.sub("(address)", said) if isinstance(said, str) else said for name, said in event.items()}


def configure(settings: Settings) -> None:
    """Send the standard library's records and structlog's through one formatter to standard error."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _without_addresses,
    ]
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer() if settings.production else structlog.dev.ConsoleRenderer(colors=False)
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                renderer,
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=settings.log_level, force=True)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.NOTSET if settings.log_level == "DEBUG" else logging.WARNING)
    logging.getLogger(_INDISCREET).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
