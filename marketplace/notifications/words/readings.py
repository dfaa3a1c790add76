"""Words for fan readings, for codes in channels' texts, and for whether a creator has enough fans."""

from flask_babel import lazy_gettext as _l

from marketplace.notifications.words.kinds import KINDS, Words

_SEE = _l("See your channels")

KINDS.update(
    {
        "reading.pending": Words(
            _l("%(who)s handed in a reading of %(fans)s fans"),
            _l("It is for %(channel)s. Compare it with its evidence, then accept it or say why not."),
            _l("Review the reading"),
            "console.reading",
            "inboxes",
            asks=True,
        ),
        "reading.flagged": Words(
            _l("A jump to %(fans)s fans on %(channel)s looks suspicious"),
            _l("The count of %(who)s’s channel doesn’t hold until somebody has looked at it."),
            _l("Review the reading"),
            "console.reading",
            "exclamation-triangle",
            asks=True,
        ),
        "reading.accepted.enough": Words(
            _l("Your %(fans)s fans on %(channel)s are verified"),
            _l("You have enough fans to list offers and to apply to briefs."),
            _SEE,
            "creators.channels",
            "patch-check-fill",
        ),
        "reading.accepted.few": Words(
            _l("Your %(fans)s fans on %(channel)s are verified"),
            _l("To list offers you need more than %(threshold)s verified fans on one channel."),
            _SEE,
            "creators.channels",
            "patch-check-fill",
        ),
        "reading.accepted.few_together": Words(
            _l("Your %(fans)s fans on %(channel)s are verified"),
            _l("To list offers you need more than %(threshold)s verified fans on all your channels together."),
            _SEE,
            "creators.channels",
            "patch-check-fill",
        ),
        "reading.rejected": Words(
            _l("Your reading for %(channel)s was not accepted"),
            _l("The reason given: %(reason)s"),
            _SEE,
            "creators.channels",
            "patch-exclamation",
            asks=True,
        ),
        "channel.code.pending": Words(
            _l("%(who)s has put a code on %(channel)s"),
            _l("Open the channel and look whether it stands there, and whether it shows %(fans)s fans."),
            _l("Look for the code"),
            "console.code",
            "inboxes",
            asks=True,
        ),
        "channel.code.confirmed": Words(
            _l("Your channel %(channel)s is verified"),
            _l("Its %(fans)s fans are a large jump, so an administrator looks at the count once more."),
            _SEE,
            "creators.channels",
            "patch-check-fill",
        ),
        "channel.code.rejected": Words(
            _l("Your code on %(channel)s was not confirmed"),
            _l("The reason given: %(reason)s"),
            _SEE,
            "creators.channels",
            "patch-exclamation",
            asks=True,
        ),
        "standing.began": Words(
            _l("You have fewer fans than offers need"),
            _l(
                "%(fans)s are verified. Your offers stay listed until %(until)s; hand in a higher count before then. "
                "Deals that run go on in any case."
            ),
            _SEE,
            "creators.channels",
            "clock-history",
            asks=True,
        ),
        "standing.week": Words(
            _l("Your offers come down in a week"),
            _l("They stay listed until %(until)s: %(fans)s verified fans aren’t enough. Hand in a higher count."),
            _SEE,
            "creators.channels",
            "clock-history",
            asks=True,
        ),
        "standing.ended": Words(
            _l("Your offers aren’t listed any more"),
            _l(
                "%(fans)s verified fans aren’t enough, and the time to get more ended on %(until)s. Deals that run go "
                "on; a higher count brings your offers back."
            ),
            _SEE,
            "creators.channels",
            "x-circle",
            asks=True,
        ),
        "standing.regained": Words(
            _l("You have enough fans again"),
            _l("%(fans)s are verified. You can list offers and apply to briefs as before."),
            _SEE,
            "creators.channels",
            "patch-check-fill",
        ),
        "standing.reached": Words(
            _l("You have enough fans to list offers"),
            _l("%(fans)s are verified. You can list offers and apply to briefs."),
            _SEE,
            "creators.channels",
            "patch-check-fill",
        ),
    }
)
