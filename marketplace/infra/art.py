"""Avatars and covers drawn from an id: pure, and the same id gives the same picture. Uploads replace them.

SHA-256 of "kind:id" is a stream of bytes. The first choose two colour families, the rest sizes and turns. Everything is
built from the two shapes of the mark, the circle and the square, and their quarters.
"""

import hashlib
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple


class Family(NamedTuple):
    """Five tones that stand beside each other."""

    ground: str
    mid: str
    deep: str
    soft: str
    light: str


FAMILIES = (
    Family("#f3d8c4", "#d8622c", "#7d2b13", "#f2ab7d", "#fff3e8"),  # persimmon
    Family("#cfe2d6", "#216b57", "#0f3d33", "#86bfa7", "#f0f8f2"),  # pine
    Family("#d2dcf0", "#3a5cb2", "#1b2c63", "#8fa9e3", "#f2f5fc"),  # cobalt
    Family("#f5e2b3", "#dd9d22", "#71450c", "#efc468", "#fff8e6"),  # marigold
    Family("#ead4de", "#973c62", "#4b1830", "#d193af", "#fcf2f6"),  # plum
    Family("#cce4e7", "#207b88", "#0c3c46", "#80bfc7", "#eff9fa"),  # lagoon
    Family("#f1d4ce", "#c2584b", "#68221d", "#e59e92", "#fdf1ef"),  # clay
    Family("#e2e4c3", "#7a8329", "#3a3f10", "#b6be6c", "#f8f9ec"),  # olive
)


class Dice:
    """Endless numbers that depend on the seed alone."""

    def __init__(self, seed: str) -> None:
        self._bytes = hashlib.sha256(seed.encode()).digest()
        self._next = 0

    def roll(self, sides: int) -> int:
        """A number from 0 to sides - 1."""
        if self._next == len(self._bytes):
            self._bytes, self._next = hashlib.sha256(self._bytes).digest(), 0
        self._next += 1
        return self._bytes[self._next - 1] % sides

    def span(self, low: float, high: float) -> float:
        return low + (high - low) * self.roll(256) / 255

    def pick(self, tones: list[str]) -> str:
        return tones[self.roll(len(tones))]

    def families(self) -> tuple[Family, Family]:
        first = self.roll(len(FAMILIES))
        second = (first + 1 + self.roll(len(FAMILIES) - 1)) % len(FAMILIES)
        return FAMILIES[first], FAMILIES[second]


# --- shapes --------------------------------------------------------------------------------------------------------
def _svg(width: int, height: int, shapes: list[str]) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">{"".join(shapes)}</svg>\n'


def _rect(x: float, y: float, width: float, height: float, fill: str, *, corner: float = 0) -> str:
    rounded = f' rx="{corner:.3g}"' if corner else ""
    return f'<rect x="{x:.4g}" y="{y:.4g}" width="{width:.4g}" height="{height:.4g}" fill="{fill}"{rounded}/>'


def _circle(x: float, y: float, radius: float, fill: str) -> str:
    return f'<circle cx="{x:.4g}" cy="{y:.4g}" r="{radius:.4g}" fill="{fill}"/>'


def _path(d: str, fill: str) -> str:
    return f'<path d="{d}" fill="{fill}"/>'


def _quarter(x: float, y: float, side: float, turn: int, fill: str) -> str:
    """A quarter disc whose corner is one corner of the square at x, y."""
    corners = [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]
    centre, start, end = corners[turn % 4], corners[(turn + 1) % 4], corners[(turn + 3) % 4]
    return _path(
        f"M{centre[0]:.4g} {centre[1]:.4g}L{start[0]:.4g} {start[1]:.4g}"
        f"A{side:.4g} {side:.4g} 0 0 1 {end[0]:.4g} {end[1]:.4g}Z",
        fill,
    )


