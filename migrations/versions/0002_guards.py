"""What the database itself refuses in the books and the fee policies, and the default policy.

Revision ID: 0002
Revises: 0001
"""

import json

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

FUNCTIONS = r"""
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: it only grows', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_ARGV[0], TABLE = TG_TABLE_NAME;
END $$;

-- A published agreement may end earlier than it said, and nothing else.
CREATE FUNCTION only_ends_earlier() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.ends >= OLD.starts - 1 AND (OLD.ends IS NULL OR NEW.ends <= OLD.ends)
       AND to_jsonb(NEW) - 'ends' = to_jsonb(OLD) - 'ends' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% on % is refused: it is published', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_ARGV[0], TABLE = TG_TABLE_NAME;
END $$;

-- A closing waits for every transaction that posts, and they for it: who posts then sees it, whoever was first.
-- The lock is the transaction's own and ends with it.
CREATE FUNCTION ledger_closing_opens() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(5107302117);
    IF NEW.finished_at IS NOT NULL OR NEW.through <= (SELECT max(through) FROM ledger_closings) THEN
        RAISE EXCEPTION 'a closing begins unfinished and lies after every other'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_closing_order', TABLE = 'ledger_closings';
    END IF;
    RETURN NEW;
END $$;

-- TG_ARGV: the columns of the closing and of the new rows that name each other.
CREATE FUNCTION ledger_closing_written() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    late boolean;
BEGIN
    EXECUTE format('SELECT EXISTS (SELECT FROM fresh JOIN ledger_closings closing ON closing.%I = fresh.%I '
                   'WHERE closing.finished_at IS NOT NULL)', TG_ARGV[0], TG_ARGV[1]) INTO late;
    IF late THEN
        RAISE EXCEPTION 'nothing is added to a closing that is finished'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_closing_fixed', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;

-- An entry and all its lines arrive in one statement, so that they can be judged at once and never added to: lines are
-- numbered from one, and a number is given once. Statements read whole sets, for one entry as for ten thousand.
-- Plans are made when a session first posts, maybe into empty tables, and kept: only index lookups suit every size.
CREATE FUNCTION ledger_lines_posted() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    wrong record;
BEGIN
    -- A snapshot from before the lock could miss the closing.
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'the books are posted to by transactions that read what is committed'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_reads_committed', TABLE = 'ledger_lines';
    END IF;
    PERFORM pg_advisory_xact_lock_shared(5107302117);
    IF (SELECT min(posted_at) FROM new_lines) < (SELECT max(through) FROM ledger_closings) THEN
        RAISE EXCEPTION 'the period is closed: nothing is posted before % any more',
                        (SELECT max(through) FROM ledger_closings)
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_period_open', TABLE = 'ledger_lines';
    END IF;

    SELECT entry_id, commodity, sum(amount) AS off INTO wrong
    FROM new_lines GROUP BY entry_id, commodity HAVING sum(amount) <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry % is off by % %', wrong.entry_id, wrong.off, wrong.commodity
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entry_balances', TABLE = 'ledger_lines';
    END IF;

    SELECT entry_id INTO wrong
    FROM new_lines GROUP BY entry_id HAVING min(line_no) <> 1 OR max(line_no) <> count(*) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry % has lines that are not numbered from one: all come in one statement', wrong.entry_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_entry_closed', TABLE = 'ledger_lines';
    END IF;

    SELECT line.account_id, line.commodity INTO wrong
    FROM (SELECT DISTINCT account_id, commodity FROM new_lines) line
    LEFT JOIN ledger_accounts account ON account.id = line.account_id
    WHERE account.commodity IS DISTINCT FROM line.commodity LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'there is no account % in %', wrong.account_id, wrong.commodity
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'ledger_line_belongs', TABLE = 'ledger_lines';
    END IF;

    SELECT line.entry_id, entry.reverses_id, entry.posted_at IS DISTINCT FROM line.posted_at AS misplaced INTO wrong
    FROM (SELECT DISTINCT entry_id, posted_at FROM new_lines) line
    LEFT JOIN ledger_entries entry ON entry.id = line.entry_id
    WHERE entry.posted_at IS DISTINCT FROM line.posted_at OR entry.reverses_id IS NOT NULL AND EXISTS (
        SELECT FROM ledger_lines moved WHERE moved.entry_id IN (entry.id, entry.reverses_id)
        GROUP BY moved.account_id HAVING sum(moved.amount) <> 0
    ) LIMIT 1;
    IF FOUND AND wrong.misplaced THEN
        RAISE EXCEPTION 'a line of entry % has no entry, or another moment', wrong.entry_id
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'ledger_line_belongs', TABLE = 'ledger_lines';
    ELSIF FOUND THEN
        RAISE EXCEPTION 'entry % is not the opposite of entry %', wrong.entry_id, wrong.reverses_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_reversal_mirrors', TABLE = 'ledger_entries';
    END IF;

    -- In the order of their ids, so that two postings never wait for each other.
    PERFORM FROM ledger_accounts WHERE id IN (SELECT account_id FROM new_lines) AND balance IS NOT NULL
    ORDER BY id FOR NO KEY UPDATE;
    UPDATE ledger_accounts account SET balance = account.balance + moved.amount
    FROM (SELECT account_id, sum(amount) AS amount FROM new_lines GROUP BY account_id) moved
    WHERE account.id = moved.account_id AND account.balance IS NOT NULL;
    RETURN NULL;
END $$;

CREATE FUNCTION ledger_entries_posted() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    wrong record;
BEGIN
    SELECT id INTO wrong FROM new_entries entry
    WHERE NOT EXISTS (SELECT FROM ledger_lines WHERE entry_id = entry.id) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry % has no lines: they come in the same statement', wrong.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entry_has_lines', TABLE = 'ledger_entries';
    END IF;
    RETURN NULL;
END $$;
"""

