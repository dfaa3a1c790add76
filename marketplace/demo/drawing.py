"""Small pictures of simple shapes: what a few people of the demo upload as their cover, face, logo and works."""

import io
from collections.abc import Callable
from random import Random
from typing import Final

from PIL import Image, ImageDraw, ImageOps

from marketplace.creators.models import Category
from marketplace.infra.pictures import COVER, FACE, LOGO, NO_CHANGE, WORK, PictureChange, Shape, cut_picture

NONE: Final = NO_CHANGE
_Pen = ImageDraw.ImageDraw
_Size = tuple[int, int]
_Scene = Callable[[_Pen, _Size, Random, "_Colours"], None]
_Colours = tuple[str, str, str, str, str]
# Ground, then from dark to light.
_FAMILIES: Final[tuple[_Colours, ...]] = (
    ("#e9dfcb", "#3d4a3f", "#a8573a", "#d89a5b", "#f7f1e3"),
    ("#d7e3dd", "#1f4d43", "#4f8a77", "#e0b565", "#f6f8f3"),
    ("#dbe2ec", "#2b3d5f", "#6a86b5", "#d98f6c", "#f5f6f9"),
    ("#efdcd3", "#5a2f3a", "#b8616a", "#e3b48f", "#fbf4ef"),
    ("#e6e2d3", "#40402f", "#8a8a4f", "#c9a24b", "#faf8ee"),
)
# Twice as large as kept, so that edges come out smooth.
_FINE: Final = 2


def cover(seed: str, category: Category) -> PictureChange:
    return _drawn(seed, (1600, 640), COVER, _scene_of(category))


def work(seed: str, category: Category) -> PictureChange:
    return _drawn(seed, (640, 360), WORK, _scene_of(category))


def face(seed: str) -> PictureChange:
    return _drawn(seed, (256, 256), FACE, _portrait)


def logo(seed: str, *, lamp: bool = False) -> PictureChange:
    return _drawn(seed, (256, 256), LOGO, _lamp if lamp else _waves)


def _drawn(seed: str, size: _Size, shape: Shape, scene: _Scene) -> PictureChange:
    rng = Random(seed)  # noqa: S311 - the same every time
    colours = rng.choice(_FAMILIES)
    fine = (size[0] * _FINE, size[1] * _FINE)
    picture = Image.new("RGB", fine, colours[0])
    scene(ImageDraw.Draw(picture), fine, rng, colours)
    small = picture.reduce(_FINE)
    written = io.BytesIO()
    (ImageOps.mirror(small) if rng.random() < 0.5 else small).save(written, "PNG", compress_level=1)
    return PictureChange(cut_picture(written.getvalue(), "image/png", shape))


def _scene_of(category: Category) -> _Scene:
    outside = (Category.OUTDOORS, Category.TRAVEL, Category.SPORT, Category.CITY)
    return _table if category is Category.FOOD else _hills if category in outside else _desk


def _disc(pen: _Pen, x: float, y: float, radius: float, colour: str) -> None:
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)


