"""What is told of reports: to administrators the first of a thing, to who reported it what became of it."""

from sqlalchemy import exists, select

from marketplace.accounts.models import User
from marketplace.infra.db import db
from marketplace.moderation.models import Report
from marketplace.notifications.recipients import Recipient, administrators, without
from marketplace.notifications.service import News, tell


def tell_of_report(report_id: int) -> None:
    """Where the report stands now."""
    report = db.session.get(Report, report_id)
    if report is None:
        return
    if report.decided_at is None:
        _tell_administrators(report)
        return
    news = News(f"report:{report.id}:decided", "report", {}, {"title": report.title})
    user = db.session.get_one(User, report.reported_by)
    if user.suspended_at is None:
        tell(Recipient(user), "report.upheld" if report.upheld else "report.dismissed", news)


def _tell_administrators(report: Report) -> None:
    """Only of the first: those that come after it stand with it in the queue."""
    others = (Report.subject == report.subject, Report.decided_at.is_(None), Report.id < report.id)
    if db.session.scalar(select(exists().where(*others))):
        return
    news = News(f"report:{report.id}:made", "report", {}, {"title": report.title})
    for to in without(administrators(), (report.reported_by,)):
        tell(to, "report.made", news)
