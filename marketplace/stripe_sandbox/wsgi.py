"""The entry for a WSGI server: `granian --interface wsgi marketplace.stripe_sandbox.wsgi:app`."""

import sys

from .app import create_app
from .config import SandboxConfig, SandboxConfigError

try:
    app = create_app(SandboxConfig.from_environ())
except SandboxConfigError as problem:
    sys.exit(str(problem))
