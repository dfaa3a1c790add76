"""A stateful stand-in for the part of Stripe's HTTP API that Mutuals uses: its own WSGI app, its own tables.

It imports nothing from the marketplace, so that the code under test can't agree with it by accident.
"""
