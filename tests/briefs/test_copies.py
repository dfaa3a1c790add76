"""Templates, duplicates, references and removal."""

import io

import pytest
from sqlalchemy import func, select

from marketplace.briefs.copies import duplicate_brief, remove_brief, save_as_template
from marketplace.briefs.facts import facts_of
from marketplace.briefs.models import Brief, BriefReference, BriefStatus
from marketplace.briefs.queries import deliverables_of, references_of
from marketplace.briefs.references import MOST_REFERENCES, add_reference, remove_reference
from marketplace.briefs.service import close_brief, open_brief
from marketplace.infra.db import db, transaction
from marketplace.infra.storage import StoredFile
from marketplace.infra.uploads import Upload
from marketplace.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from tests.support import files
from tests.support.market import brief_facts, make_brand, make_brief, make_creator, make_member, sign_in
from tests.support.web import Client

_PICTURE = Upload("mood.png", "image/png", files.picture())


def test_a_copy_says_the_same_but_its_days(context: None) -> None:
    with transaction():
        brand = make_brand()
        brief = make_brief(brand)
        add_reference(brand.actor, brief.id, "The light", "https://example.com/light")
        add_reference(brand.actor, brief.id, "The mood", file=_PICTURE)
        template = save_as_template(brand.actor, brief.id)
        made = duplicate_brief(brand.actor, template.id)
        assert (brief.status, template.status, made.status) == (
            BriefStatus.OPEN,
            BriefStatus.TEMPLATE,
            BriefStatus.DRAFT,
        )
        said, copied = (facts_of(one, deliverables_of(one.id)) for one in (brief, made))
        assert (copied.title, copied.deliverables, copied.budget_max) == (
            said.title,
            said.deliverables,
            said.budget_max,
        )
        assert (copied.apply_by, copied.publish_by, made.opened_at) == (None, None, None)
        assert [(one.title, one.url, one.file_id) for one in references_of(made.id)] == [
            (one.title, one.url, one.file_id) for one in references_of(brief.id)
        ]
        with pytest.raises(Conflict):
            open_brief(brand.actor, template.id)
        with pytest.raises(Conflict):
            save_as_template(brand.actor, template.id)
        with pytest.raises(Invalid) as refused:
            open_brief(brand.actor, made.id)
        assert refused.value.field == "apply_by"


def test_copies_are_the_brands_own(context: None) -> None:
    with transaction():
        brand, rival, creator = make_brand(), make_brand("Northmoss"), make_creator()
        viewer = make_member(brand, "viewer")
        brief = make_brief(brand)
        for verb in (duplicate_brief, save_as_template, remove_brief):
            for actor in (rival.actor, creator.actor):
                with pytest.raises(NotFound):
                    verb(actor, brief.id)
            with pytest.raises(NotAllowed):
                verb(viewer.actor, brief.id)


def test_what_was_open_stays_and_what_nobody_saw_can_go(context: None) -> None:
    with transaction():
        brand = make_brand()
        brief = make_brief(brand)
        draft = make_brief(brand, opened=False)
        add_reference(brand.actor, draft.id, "The mood", file=_PICTURE)
        template = save_as_template(brand.actor, draft.id)
        with pytest.raises(Conflict):
            remove_brief(brand.actor, brief.id)
        close_brief(brand.actor, brief.id)
        with pytest.raises(Conflict):
            remove_brief(brand.actor, brief.id)
        remove_brief(brand.actor, draft.id)
        remove_brief(brand.actor, template.id)
        assert db.session.scalars(select(Brief.id)).all() == [brief.id]
        assert db.session.scalar(select(func.count()).select_from(BriefReference)) == 0


