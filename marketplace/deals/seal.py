"""What a name seal shows of a name: a few Chinese signs, or the initials of a name in letters."""


def seal_lines(name: str) -> list[str]:
    """One or two lines of at most two signs each.

    >>> seal_lines("林悦"), seal_lines("欧阳小美"), seal_lines("Hearth & Grain"), seal_lines("Lumen")
    (['林', '悦'], ['欧阳', '小美'], ['HG'], ['L'])
    """
    signs = [sign for sign in name if "\u3400" <= sign <= "\u9fff"]
    if len(signs) > 2:
        return ["".join(signs[:2]), "".join(signs[2:4])]
    if signs:
        return signs
    initials = [word[0].upper() for word in name.split() if word[0].isalnum()]
    return ["".join(initials[:2]) or "M"]
