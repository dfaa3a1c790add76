"""The sandbox's tables, in a schema of their own, and the pool of connections to them."""

import logging
import time
from typing import Any

import psycopg
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool

Connection = psycopg.Connection[DictRow]
Pool = ConnectionPool[Connection]

log = logging.getLogger("stripe_sandbox")

# Advisory locks, any numbers of our own: starts make the schema one after the other; every transaction shares the
# second lock, so that a reset, which takes it alone, meets no half-done work; what time brings is done by one at once.
_LOCK = 7_823_605_110
WORK_LOCK = 7_823_605_112
DUE_LOCK = 7_823_605_113

_SCHEMA = """
create schema if not exists stripe_sandbox;

-- One row an API object; account is the connected account it belongs to, '' for the platform.
create table if not exists stripe_sandbox.objects (
    id text primary key,
    seq bigint generated always as identity,
    kind text not null,
    account text not null default '',
    created bigint not null,
    data jsonb not null
);
create index if not exists objects_listed on stripe_sandbox.objects (kind, account, seq desc);
create index if not exists objects_by_source on stripe_sandbox.objects ((data->>'source'))
    where kind = 'balance_transaction';
create index if not exists objects_by_payment_intent on stripe_sandbox.objects ((data->>'payment_intent'))
    where kind in ('charge', 'refund', 'checkout.session', 'dispute');
create index if not exists objects_by_charge on stripe_sandbox.objects ((data->>'charge'))
    where kind in ('refund', 'dispute');
create index if not exists objects_by_source_transaction on stripe_sandbox.objects ((data->>'source_transaction'))
    where kind = 'transfer';
create index if not exists objects_told on stripe_sandbox.objects ((data->'data'->'object'->>'id'))
    where kind = 'event';
create index if not exists objects_by_customer on stripe_sandbox.objects ((data->>'customer'))
    where kind = 'payment_method';
create index if not exists objects_open_sessions on stripe_sandbox.objects (((data->>'expires_at')::bigint))
    where kind = 'checkout.session' and data->>'status' = 'open';

-- What an account has in a currency, minor units; money still maturing is counted in pending.
create table if not exists stripe_sandbox.balances (
    account text not null,
    currency text not null,
    available bigint not null default 0,
    pending bigint not null default 0,
    primary key (account, currency)
);
create table if not exists stripe_sandbox.maturing (
    txn text primary key references stripe_sandbox.objects (id) on delete cascade,
    account text not null,
    currency text not null,
    net bigint not null,
    available_on bigint not null
);
create index if not exists maturing_due on stripe_sandbox.maturing (available_on);

-- Which automatic payout paid a balance transaction out.
create table if not exists stripe_sandbox.paid_out (
    txn text primary key references stripe_sandbox.objects (id) on delete cascade,
    payout text not null references stripe_sandbox.objects (id) on delete cascade
);
create index if not exists paid_out_by_payout on stripe_sandbox.paid_out (payout);

-- What time will bring: what becomes of an object, or of an account's balance, at a second of the sandbox's clock.
-- asked counts how often it was appointed: who keeps it sees whether somebody asked again meanwhile.
create table if not exists stripe_sandbox.appointments (
    subject text not null,
    what text not null,
    account text not null default '',
    due_at bigint not null,
    primary key (subject, what)
);
alter table stripe_sandbox.appointments add column if not exists asked integer not null default 1;
create index if not exists appointments_due on stripe_sandbox.appointments (due_at);

-- The first answer given under a key; written in the same transaction as what it did.
create table if not exists stripe_sandbox.idempotency_keys (
    account text not null,
    key text not null,
    fingerprint text not null,
    status integer not null,
    body text not null,
    request_id text not null,
    kept_since timestamptz not null default clock_timestamp(),
    primary key (account, key)
);

-- One row a webhook to send. state: waiting, held, sent, dropped, given_up.
create table if not exists stripe_sandbox.deliveries (
    id bigint generated always as identity primary key,
    event text not null references stripe_sandbox.objects (id) on delete cascade,
    state text not null,
    place bigint not null default 0,
    attempts integer not null default 0,
    due_at timestamptz not null,
    answer text
);
create index if not exists deliveries_due on stripe_sandbox.deliveries (due_at, place, id) where state = 'waiting';
create index if not exists deliveries_held on stripe_sandbox.deliveries (id) where state = 'held';
create index if not exists deliveries_of_event on stripe_sandbox.deliveries (event);

-- Each time a delivery was tried: what came back, and how long that took. status 0: no answer.
create table if not exists stripe_sandbox.attempts (
    id bigint generated always as identity primary key,
    delivery bigint not null references stripe_sandbox.deliveries (id) on delete cascade,
    at timestamptz not null default clock_timestamp(),
    status integer not null,
    answer text not null,
    milliseconds integer not null
);
create index if not exists attempts_of_delivery on stripe_sandbox.attempts (delivery);

-- An endpoint (platform, connect) whose secret was rolled, and until when the secret before it signs too.
create table if not exists stripe_sandbox.rolled_secrets (
    endpoint text primary key,
    secret text not null,
    before text not null,
    until timestamptz not null
);

create table if not exists stripe_sandbox.moods (
    only_row boolean primary key default true check (only_row),
    data jsonb not null default '{}'
);
-- How far the sandbox's present is from the real one, in seconds; moods.now, while set, stands still instead.
alter table stripe_sandbox.moods add column if not exists ahead bigint not null default 0;
insert into stripe_sandbox.moods default values on conflict do nothing;

-- How often chance was asked since the seed was set: a sequence, as no request may wait for another's draw.
create sequence if not exists stripe_sandbox.fault_draws;
create sequence if not exists stripe_sandbox.webhook_draws;
"""

_TABLES = "rolled_secrets, attempts, deliveries, idempotency_keys, appointments, paid_out, maturing, balances, objects"


def open_pool(url: str, *, patience_seconds: float = 30) -> Pool:
    """Waits for a server that is still starting; raises psycopg.OperationalError when patience ends."""
    _prepare(url, patience_seconds)
    pool: Pool = ConnectionPool(
        url,
        min_size=1,
        max_size=10,
        kwargs={"row_factory": dict_row, "application_name": "stripe_sandbox"},
        check=ConnectionPool.check_connection,
        name="stripe_sandbox",
        open=False,
    )
    pool.open()
    return pool


def _prepare(url: str, patience_seconds: float) -> None:
    end = time.monotonic() + patience_seconds
    while True:
        try:
            with psycopg.connect(url, connect_timeout=5) as connection:
                connection.execute("select pg_advisory_xact_lock(%s)", (_LOCK,))
                connection.execute(_SCHEMA)
            return
        except psycopg.OperationalError as problem:
            if time.monotonic() > end:
                raise
            log.info("waiting for the database: %s", problem)
            time.sleep(0.25)


def forget_everything(connection: psycopg.Connection[Any]) -> None:
    """A fresh Stripe account: no objects, no keys, no moods. Waits for the work under way to end."""
    connection.execute("select pg_advisory_xact_lock(%s)", (WORK_LOCK,))
    connection.execute(f"truncate {', '.join('stripe_sandbox.' + name for name in _TABLES.split(', '))}")
    connection.execute("update stripe_sandbox.moods set data = '{}', ahead = 0")