def _table(pen: _Pen, size: _Size, rng: Random, colours: _Colours) -> None:
    """A table from above: a cloth, one pot, some bowls, a pair of chopsticks."""
    _ground, dark, red, gold, light = colours
    across, down = size
    left = across * rng.uniform(0.08, 0.3)
    pen.rounded_rectangle((left, down * 0.1, left + across * 0.55, down * 0.92), down // 20, fill=light)
    pot_x, pot_y = across * rng.uniform(0.36, 0.62), down * rng.uniform(0.45, 0.58)
    for share, colour in ((0.40, dark), (0.35, red), (0.31, gold)):
        _disc(pen, pot_x, pot_y, down * share, colour)
    for _ in range(9):
        x, y = pot_x + down * rng.uniform(-0.19, 0.19), pot_y + down * rng.uniform(-0.19, 0.19)
        _disc(pen, x, y, down * rng.uniform(0.025, 0.055), rng.choice((light, red, dark)))
    for x, y in rng.sample(((0.12, 0.3), (0.88, 0.72), (0.86, 0.22), (0.93, 0.5), (0.06, 0.66)), rng.randint(2, 3)):
        _bowl(pen, (across * x, down * y), down * rng.uniform(0.13, 0.2), (dark, light, rng.choice((gold, red))))
    for place in (0.0, 0.045):
        start = (across * (0.16 + place), down * 0.95)
        pen.line((*start, start[0] + across * 0.1, down * 0.52), fill=dark, width=max(4, down // 60))


def _hills(pen: _Pen, size: _Size, rng: Random, colours: _Colours) -> None:
    """Hills behind hills, the sun above."""
    _ground, dark, middle, gold, light = colours
    across, down = size
    _disc(pen, across * rng.uniform(0.2, 0.8), down * 0.3, down * rng.uniform(0.12, 0.2), gold)
    for level, colour in ((0.42, light), (0.58, middle), (0.76, dark)):
        steps = 6
        tops = [(across * place / steps, down * (level + rng.uniform(-0.12, 0.1))) for place in range(steps + 1)]
        pen.polygon([(0, down), *tops, (across, down)], fill=colour)
    path = across * rng.uniform(0.3, 0.7)
    pen.line((path, down, path + across * 0.06, down * 0.86, path, down * 0.78), fill=light, width=max(3, down // 70))


def _desk(pen: _Pen, size: _Size, rng: Random, colours: _Colours) -> None:
    """A desk by a window: a lamp, some books, a cup."""
    _ground, dark, red, gold, light = colours
    across, down = size
    window = across * rng.uniform(0.08, 0.5)
    pen.rectangle((window, down * 0.1, window + across * 0.32, down * 0.62), fill=light)
    pen.line((window + across * 0.16, down * 0.1, window + across * 0.16, down * 0.62), fill=dark, width=down // 70)
    pen.rectangle((0, down * 0.76, across, down), fill=dark)
    x = across * rng.uniform(0.52, 0.62)
    for _ in range(6):
        wide, tall = across * rng.uniform(0.018, 0.034), down * rng.uniform(0.22, 0.36)
        pen.rectangle((x, down * 0.76 - tall, x + wide, down * 0.76), fill=rng.choice((red, gold, light)))
        x += wide + 4
    lamp = across * rng.uniform(0.2, 0.4)
    pen.line((lamp, down * 0.76, lamp, down * 0.42), fill=dark, width=down // 50)
    pen.pieslice((lamp - down * 0.2, down * 0.26, lamp + down * 0.2, down * 0.62), 180, 360, fill=gold)
    pen.rounded_rectangle((across * 0.86, down * 0.62, across * 0.93, down * 0.76), down // 40, fill=red)


def _portrait(pen: _Pen, size: _Size, rng: Random, colours: _Colours) -> None:
    """Somebody without a face: hair, head, shoulders, an apron."""
    _ground, dark, red, _gold, light = colours
    side = size[0]
    skin = rng.choice(("#e8bf9c", "#c98f66", "#8a5a3c", "#f0cfae"))
    pen.rounded_rectangle((side * 0.27, side * 0.2, side * 0.73, side * 0.68), side // 5, fill=dark)
    pen.ellipse((side * 0.12, side * 0.68, side * 0.88, side * 1.4), fill=red)
    pen.rectangle((side * 0.43, side * 0.52, side * 0.57, side * 0.74), fill=skin)
    pen.ellipse((side * 0.33, side * 0.24, side * 0.67, side * 0.64), fill=skin)
    pen.pieslice((side * 0.29, side * 0.16, side * 0.71, side * 0.52), 180, 360, fill=dark)
    pen.polygon(((side * 0.36, side), (side * 0.41, side * 0.8), (side * 0.59, side * 0.8), (side * 0.64, side)), light)


def _bowl(pen: _Pen, place: tuple[float, float], radius: float, colours: tuple[str, str, str]) -> None:
    for share, colour in zip((1.0, 0.86, 0.6), colours, strict=True):
        _disc(pen, *place, radius * share, colour)


def _lamp(pen: _Pen, size: _Size, _rng: Random, colours: _Colours) -> None:
    """A company's sign: a lamp and its light."""
    _ground, dark, _red, gold, light = colours
    side = size[0]
    pen.rectangle((0, 0, side, side), fill=dark)
    pen.polygon(((side * 0.5, side * 0.3), (side * 0.08, side), (side * 0.92, side)), fill=light)
    pen.pieslice((side * 0.24, side * 0.12, side * 0.76, side * 0.64), 180, 360, fill=gold)
    pen.rectangle((side * 0.48, 0, side * 0.52, side * 0.14), fill=gold)


def _waves(pen: _Pen, size: _Size, rng: Random, colours: _Colours) -> None:
    """A company's sign: a round thing above waves."""
    _ground, dark, red, gold, light = colours
    side = size[0]
    pen.rectangle((0, 0, side, side), fill=dark)
    _disc(pen, side * rng.uniform(0.36, 0.64), side * 0.42, side * 0.22, gold)
    for place, colour in enumerate((light, red, dark)):
        top = side * (0.52 + 0.14 * place)
        for bump in range(-1, 4):
            x = side * (0.28 * bump + 0.14 * (place % 2))
            pen.ellipse((x, top, x + side * 0.32, top + side * 0.32), fill=colour)
        pen.rectangle((0, top + side * 0.16, side, side), fill=colour)