def test_templates_in_the_browser(context: None, client: Client) -> None:
    with transaction():
        brand = make_brand()
        brief_id = make_brief(brand, brief_facts(title="Every spring")).id
    sign_in(client, brand)
    assert client.post(f"/company/briefs/{brief_id}/template").location == "/company/briefs?tab=template"
    assert "Every spring" in client.get("/company/briefs?tab=template").text
    assert "Every spring" in client.get("/company/briefs/new").text
    with transaction():
        template_id = db.session.scalars(select(Brief.id).where(Brief.status == BriefStatus.TEMPLATE)).one()
    assert client.get(f"/company/briefs/{template_id}/goal").status_code == 200
    assert "This template says:" in client.get(f"/company/briefs/{template_id}/review").text
    assert client.get(f"/briefs/{template_id}").status_code == 200
    made = client.post(f"/company/briefs/{template_id}/duplicate").location
    assert client.get(made).status_code == 200
    assert client.post(f"/company/briefs/{template_id}/remove").status_code == 303
    assert client.get(f"/briefs/{template_id}").status_code == 404


def test_references_come_and_go_in_the_browser(context: None, client: Client) -> None:
    with transaction():
        brand = make_brand()
        brief_id = make_brief(brand, opened=False).id
    sign_in(client, brand)
    way = f"/company/briefs/{brief_id}/references"

    def add(**sent: object) -> int:
        return client.post(way, data=sent, content_type="multipart/form-data").status_code

    assert add(title="The light", url="https://example.com/light") == 303
    assert add(title="The mood", file=(io.BytesIO(files.picture()), "mood.png")) == 303
    for wrong in (
        {"title": "", "url": "https://example.com"},
        {"title": "Neither"},
        {"title": "Script", "url": "javascript:alert(1)"},
        {"title": "Odd", "url": "http://[::1"},
        {"title": "Both", "url": "https://example.com", "file": (io.BytesIO(files.picture()), "mood.png")},
        {"title": "Script", "file": (io.BytesIO(b"<script>alert(1)</script>"), "mood.png")},
        {"title": "Empty", "file": (io.BytesIO(b""), "mood.png")},
        {"title": "x" * 121, "url": "https://example.com"},
    ):
        assert add(**wrong) == 422, wrong
    page = client.get(way).text
    assert "opens example.com" in page
    with transaction():
        kept = db.session.scalars(select(BriefReference).order_by(BriefReference.id)).all()
        ids = [one.id for one in kept]
        assert [one.title for one in kept] == ["The light", "The mood"]
        assert db.session.scalar(select(func.count()).select_from(StoredFile).where(StoredFile.name == "mood.png")) == 1
    sent = client.get(f"/briefs/{brief_id}/files/{ids[1]}")
    assert (sent.status_code, sent.headers["X-Content-Type-Options"]) == (200, "nosniff")
    assert client.get(f"/briefs/{brief_id}/files/{ids[0]}").status_code == 404
    assert client.application.test_client().get(f"/briefs/{brief_id}/files/{ids[1]}").status_code == 404
    assert client.post(f"{way}/{ids[1]}/remove").status_code == 303
    assert client.get(f"/briefs/{brief_id}/files/{ids[1]}").status_code == 404
    assert client.post(f"{way}/{ids[1]}/remove").status_code == 404


def test_references_are_of_their_own_brief_and_few(context: None, client: Client) -> None:
    with transaction():
        brand, rival = make_brand(), make_brand("Northmoss")
        brief, other = make_brief(brand), make_brief(rival)
        mine = add_reference(brand.actor, brief.id, "The mood", file=_PICTURE)
        with pytest.raises(NotFound):
            add_reference(brand.actor, other.id, "Not mine", "https://example.com")
        with pytest.raises(NotFound):
            remove_reference(rival.actor, other.id, mine.id)
        for number in range(MOST_REFERENCES - 1):
            add_reference(brand.actor, brief.id, f"Link {number}", "https://example.com")
        with pytest.raises(Conflict):
            add_reference(brand.actor, brief.id, "One more", "https://example.com")
        brief_id, other_id, mine_id = brief.id, other.id, mine.id
    assert client.get(f"/briefs/{brief_id}/files/{mine_id}").status_code == 200
    assert client.get(f"/briefs/{other_id}/files/{mine_id}").status_code == 404
    sign_in(client, brand)
    sent = {"title": "One more", "url": "https://example.com"}
    answer = client.post(f"/company/briefs/{brief_id}/references", data=sent)
    assert answer.status_code == 409
    assert 'value="One more"' in answer.text
