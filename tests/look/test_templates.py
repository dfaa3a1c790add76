"""Every template compiles, keeps the strict policy, and names only icons that the sprite holds."""

import re
from pathlib import Path

import pytest
from flask import Flask

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(path.relative_to(ROOT / "templates").as_posix() for path in (ROOT / "templates").rglob("*.html"))
TEXTS = sorted(path.relative_to(ROOT / "templates").as_posix() for path in (ROOT / "templates").rglob("*.txt"))
PAGES = [name for name in TEMPLATES if not name.startswith("email/")]
IMPORT = re.compile(r'({% from "[^"]+" import ([^%]+?)(?: with context)? %})')
ICON = re.compile(r"""\b(?:icon|sprite)\(\s*"([a-z0-9-]+)"|\b(?:icon|icon_name|sign)="([a-z0-9][a-z0-9-]*)\"""")


def _markup(name: str) -> str:
    """A template without its Jinja parts."""
    return re.sub(r"\{[{%#].*?[}%#]\}", "", _source(name), flags=re.DOTALL)


def _source(name: str) -> str:
    return (ROOT / "templates" / name).read_text()


def _sprite_names() -> set[str]:
    return set(re.findall(r'<symbol id="([^"]+)"', (ROOT / "static/vendor/icons.svg").read_text()))


@pytest.mark.parametrize("name", TEMPLATES + TEXTS)
def test_a_template_compiles_with_the_applications_filters(look_app: Flask, name: str) -> None:
    assert look_app.jinja_env.get_template(name).name == name


def test_templates_import_only_what_they_use() -> None:
    unused = []
    for name in TEMPLATES:
        source = _source(name)
        for line, names in IMPORT.findall(source):
            rest = source.replace(line, "")
            called = [one.rpartition(" as ")[2].strip() for one in names.split(",")]
            unused += [f"{name}: {one}" for one in called if not re.search(rf"\b{one}\(", rest)]
    assert unused == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_inline_style_script_or_handler(name: str) -> None:
    source = _markup(name)
    assert not re.search(r"\sstyle=", source)
    assert "<style" not in source
    assert not re.search(r"<script(?![^>]*\ssrc=)", source)
    assert not re.search(r"<[a-z][^>]*\son[a-z]+=", source)
    assert not re.search(r"\bhx-on", source)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_names_only_icons_of_the_sprite(name: str) -> None:
    named = {first or second for first, second in ICON.findall(_source(name))}
    assert named <= _sprite_names()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fetches_nothing_from_elsewhere(name: str) -> None:
    assert not re.search(r"""(?:src|href|action)=["'](?:https?:)?//""", _source(name))