def _half(x: float, y: float, radius: float, fill: str, up: bool = False) -> str:
    """Half a disc, its flat side on y."""
    sweep = 1 if up else 0
    return _path(f"M{x - radius:.4g} {y:.4g}A{radius:.4g} {radius:.4g} 0 0 {sweep} {x + radius:.4g} {y:.4g}Z", fill)


def _leaf(x: float, y: float, side: float, way: int, fill: str) -> str:
    """The overlap of two quarter discs in the square at x, y, along one diagonal or the other."""
    start, end = ((x, y + side), (x + side, y)) if way else ((x, y), (x + side, y + side))
    return _path(
        f"M{start[0]:.4g} {start[1]:.4g}A{side:.4g} {side:.4g} 0 0 1 {end[0]:.4g} {end[1]:.4g}"
        f"A{side:.4g} {side:.4g} 0 0 1 {start[0]:.4g} {start[1]:.4g}Z",
        fill,
    )


# --- covers, 480 x 360 ---------------------------------------------------------------------------------------------
def _bowls(dice: Dice, a: Family, b: Family) -> list[str]:
    table = 262
    shapes = [
        _rect(0, 0, 480, 360, a.ground),
        _circle(dice.span(90, 390), dice.span(70, 120), dice.span(38, 66), b.soft),
        _rect(0, table, 480, 98, a.soft),
    ]
    tones, x = [a.mid, b.mid, a.deep, b.deep], 20 + dice.span(0, 20)
    while x < 440:
        radius = dice.span(46, 88)
        rim, tone = table + 6 - radius, dice.pick(tones)
        shapes += [
            _rect(x + radius * 0.62, table + 1, radius * 0.76, 12, tone, corner=3),
            _half(x + radius, rim, radius, tone),
            _half(x + radius, rim, radius * dice.span(0.45, 0.8), dice.pick([a.light, b.soft, b.light]), up=True),
        ]
        x += 2 * radius + dice.span(8, 26)
    return shapes


def _ridge(dice: Dice, layer: int, tone: str) -> str:
    base, x = 150 + layer * 50, -40.0
    points: list[tuple[float, float]] = []
    while x < 540:
        points.append((x, base + dice.span(-38, 34) * (1.2 - layer * 0.18)))
        x += dice.span(56, 120)
    points.append((560.0, float(base)))
    d = f"M-40 400L{points[0][0]:.4g} {points[0][1]:.4g}"
    for (x0, y0), (x1, y1) in pairwise(points):
        middle = (x0 + x1) / 2
        d += f"C{middle:.4g} {y0:.4g} {middle:.4g} {y1:.4g} {x1:.4g} {y1:.4g}"
    return _path(d + "L560 400Z", tone)


def _ridges(dice: Dice, a: Family, b: Family) -> list[str]:
    sun = _circle(dice.span(110, 370), dice.span(84, 130), dice.span(40, 62), b.mid)
    layers = [_ridge(dice, layer, tone) for layer, tone in enumerate([a.soft, a.mid, b.deep, a.deep])]
    return [_rect(0, 0, 480, 360, a.ground), sun, *layers]


def _tile(dice: Dice, x: float, y: float, tones: list[str], ground: str) -> list[str]:
    side, tone, kind = 80, dice.pick(tones), dice.roll(7)
    if kind < 4:
        return [_quarter(x, y, side, kind, tone)]
    if kind == 4:
        return [_circle(x + 40, y + 40, 40, tone), _circle(x + 40, y + 40, 15, ground)]
    if kind == 5:
        return [_rect(x, y, side, side, tone), _quarter(x, y, side, dice.roll(4), dice.pick(tones))]
    return []


def _tiles(dice: Dice, a: Family, b: Family) -> list[str]:
    tones = [a.mid, a.deep, b.mid, a.soft, b.soft, a.light]
    shapes = [_rect(0, 0, 480, 360, a.ground)]
    for row in range(5):
        for column in range(6):
            shapes += _tile(dice, column * 80, row * 80 - 20, tones, a.ground)
    return shapes


