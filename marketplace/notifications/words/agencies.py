"""Words for agencies: who represents whom, and who works there."""

from flask_babel import lazy_gettext as _l

from marketplace.notifications.words.kinds import KINDS, Words

_SEE = _l("See your agency")
_OPEN = _l("Look at it")
_TELL_US = _l("If this surprises you, answer to your agency first. Nothing else of your account has changed.")

KINDS.update(
    {
        "representation.offered": Words(
            _l("%(agency)s offers to represent you"),
            _l("They ask for %(share)s of what you receive. Read what they could do for you, then consent or decline."),
            _l("Read the offer"),
            "agencies.answer",
            "people",
            asks=True,
        ),
        "representation.consented": Words(
            _l("%(creator)s agreed: you represent them from now on"),
            _l("Your share is %(share)s of what they receive from deals signed from now on."),
            _OPEN,
            "agencies.show",
            "person-check",
        ),
        "representation.declined": Words(
            _l("%(creator)s declined to be represented by you"),
            None,
            _OPEN,
            "agencies.show",
            "x-circle",
        ),
        "representation.withdrawn": Words(
            _l("%(agency)s took back its offer to represent you"),
            _l("There is nothing left for you to answer."),
            _SEE,
            "agencies.mine",
            "x-circle",
        ),
        "representation.notice.agency": Words(
            _l("%(creator)s ends your representation on %(ends)s"),
            _l("Until then you answer for them as before. Deals that are signed by then keep your share."),
            _OPEN,
            "agencies.show",
            "hourglass-split",
        ),
        "representation.notice.creator": Words(
            _l("%(agency)s stops representing you on %(ends)s"),
            _l("Until then they answer for you as before. Deals that are signed by then keep their share."),
            _SEE,
            "agencies.mine",
            "hourglass-split",
        ),
        "representation.ended.agency": Words(
            _l("You no longer represent %(creator)s"),
            _l("They answer for themselves now. Deals signed before keep your share."),
            _OPEN,
            "agencies.show",
            "person-x",
        ),
        "representation.ended.creator": Words(
            _l("%(agency)s no longer represents you"),
            _l("You answer for yourself now. Deals signed before keep their share."),
            _SEE,
            "agencies.mine",
            "person-x",
        ),
        "agency.member_added": Words(
            _l("%(who)s added you to %(agency)s"),
            _l("You can answer for the creators that the agency represents. Your name stands beside what you do."),
            _l("Open the agency"),
            "agencies.index",
            "people",
        ),
        "agency.member_removed": Words(
            _l("%(who)s removed you from %(agency)s"),
            _TELL_US,
            _l("Open your home page"),
            "home.today",
            "person-x",
        ),
    }
)
