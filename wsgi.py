"""The WSGI entry: `granian --interface wsgi wsgi:app`."""

from marketplace.app import create_app
from marketplace.infra.mode import require_one_mode

app = create_app()
require_one_mode(app)