def _windows(dice: Dice, a: Family, b: Family) -> list[str]:
    shapes, x = [_rect(0, 0, 480, 360, a.ground)], 24.0
    tones = [a.mid, b.mid, a.deep, a.soft, b.soft]
    while x < 440:
        width = dice.span(56, 92)
        top, tone = dice.span(60, 170), dice.pick(tones)
        roof = top + width / 2
        shapes += [_rect(x, roof, width, 400, tone), _half(x + width / 2, roof + 0.5, width / 2, tone, up=True)]
        pane, y = dice.pick(tones) if dice.roll(3) else a.light, top + width * 0.62
        while y < 340:
            corner = 11 if dice.roll(2) else 2
            lit = a.light if dice.roll(3) == 0 else pane
            shapes += [
                _rect(x + width * 0.22, y, width * 0.22, 26, pane, corner=corner),
                _rect(x + width * 0.56, y, width * 0.22, 26, lit, corner=2),
            ]
            y += 46
        x += width + dice.span(6, 16)
    return shapes


def _lanes(dice: Dice, a: Family, b: Family) -> list[str]:
    x, y = [(0, 360), (480, 360), (0, 0), (480, 0)][dice.roll(4)]
    tones = [a.mid, a.soft, b.mid, a.deep, a.light, b.soft, a.mid, b.deep]
    lane, radius, shapes = dice.roll(8), 430.0, [_rect(0, 0, 480, 360, a.ground)]
    while radius > 30:
        shapes.append(_circle(x, y, radius, tones[lane % 8]))
        radius -= dice.span(26, 64)
        lane += 1
    ball = _circle(abs(x - dice.span(330, 390)), abs(y - dice.span(230, 280)), dice.span(24, 42), b.deep)
    return [*shapes, ball]


def _petals(dice: Dice, a: Family, b: Family) -> list[str]:
    flowers = [
        (dice.span(120, 190), dice.span(120, 160), dice.span(84, 112)),
        (dice.span(320, 380), dice.span(210, 260), dice.span(64, 96)),
        (dice.span(360, 430), dice.span(50, 90), dice.span(34, 52)),
    ]
    shapes = [_rect(0, 0, 480, 360, a.ground)]
    for x, y, size in flowers:
        outer, inner = (a.mid, b.soft) if dice.roll(2) else (b.mid, a.soft)
        for turn, (dx, dy) in enumerate([(0.0, -size), (0.0, 0.0), (-size, 0.0), (-size, -size)]):
            shapes.append(_leaf(x + dx, y + dy, size, turn in (0, 2), outer if turn % 2 else inner))
        shapes.append(_circle(x, y, size * 0.17, a.deep))
    return shapes


def _pages(dice: Dice, a: Family, b: Family) -> list[str]:
    shapes, x = [_rect(0, 0, 480, 360, a.ground), _rect(0, 300, 480, 60, a.deep)], 26.0
    tones = [a.mid, b.mid, a.deep, b.soft, a.soft, b.deep, a.light]
    while x < 430:
        width, height = dice.span(24, 58), dice.span(120, 232)
        spine, band = dice.pick(tones), dice.pick(tones)
        shapes += [
            _rect(x, 300 - height, width, height, spine, corner=3),
            _rect(x, 300 - height * 0.8, width, 9, band),
            _circle(x + width / 2, 300 - height * 0.32, width * 0.24, band),
        ]
        x += width + (3 if dice.roll(4) else dice.span(20, 44))
    return shapes


def _meeting(dice: Dice, a: Family, b: Family) -> list[str]:
    radius, x = dice.span(92, 118), dice.span(180, 210)
    square = (x + radius * 0.35, 180 - radius, 2 * radius, 2 * radius)
    return [
        _rect(0, 0, 480, 360, a.ground),
        _circle(x, 180, radius, a.mid),
        _rect(*square, b.mid, corner=26),
        f'<clipPath id="c"><circle cx="{x:.4g}" cy="180" r="{radius:.4g}"/></clipPath>',
        f'<g clip-path="url(#c)">{_rect(*square, a.deep, corner=26)}</g>',
    ]


