"""The WSGI entry: `granian --interface wsgi wsgi:app`."""

import gc

from marketplace.app import create_app
from marketplace.infra.mode import require_one_mode

app = create_app()
require_one_mode(app)
# What was made until now lives as long as the process: the collector need not walk through it again and again.
gc.collect()
gc.freeze()
