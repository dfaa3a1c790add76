"""The reference: a bare Flask application that renders as many rows with Jinja or takes a webhook, and nothing else."""

import os

from flask import Flask, render_template_string, request

ROWS = int(os.environ.get("BARE_ROWS", "24"))
PAGE = """<!doctype html><html lang="en"><head><title>Rows</title></head><body><table>
{% for row in rows %}<tr><td>{{ row.name }}</td><td>{{ row.fans }}</td><td>{{ row.price }}</td></tr>
{% endfor %}</table></body></html>"""

app = Flask(__name__)


@app.get("/")
def rows() -> str:
    found = [{"name": f"Creator {n}", "fans": n * 1000, "price": n * 10} for n in range(ROWS)]
    return render_template_string(PAGE, rows=found)


@app.post("/webhooks/stripe")
def webhook() -> dict[str, int]:
    """As much as any webhook must do: read what came and answer."""
    return {"received": len(request.get_data())}