_SCENES: dict[str, Callable[[Dice, Family, Family], list[str]]] = {
    "bowls": _bowls,  # food
    "ridges": _ridges,  # outdoors, travel
    "tiles": _tiles,  # technology, games
    "windows": _windows,  # city, home
    "lanes": _lanes,  # sport, music
    "petals": _petals,  # beauty, nature
    "pages": _pages,  # books, learning
    "meeting": _meeting,  # anything else
}
SCENES = tuple(_SCENES)


def cover(ident: str, scene: str = "meeting") -> str:
    """A 4 : 3 picture. A scene that doesn't exist is a meeting."""
    dice = Dice(f"cover:{ident}")
    a, b = dice.families()
    return _svg(480, 360, _SCENES.get(scene, _meeting)(dice, a, b))


# --- avatars, 96 x 96 ----------------------------------------------------------------------------------------------
def _behind(style: int, hair: str) -> list[str]:
    """Hair that falls behind the shoulders: long, wide, a bun, or none."""
    if style == 0:
        return [_rect(24, 36, 48, 50, hair, corner=20), _circle(48, 38, 24, hair)]
    if style == 1:
        return [_circle(48, 40, 29, hair)]
    return [_circle(48, 14, 10, hair)] if style == 2 else []


def _before(style: int, hair: str, band: str) -> list[str]:
    """Hair or a cap over the forehead."""
    return [
        [_path("M29 44A19 19 0 0 1 67 44Q52 42 46 30Q42 40 29 44Z", hair)],
        [_half(48, 37, 20.5, hair, up=True)],
        [_path("M28.500 42A19.500 19.500 0 0 1 67.500 42Q58 30 48 30Q38 30 28.500 42Z", hair)],
        [_path("M28 43A20 20 0 0 1 68 43L68 38Q52 38 44 28Q40 38 28 43Z", hair)],
        [_path("M26 40A22 21 0 0 1 70 40Z", band), _rect(24, 37, 52, 6, hair, corner=3)],
        [_path("M28 48L28 40A20 20 0 0 1 68 40L68 48Q64 34 48 34Q32 34 28 48Z", hair)],
    ][style]


def person(ident: str) -> str:
    """A quiet portrait: ground, shoulders, head, hair. No face, no skin tone: it stands for, never describes."""
    dice = Dice(f"person:{ident}")
    a, b = dice.families()
    hair, head = dice.pick([a.deep, b.deep, a.mid]), dice.pick([a.light, b.light])
    coat = dice.pick([b.mid, b.soft, a.mid])
    if hair == coat:
        coat = b.soft
    style = dice.roll(6)
    ground = a.soft if coat != a.soft else a.ground
    body = [
        _circle(48, 104, 38, coat),
        _rect(41, 50, 14, 22, head, corner=7),
        _half(48, 66, 12, head),
        _circle(48, 42, 19, head),
    ]
    shapes = [_rect(0, 0, 96, 96, ground), *_behind(style, hair), *body]
    return _svg(96, 96, shapes + _before(style, hair, coat if coat != head else hair))


def company(ident: str) -> str:
    """Four quarter tiles on a square: reads as a maker's mark at 24 px and at 96."""
    dice = Dice(f"company:{ident}")
    a, b = dice.families()
    shapes, tones = [_rect(0, 0, 96, 96, a.deep)], [a.light, b.soft, a.soft]
    for x, y in [(16, 16), (48, 16), (16, 48), (48, 48)]:
        kind, tone = dice.roll(6), dice.pick(tones)
        if kind < 4:
            shapes.append(_quarter(x, y, 32, kind, tone))
        else:
            shapes.append(_circle(x + 16, y + 16, 16, tone) if kind == 4 else _rect(x, y, 32, 32, tone))
    return _svg(96, 96, shapes)
