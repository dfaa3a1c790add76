"""The console's page of watched words: by language, one or many at once, from a file, searched, removed."""

import io

import pytest

from marketplace.accounts.actor import Actor
from marketplace.accounts.models import User
from marketplace.infra.db import db, transaction
from marketplace.moderation.queries import count_words, list_words
from tests.support import market
from tests.support.web import Client


@pytest.fixture
def admin(context: None, client: Client) -> Actor:
    with transaction():
        found = market.make_admin()
        session_id = db.session.get_one(User, found.user_id).get_id()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = session_id, True
    return found


def add(client: Client, lines: str = "", content: bytes | None = None, locale: str = "zh") -> tuple[int, str]:
    sent: dict[str, object] = {"locale": locale, "lines": lines, "reason": "Leads people away."}
    if content is not None:
        sent["file"] = (io.BytesIO(content), "words.txt")
    found = client.post("/console/words", data=sent, content_type="multipart/form-data")
    db.session.rollback()
    page = found.text
    # The client's own copy of a large file, which it leaves open.
    found.request.environ["wsgi.input"].close()
    return found.status_code, page


def test_lines_and_a_file_come_together_into_one_list(admin: Actor, client: Client) -> None:
    assert "This list is empty" in client.get("/console/words?locale=zh").text
    status, _page = add(client, "微信\n刷单\n", "\ufeff# from the town's list\r\n代购\r\n微信\r\n".encode())
    assert status == 303
    assert count_words() == {"zh": 3}
    page = client.get("/console/words?locale=zh").text
    assert "3 words are new in the list." in page
    assert all(word in page for word in ("微信", "刷单", "代购", "Leads people away."))
    assert "微信" not in client.get("/console/words?locale=en").text
    found = client.get("/console/words?locale=zh&q=刷").text
    assert "刷单" in found
    assert "代购" not in found


@pytest.mark.parametrize(
    ("lines", "content", "says"),
    [
        ("", None, "Write at least one word"),
        ("", b"\xff\xfe\x00", "UTF-8"),
        ("", b"a" * 1_000_001, "larger than 1 MB"),
        ("x\n<script>alert(1)</script>", None, "Line 1: too short"),
    ],
)
def test_what_cannot_be_read_adds_nothing_and_stays_in_the_form(
    admin: Actor, client: Client, lines: str, content: bytes | None, says: str
) -> None:
    status, page = add(client, lines, content)
    assert status == 422
    assert says in page
    assert "<script>alert" not in page
    assert count_words() == {}


def test_a_language_that_has_no_list_is_refused(admin: Actor, client: Client) -> None:
    assert add(client, "scam", locale="fr")[0] == 422
    assert client.get("/console/words?locale=fr").status_code == 200
    assert count_words() == {}


def test_a_word_is_removed_after_a_question(admin: Actor, client: Client) -> None:
    add(client, "scam\nswindle", locale="en")
    word_id = list_words("en").words[0][0].id
    db.session.rollback()
    assert "data-confirm" in client.get("/console/words?locale=en").text
    assert client.post(f"/console/words/{word_id}/remove").location == "/console/words?locale=en"
    assert client.post(f"/console/words/{word_id}/remove").status_code == 404
    db.session.rollback()
    assert [word.text for word, _by in list_words("en").words] == ["swindle"]


def test_a_long_list_has_pages(admin: Actor, client: Client) -> None:
    add(client, "\n".join(f"word {number:03}" for number in range(101)), locale="en")
    assert "word 099" in client.get("/console/words?locale=en").text
    second = client.get("/console/words?locale=en&page=2").text
    assert "word 100" in second
    assert "word 099" not in second
    assert client.get("/console/words?locale=en&page=99999999999").status_code == 200
