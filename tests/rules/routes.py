"""Who gets what at every address: the table that `test_routes` holds the application to.

A row is an address of the small world (tests/support/world.py) with an answer for each of its ROLES, in their order:
visitor, creator, other creator, brand, viewer, other brand, administrator. An answer is a status; `in` is the way to
the sign-in; `may` (only of what is posted) is the right to do it, so that the walk, which must change nothing, doesn't.

Others walk too whose answers follow from these, unless the row says otherwise in `others`: a manager gets what the
brand's owner gets, its finance member what the viewer gets. An agency's `agent` acts for the other creator and gets
what they get; its owner, in the `agency`'s own place, what strangers of both sides get alike, and else 403.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Row:
    """One address. `sent` is a whole form, so that a refusal is of the person and not of the form."""

    path: str
    answers: str
    sent: dict[str, str] = field(default_factory=dict)
    others: dict[str, str] = field(default_factory=dict)


TERMS = {
    "based_on": "1",
    "deliverables": "Two films.",
    "price": "11,000",
    "draft_due_on": "2035-01-01",
    "publish_on": "2035-01-09",
    "revisions": "1",
}
GOAL = {"title": "Another brief", "goal": "Show it.", "version": "1"}
EXTENSION = {"apply_by": "2027-06-01", "publish_by": "2027-07-01"}
COMPANY = {"version": "1", "name": "Renamed", "handle": "renamed", "legal_name": "Renamed Ltd."}
WORK = {
    "title": "Broth for one",
    "platform": "bilibili",
    "url": "https://www.bilibili.com/video/BV1xx411c7mD",
    "published_on": "2026-01-09",
}
SEEN = {"seen": "0" * 64}
NO_UUID = "00000000-0000-4000-8000-000000000000"
FEE_DRAFT = {**SEEN, "effective_from": "2035-01-01", "creator_floor": "70", "why": "Simpler rules."}
FEE_RULE = {**SEEN, "name": "C9", "kind": "creator_commission", "brackets-0-rate": "5"}
FEE_AGREEMENT = {
    **SEEN,
    "creator": "nobody",
    "kind": "creator_commission",
    "brackets-0-rate": "5",
    "starts": "2035-01-01",
}
MANUAL = {
    "reason": "A payment that nobody could place.",
    "reference": "M-1001",
    "lines-0-kind": "suspense",
    "lines-0-owner": "",
    "lines-0-currency": "CNY",
    "lines-0-debit": "1.00",
    "lines-0-credit": "",
    "lines-1-kind": "fees_brand",
    "lines-1-owner": "",
    "lines-1-currency": "CNY",
    "lines-1-debit": "",
    "lines-1-credit": "1.00",
}
WORDS = {"body": "Words that nobody should read.", "reasons": "Reasons that nobody should read.", "reason": "late"}

ALL = "200 200 200 200 200 200 200"
EVERYBODY_MAY = "may may may may may may may"
SIGNED_IN = "in 200 200 200 200 200 200"
CREATORS = "in 200 200 403 403 403 403"
THAT_CREATOR = "in 200 404 403 403 403 403"
BRANDS = "in 403 403 200 200 200 403"
# Who belongs to a company is its owners' alone.
THAT_OWNER = "in 403 403 200 403 404 403"
OWNER_MAY = "in 403 403 may 403 404 403"
NO_MANAGER = {"manager": "403"}
THAT_BRAND = "in 403 403 200 200 404 403"
PARTIES = "in 200 404 200 200 404 200"
ADMINS = "in 403 403 403 403 403 200"
NOBODY = "in 403 403 403 403 403 403"
AGENCIES = {"agent": "200", "agency": "200"}
AGENCY_OWNERS = {"agent": "403", "agency": "200"}
AGENCY_MAY = {"agent": "403", "agency": "may"}
AGENCY_OPENS = {"agent": "403", "agency": "404"}
ANEW = {"country": "HK", "password": "not this one"}
PAUSE = {"reason": "Reasons that nobody should read.", "password": "not this one"}
HOUSE = {"version": "1", "name": "Renamed", "handle": "renamed-house", "legal_name": "Renamed House Ltd."}

GET: dict[str, list[Row]] = {
    # Everybody's
    "home.front": [Row("/", "200 302 302 302 302 302 302")],
    "home.today": [Row("/today", "in 200 200 200 200 200 302", others={"agency": "302"})],
    "home.places": [Row("/places", "in 200 200 200 200 200 302")],
    "home.fees": [Row("/fees", ALL), Row("/fees?price=12000&kind=video&earned=", ALL)],
    "home.how": [Row("/how-money-is-held", ALL)],
    "home.terms": [Row("/terms", ALL)],
    "pages.healthz": [Row("/healthz", ALL)],
    "pages.readyz": [Row("/readyz", ALL)],
    "pages.picture": [
        Row("/art/person/creator-1.svg", ALL),
        Row("/art/company/brand-1.svg", ALL),
        Row("/art/cover/bowls-offer-1.svg", ALL),
        Row("/art/nothing/x.svg", "404 404 404 404 404 404 404"),
    ],
    "pages.stored_picture": [
        Row("/pictures/{picture}/128.webp", ALL),
        Row("/pictures/{picture}/127.webp", "404 404 404 404 404 404 404"),
    ],
    "static": [Row("/static/tokens.css", ALL)],
    "bootstrap.static": [Row("/bootstrap/static/css/bootstrap.min.css", ALL)],
    # Accounts
    "account.sign_up": [Row("/sign-up", "200 302 302 302 302 302 302")],
    "account.sign_in": [Row("/sign-in", "200 302 302 302 302 302 302")],
    "account.forgot": [Row("/forgot", ALL)],
    "account.reset": [Row("/reset/made-up", "410 410 410 410 410 410 410")],
    "account.confirm": [Row("/confirm/made-up", "410 303 303 303 303 303 303")],
    "account.settings": [Row("/settings", SIGNED_IN)],
    "mailbox.index": [Row("/mailbox", ALL)],
    "mailbox.show": [Row("/mailbox/{mail}", ALL)],
    "mailbox.page": [Row("/mailbox/{mail}/page", ALL)],
    "notifications.index": [Row("/notifications", SIGNED_IN)],
    "notifications.open": [Row("/notifications/{notification}", "in 302 404 404 404 404 404")],
    # Lists, blocks, reports
    "lists.index": [Row("/company/lists", BRANDS)],
    "lists.show": [Row("/company/lists/{list}", THAT_BRAND)],
    "lists.save": [Row("/creators/{other_creator}/save", BRANDS)],
    "blocks.creators": [Row("/company/blocked", BRANDS)],
    "blocks.brands": [Row("/me/blocked", CREATORS)],
    "blocks.block_creator": [Row("/creators/{other_creator}/block", "in 403 403 200 403 200 403")],
    "blocks.block_brand": [Row("/b/{brand}/block", CREATORS)],
    "moderation.report": [
        Row("/report/{reported}", "in 409 200 200 200 200 200"),
        Row("/report/brief:{private_brief}", "in 200 404 409 409 404 200"),
        Row("/report/nothing:1", "in 404 404 404 404 404 404", others={"agency": "404"}),
    ],
    "moderation.mine": [Row("/reports", SIGNED_IN)],
    "console.reports": [Row("/console/reports", ADMINS), Row("/console/reports?tab=decided", ADMINS)],
    "console.case": [Row("/console/reports/{reported}", ADMINS)],
    "console.words": [Row("/console/words", ADMINS), Row("/console/words?locale=zh&q=x", ADMINS)],
    "notifications.preferences": [Row("/notifications/preferences", SIGNED_IN)],
    # Its token lets in whoever holds the mail.
    "unsubscribe.mail": [Row("/notifications/stop/made-up", "404 404 404 404 404 404 404")],
    # Creators and offers
    "creators.profile": [Row("/c/{creator}", ALL), Row("/c/{creator}?works=all&before=9", ALL)],
    "creators.card": [Row("/c/{creator}/card.png", ALL)],
    "creators.edit": [Row("/me/profile", CREATORS)],
    "creators.works": [Row("/me/works", CREATORS)],
    "creators.add_work": [Row("/me/works/new", CREATORS)],
    "creators.edit_work": [Row("/me/works/{work}", THAT_CREATOR)],
    "creators.audience": [Row("/me/audience", CREATORS)],
    "creators.audience_evidence": [Row("/audience/{audience}/evidence", "in 200 404 403 403 403 200")],
    "creators.channels": [Row("/me/channels", CREATORS)],
    "creators.add_channel": [Row("/me/channels/new", CREATORS)],
    "creators.channel": [
        Row("/me/channels/{channel}", THAT_CREATOR),
        Row("/me/channels/{channel}?before=9", THAT_CREATOR),
    ],
    "creators.channel_code": [Row("/me/channels/{channel}/code", THAT_CREATOR)],
    "creators.add_reading": [Row("/me/channels/{channel}/readings/new", THAT_CREATOR)],
    "creators.evidence": [Row("/readings/{reading}/evidence", "in 200 404 403 403 403 200")],
    "offers.mine": [Row("/me/offers", CREATORS)],
    "offers.new": [Row("/me/offers/new", CREATORS)],
    "offers.edit": [Row("/me/offers/{draft_offer}", THAT_CREATOR)],
    "offers.availability": [Row("/me/availability", CREATORS), Row("/me/availability?month=2027-02", CREATORS)],
    "offers.show": [Row("/offers/{offer}", ALL), Row("/offers/{draft_offer}", "404 200 404 404 404 404 404")],
    "discovery.index": [Row("/creators", ALL), Row("/creators?q=supper&category=food", ALL)],
    # Brands and briefs
    "brands.company": [Row("/company", BRANDS)],
    "brands.new": [Row("/companies/new", "in 200 200 200 200 200 403")],
    "brands.members": [Row("/company/members", BRANDS)],
    "brands.member": [Row("/company/members/{member}", THAT_OWNER, others=NO_MANAGER)],
    "brands.transfer": [Row("/company/members/{member}/transfer", THAT_OWNER, others=NO_MANAGER)],
    "brands.leave": [Row("/company/leave", BRANDS)],
    "brands.join": [Row("/join/made-up", "410 410 410 410 410 410 410")],
    "brands.profile": [Row("/b/{brand}", ALL)],
    "briefs.index": [Row("/briefs", ALL), Row("/briefs?mine=y&category=food", ALL)],
    "briefs.show": [
        Row("/briefs/{brief}", ALL),
        Row("/briefs/{draft_brief}", "404 404 404 200 200 404 200"),
        Row("/briefs/{template}", "404 404 404 200 200 404 200"),
        Row("/briefs/{held_brief}", "404 404 404 200 200 404 200"),
        Row("/briefs/{private_brief}", "404 200 404 200 200 404 200"),
    ],
    "briefs.file": [
        Row("/briefs/{private_brief}/files/{reference}", "404 200 404 200 200 404 200"),
        Row("/briefs/{brief}/files/{reference}", "404 404 404 404 404 404 404"),
    ],
    "briefs.ask": [
        Row("/briefs/{brief}/ask", CREATORS),
        Row("/briefs/{private_brief}/ask", "in 200 404 403 403 403 403"),
    ],
    "briefs.mine": [Row("/company/briefs", BRANDS), Row("/company/briefs?tab=open&q=supper", BRANDS)],
    "briefs.new": [Row("/company/briefs/new", "in 403 403 200 403 200 403")],
    "briefs.edit": [Row("/company/briefs/{draft_brief}", "in 403 403 302 403 404 403")],
    "briefs.step": [
        Row("/company/briefs/{draft_brief}/goal", "in 403 403 200 403 404 403"),
        Row("/company/briefs/{brief}/budget", "in 403 403 200 403 404 403"),
    ],
    "briefs.references": [Row("/company/briefs/{private_brief}/references", "in 403 403 200 403 404 403")],
    "briefs.review": [
        Row("/company/briefs/{draft_brief}/review", "in 403 403 200 403 404 403"),
        Row("/company/briefs/{template}/review", "in 403 403 200 403 404 403"),
    ],
    "briefs.preview": [Row("/company/briefs/{draft_brief}/preview", THAT_BRAND)],
    "briefs.extend": [
        Row("/company/briefs/{brief}/extend", "in 403 403 200 403 404 403"),
        Row("/company/briefs/{draft_brief}/extend", "in 403 403 409 403 404 403"),
    ],
    "briefs.answer": [Row("/company/questions/{question}", "in 403 403 200 403 404 403")],
    "briefs.applicants": [Row("/company/briefs/{brief_with_applicants}/applicants", THAT_BRAND)],
    # Selections
    "matching.inbox": [
        Row("/selections", "in 200 200 200 200 200 403"),
        Row("/selections?tab=waiting", "in 200 200 200 200 200 403"),
        Row("/selections?tab=closed", "in 200 200 200 200 200 403"),
    ],
    "matching.show": [
        Row("/selections/{application}", PARTIES),
        Row("/selections/{invitation}", PARTIES),
        Row("/selections/{booking}", PARTIES),
        Row("/selections/{accepted}", PARTIES),
    ],
    "matching.apply": [
        Row("/briefs/{brief}/apply", CREATORS),
        Row("/briefs/{draft_brief}/apply", "in 404 404 403 403 403 403"),
    ],
    "matching.estimate": [
        Row("/briefs/{brief}/estimate?price=12000", CREATORS),
        Row("/briefs/{draft_brief}/estimate", "in 404 404 403 403 403 403"),
    ],
    "matching.invite": [Row("/creators/{other_creator}/invite", "in 403 403 200 403 200 403")],
    "matching.invite_many": [
        Row("/invitations/new", "in 403 403 200 403 200 403"),
        Row("/invitations/new?ids=1&ids=2&ids=nobody", "in 403 403 200 403 200 403"),
    ],
    "matching.book": [Row("/packages/{package}/book", "in 403 403 200 403 200 403")],
    "matching.book_price": [Row("/packages/{package}/book/price?addons=1", "in 403 403 200 403 200 403")],
    "matching.compare": [Row("/company/briefs/{brief_with_applicants}/compare?ids=1&ids=2&ids=3", THAT_BRAND)],
    "matching.decline": [Row("/selections/{invitation}/decline", "in 200 404 200 200 404 403")],
    # Deals
    "deals.index": [
        Row("/deals", "in 200 200 200 200 200 403"),
        Row("/deals?tab=theirs", "in 200 200 200 200 200 403"),
        Row("/deals?tab=done", "in 200 200 200 200 200 403"),
    ],
    "deals.show": [
        Row("/deals/{negotiating}", PARTIES),
        Row("/deals/{signing}", PARTIES),
        Row("/deals/{funding}", PARTIES),
        Row("/deals/{production}", PARTIES),
        Row("/deals/{draft_review}", PARTIES),
        Row("/deals/{publishing}", PARTIES),
        Row("/deals/{acceptance}", PARTIES),
        Row("/deals/{disputed}", PARTIES),
        Row("/deals/{completed}", PARTIES),
        Row("/deals/{ruled}", PARTIES),
        Row("/deals/{cancelled}", PARTIES),
    ],
    "deals.for_selection": [
        Row("/selections/{accepted}/deal", "in 303 404 303 303 404 303"),
        Row("/selections/{application}/deal", "in 404 404 404 404 404 404"),
    ],
    "deals.file": [
        Row("/deals/{completed}/files/{file}", PARTIES),
        Row("/deals/{production}/files/{file}", "in 404 404 404 404 404 404"),
    ],
    "deals.messages": [Row("/deals/{production}/messages", PARTIES)],
    "deals.propose": [
        Row("/deals/{negotiating}/terms/new", "in 200 404 200 403 404 403"),
        Row("/deals/{signing}/terms/new", "in 409 404 409 409 404 403"),
    ],
    "deals.contract": [
        Row("/deals/{signing}/contract", PARTIES),
        Row("/deals/{completed}/contract", PARTIES),
        Row("/deals/{negotiating}/contract", "in 404 404 404 404 404 404"),
    ],
    "deals.contract_pdf": [
        Row("/deals/{signing}/contract/en.pdf", PARTIES),
        Row("/deals/{signing}/contract/zh.pdf", PARTIES),
        Row("/deals/{signing}/contract/xx.pdf", "in 404 404 404 404 404 404"),
    ],
    "deals.submit_draft": [
        Row("/deals/{production}/draft", THAT_CREATOR),
        Row("/deals/{funding}/draft", "in 409 404 403 403 403 403"),
    ],
    "deals.request_revision": [
        Row("/deals/{draft_review}/revision", "in 403 403 200 403 404 403"),
        Row("/deals/{production}/revision", "in 403 403 409 409 404 403"),
    ],
    "deals.submit_publication": [Row("/deals/{publishing}/publication", THAT_CREATOR)],
    "deals.cancel": [
        Row("/deals/{negotiating}/cancel", "in 200 404 200 403 404 403"),
        Row("/deals/{production}/cancel", "in 409 404 409 409 404 403"),
    ],
    # Money
    "escrow.fund": [
        Row("/deals/{funding}/fund", THAT_BRAND),
        Row("/deals/{signing}/fund", "in 403 403 409 409 404 403"),
        Row("/deals/{completed}/fund", "in 403 403 303 303 404 403"),
    ],
    "escrow.returned": [
        Row("/deals/{funding}/fund/return", "in 403 403 303 303 404 403"),
        Row("/deals/{completed}/fund/return", "in 403 403 303 303 404 403"),
    ],
    "escrow.paid": [Row("/payments/{checkout}", "in 403 403 303 303 404 403")],
    "escrow.pay_several": [Row("/pay?deals={funding}", "in 403 403 200 403 200 403", others={"finance": "200"})],
    "escrow.methods": [
        Row("/payment-methods", "in 403 403 200 403 200 403", others={"finance": "200", "manager": "403"}),
    ],
    "escrow.accept_work": [Row("/deals/{acceptance}/accept", "in 403 403 200 403 404 403")],
    "escrow.cancel_late": [Row("/deals/{production}/cancel-late", "in 403 403 409 403 404 403")],
    "spending.index": [Row("/spending", BRANDS), Row("/spending?by=brief&became=held&period=2026", BRANDS)],
    "spending.deals_file": [Row("/spending/deals.csv", BRANDS)],
    "spending.lines": [
        Row("/spending/lines/paid", BRANDS),
        Row("/spending/lines/elsewhere", "in 403 403 404 404 404 403"),
    ],
    "spending.lines_file": [Row("/spending/lines/refunded.csv", BRANDS)],
    "money.deal": [
        Row("/deals/{completed}/money", PARTIES, others={"agency": "404"}),
        Row("/deals/{ruled}/money", PARTIES, others={"agency": "404"}),
        Row("/deals/{negotiating}/money", PARTIES, others={"agency": "404"}),
    ],
    "payouts.earnings": [Row("/earnings", CREATORS, others={"agent": "303"})],
    "payouts.settlements_file": [Row("/earnings/settlements.csv", CREATORS, others=AGENCIES)],
    "payouts.lines": [
        Row("/earnings/lines/pending", CREATORS, others=AGENCIES),
        Row("/earnings/lines/transferred", CREATORS, others=AGENCIES),
        Row("/earnings/lines/elsewhere", "in 404 404 403 403 403 403", others={"agency": "404"}),
    ],
    "payouts.lines_file": [Row("/earnings/lines/available.csv", CREATORS, others=AGENCIES)],
    "payouts.connected": [Row("/earnings/connected", "in 303 303 403 403 403 403", others={"agent": "403"})],
    "payouts.agency_earnings": [Row("/agency/earnings", NOBODY, others=AGENCIES)],
    "payouts.agency_connected": [
        Row("/agency/earnings/connected", NOBODY, others={"agent": "403", "agency": "303"}),
    ],
    "payout_account.show": [
        Row("/earnings/payouts", CREATORS, others=AGENCIES),
        Row("/earnings/payouts?transfers=2&payouts=9", CREATORS, others=AGENCIES),
    ],
    "payout_account.open_page": [
        Row("/earnings/payouts/open", THAT_CREATOR, others=AGENCY_OPENS),
    ],
    # Agencies
    "agencies.index": [Row("/agency", NOBODY, others=AGENCIES)],
    "agencies.new": [Row("/agency/new", "in 200 200 200 200 200 403")],
    "agencies.edit": [Row("/agency/profile", NOBODY, others=AGENCIES)],
    "agencies.people": [Row("/agency/people", NOBODY, others=AGENCIES)],
    "agencies.leave": [Row("/agency/leave", NOBODY, others=AGENCIES)],
    "agencies.offer": [Row("/agency/offers/new", NOBODY, others=AGENCY_OWNERS)],
    "agencies.mine": [Row("/me/agency", CREATORS, others={"agent": "403"})],
    "agencies.answer": [Row("/me/agency/{offered}", THAT_CREATOR, others={"agent": "403"})],
    "agencies.show": [
        Row("/representations/{offered}", THAT_CREATOR, others=AGENCIES),
        Row("/representations/{representation}", "in 404 200 403 403 403 403", others=AGENCIES),
    ],
    "agencies.notice": [
        Row("/representations/{representation}/notice", "in 404 200 403 403 403 403", others=AGENCY_OWNERS)
    ],
    # Disputes
    "disputes.open_dispute": [
        Row("/deals/{production}/dispute", "in 200 404 200 403 404 403"),
        Row("/deals/{disputed}/dispute", "in 303 404 303 303 404 303"),
        Row("/deals/{ruled}/dispute", "in 303 404 303 303 404 303"),
        Row("/deals/{negotiating}/dispute", "in 409 404 409 409 404 409"),
    ],
    "disputes.show": [Row("/disputes/{dispute}", PARTIES), Row("/disputes/{ruled_dispute}", PARTIES)],
    "disputes.file": [
        Row("/disputes/{dispute}/files/{statement_file}", PARTIES),
        Row("/disputes/{ruled_dispute}/files/{statement_file}", "in 404 404 404 404 404 404"),
    ],
    "disputes.agree": [
        Row("/disputes/{dispute}/agreement/{statement}", "in 409 404 200 200 404 403"),
        Row("/disputes/{ruled_dispute}/agreement/{statement}", "in 409 404 409 409 404 403"),
    ],
    "disputes.rule": [
        Row("/disputes/{dispute}/ruling", ADMINS),
        Row("/disputes/{ruled_dispute}/ruling", "in 403 403 403 403 403 409"),
    ],
    "reviews.write": [
        Row("/deals/{completed}/review", PARTIES),
        Row("/deals/{production}/review", "in 409 404 409 409 404 409"),
    ],
    # The console
    "console.index": [Row("/console", ADMINS)],
    "console.users": [Row("/console/users", ADMINS), Row("/console/users?q=lin&side=creator", ADMINS)],
    "console.user": [Row("/console/users/{user}", ADMINS)],
    "console.readings": [
        Row("/console/readings", ADMINS),
        Row("/console/readings?queue=codes", ADMINS),
        Row("/console/readings?queue=flagged", ADMINS),
    ],
    "console.code": [Row("/console/codes/{code}", ADMINS)],
    "console.feeds": [Row("/console/feeds", ADMINS)],
    "console.feed": [Row("/console/feeds/{feed}", ADMINS)],
    "console.audiences": [Row("/console/audiences", ADMINS)],
    "console.audience": [Row("/console/audiences/{audience}", ADMINS)],
    "console.reading": [
        Row("/console/readings/{reading}", ADMINS),
        Row("/console/readings/{accepted_reading}", ADMINS),
    ],
    "console.briefs": [Row("/console/briefs", ADMINS)],
    "console.brief": [Row("/console/briefs/{held_brief}", ADMINS), Row("/console/briefs/{brief}", ADMINS)],
    "console.deals": [Row("/console/deals", ADMINS), Row("/console/deals?state=production&q=film", ADMINS)],
    "console.disputes": [Row("/console/disputes", ADMINS), Row("/console/disputes?tab=ruled", ADMINS)],
    # Each side's documents are its own: the company's members of every role see them, the other side never.
    "documents.index": [
        Row("/documents", "in 200 200 200 200 200 403", others=AGENCIES),
        Row("/documents?kind=invoice&year=2026&deal={completed}", "in 200 200 200 200 200 403", others=AGENCIES),
    ],
    "documents.show": [
        Row("/documents/{invoice}", "in 404 404 200 200 404 200"),
        Row("/documents/{fee_invoice}", "in 200 404 404 404 404 200"),
        Row("/documents/{credit_note}", "in 404 404 200 200 404 200"),
    ],
    "documents.file": [
        Row("/documents/{invoice}/en.pdf", "in 404 404 200 200 404 200"),
        Row("/documents/{fee_invoice}/zh.pdf", "in 200 404 404 404 404 200"),
        Row("/documents/{invoice}/fr.pdf", "in 404 404 404 404 404 404"),
    ],
    "documents.data": [
        Row("/documents/{invoice}.csv", "in 404 404 200 200 404 200"),
        Row("/documents/{fee_invoice}.json", "in 200 404 404 404 404 200"),
    ],
    "console.chargebacks": [
        Row("/console/chargebacks", ADMINS),
        Row("/console/chargebacks?tab=closed", ADMINS),
        Row("/console/chargebacks?tab=owed", ADMINS),
    ],
    "console.chargeback": [Row("/console/chargebacks/{chargeback}", ADMINS)],
    "console.evidence_file": [Row("/console/chargebacks/{chargeback}/evidence.pdf", ADMINS)],
    "console.documents": [
        Row("/console/documents", ADMINS),
        Row("/console/documents?number=MUT-2026-INV-000001", ADMINS),
    ],
    "console.books": [Row("/console/books", ADMINS), Row("/console/books?reference=M-{completed}", ADMINS)],
    "console.fees": [Row("/console/fees", ADMINS)],
    "console.fee_version": [Row("/console/fees/versions/1", ADMINS)],
    "console.fee_draft": [Row("/console/fees/draft", ADMINS)],
    "console.new_fee_rule": [Row("/console/fees/draft/new-rule", ADMINS)],
    "console.fee_rule": [Row("/console/fees/draft/rules/{fee_rule}", ADMINS)],
    "console.fee_effect": [Row("/console/fees/effects/{fee_effect}", ADMINS)],
    "console.fee_agreements": [
        Row("/console/fees/agreements", ADMINS),
        Row("/console/fees/agreements?tab=waiting&creator={creator}", ADMINS),
        Row("/console/fees/agreements?brand={brand}", ADMINS),
    ],
    "console.fee_agreement": [Row("/console/fees/agreements/{fee_agreement}", ADMINS)],
    "console.new_fee_agreement": [Row("/console/fees/agreements/new?creator={creator}", ADMINS)],
    "console.edit_fee_agreement": [Row("/console/fees/agreements/{fee_agreement}/edit", ADMINS)],
    "console.entry": [Row("/console/books/entries/{entry}", ADMINS)],
    "console.trial": [
        Row("/console/books/trial", ADMINS),
        Row("/console/books/trial?on=2026-11-20&time=12:00&than=2026-10-31", ADMINS),
    ],
    "console.trial_file": [Row("/console/books/trial.csv?on=2026-11-20&than=2026-10-31", ADMINS)],
    "console.manual_entries": [
        Row("/console/books/manual", ADMINS),
        Row("/console/books/manual?tab=decided", ADMINS),
    ],
    "console.new_manual_entry": [
        Row("/console/books/manual/new?reference=M-{completed}", ADMINS),
        Row("/console/books/manual/new?movement={movement}", ADMINS),
    ],
    "console.manual_entry": [Row("/console/books/manual/{manual}", ADMINS)],
    "console.fee_income": [
        Row("/console/fee-income", ADMINS),
        Row("/console/fee-income?period=2026&currency=USD", ADMINS),
    ],
    "console.fee_income_file": [Row("/console/fee-income.csv", ADMINS)],
    "console.fee_settlements": [Row("/console/fee-income/settlements?version=1&kind=video", ADMINS)],
    "console.refunds": [Row("/console/refunds", ADMINS)],
    "console.try_refund_again": [Row(f"/console/refunds/{NO_UUID}/retry", "in 403 403 403 403 403 404")],
    "console.settle_refund_by_hand": [Row(f"/console/refunds/{NO_UUID}/by-hand", "in 403 403 403 403 403 404")],
    "console.return_payment": [Row(f"/console/payments/{NO_UUID}/return", "in 403 403 403 403 403 404")],
    "console.reconciliation": [
        Row("/console/reconciliation", ADMINS),
        Row("/console/reconciliation?side=entries&after=3", ADMINS),
        Row("/console/reconciliation?after={movement}", ADMINS),
    ],
    "console.reconciliation_file": [
        Row("/console/reconciliation.csv", ADMINS),
        Row("/console/reconciliation.csv?side=entries", ADMINS),
    ],
    "console.movement": [
        Row("/console/reconciliation/movements/{movement}", ADMINS),
        Row("/console/reconciliation/movements/txn_nobody", "in 403 403 403 403 403 404"),
    ],
    "console.events": [Row("/console/reconciliation/events", ADMINS)],
    "console.held": [Row("/console/held", ADMINS), Row("/console/held?of=earnings&age=3", ADMINS)],
    "console.payees": [Row("/console/payees", ADMINS), Row("/console/payees?heap=held&page=3", ADMINS)],
    "console.payee": [Row("/console/payees/{payee}", ADMINS)],
    "console.pause": [Row("/console/payees/creator/{payee_number}/payouts", ADMINS)],
    "console.transfer": [Row("/console/transfers/{transfer}", ADMINS)],
    "console.paydays": [Row("/console/paydays", ADMINS), Row("/console/paydays?before=1", ADMINS)],
    "console.new_payday": [Row("/console/paydays/new", ADMINS)],
    "console.payday": [Row("/console/paydays/{payday}", ADMINS)],
    "console.payday_file": [Row("/console/paydays/{payday}/transfers.csv", ADMINS)],
    "console.accounts": [
        Row("/console/books/accounts", ADMINS),
        Row("/console/books/accounts?kind=escrow&on=2026-11-20&holding=y", ADMINS),
    ],
    "console.account_lines": [
        Row("/console/books/accounts/deal:{completed}/escrow/CNY/lines.csv", ADMINS),
        Row("/console/books/accounts/platform/nothing/CNY/lines.csv", "in 403 403 403 403 403 404"),
    ],
    "console.account": [
        Row("/console/books/accounts/deal:{completed}/escrow/CNY", ADMINS),
        Row("/console/books/accounts/platform/stripe_clearing/CNY", ADMINS),
        Row("/console/books/accounts/platform/nothing/CNY", "in 403 403 403 403 403 404"),
    ],
}

POST: dict[str, list[Row]] = {
    "account.sign_up": [Row("/sign-up", EVERYBODY_MAY)],
    "account.sign_in": [Row("/sign-in", EVERYBODY_MAY)],
    "account.sign_out": [Row("/sign-out", EVERYBODY_MAY)],
    "account.forgot": [Row("/forgot", EVERYBODY_MAY)],
    "account.reset": [Row("/reset/made-up", "410 410 410 410 410 410 410", {"password": "four blue kettles"})],
    "account.confirm": [Row("/confirm/made-up", "410 303 303 303 303 303 303")],
    "account.set_language": [Row("/language", EVERYBODY_MAY)],
    "account.demo_sign_in": [Row("/demo/sign-in", EVERYBODY_MAY)],
    "account.resend": [Row("/confirm/resend", "in may may may may may may")],
    "account.settings": [Row("/settings", "in may may may may may may")],
    "account.change_password": [Row("/settings/password", "in may may may may may may")],
    "notifications.read_all": [Row("/notifications/read", "in may may may may may may", {"newest": "999999"})],
    "lists.create": [Row("/company/lists", "in 403 403 may 403 may 403", {"name": "Winter"})],
    "lists.rename": [Row("/company/lists/{list}/name", "in 403 403 may 403 404 403", {"name": "Winter"})],
    "lists.delete": [Row("/company/lists/{list}/delete", "in 403 403 may 403 404 403")],
    "lists.note": [Row("/company/lists/{list}/creators/{listed}/note", "in 403 403 may 403 404 403", {"note": "No."})],
    "lists.change": [
        Row("/company/lists/{list}/creators", "in 403 403 may 403 404 403", {"do": "remove", "ids": "1"}),
    ],
    "lists.save": [Row("/creators/{other_creator}/save", "in 403 403 may 403 may 403", {"name": "Winter"})],
    "blocks.block_creator": [Row("/creators/{other_creator}/block", "in 403 403 may 403 may 403")],
    "blocks.block_brand": [Row("/b/{brand}/block", "in may may 403 403 403 403")],
    "blocks.unblock_creator": [Row("/company/blocked/{blocked_creator}/unblock", "in 403 403 may 403 404 403")],
    "blocks.unblock_brand": [Row("/me/blocked/{blocked_brand}/unblock", "in may 404 403 403 403 403")],
    "moderation.report": [Row("/report/{reported}", "in 409 may may may may may", {"reason": "scam"})],
    "console.case": [
        Row("/console/reports/{reported}", "in 403 403 403 403 403 may", {"verdict": "upheld", "note": "So."}),
    ],
    "console.add_watched_words": [
        Row("/console/words", "in 403 403 403 403 403 may", {"locale": "en", "lines": "swindle"}),
    ],
    "console.remove_watched_word": [Row("/console/words/{watched_word}/remove", "in 403 403 403 403 403 may")],
    "notifications.choose_preferences": [Row("/notifications/preferences", "in may may may may may may")],
    "unsubscribe.mail": [Row("/notifications/stop/made-up", "404 404 404 404 404 404 404")],
    "creators.edit": [Row("/me/profile", "in may may 403 403 403 403")],
    "creators.add_work": [Row("/me/works/new", "in may may 403 403 403 403", WORK)],
    "creators.edit_work": [Row("/me/works/{work}", "in may 404 403 403 403 403", WORK)],
    "creators.move_work": [Row("/me/works/{work}/move", "in may 404 403 403 403 403", {"way": "down"})],
    "creators.remove_work": [Row("/me/works/{work}/remove", "in may 404 403 403 403 403")],
    "creators.audience": [
        Row("/me/audience", "in may may 403 403 403 403", {"gender_women": "71", "gender_men": "29"}),
    ],
    "creators.add_channel": [Row("/me/channels/new", "in may may 403 403 403 403")],
    "creators.add_reading": [Row("/me/channels/{channel}/readings/new", "in may 404 403 403 403 403")],
    "creators.channel_code": [Row("/me/channels/{channel}/code", "in may 404 403 403 403 403")],
    "creators.report_code": [
        Row("/me/channels/{channel}/code/placed", "in may 404 403 403 403 403", {"fans": "12000"})
    ],
    "offers.new": [Row("/me/offers/new", "in may may 403 403 403 403")],
    "offers.edit": [Row("/me/offers/{draft_offer}", "in may 404 403 403 403 403")],
    "offers.list_offer": [Row("/me/offers/{draft_offer}/list", "in may 404 403 403 403 403")],
    "offers.pause": [Row("/me/offers/{offer}/pause", "in may 404 403 403 403 403")],
    "offers.duplicate": [Row("/me/offers/{draft_offer}/duplicate", "in may 404 403 403 403 403")],
    "offers.move": [Row("/me/offers/{draft_offer}/move", "in may 404 403 403 403 403")],
    "offers.delete": [Row("/me/offers/{draft_offer}/delete", "in may 404 403 403 403 403")],
    "offers.availability": [Row("/me/availability", "in may may 403 403 403 403")],
    "offers.save_days": [Row("/me/availability/days", "in may may 403 403 403 403")],
    "home.act_as": [Row("/places", "in 404 404 404 404 404 404", {"place": "brand:999999999"})],
    "brands.company": [Row("/company", "in 403 403 may 403 may 403", COMPANY)],
    "brands.new": [Row("/companies/new", "in may may may may may 403", COMPANY)],
    "brands.join": [Row("/join/made-up", "410 410 410 410 410 410 410", {"name": "Su Bai", "password": "x" * 12})],
    "brands.leave": [Row("/company/leave", "in 403 403 may may may 403")],
    "brands.invite": [
        Row(
            "/company/members/invitations",
            "in 403 403 may 403 may 403",
            {"email": "somebody@example.com", "role": "owner"},
            others=NO_MANAGER,
        ),
    ],
    "brands.resend_invitation": [
        Row("/company/members/invitations/{to_join}/resend", OWNER_MAY, others=NO_MANAGER),
    ],
    "brands.revoke_invitation": [
        Row("/company/members/invitations/{to_join}/revoke", OWNER_MAY, others=NO_MANAGER),
    ],
    "brands.change_role": [Row("/company/members/{member}/role", OWNER_MAY, {"role": "owner"}, NO_MANAGER)],
    "brands.set_limit": [Row("/company/members/{member}/limit", OWNER_MAY, {"limit": "100"}, NO_MANAGER)],
    "brands.remove_member": [Row("/company/members/{member}/remove", OWNER_MAY, others=NO_MANAGER)],
    "brands.transfer": [
        Row("/company/members/{member}/transfer", OWNER_MAY, {"password": "a long and winding password"}, NO_MANAGER)
    ],
    "briefs.new": [Row("/company/briefs/new", "in 403 403 may 403 may 403", GOAL)],
    "briefs.step": [Row("/company/briefs/{draft_brief}/goal", "in 403 403 may 403 404 403", GOAL)],
    "briefs.references": [
        Row(
            "/company/briefs/{draft_brief}/references",
            "in 403 403 may 403 404 403",
            {"title": "The light", "url": "https://example.com"},
        )
    ],
    "briefs.remove_reference": [
        Row("/company/briefs/{private_brief}/references/{reference}/remove", "in 403 403 may 403 404 403"),
        Row("/company/briefs/{brief}/references/{reference}/remove", "in 403 403 404 403 404 403"),
    ],
    "briefs.open_brief": [
        Row("/company/briefs/{draft_brief}/open", "in 403 403 may 303 404 403"),
        Row("/company/briefs/{template}/open", "in 403 403 409 303 404 403"),
        Row("/company/briefs/{held_brief}/open", "in 403 403 409 303 404 403"),
    ],
    "briefs.close": [Row("/company/briefs/{brief}/close", "in 403 403 may 303 404 403")],
    "briefs.extend": [Row("/company/briefs/{brief}/extend", "in 403 403 may 403 404 403", EXTENSION)],
    "briefs.duplicate": [Row("/company/briefs/{template}/duplicate", "in 403 403 may 403 404 403")],
    "briefs.template": [
        Row("/company/briefs/{brief}/template", "in 403 403 may 403 404 403"),
        Row("/company/briefs/{template}/template", "in 403 403 409 403 404 403"),
    ],
    "briefs.remove": [
        Row("/company/briefs/{draft_brief}/remove", "in 403 403 may 403 404 403"),
        Row("/company/briefs/{brief}/remove", "in 403 403 409 403 404 403"),
    ],
    "briefs.ask": [
        Row("/briefs/{brief}/ask", "in may may 403 403 403 403", {"question": "May I?"}),
        Row("/briefs/{private_brief}/ask", "in may 404 403 403 403 403", {"question": "May I?"}),
        Row("/briefs/{draft_brief}/ask", "in 404 404 403 403 403 403", {"question": "May I?"}),
    ],
    "briefs.answer": [Row("/company/questions/{question}", "in 403 403 may 403 404 403", {"answer": "Yes."})],
    "briefs.remove_question": [Row("/company/questions/{question}/remove", "in 403 403 may 403 404 403")],
    "matching.apply": [
        Row("/briefs/{brief}/apply", "in may may 403 403 403 403"),
        Row("/briefs/{draft_brief}/apply", "in 404 404 403 403 403 403", {"price": "9000", "message": "Let me."}),
    ],
    "matching.invite": [Row("/creators/{other_creator}/invite", "in 403 403 may 403 may 403")],
    "matching.invite_many": [Row("/invitations/new", "in 403 403 may 403 may 403")],
    "matching.book": [Row("/packages/{package}/book", "in 403 403 may 403 may 403")],
    "matching.read_all": [Row("/selections/read", "in may may may may may 403")],
    "matching.star": [Row("/selections/{application}/star", "in 403 403 may 403 404 403", {"on": "1"})],
    "matching.note": [Row("/selections/{application}/note", "in 403 403 may 403 404 403", {"note": "Ours alone."})],
    "matching.withdraw": [
        Row("/selections/{application}/withdraw", "in may 404 403 403 404 403"),
        Row("/selections/{invitation}/withdraw", "in 403 404 may 403 404 403"),
    ],
    "matching.decline": [
        Row("/selections/{application}/decline", "in 403 404 may 403 404 403", WORDS),
        Row("/selections/{invitation}/decline", "in may 404 403 403 404 403", WORDS),
    ],
    "deals.accept_selection": [
        Row("/selections/{application}/accept", "in 403 404 may 403 404 403"),
        Row("/selections/{booking}/accept", "in may 404 403 403 404 403"),
    ],
    "deals.propose": [Row("/deals/{negotiating}/terms/new", "in may 404 may 403 404 403", TERMS)],
    "deals.accept_terms": [Row("/deals/{negotiating}/terms/1/accept", "in 403 404 may 403 404 403")],
    "deals.sign": [Row("/deals/{signing}/contract/sign", "in may 404 may 403 404 403", {"read": "y"})],
    "deals.submit_draft": [
        Row("/deals/{production}/draft", "in may 404 403 403 403 403"),
        Row("/deals/{funding}/draft", "in 409 404 403 403 403 403", {"url": "https://example.com/draft"}),
    ],
    "deals.request_revision": [
        Row("/deals/{draft_review}/revision", "in 403 403 may 403 404 403", {"note": "Quieter."}),
    ],
    "deals.approve_draft": [
        Row("/deals/{draft_review}/approve", "in 403 403 may 403 404 403"),
        Row("/deals/{production}/approve", "in 403 403 409 409 404 403"),
    ],
    "deals.submit_publication": [Row("/deals/{publishing}/publication", "in may 404 403 403 403 403")],
    "deals.cancel": [Row("/deals/{negotiating}/cancel", "in may 404 may 403 404 403", {"why": "Because."})],
    "deals.messages": [
        Row("/deals/{production}/messages", "in may 404 may 403 404 403", WORDS, others={"finance": "may"}),
    ],
    "escrow.fund": [Row("/deals/{funding}/fund", "in 403 403 may 403 404 403", others={"finance": "may"})],
    "escrow.pay_several": [
        Row("/pay", "in 403 403 200 403 200 403", {"sum": "1"}, others={"finance": "200"}),
        Row("/pay", "in 403 403 409 403 409 403", others={"finance": "409"}),
    ],
    "escrow.remove_saved_method": [
        Row("/payment-methods/pm_1/remove", "in 403 403 303 403 303 403", others={"finance": "303", "manager": "403"}),
    ],
    "console.try_refund_again": [Row(f"/console/refunds/{NO_UUID}/retry", "in 403 403 403 403 403 404")],
    "console.settle_refund_by_hand": [Row(f"/console/refunds/{NO_UUID}/by-hand", "in 403 403 403 403 403 404")],
    "console.return_payment": [Row(f"/console/payments/{NO_UUID}/return", "in 403 403 403 403 403 404")],
    "escrow.accept_work": [Row("/deals/{acceptance}/accept", "in 403 403 may 403 404 403", {"seen": "y"})],
    "escrow.cancel_late": [Row("/deals/{production}/cancel-late", "in 403 403 409 403 404 403", {"why": "Late."})],
    "payouts.connect": [Row("/earnings/connect", "in may may 403 403 403 403", others={"agent": "403"})],
    "payouts.agency_connect": [Row("/agency/earnings/connect", NOBODY, others=AGENCY_MAY)],
    "payout_account.plan": [
        Row("/earnings/payouts/plan", "in may may 403 403 403 403", {"schedule": "weekly"}, AGENCY_MAY)
    ],
    "payout_account.now": [Row("/earnings/payouts/now", "in may may 403 403 403 403", {"currency": "CNY"}, AGENCY_MAY)],
    "payout_account.open_page": [
        Row("/earnings/payouts/open", "in 422 404 403 403 403 403", {"password": ""}, AGENCY_OPENS)
    ],
    "payout_account.anew": [Row("/earnings/payouts/anew", "in may may 403 403 403 403", ANEW, AGENCY_MAY)],
    # Agencies
    "agencies.new": [Row("/agency/new", "in may may may may may 403", HOUSE, {"agent": "may", "agency": "may"})],
    "agencies.edit": [Row("/agency/profile", NOBODY, HOUSE, AGENCY_MAY)],
    "agencies.add_person": [
        Row("/agency/people", NOBODY, {"email": "gu.wen@example.com", "role": "member"}, AGENCY_MAY)
    ],
    "agencies.change_role": [Row("/agency/people/{agent}/role", NOBODY, {"role": "owner"}, AGENCY_MAY)],
    "agencies.remove_person": [Row("/agency/people/{agent}/remove", NOBODY, others=AGENCY_MAY)],
    "agencies.leave": [Row("/agency/leave", NOBODY, others={"agent": "may", "agency": "409"})],
    "agencies.offer": [
        Row(
            "/agency/offers/new",
            NOBODY,
            {"handle": "nobody", "share": "10", "notice_days": "30"},
            {"agent": "403", "agency": "422"},
        )
    ],
    "agencies.withdraw": [Row("/representations/{offered}/withdraw", NOBODY, others=AGENCY_MAY)],
    "agencies.notice": [
        Row("/representations/{representation}/notice", "in 404 may 403 403 403 403", others=AGENCY_MAY)
    ],
    "agencies.answer": [
        Row("/me/agency/{offered}", "in may 404 403 403 403 403", {"shown": "x", "name": "Lin Yue"}, {"agent": "403"})
    ],
    "agencies.decline": [Row("/me/agency/{offered}/decline", "in may 404 403 403 403 403", others={"agent": "403"})],
    "disputes.open_dispute": [
        Row("/deals/{production}/dispute", "in may 404 may 403 404 403", WORDS),
        Row("/deals/{negotiating}/dispute", "in 409 404 409 409 404 409", WORDS),
    ],
    "disputes.state": [
        Row("/disputes/{dispute}/statements", "in may 404 may 403 404 may", WORDS, others={"finance": "may"})
    ],
    "disputes.withdraw": [Row("/disputes/{dispute}/withdraw", "in 403 404 may 403 404 403")],
    "disputes.agree": [
        Row("/disputes/{dispute}/agreement/{statement}", "in 409 404 may 403 404 403"),
        Row("/disputes/{ruled_dispute}/agreement/{statement}", "in 409 404 409 409 404 403"),
    ],
    "disputes.rule": [
        Row("/disputes/{dispute}/ruling", "in 403 403 403 403 403 may", WORDS | {"creator_part": "1", "step": "rule"}),
    ],
    "reviews.write": [Row("/deals/{completed}/review", "in may 404 may 403 404 403", {"stars": "5", "text": "Kind."})],
    "console.read_payee": [Row("/console/payees/{payee}/read", "in 403 403 403 403 403 may")],
    "console.pause_payee": [Row("/console/payees/creator/{payee_number}/pause", "in 403 403 403 403 403 may", PAUSE)],
    "console.resume_payee": [Row("/console/payees/creator/{payee_number}/resume", "in 403 403 403 403 403 may", PAUSE)],
    "console.take_back": [
        Row(
            "/console/transfers/{transfer}/take-back",
            "in 403 403 403 403 403 may",
            {"why": "x", "password": "no"},
        )
    ],
    "console.send_transfer_again": [
        Row("/console/transfers/{transfer}/send-again", "in 403 403 403 403 403 may", {"password": "no"})
    ],
    "console.brief": [Row("/console/briefs/{held_brief}", "in 403 403 403 403 403 may", {"verdict": "open"})],
    "console.suspend": [Row("/console/users/{user}/suspend", "in 403 403 403 403 403 may", WORDS)],
    "console.reinstate": [Row("/console/users/{user}/reinstate", "in 403 403 403 403 403 may", WORDS)],
    "console.reading": [Row("/console/readings/{reading}", "in 403 403 403 403 403 may", {"verdict": "accept"})],
    "console.code": [Row("/console/codes/{code}", "in 403 403 403 403 403 may", {"verdict": "accept"})],
    "console.feeds": [Row("/console/feeds", "in 403 403 403 403 403 422")],
    "console.apply_feed": [Row("/console/feeds/{feed}/apply", "in 403 403 403 403 403 may")],
    "console.audience": [Row("/console/audiences/{audience}", "in 403 403 403 403 403 may", {"verdict": "accept"})],
    "console.start_fee_draft": [Row("/console/fees/draft/start", "in 403 403 403 403 403 may")],
    "console.save_fee_draft": [Row("/console/fees/draft", "in 403 403 403 403 403 may", FEE_DRAFT)],
    "console.propose_fee_draft": [Row("/console/fees/draft/propose", "in 403 403 403 403 403 may", SEEN)],
    "console.return_fee_draft": [
        Row("/console/fees/draft/return", "in 403 403 403 403 403 may", {**SEEN, "why": "Say why."})
    ],
    "console.publish_fee_draft": [
        Row("/console/fees/draft/publish", "in 403 403 403 403 403 may", {**SEEN, "password": "x"})
    ],
    "console.discard_fee_draft": [Row("/console/fees/draft/discard", "in 403 403 403 403 403 may", SEEN)],
    "console.try_fee_draft": [Row("/console/fees/draft/effect", "in 403 403 403 403 403 may", {"month": "2026-01-01"})],
    "console.new_fee_rule": [Row("/console/fees/draft/new-rule", "in 403 403 403 403 403 may", FEE_RULE)],
    "console.fee_rule": [Row("/console/fees/draft/rules/{fee_rule}", "in 403 403 403 403 403 may", FEE_RULE)],
    "console.remove_fee_rule": [Row("/console/fees/draft/rules/C1/remove", "in 403 403 403 403 403 may", SEEN)],
    "console.new_fee_agreement": [Row("/console/fees/agreements/new", "in 403 403 403 403 403 may", FEE_AGREEMENT)],
    "console.edit_fee_agreement": [
        Row("/console/fees/agreements/{fee_agreement}/edit", "in 403 403 403 403 403 may", FEE_AGREEMENT)
    ],
    "console.publish_fee_agreement": [
        Row(
            "/console/fees/agreements/{fee_agreement}/publish",
            "in 403 403 403 403 403 may",
            {**SEEN, "password": "x"},
        )
    ],
    "console.return_fee_agreement": [
        Row(
            "/console/fees/agreements/{fee_agreement}/return",
            "in 403 403 403 403 403 may",
            {**SEEN, "why": "Say why."},
        )
    ],
    "console.discard_fee_agreement": [
        Row("/console/fees/agreements/{fee_agreement}/discard", "in 403 403 403 403 403 may", SEEN)
    ],
    "console.end_fee_agreement": [
        Row(
            "/console/fees/agreements/{fee_agreement}/end",
            "in 403 403 403 403 403 may",
            {"ends": "2035-01-09", "why": "They asked for it."},
        )
    ],
    "console.documents": [Row("/console/documents", "in 403 403 403 403 403 may", {"period": "statement:2026-01-01"})],
    "console.new_payday": [
        Row("/console/paydays/new", "in 403 403 403 403 403 may", {"password": "a long and winding password"})
    ],
    "console.run_reconciliation": [Row("/console/reconciliation/run", "in 403 403 403 403 403 may")],
    "console.run_event_again": [
        Row("/console/reconciliation/events/{event}/again", "in 403 403 403 403 403 may"),
        Row("/console/reconciliation/events/evt_nobody/again", "in 403 403 403 403 403 404"),
        Row("/console/reconciliation/events/%00/again", "in 403 403 403 403 403 404"),
    ],
    "console.check": [Row("/console/books/check", "in 403 403 403 403 403 may")],
    "console.save_evidence": [
        Row("/console/chargebacks/{chargeback}/evidence", "in 403 403 403 403 403 may", {"uncategorized_text": "x"})
    ],
    "console.assemble_evidence": [Row("/console/chargebacks/{chargeback}/assemble", "in 403 403 403 403 403 may")],
    "console.submit_evidence": [
        Row("/console/chargebacks/{chargeback}/submit", "in 403 403 403 403 403 may", {"password": "not this one"})
    ],
    "console.accept_chargeback": [
        Row("/console/chargebacks/{chargeback}/accept", "in 403 403 403 403 403 may", {"password": "not this one"})
    ],
    "console.new_manual_entry": [Row("/console/books/manual/new", "in 403 403 403 403 403 may", MANUAL)],
    "console.propose_reversal": [Row("/console/books/entries/{entry}/reverse", "in 403 403 403 403 403 may", WORDS)],
    "console.approve_manual_entry": [
        Row("/console/books/manual/{manual}/approve", "in 403 403 403 403 403 may", {"password": "not this one"})
    ],
    "console.refuse_manual_entry": [
        Row("/console/books/manual/{manual}/refuse", "in 403 403 403 403 403 may", {"note": "It is right."})
    ],
    "console.withdraw_manual_entry": [Row("/console/books/manual/{manual}/withdraw", "in 403 403 403 403 403 403")],
    # Stripe alone has the key that signs; whatever is not signed is nobody's.
    "webhooks.stripe": [Row("/webhooks/stripe", "400 400 400 400 400 400 400")],
    "feeds.readings": [Row("/feeds/readings", "401 401 401 401 401 401 401")],
}
