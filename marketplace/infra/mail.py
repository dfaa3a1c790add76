"""Mail: written for its reader in the transaction that causes it, sent by a job, kept so that the demo can show it."""

import re
import smtplib
from datetime import datetime
from email import policy
from email.message import EmailMessage
from typing import Any
from urllib.parse import unquote, urlsplit

from flask import current_app
from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.infra.db import Model, db, pk
from marketplace.infra.i18n import language, reader
from marketplace.infra.jobs import defer, job
from marketplace.infra.settings import settings
from marketplace.kit import clock

_SMTP_TIMEOUT = 20
# A header of one long address must not be folded: Python would encode it, and no mail program follows it then.
_ON_ONE_LINE = policy.default.clone(max_line_length=900)
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")


class Mail(Model):
    """One mail to one person, as written. `sent_at` is when it left; without an SMTP server it only stays here.

    `unsubscribe_url` stops mails of its kind by one click of the reader's mail program (RFC 8058); mails that everybody
    must get have none. Outside the demo its words are cleared when it has left.
    """

    __tablename__ = "mails"
    __table_args__ = (Index("ix_mails_created", text("created_at DESC"), text("id DESC")),)

    id: Mapped[int] = pk()
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    address: Mapped[str]
    locale: Mapped[str]
    message: Mapped[str]
    subject: Mapped[str]
    body_text: Mapped[str]
    body_html: Mapped[str]
    unsubscribe_url: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


def send_mail(
    message: str,
    *,
    user_id: int | None,
    address: str,
    locale: str,
    timezone: str,
    unsubscribe_url: str | None = None,
    **context: Any,
) -> Mail:
    """Write `templates/email/<message>/` for the reader and enqueue its sending with the present transaction.

    `context` is what the templates need; links in it must be absolute.
    """
    with reader(locale, timezone):
        subject, body_text, body_html = (
            _render(f"email/{message}/{part}", context) for part in ("subject.txt", "body.txt", "body.html")
        )
    mail = Mail(
        user_id=user_id,
        address=address,
        locale=locale,
        message=message,
        subject=" ".join(subject.split()),
        body_text=body_text,
        body_html=body_html,
        unsubscribe_url=unsubscribe_url,
        created_at=clock.now(),
    )
    db.session.add(mail)
    db.session.flush()
    if settings().smtp_url is not None:
        defer("mail.send", mail_id=mail.id)
    return mail


def _render(name: str, context: dict[str, Any]) -> str:
    template = current_app.jinja_env.get_template(name)
    written = template.render(base_url=settings().base_url, mail_language=language(), **context)
    # Blocks that are empty in one mail leave their blank lines behind.
    return _BLANK_LINES.sub("\n\n", written).strip() + "\n"


@job("mail.send")
def deliver(mail_id: int) -> None:
    """Hand one mail to the SMTP server. A crash between sending and noting it sends the mail again, never loses it."""
    mail = db.session.get_one(Mail, mail_id)
    address = settings().smtp_url
    if mail.sent_at is not None or address is None:
        return
    envelope = _envelope(mail)
    db.session.rollback()
    _hand_over(address.get_secret_value(), envelope)
    mail = db.session.get_one(Mail, mail_id)
    mail.sent_at = clock.now()
    if not settings().demo:
        # Only the demo shows mails, and the links in some let their reader in: what is sent needs no copy.
        mail.body_text = mail.body_html = ""
    db.session.commit()


def _envelope(mail: Mail) -> EmailMessage:
    envelope = EmailMessage(_ON_ONE_LINE)
    envelope["From"] = settings().mail_from
    envelope["To"] = mail.address
    envelope["Subject"] = mail.subject
    envelope["Message-ID"] = f"<mail-{mail.id}@{urlsplit(settings().base_url).hostname}>"
    if mail.unsubscribe_url is not None:
        envelope["List-Unsubscribe"] = f"<{mail.unsubscribe_url}>"
        envelope["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    envelope.set_content(mail.body_text)
    envelope.add_alternative(mail.body_html, subtype="html")
    # After the content, which starts its headers anew.
    envelope["Content-Language"] = "zh-Hans" if mail.locale == "zh" else "en"
    return envelope


def _hand_over(address: str, envelope: EmailMessage) -> None:
    """`smtp://user:password@host:587` upgrades to TLS; `smtps://` starts with it."""
    parts = urlsplit(address)
    connect = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
    with connect(parts.hostname or "localhost", parts.port or 0, timeout=_SMTP_TIMEOUT) as server:
        server.ehlo()
        if parts.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls()
            server.ehlo()
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(envelope)