TRIGGERS = """
-- A payday moves all balances of a page at once: with room for their new versions beside them no index is written.
ALTER TABLE ledger_accounts SET (fillfactor = 50);

-- Index-only scans and the index on posted_at live on what vacuum has seen.
ALTER TABLE ledger_lines SET (autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 100000);

CREATE TRIGGER ledger_entries_grow_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('ledger_append_only');
CREATE TRIGGER ledger_lines_grow_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_lines
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('ledger_append_only');
CREATE TRIGGER ledger_accounts_grow_only BEFORE DELETE OR TRUNCATE ON ledger_accounts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('ledger_append_only');

-- Depth 0 is a statement of a person or a program; a balance moves only from inside ledger_lines_posted.
CREATE TRIGGER ledger_accounts_fixed BEFORE UPDATE ON ledger_accounts
    FOR EACH ROW WHEN (
        pg_trigger_depth() = 0
        OR (OLD.id, OLD.owner, OLD.kind, OLD.commodity, OLD.guarded)
           IS DISTINCT FROM (NEW.id, NEW.owner, NEW.kind, NEW.commodity, NEW.guarded)
    ) EXECUTE FUNCTION refuse_change('ledger_account_fixed');
CREATE TRIGGER ledger_accounts_open_empty BEFORE INSERT ON ledger_accounts
    FOR EACH ROW WHEN (NEW.balance <> 0) EXECUTE FUNCTION refuse_change('ledger_account_opens_empty');

CREATE TRIGGER ledger_lines_posted AFTER INSERT ON ledger_lines
    REFERENCING NEW TABLE AS new_lines FOR EACH STATEMENT EXECUTE FUNCTION ledger_lines_posted();
CREATE TRIGGER ledger_entries_posted AFTER INSERT ON ledger_entries
    REFERENCING NEW TABLE AS new_entries FOR EACH STATEMENT EXECUTE FUNCTION ledger_entries_posted();

CREATE TRIGGER ledger_closing_opens BEFORE INSERT ON ledger_closings
    FOR EACH ROW EXECUTE FUNCTION ledger_closing_opens();
-- A closing is finished once; nothing else of it changes.
CREATE TRIGGER ledger_closings_fixed BEFORE UPDATE ON ledger_closings
    FOR EACH ROW WHEN (
        OLD.finished_at IS NOT NULL OR NEW.finished_at IS NULL
        OR (OLD.id, OLD.through, OLD.closed_at) IS DISTINCT FROM (NEW.id, NEW.through, NEW.closed_at)
    ) EXECUTE FUNCTION refuse_change('ledger_closing_fixed');
CREATE TRIGGER ledger_closings_stay BEFORE DELETE OR TRUNCATE ON ledger_closings
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('ledger_append_only');
CREATE TRIGGER ledger_closing_totals_written AFTER INSERT ON ledger_closing_totals
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION ledger_closing_written('id', 'closing_id');
CREATE TRIGGER ledger_closing_totals_grow_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_closing_totals
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('ledger_append_only');
CREATE TRIGGER ledger_closing_balances_written AFTER INSERT ON ledger_closing_balances
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION ledger_closing_written('through', 'through');
CREATE TRIGGER ledger_closing_balances_grow_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_closing_balances
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('ledger_append_only');

CREATE TRIGGER fee_policies_published BEFORE UPDATE OR DELETE ON fee_policies
    FOR EACH ROW WHEN (OLD.published_at IS NOT NULL) EXECUTE FUNCTION refuse_change('fee_policy_published');
CREATE TRIGGER fee_agreements_published BEFORE UPDATE OR DELETE ON fee_agreements
    FOR EACH ROW WHEN (OLD.published_at IS NOT NULL) EXECUTE FUNCTION only_ends_earlier('fee_agreement_published');
CREATE TRIGGER fee_agreements_stay BEFORE TRUNCATE ON fee_agreements
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('fee_agreement_published');
CREATE TRIGGER fee_rule_events_grow_only BEFORE UPDATE OR DELETE OR TRUNCATE ON fee_rule_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('fee_rule_events_append_only');
CREATE TRIGGER documents_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON documents
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('document_frozen');
CREATE TRIGGER document_files_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON document_files
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('document_frozen');
CREATE TRIGGER manual_entries_decided BEFORE UPDATE OR DELETE ON manual_entries
    FOR EACH ROW WHEN (OLD.state <> 'proposed') EXECUTE FUNCTION refuse_change('manual_entry_decided');
-- What was proposed is what is approved, and by whom: only the decision comes later.
CREATE TRIGGER manual_entries_fixed BEFORE UPDATE ON manual_entries
    FOR EACH ROW WHEN (
        (OLD.id, OLD.reason, OLD.reference, OLD.external_id, OLD.lines, OLD.reverses_id,
         OLD.proposed_by, OLD.proposed_name, OLD.proposed_at)
        IS DISTINCT FROM
        (NEW.id, NEW.reason, NEW.reference, NEW.external_id, NEW.lines, NEW.reverses_id,
         NEW.proposed_by, NEW.proposed_name, NEW.proposed_at)
    ) EXECUTE FUNCTION refuse_change('manual_entry_fixed');
CREATE TRIGGER manual_entries_stay BEFORE DELETE OR TRUNCATE ON manual_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('manual_entry_decided');
CREATE TRIGGER fee_policies_stay BEFORE TRUNCATE ON fee_policies
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('fee_policy_published');
"""

