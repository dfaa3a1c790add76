"""The WSGI entry: `granian --interface wsgi wsgi:app`."""

from marketplace.app import create_app

app = create_app()
