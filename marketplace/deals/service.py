"""The verbs of deals, one file for each part of a deal's life. None commits, none moves money."""

from marketplace.deals.closing import cancel, expire
from marketplace.deals.messages import post_message
from marketplace.deals.opening import accept_selection
from marketplace.deals.quotes import allowance_key, release_deal_allowance
from marketplace.deals.signing import sign
from marketplace.deals.terms import StaleTerms, TermsInput, accept_terms, propose_terms
from marketplace.deals.work import approve_draft, request_revision, submit_draft, submit_publication

__all__ = [
    "StaleTerms", "TermsInput", "accept_selection", "accept_terms", "allowance_key", "approve_draft", "cancel",
    "expire", "post_message", "propose_terms", "release_deal_allowance", "request_revision", "sign", "submit_draft",
    "submit_publication",
]  # fmt: skip
