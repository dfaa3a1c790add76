"""What people see while the database is away: a page that says so, never a bare fault."""

from marketplace.app import create_app
from marketplace.config import Environment, load_settings
from tests.support.web import free_port


def test_a_signed_in_reader_gets_the_page_for_a_service_that_is_not_ready() -> None:
    settings = load_settings(
        mutuals_env=Environment.TEST, database_url=f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"
    )
    client = create_app(settings).test_client()
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503
    with client.session_transaction() as session:
        session["_user_id"] = "1:1"
    page = client.get("/creators")
    assert page.status_code == 503
    assert "We are not ready yet" in page.text
    assert page.headers["X-Request-ID"] in page.text
