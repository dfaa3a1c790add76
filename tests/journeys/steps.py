"""What creators and brands do on the way of a deal, each step as a person would take it, with what it must lead to."""

import re
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from marketplace.accounts.models import User
from marketplace.deals.lifecycle import State
from marketplace.deals.models import Deal
from marketplace.infra.db import db
from marketplace.infra.mail import Mail
from tests.journeys.stage import from_today
from tests.journeys.walker import Walker
from tests.support.files import picture

PASSWORD = "a long and winding password"


def in_days(days: int) -> str:
    """A day as a date field takes it, in any language."""
    return from_today(days).isoformat()


def email_of(app: Flask, user_id: int) -> str:
    with app.app_context():
        return db.session.get_one(User, user_id).email


def state_of(app: Flask, deal_id: int) -> State:
    with app.app_context():
        return db.session.get_one(Deal, deal_id).state


def newest_link(app: Flask, email: str, page: str) -> str:
    """The path of the link to `page` in the newest mail that has one."""
    with app.app_context():
        query = select(Mail.body_text).where(Mail.address == email).order_by(Mail.id.desc())
        bodies = db.session.scalars(query).all()
    found = [match for body in bodies if (match := re.search(rf"https?://[^/\s]+(/{page}/\S+)", body))]
    assert found, f"{email} got no link to {page}: {bodies}"
    return found[0][1]


# --- Accounts ---------------------------------------------------------------------------------------------------------


def join(walker: Walker, app: Flask, side: str, name: str, email: str) -> None:
    """Sign up, and open the link in the mail."""
    walker.go("/sign-up")
    walker.fill(side=side, name=name, email=email, password=PASSWORD)
    walker.send()
    assert walker.path == ("/me/profile" if side == "creator" else "/company")
    walker.go(newest_link(app, email, "confirm"))
    assert walker.path == "/today"


def sign_in(walker: Walker, email: str, password: str = PASSWORD) -> None:
    walker.go("/sign-in")
    walker.fill(email=email, password=password)
    walker.send()
    assert walker.path in ("/today", "/console")


# --- A creator's and a brand's pages ----------------------------------------------------------------------------------


def keep_profile(creator: Walker, name: str, handle: str) -> None:
    creator.fill(name=name, handle=handle, headline_en="Slow suppers in a small kitchen", category="food")
    creator.send()
    assert creator.path == "/me/channels"


def hand_in_reading(creator: Walker, folder: Path, fans: str) -> None:
    """A channel, and a picture that shows its fans."""
    creator.go("/me/channels/new")
    creator.fill(platform="bilibili", handle="slow-suppers", url="https://space.bilibili.com/31415926")
    creator.send()
    creator.follow(f"{creator.path}/readings/new")
    evidence = folder / "fans.png"
    evidence.write_bytes(picture(size=(640, 400)))
    creator.fill(fans=fans, evidence=evidence)
    creator.send()
    assert creator.path == "/me/channels"


def write_offer(creator: Walker) -> int:
    """Two packages; returns the offer's id. Listing it is a step of its own."""
    creator.go("/me/offers/new")
    creator.fill(title="A supper film with your pot", category="food", description="I cook it three evenings first.")
    fill_package(creator, 0, "Basic", "4,800")
    creator.send(button="add=1")
    fill_package(creator, 1, "Standard", "12,000")
    creator.send()
    return creator.number_in(r"^/offers/(\d+)$")


def fill_package(creator: Walker, place: int, name: str, price: str) -> None:
    typed = {
        "name": name,
        "content": "video_long",
        "deliverables": "One film of 60 to 180 s and its cover.",
        "delivery_days": "9",
        "revisions": "2",
        "price": price,
    }
    creator.fill(**{f"packages__{place}__{field}": value for field, value in typed.items()})


def keep_company(brand: Walker, name: str, handle: str) -> None:
    brand.fill(name=name, handle=handle, legal_name=f"{name} Co., Ltd.", registration_number="91310000MA1K00000X")
    brand.fill(industry="Kitchenware", region="Shanghai")
    brand.send()
    assert brand.path == "/company"


def post_brief(brand: Walker) -> int:
    """Write a brief in its steps and open it; returns its id."""
    brand.go("/company/briefs/new")
    brand.fill(title="One clay pot, one honest supper", goal="Show that one pot is enough for a week of suppers.")
    brief_id = write_on(brand)
    brand.fill(deliverables__0__content="video_long", details="One film of 60 to 180 s and its cover.")
    write_on(brand)
    brand.follow(f"/company/briefs/{brief_id}/who")
    brand.fill(category="food", platforms=["bilibili", "douyin"], minimum_fans="20,000")
    write_on(brand)
    brand.fill(budget_kind="range", budget_min="10,000", budget_max="15,000", slots="2")
    brand.fill(apply_by=in_days(14), publish_by=in_days(45))
    write_on(brand)
    write_on(brand)
    brand.send(f"/company/briefs/{brief_id}/open")
    assert brand.path == f"/briefs/{brief_id}"
    return brief_id


