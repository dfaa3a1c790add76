"""A bad or missing variable stops the start with a sentence that says which and why."""

import pytest

from marketplace.config import SettingsError, load_settings


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "PORT",
        "DATABASE_URL",
        "MUTUALS_ENV",
        "SECRET_KEY",
        "DEFAULT_TIMEZONE",
        "PUBLIC_URL",
        "STRIPE_SECRET_KEY",
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PORT", "eighty", "PORT"),
        ("PORT", "70000", "PORT"),
        ("DATABASE_URL", "mysql://somewhere/x", "PostgreSQL"),
        ("DEFAULT_TIMEZONE", "Mars/Olympus", "Mars/Olympus"),
        ("LOG_LEVEL", "LOUD", "LOG_LEVEL"),
        ("MUTUALS_ENV", "staging", "MUTUALS_ENV"),
        ("STRIPE_SANDBOX_PORT", "0", "STRIPE_SANDBOX_PORT"),
        ("PUBLIC_URL", "mutuals.example", "PUBLIC_URL"),
        ("PUBLIC_URL", "https://example.com/mutuals", "PUBLIC_URL"),
        ("STRIPE_SECRET_KEY", "sk_live_x", "MUTUALS_ENV is demo"),
        ("STRIPE_SECRET_KEY", "rk_live_x", "MUTUALS_ENV is demo"),
    ],
)
def test_a_bad_value_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=says):
        load_settings()


def test_production_has_no_default_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUTUALS_ENV", "production")
    with pytest.raises(SettingsError) as refused:
        load_settings()
    for name in ("SECRET_KEY", "DATABASE_URL", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "SMTP_URL", "PUBLIC_URL"):
        assert name in str(refused.value)


def test_production_refuses_a_short_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    complete = {
        "MUTUALS_ENV": "production",
        "SECRET_KEY": "short",
        "DATABASE_URL": "postgresql://mutuals@db/mutuals",
        "PUBLIC_URL": "https://mutuals.example",
        "STRIPE_SECRET_KEY": "sk_live_x",
        "STRIPE_WEBHOOK_SECRET": "whsec_x",
        "SMTP_URL": "smtp://mail.example",
    }
    for name, value in complete.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match="at least 32 characters"):
        load_settings()
    monkeypatch.setenv("SECRET_KEY", "x" * 32)
    assert load_settings().production
    monkeypatch.setenv("STRIPE_API_BASE", "http://127.0.0.1:8001")
    with pytest.raises(SettingsError, match="STRIPE_API_BASE"):
        load_settings()
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_x")
    with pytest.raises(SettingsError, match="must not be set in production"):
        load_settings()
    monkeypatch.delenv("STRIPE_API_BASE")
    monkeypatch.setenv("PUBLIC_URL", "http://mutuals.example")
    with pytest.raises(SettingsError, match="https://"):
        load_settings()


def test_a_secret_is_not_shown_by_accident(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "not to be seen")
    assert "not to be seen" not in repr(load_settings())


def test_a_wrong_address_of_the_database_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://mutuals:kettles@db/mutuals")
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert "DATABASE_URL" in str(refused.value)
    assert "kettles" not in str(refused.value)
