"""What is said of a feed's run: its state and step, what changed, and what is wrong with a line."""

from typing import Final

from flask_babel import lazy_gettext as _l

from marketplace.creators.feed_file import ProblemCode
from marketplace.creators.models import FeedState, FeedStep, FeedWay
from marketplace.infra.labels import register

register(
    FeedState,
    {
        FeedState.RUNNING: _l("Running"),
        FeedState.CHECKED: _l("Checked, not applied"),
        FeedState.APPLIED: _l("Applied"),
        FeedState.REFUSED: _l("Refused"),
    },
)
register(
    FeedStep,
    {
        FeedStep.WAITING: _l("Waiting for the worker"),
        FeedStep.READING: _l("Reading the file"),
        FeedStep.CHECKING: _l("Looking for its channels"),
        FeedStep.WRITING: _l("Writing the readings"),
        FeedStep.COUNTING: _l("Counting the creators’ fans"),
    },
)
register(
    FeedWay,
    {
        FeedWay.HTTP: _l("The platform’s request"),
        FeedWay.COMMAND: _l("The command"),
        FeedWay.CONSOLE: _l("The console"),
    },
)

# Everything that a run counts, in the order in which it is shown.
COUNTED: Final = {
    "rows": _l("Rows"),
    "accepted": _l("Counts accepted"),
    "known": _l("Counts that are known already"),
    "flagged": _l("Suspicious jumps, to be reviewed"),
    "left_out": _l("Jumps left out, as a reading of the channel waits for review"),
    "verified": _l("Channels verified for the first time"),
    "named": _l("Channels whose platform’s own name is new to us"),
    "creators": _l("Creators whose fans were counted anew"),
    "raised": _l("Creators with more verified fans"),
    "lowered": _l("Creators with fewer verified fans"),
    "reached": _l("Creators who have enough fans for the first time"),
    "regained": _l("Creators who have enough fans again"),
    "began": _l("Creators who have fewer fans than needed: their grace begins"),
    "ended": _l("Creators whose offers come down"),
    "problems": _l("Problems"),
}


_SENTENCES: Final = {
    ProblemCode.HEADER: _l(
        "The first line must name the columns platform, fans, taken_on and external_id or handle; it reads “%(it)s”."
    ),
    ProblemCode.EMPTY: _l("The file has no rows."),
    ProblemCode.LINE: _l("The line can’t be read: it is too long, isn’t UTF-8, or a quote isn’t closed."),
    ProblemCode.COLUMNS: _l("The line has another number of values than the first one: %(it)s."),
    ProblemCode.PLATFORM: _l("“%(it)s” is none of the platforms."),
    ProblemCode.NAME: _l("The channel isn’t named."),
    ProblemCode.NUMBER: _l("“%(it)s” is no number of fans."),
    ProblemCode.DATE: _l("“%(it)s” is no day such as 2026-11-24."),
    ProblemCode.FUTURE: _l("The day %(it)s is in the future."),
    ProblemCode.UNKNOWN: _l("Nobody here has a channel “%(it)s” on this platform."),
    ProblemCode.REPEATED: _l("The channel stands on line %(it)s already."),
    ProblemCode.INTERRUPTED: _l("The run broke off. Nothing of it was applied; send the file again."),
    ProblemCode.APPLIED: _l("These very readings were applied meanwhile, by run %(it)s."),
}


def problem_words(code: str, value: str) -> str:
    """One problem as a sentence, in the reader's language."""
    return str(_SENTENCES[ProblemCode(code)]) % {"it": value}
