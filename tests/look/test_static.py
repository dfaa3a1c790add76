"""The theme: colours live in tokens.css alone, variables exist, text has contrast, what is vendored has its licence."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

STATIC = Path(__file__).resolve().parents[2] / "static"
SHEETS = sorted(path for path in STATIC.rglob("*.css") if path.parent.name != "vendor")
NAMED_COLOURS = "white black red green blue yellow orange gray grey silver gold pink purple brown navy teal"
COLOUR = re.compile(
    r"#[0-9a-fA-F]{3,8}\b|\b(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch|light-dark)\(|:\s*(?:"
    + NAMED_COLOURS.replace(" ", "|")
    + r")\b"
)
# Text on its ground: the pairs the look allows, with the contrast that WCAG 2.2 AA asks of them.
PAIRS = [
    *[(ink, ground, 4.5) for ink in ("ink", "ink-2", "ink-3") for ground in ("ground", "surface", "raised")],
    *[(ink, "sunken", 4.5) for ink in ("ink", "ink-2")],
    *[(f"{tone}-ink", f"{tone}-soft", 4.5) for tone in ("pine", "turn", "wait", "alarm")],
    *[(f"{tone}-ink", "surface", 4.5) for tone in ("pine", "turn", "wait", "alarm")],
    ("on-pine", "pine", 4.5),
    ("on-pine", "pine-hover", 4.5),
    ("on-turn", "turn", 4.5),
    ("pine", "ground", 4.5),
    ("pine", "surface", 4.5),
    ("star", "surface", 4.5),
    ("ink-2", "stone-soft", 4.5),
    ("line-strong", "ground", 3),
    ("line-strong", "surface", 3),
]


def _without_pictures_and_comments(sheet: Path) -> str:
    return re.sub(r"/\*.*?\*/|url\([^)]*\)", "", sheet.read_text(), flags=re.DOTALL)


def _tokens() -> dict[str, tuple[str, str]]:
    found = {}
    for name, value in re.findall(r"--([a-z0-9-]+):\s*([^;]+);", (STATIC / "tokens.css").read_text()):
        both = re.fullmatch(r"light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", value)
        if both:
            found[name] = (both[1], both[2])
    return found


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("sheet", [s for s in SHEETS if s.name != "tokens.css"], ids=lambda sheet: sheet.name)
def test_only_the_tokens_name_colours(sheet: Path) -> None:
    assert COLOUR.findall(_without_pictures_and_comments(sheet)) == []


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_every_variable_that_is_used_is_defined(sheet: Path) -> None:
    ours = "".join(_without_pictures_and_comments(each) for each in SHEETS)
    defined = set(re.findall(r"(--[a-z0-9-]+)\s*:", ours))
    used = set(re.findall(r"var\((--[a-z0-9-]+)", _without_pictures_and_comments(sheet)))
    assert {name for name in used if not name.startswith("--bs-")} <= defined


@pytest.mark.parametrize(("ink", "ground", "least"), PAIRS)
def test_text_stands_out_from_its_ground_in_both_themes(ink: str, ground: str, least: float) -> None:
    tokens = _tokens()
    for theme in (0, 1):
        assert _contrast(tokens[ink][theme], tokens[ground][theme]) >= least


def test_the_sprite_is_well_formed_and_names_each_icon_once() -> None:
    names = [symbol.get("id") for symbol in ElementTree.parse(STATIC / "vendor/icons.svg").getroot()]
    assert len(names) == len(set(names)) > 100
    assert None not in names


def test_what_is_vendored_lies_beside_its_licence() -> None:
    licences = {path.name.removesuffix(".LICENSE") for path in (STATIC / "vendor").glob("*.LICENSE")}
    owners = {"icons.svg": "bootstrap-icons"}
    for path in (STATIC / "vendor").iterdir():
        if path.suffix != ".LICENSE":
            assert any(owners.get(path.name, path.name).startswith(licence) for licence in licences), path.name
