"""Sets data as PDF or PNG with Typst: own fonts, no clock, so that the same data give the same bytes on every machine.

Data travel beside the template as text; no part of them is ever read as Typst source.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import typst

from marketplace.infra.font_signs import FONTS, drawable


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])


@cache
def _source(template: Path) -> bytes:
    return template.read_bytes()


def as_input(data: Any) -> str:
    """Data as a template's input: JSON, the same for the same data, every text in signs that the font can draw."""
    return json.dumps(_drawable(data), ensure_ascii=False, sort_keys=True)


def _drawable(data: Any) -> Any:
    match data:
        case int():
            return data
        case str():
            return drawable(data)
        case dict():
            return {name: _drawable(value) for name, value in data.items()}
        case list() | tuple():
            return [_drawable(value) for value in data]
        case _:
            return data


def pdf(template: Path, inputs: Mapping[str, str], standards: list[Any]) -> bytes:
    """The template's document; `standards` are Typst's names, such as `a-3a` for keeping, `ua-1` for reading aloud."""
    made = _compiler(template, inputs).compile(format="pdf", pdf_standards=standards)
    assert isinstance(made, bytes)
    return made


def pages(template: Path, inputs: Mapping[str, str]) -> int:
    """How many pages the template's document has, which the template itself says: `#metadata(…) <pages>`."""
    found = _compiler(template, inputs).query("<pages>", field="value", one=True)
    return int(json.loads(found))


def png(template: Path, inputs: Mapping[str, str], points_an_inch: float) -> bytes:
    """The template's only page. Pictures among the inputs are lists of numbers: the compiler's own files are texts."""
    made = _compiler(template, inputs).compile(format="png", ppi=points_an_inch)
    assert isinstance(made, bytes)
    return made


def _compiler(template: Path, inputs: Mapping[str, str]) -> typst.Compiler:
    return typst.Compiler(
        input=_source(template),
        root=template.parent,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs=dict(inputs),
    )