_FREE_A_MONTH = {
    "CNY": 500_000, "AUD": 105_000, "CAD": 95_000, "CHF": 60_000, "EUR": 65_000, "GBP": 55_000, "HKD": 550_000,
    "JPY": 100_000, "KRW": 950_000, "KWD": 215_000, "MYR": 300_000, "NZD": 115_000, "SGD": 92_500, "THB": 2_400_000,
    "TWD": 2_200_000, "USD": 70_000,
}  # fmt: skip
_LIMITS = {"starts": None, "ends": None, "minimum": None, "cap": None}
DEFAULT_RULES = {
    "creator_floor": 7_000,
    "rules": [
        {
            "id": "C1",
            "kind": "creator_commission",
            "brackets": [{"rate": 0, "above": {}}, {"rate": 1_000, "above": _FREE_A_MONTH}],
            "deal_kinds": None,
            **_LIMITS,
        },
        {
            "id": "B1",
            "kind": "brand_service_fee",
            "brackets": [{"rate": 500, "above": {}}],
            "deal_kinds": ["image", "live_mention", "live_rewards", "live_session", "video"],
            **_LIMITS,
        },
    ],
}
DEFAULT_POLICY = f"""
INSERT INTO fee_policies (version, effective_from, published_at, published_by, rules)
VALUES (1, '2000-01-01', '2000-01-01T00:00:00Z', 'installation', '{json.dumps(DEFAULT_RULES)}');
"""

GUARDS = FUNCTIONS + TRIGGERS

DROP = """
DROP TRIGGER manual_entries_stay ON manual_entries;
DROP TRIGGER manual_entries_fixed ON manual_entries;
DROP TRIGGER manual_entries_decided ON manual_entries;
DROP TRIGGER document_files_frozen ON document_files;
DROP TRIGGER documents_frozen ON documents;
DROP TRIGGER fee_rule_events_grow_only ON fee_rule_events;
DROP TRIGGER fee_agreements_stay ON fee_agreements;
DROP TRIGGER fee_agreements_published ON fee_agreements;
DROP TRIGGER fee_policies_stay ON fee_policies;
DROP TRIGGER fee_policies_published ON fee_policies;
DROP TRIGGER ledger_closing_balances_grow_only ON ledger_closing_balances;
DROP TRIGGER ledger_closing_balances_written ON ledger_closing_balances;
DROP TRIGGER ledger_closing_totals_grow_only ON ledger_closing_totals;
DROP TRIGGER ledger_closing_totals_written ON ledger_closing_totals;
DROP TRIGGER ledger_closings_stay ON ledger_closings;
DROP TRIGGER ledger_closings_fixed ON ledger_closings;
DROP TRIGGER ledger_closing_opens ON ledger_closings;
DROP TRIGGER ledger_entries_posted ON ledger_entries;
DROP TRIGGER ledger_lines_posted ON ledger_lines;
DROP TRIGGER ledger_accounts_open_empty ON ledger_accounts;
DROP TRIGGER ledger_accounts_fixed ON ledger_accounts;
DROP TRIGGER ledger_accounts_grow_only ON ledger_accounts;
DROP TRIGGER ledger_lines_grow_only ON ledger_lines;
DROP TRIGGER ledger_entries_grow_only ON ledger_entries;
DROP FUNCTION ledger_closing_written, ledger_closing_opens, ledger_entries_posted, ledger_lines_posted,
    only_ends_earlier, refuse_change;
"""


def _run(script: str) -> None:
    """Straight to the driver: the script is many statements, and its % signs are no parameters."""
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    driver.execute(script)


def upgrade() -> None:
    _run(GUARDS + DEFAULT_POLICY)


def downgrade() -> None:
    _run(DROP)
