"""Where a platform posts its signed feed. Programs come here: answers are JSON, no form token is asked for."""

from collections.abc import Iterator
from http import HTTPStatus

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from marketplace.accounts.session import Role, access
from marketplace.creators.feed_file import ProblemCode
from marketplace.creators.feed_runs import PIECE, AlreadyApplied, TooLarge, run_file, spooled
from marketplace.creators.feed_signature import HEADER, BadSignature, Signature
from marketplace.creators.feed_words import problem_words
from marketplace.creators.models import FeedRun, FeedState, FeedWay
from marketplace.infra.settings import settings
from marketplace.kit import clock

bp = Blueprint("feeds", __name__)


@bp.post("/feeds/readings")
@access(Role.PUBLIC)
def readings() -> ResponseReturnValue:
    """Anyone can post here; only what the platform signed, and lately, is looked at. `?dry_run=1` changes nothing."""
    request.max_content_length = settings().feed_max_bytes
    try:
        signature = Signature(request.headers.get(HEADER, ""), settings().feed_keys, clock.now())
        with spooled(_body(), signature.update) as (file, sha256):
            signature.require()
            run = run_file(FeedWay.HTTP, file, sha256, dry_run=request.args.get("dry_run") == "1")
    except BadSignature as bad:
        return {"error": "signature", "message": str(bad)}, HTTPStatus.UNAUTHORIZED
    except (RequestEntityTooLarge, TooLarge):
        most = settings().feed_max_bytes
        return {"error": "too_large", "message": f"at most {most} bytes"}, HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    except AlreadyApplied as applied:
        return {"error": "applied_before", "message": str(applied), "run": applied.run_id}, HTTPStatus.CONFLICT
    return _answer(run), _status(run)


def _status(run: FeedRun) -> HTTPStatus:
    if run.state is not FeedState.REFUSED:
        return HTTPStatus.OK
    lost = run.problems[0]["code"] == ProblemCode.APPLIED
    return HTTPStatus.CONFLICT if lost else HTTPStatus.BAD_REQUEST


def _body() -> Iterator[bytes]:
    while piece := request.stream.read(PIECE):
        yield piece


def _answer(run: FeedRun) -> dict[str, object]:
    problems = [
        {"line": int(one["line"]), "code": one["code"], "message": problem_words(one["code"], one["value"])}
        for one in run.problems
    ]
    return {"run": run.id, "state": run.state.value, "counts": run.summary, "problems": problems}