def write_on(brand: Walker) -> int:
    """Save this step of a brief and go on to the next; returns the brief's id."""
    brand.click(brand.page.locator("#step-form button[type=submit]").first)
    return brand.number_in(r"^/company/briefs/(\d+)/")


# --- From a selection to agreed terms ---------------------------------------------------------------------------------


def apply(creator: Walker, brief_id: int, price: str) -> int:
    """Find the brief in the list and apply; returns the selection's id."""
    creator.menu("/briefs")
    creator.follow(f"/briefs/{brief_id}")
    creator.fill(price=price, message="I cook every evening anyway.")
    creator.send(f"/briefs/{brief_id}/apply")
    return creator.number_in(r"^/selections/(\d+)$")


def accept_application(brand: Walker, brief_id: int, selection_id: int) -> int:
    """From the brief's applicants; returns the deal's id."""
    brand.go("/company/briefs")
    brand.follow(f"/company/briefs/{brief_id}/applicants")
    brand.send(f"/selections/{selection_id}/accept")
    return brand.number_in(r"^/deals/(\d+)$")


def counter(walker: Walker, deal_id: int, price: str) -> None:
    walker.go(f"/deals/{deal_id}")
    walker.follow(f"/deals/{deal_id}/terms/new")
    walker.fill(price=price, usage_rights="Own channels, for a year.", note="The film is longer than I thought.")
    walker.send()
    assert walker.path == f"/deals/{deal_id}"


def accept_terms(walker: Walker, deal_id: int, number: int) -> None:
    walker.go(f"/deals/{deal_id}")
    walker.send(f"/deals/{deal_id}/terms/{number}/accept")
    assert walker.path == f"/deals/{deal_id}"


# --- Contract, money, work --------------------------------------------------------------------------------------------


def sign(walker: Walker, deal_id: int) -> None:
    """Read the document, mistype the password once, sign."""
    walker.go(f"/deals/{deal_id}")
    walker.follow(f"/deals/{deal_id}/contract")
    document = walker.page.request.get(f"/deals/{deal_id}/contract/en.pdf")
    assert document.headers["content-type"] == "application/pdf"
    assert document.body().startswith(b"%PDF")
    walker.fill(read=True, password="not this one")
    walker.send(f"/deals/{deal_id}/contract/sign", status=422)
    walker.fill(read=True, password=PASSWORD)
    walker.send(f"/deals/{deal_id}/contract/sign")
    assert walker.path == f"/deals/{deal_id}"


def pay(brand: Walker, deal_id: int, total: str, *, declined_first: bool = True) -> None:
    """The quote, the provider's page, and back."""
    brand.go(f"/deals/{deal_id}")
    brand.follow(f"/deals/{deal_id}/fund")
    assert brand.says(total)
    brand.send()
    assert brand.says(total), "the provider asks for what the quote said"
    if declined_first:
        _card(brand, "4000000000000002", status=402)
    _card(brand, "4242424242424242")
    assert brand.path == f"/deals/{deal_id}"


def _card(brand: Walker, number: str, status: int = 200) -> None:
    brand.fill(email="pay@hearth.example", card_number=number, expiry="12 / 34", cvc="123", name="Chen Yu")
    form = brand.page.locator("main form").first
    brand.send(form.get_attribute("action") or "", status=status)


def hand_in_draft(creator: Walker, deal_id: int, url: str) -> None:
    creator.go(f"/deals/{deal_id}")
    creator.follow(f"/deals/{deal_id}/draft")
    creator.fill(url=url, note="The lid lifts at 0:41.")
    creator.send()
    assert creator.path == f"/deals/{deal_id}"


def ask_for_revision(brand: Walker, deal_id: int) -> None:
    brand.go(f"/deals/{deal_id}")
    brand.follow(f"/deals/{deal_id}/revision")
    brand.fill(note="Let the rain be quieter, please.")
    brand.send()
    assert brand.path == f"/deals/{deal_id}"


def approve(brand: Walker, deal_id: int) -> None:
    brand.go(f"/deals/{deal_id}")
    brand.send(f"/deals/{deal_id}/approve")
    assert brand.path == f"/deals/{deal_id}"


def publish(creator: Walker, deal_id: int) -> None:
    creator.go(f"/deals/{deal_id}")
    creator.follow(f"/deals/{deal_id}/publication")
    creator.fill(url="https://www.bilibili.com/video/BV1xx411c7mD")
    creator.send()
    assert creator.path == f"/deals/{deal_id}"


def accept_work(brand: Walker, deal_id: int) -> None:
    brand.go(f"/deals/{deal_id}")
    brand.follow(f"/deals/{deal_id}/accept")
    brand.fill(seen=True)
    brand.send()
    assert brand.path == f"/deals/{deal_id}"


def connect_payouts(creator: Walker) -> None:
    """The provider's onboarding page, and back."""
    creator.menu("/earnings")
    creator.send("/earnings/connect")
    creator.fill(name="Lin Yue", account_number="000123456789")
    with creator.page.expect_navigation(wait_until="load") as back:
        creator.page.locator("main form button[type=submit]:not([name])").click()
    assert back.value.status == 200
    assert creator.path == "/earnings/payouts"
