"""Avatars and covers: the same id gives the same picture, and nothing of the id itself gets into it."""

import hashlib
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.infra import art

TONES = {tone for family in art.FAMILIES for tone in family}


def _is_a_picture(svg: str, width: int, height: int) -> bool:
    root = ElementTree.fromstring(svg)
    tones = set(re.findall(r'fill="(#[0-9a-f]{6})"', svg))
    return root.get("viewBox") == f"0 0 {width} {height}" and tones <= TONES and len(root) > 2


@given(st.text())
def test_any_id_gives_well_formed_pictures_in_our_colours(ident: str) -> None:
    assert _is_a_picture(art.person(ident), 96, 96)
    assert _is_a_picture(art.company(ident), 96, 96)


@given(st.text(), st.sampled_from(art.SCENES))
def test_any_cover_is_a_well_formed_picture_in_our_colours(ident: str, scene: str) -> None:
    assert _is_a_picture(art.cover(ident, scene), 480, 360)


@pytest.mark.parametrize(
    ("svg", "digest"),
    [
        (art.person("lin-yue"), "43c83dcc8d02bf45"),
        (art.company("hearth-grain"), "ecf7103b6f77caf8"),
        (art.cover("clay-suppers", "bowls"), "ad84fa641ac9ed70"),
    ],
)
def test_a_picture_stays_the_same_from_release_to_release(svg: str, digest: str) -> None:
    assert hashlib.sha256(svg.encode()).hexdigest()[:16] == digest


def test_different_people_look_different() -> None:
    assert len({art.person(f"creator-{n}") for n in range(200)}) > 190
    assert len({art.company(f"brand-{n}") for n in range(200)}) > 190


def test_a_scene_that_does_not_exist_is_a_meeting() -> None:
    assert art.cover("x", "volcano") == art.cover("x", "meeting") != art.cover("x", "bowls")
