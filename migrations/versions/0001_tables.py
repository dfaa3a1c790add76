"""The tables of every feature, as `make first-migration` reads them from the models."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = "0000"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agencies",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("legal_name", sa.Text(), nullable=False),
        sa.Column("registration_number", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("handle ~ '^[a-z0-9][a-z0-9-]{1,38}$'", name=op.f("ck_agencies_handle_form")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agencies")),
        sa.UniqueConstraint("handle", name=op.f("uq_agencies_handle")),
    )
    op.create_table(
        "attempts",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("window_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", "window_start", name=op.f("pk_attempts")),
    )
    op.create_table(
        "balance_transactions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("available_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("explained_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("alerted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_balance_transactions")),
    )
    op.create_index("ix_balance_transactions_created", "balance_transactions", ["created_at", "id"], unique=False)
    op.create_index(
        "ix_balance_transactions_read_at", "balance_transactions", ["read_at"], unique=False, postgresql_using="brin"
    )
    op.create_index("ix_balance_transactions_source", "balance_transactions", ["source"], unique=False)
    op.create_index(
        "ix_balance_transactions_unexplained",
        "balance_transactions",
        ["created_at", "id"],
        unique=False,
        postgresql_where=sa.text("explained_at IS NULL"),
    )
    op.create_table(
        "books_checks",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("milliseconds", sa.BigInteger(), nullable=False),
        sa.Column("problems", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_books_checks")),
    )
    op.create_index("ix_books_checks_at", "books_checks", [sa.literal_column("at DESC")], unique=False)
    op.create_table(
        "contracts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contracts")),
        sa.UniqueConstraint("reference", name=op.f("uq_contracts_reference")),
    )
    op.create_table(
        "creator_month_earnings",
        sa.Column("creator", sa.Text(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("earned", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("EXTRACT(day FROM month) = 1", name=op.f("ck_creator_month_earnings_month_starts")),
        sa.CheckConstraint("earned >= 0", name=op.f("ck_creator_month_earnings_earned_not_negative")),
        sa.PrimaryKeyConstraint("creator", "month", "currency", name=op.f("pk_creator_month_earnings")),
    )
    op.create_table(
        "document_series",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "invoice",
                "fee_invoice",
                "credit_note",
                "statement",
                "annual_summary",
                native_enum=False,
                create_constraint=True,
                length=None,
            ),
            nullable=False,
        ),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("last >= 0", name=op.f("ck_document_series_last_not_negative")),
        sa.PrimaryKeyConstraint("issuer", "kind", "year", name=op.f("pk_document_series")),
    )
    op.create_table(
        "documents",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "invoice",
                "fee_invoice",
                "credit_note",
                "statement",
                "annual_summary",
                native_enum=False,
                create_constraint=True,
                length=None,
            ),
            nullable=False,
        ),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=True),
        sa.Column("period_end", sa.Date(), nullable=True),
        sa.Column("corrects_id", sa.BigInteger(), nullable=True),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("data_sha256", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'credit_note') = (corrects_id IS NOT NULL)", name=op.f("ck_documents_credit_note_corrects")
        ),
        sa.CheckConstraint(
            "(kind IN ('statement', 'annual_summary')) = (number IS NULL)", name=op.f("ck_documents_numbered")
        ),
        sa.CheckConstraint(
            "(kind IN ('statement', 'annual_summary')) = (period_start IS NOT NULL)",
            name=op.f("ck_documents_period_named"),
        ),
        sa.CheckConstraint("(period_start IS NULL) = (period_end IS NULL)", name=op.f("ck_documents_period_whole")),
        sa.ForeignKeyConstraint(["corrects_id"], ["documents.id"], name=op.f("fk_documents_corrects_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
        sa.UniqueConstraint("cause", name=op.f("uq_documents_cause")),
        sa.UniqueConstraint("issuer", "kind", "year", "number", name=op.f("uq_documents_issuer_kind_year_number")),
    )
    op.create_index(op.f("ix_documents_corrects_id"), "documents", ["corrects_id"], unique=False)
    op.create_index("ix_documents_issued_at", "documents", ["issued_at"], unique=False, postgresql_using="brin")
    op.create_index("ix_documents_owner", "documents", ["owner", sa.literal_column("id DESC")], unique=False)
    op.create_index("ix_documents_reference", "documents", ["reference", "id"], unique=False)
    op.create_table(
        "event_polls",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("through", sa.DateTime(timezone=True), nullable=False),
        sa.Column("found", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_event_polls_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_polls")),
    )
    op.create_table(
        "fee_agreements",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("creator", sa.Text(), nullable=True),
        sa.Column("brand", sa.Text(), nullable=True),
        sa.Column("rule", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("editors", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by", sa.Text(), nullable=True),
        sa.CheckConstraint("jsonb_typeof(rule) = 'object'", name=op.f("ck_fee_agreements_rule_object")),
        sa.CheckConstraint("ends >= starts - 1", name=op.f("ck_fee_agreements_days_in_order")),
        sa.CheckConstraint("num_nonnulls(creator, brand) > 0", name=op.f("ck_fee_agreements_with_somebody")),
        sa.CheckConstraint(
            "published_at IS NULL OR (published_by IS NOT NULL AND NOT published_by = ANY(editors))",
            name=op.f("ck_fee_agreements_four_eyes"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_agreements")),
    )
    op.create_index(
        "ix_fee_agreements_brand",
        "fee_agreements",
        ["brand", "starts"],
        unique=False,
        postgresql_where=sa.text("published_at IS NOT NULL"),
    )
    op.create_index(
        "ix_fee_agreements_creator",
        "fee_agreements",
        ["creator", "starts"],
        unique=False,
        postgresql_where=sa.text("published_at IS NOT NULL"),
    )
    op.create_index(
        "ix_fee_agreements_unpublished",
        "fee_agreements",
        ["id"],
        unique=False,
        postgresql_where=sa.text("published_at IS NULL"),
    )
    op.create_table(
        "fee_allowances",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("creator", sa.Text(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("kept", sa.BigInteger(), nullable=False),
        sa.Column("earned_before", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("earned_before >= 0", name=op.f("ck_fee_allowances_earned_before_not_negative")),
        sa.CheckConstraint("kept BETWEEN 0 AND price", name=op.f("ck_fee_allowances_kept_within_price")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_allowances")),
        sa.UniqueConstraint("key", name=op.f("uq_fee_allowances_key")),
    )
    op.create_index("ix_fee_allowances_creator", "fee_allowances", ["creator", "month", "currency"], unique=False)
    op.create_table(
        "fee_effects",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("rules", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("place", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("found", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("EXTRACT(day FROM month) = 1", name=op.f("ck_fee_effects_month_starts")),
        sa.CheckConstraint("done BETWEEN 0 AND total", name=op.f("ck_fee_effects_done_within_total")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_effects")),
    )
    op.create_index("ix_fee_effects_digest", "fee_effects", ["digest", "month", "id"], unique=False)
    op.create_table(
        "fee_policies",
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rules", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("editors", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by", sa.Text(), nullable=True),
        sa.CheckConstraint("jsonb_typeof(rules) = 'object'", name=op.f("ck_fee_policies_rules_object")),
        sa.CheckConstraint(
            "published_at IS NULL OR (published_by IS NOT NULL AND NOT published_by = ANY(editors))",
            name=op.f("ck_fee_policies_four_eyes"),
        ),
        sa.CheckConstraint("version > 0", name=op.f("ck_fee_policies_version_positive")),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_fee_policies")),
    )
    op.create_index("ix_fee_policies_effective_from", "fee_policies", ["effective_from", "version"], unique=False)
    op.create_index(
        "uq_fee_policies_one_draft",
        "fee_policies",
        [sa.literal_column("(true)")],
        unique=True,
        postgresql_where=sa.text("published_at IS NULL"),
    )
    op.create_table(
        "fee_rule_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column(
            "action",
            sa.Enum(
                "drafted",
                "edited",
                "proposed",
                "returned",
                "published",
                "discarded",
                "ended",
                native_enum=False,
                create_constraint=True,
                length=None,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_rule_events")),
    )
    op.create_index("ix_fee_rule_events_subject", "fee_rule_events", ["subject", "id"], unique=False)
    op.create_table(
        "inbox_events",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("polled", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_events")),
    )
    op.create_index("ix_inbox_events_received", "inbox_events", ["received_at"], unique=False)
    op.create_index(
        "ix_inbox_events_unhandled",
        "inbox_events",
        ["received_at"],
        unique=False,
        postgresql_where=sa.text("handled_at IS NULL"),
    )
    op.create_table(
        "ledger_accounts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "stripe_clearing",
                "escrow",
                "creator_pending",
                "creator_available",
                "agency_pending",
                "agency_available",
                "transfer_in_transit",
                "refund_in_transit",
                "suspense",
                "fees_creator",
                "fees_brand",
                "stripe_fees",
                "chargebacks",
                "chargeback_held",
                "creator_owes",
                "agency_owes",
                "platform_bank",
                "stripe_reserved",
                "programme_spent",
                native_enum=False,
                create_constraint=True,
                length=None,
            ),
            nullable=False,
        ),
        sa.Column("commodity", sa.Text(), nullable=False),
        sa.Column("guarded", sa.Boolean(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(balance IS NOT NULL) = (kind IN ('escrow', 'creator_pending', 'creator_available', 'agency_pending', 'agency_available', 'transfer_in_transit', 'refund_in_transit', 'suspense', 'chargeback_held', 'creator_owes', 'agency_owes', 'programme_spent'))",
            name=op.f("ck_ledger_accounts_balanced_kinds"),
        ),
        sa.CheckConstraint("commodity ~ '^[A-Z]{3,8}$'", name=op.f("ck_ledger_accounts_commodity_code")),
        sa.CheckConstraint(
            "guarded = (kind IN ('escrow', 'creator_pending', 'creator_available', 'agency_pending', 'agency_available', 'transfer_in_transit', 'refund_in_transit', 'suspense'))",
            name=op.f("ck_ledger_accounts_guarded_kinds"),
        ),
        sa.CheckConstraint("owner <> ''", name=op.f("ck_ledger_accounts_owner_present")),
        sa.CheckConstraint("NOT guarded OR balance <= 0", name=op.f("ck_ledger_accounts_no_overdraft")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_accounts")),
        sa.UniqueConstraint("owner", "kind", "commodity", name=op.f("uq_ledger_accounts_owner_kind_commodity")),
    )
    op.create_index("ix_ledger_accounts_kind", "ledger_accounts", ["kind", "id"], unique=False)
    op.create_table(
        "ledger_closings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("through", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("through <= closed_at", name=op.f("ck_ledger_closings_past")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_closings")),
        sa.UniqueConstraint("through", name=op.f("uq_ledger_closings_through")),
    )
    op.create_table(
        "ledger_entries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("input_hash", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("reverses_id", sa.BigInteger(), nullable=True),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint(
            "kind <> '' AND idempotency_key <> '' AND reference <> ''", name=op.f("ck_ledger_entries_named")
        ),
        sa.CheckConstraint("reverses_id < id", name=op.f("ck_ledger_entries_reverses_an_earlier_one")),
        sa.ForeignKeyConstraint(["reverses_id"], ["ledger_entries.id"], name=op.f("fk_ledger_entries_reverses_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entries")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_ledger_entries_idempotency_key")),
    )
    op.create_index(
        "ix_ledger_entries_external",
        "ledger_entries",
        ["external_id"],
        unique=False,
        postgresql_where=sa.text("external_id <> ''"),
    )
    op.create_index("ix_ledger_entries_kind", "ledger_entries", ["kind", "posted_at", "id"], unique=False)
    op.create_index("ix_ledger_entries_posted_at", "ledger_entries", ["posted_at", "id"], unique=False)
    op.create_index("ix_ledger_entries_reference", "ledger_entries", ["reference", "posted_at", "id"], unique=False)
    op.create_index(
        "uq_ledger_entries_reverses_id",
        "ledger_entries",
        ["reverses_id"],
        unique=True,
        postgresql_where=sa.text("reverses_id IS NOT NULL"),
    )
    op.create_table(
        "ledger_lines",
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("line_no", sa.SmallInteger(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("commodity", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_ledger_lines_amount_not_zero")),
        sa.PrimaryKeyConstraint("entry_id", "line_no", name=op.f("pk_ledger_lines")),
    )
    op.create_index(
        "ix_ledger_lines_account",
        "ledger_lines",
        ["account_id", "posted_at", "entry_id", "line_no"],
        unique=False,
        postgresql_include=["amount"],
    )
    op.create_index(
        "ix_ledger_lines_posted_at",
        "ledger_lines",
        ["posted_at"],
        unique=False,
        postgresql_using="brin",
        postgresql_with={"autosummarize": "on"},
    )
    op.create_table(
        "reconciliation_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reported", sa.BigInteger(), nullable=False),
        sa.Column("within_a_day", sa.BigInteger(), nullable=False),
        sa.Column("within_four_days", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_reconciliation_days")),
    )
    op.create_table(
        "reconciliations",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("through", sa.DateTime(timezone=True), nullable=True),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("all_read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("matched", sa.Text(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("read", sa.BigInteger(), nullable=False),
        sa.Column("explained", sa.BigInteger(), nullable=False),
        sa.Column("booked", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliations")),
    )
    op.create_index(
        "ix_reconciliations_started", "reconciliations", [sa.literal_column("started_at DESC")], unique=False
    )
    op.create_table(
        "refused_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refused_events")),
    )
    op.create_index(
        "ix_refused_events_reason", "refused_events", ["reason", sa.literal_column("at DESC")], unique=False
    )
    op.create_table(
        "stored_files",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_files")),
    )
    op.create_table(
        "unreported_entries",
        sa.Column("entry_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("alerted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("entry_id", "currency", name=op.f("pk_unreported_entries")),
    )
    op.create_index(
        "ix_unreported_entries_open",
        "unreported_entries",
        ["posted_at", "entry_id"],
        unique=False,
        postgresql_where=sa.text("resolved_at IS NULL"),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "side",
            sa.Enum("creator", "brand", "agency", "none", native_enum=False, create_constraint=True, length=None),
            nullable=False,
        ),
        sa.Column("is_admin", sa.Boolean(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("email_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("session_version", sa.BigInteger(), nullable=False),
        sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
    )
    op.create_index("uq_users_email_lower", "users", [sa.literal_column("lower(email)")], unique=True)
    op.create_table(
        "account_tokens",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum("confirm_email", "reset_password", native_enum=False, create_constraint=True, length=None),
            nullable=False,
        ),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_account_tokens_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_account_tokens_token_hash")),
    )
    op.create_index(op.f("ix_account_tokens_user_id"), "account_tokens", ["user_id"], unique=False)
    op.create_table(
        "agency_members",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "role", sa.Enum("owner", "member", native_enum=False, create_constraint=True, length=None), nullable=False
        ),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_agency_members_agency_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_agency_members_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_members")),
        sa.UniqueConstraint("agency_id", "user_id", name=op.f("uq_agency_members_agency_id_user_id")),
    )
    op.create_index(op.f("ix_agency_members_user_id"), "agency_members", ["user_id"], unique=False)
    op.create_table(
        "contract_files",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("words", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["contract_id"], ["contracts.id"], name=op.f("fk_contract_files_contract_id")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_files.id"], name=op.f("fk_contract_files_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_files")),
        sa.UniqueConstraint("contract_id", "locale", name=op.f("uq_contract_files_contract_id_locale")),
    )
    op.create_table(
        "document_files",
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name=op.f("fk_document_files_document_id")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_files.id"], name=op.f("fk_document_files_file_id")),
        sa.PrimaryKeyConstraint("document_id", "locale", name=op.f("pk_document_files")),
    )
    op.create_table(
        "feed_runs",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "way",
            sa.Enum("http", "command", "console", native_enum=False, create_constraint=True, length=None),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum("running", "checked", "applied", "refused", native_enum=False, create_constraint=True, length=None),
            nullable=False,
        ),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column(
            "step",
            sa.Enum(
                "waiting",
                "reading",
                "checking",
                "writing",
                "counting",
                native_enum=False,
                create_constraint=True,
                length=None,
            ),
            nullable=False,
        ),
        sa.Column("step_done", sa.BigInteger(), nullable=False),
        sa.Column("step_total", sa.BigInteger(), nullable=True),
        sa.Column("rows_read", sa.BigInteger(), nullable=False),
        sa.Column("summary", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("problems", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("started_by", sa.BigInteger(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["started_by"], ["users.id"], name=op.f("fk_feed_runs_started_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_runs")),
    )
    op.create_index(
        "ix_feed_runs_sha256", "feed_runs", ["sha256"], unique=True, postgresql_where=sa.text("state = 'applied'")
    )
    op.create_table(
        "ledger_closing_balances",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("through", sa.DateTime(timezone=True), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["ledger_accounts.id"], name=op.f("fk_ledger_closing_balances_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["through"], ["ledger_closings.through"], name=op.f("fk_ledger_closing_balances_through")
        ),
        sa.PrimaryKeyConstraint("account_id", "through", name=op.f("pk_ledger_closing_balances")),
    )
    op.create_table(
        "ledger_closing_totals",
        sa.Column("closing_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "stripe_clearing",
                "escrow",
                "creator_pending",
                "creator_available",
                "agency_pending",
                "agency_available",
                "transfer_in_transit",
                "refund_in_transit",
                "suspense",
                "fees_creator",
                "fees_brand",
                "stripe_fees",
                "chargebacks",
                "chargeback_held",
                "creator_owes",
                "agency_owes",
                "platform_bank",
                "stripe_reserved",
                "programme_spent",
                native_enum=False,
                create_constraint=True,
                length=None,
            ),
            nullable=False,
        ),
        sa.Column("commodity", sa.Text(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["closing_id"], ["ledger_closings.id"], name=op.f("fk_ledger_closing_totals_closing_id")
        ),
        sa.PrimaryKeyConstraint("closing_id", "kind", "commodity", name=op.f("pk_ledger_closing_totals")),
    )
    op.create_table(
        "mails",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body_text", sa.Text(), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=False),
        sa.Column("unsubscribe_url", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_mails_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
    )
    op.create_index(
        "ix_mails_created", "mails", [sa.literal_column("created_at DESC"), sa.literal_column("id DESC")], unique=False
    )
    op.create_index(op.f("ix_mails_user_id"), "mails", ["user_id"], unique=False)
    op.create_table(
        "manual_entries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed", "posted", "refused", "withdrawn", native_enum=False, create_constraint=True, length=None
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reverses_id", sa.BigInteger(), nullable=True),
        sa.Column("proposed_by", sa.BigInteger(), nullable=False),
        sa.Column("proposed_name", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_name", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_note", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(state = 'posted') = (entry_id IS NOT NULL)", name=op.f("ck_manual_entries_posted_has_entry")
        ),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_at IS NULL)", name=op.f("ck_manual_entries_decided_has_moment")
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_manual_entries_reason_given")),
        sa.CheckConstraint(
            "state NOT IN ('posted', 'refused') OR decided_by IS NOT NULL AND decided_by <> proposed_by",
            name=op.f("ck_manual_entries_four_eyes"),
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["users.id"], name=op.f("fk_manual_entries_decided_by")),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger_entries.id"], name=op.f("fk_manual_entries_entry_id")),
        sa.ForeignKeyConstraint(["proposed_by"], ["users.id"], name=op.f("fk_manual_entries_proposed_by")),
        sa.ForeignKeyConstraint(["reverses_id"], ["ledger_entries.id"], name=op.f("fk_manual_entries_reverses_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manual_entries")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_manual_entries_entry_id")),
    )
    op.create_index(op.f("ix_manual_entries_reverses_id"), "manual_entries", ["reverses_id"], unique=False)
    op.create_index(
        "ix_manual_entries_waiting",
        "manual_entries",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.create_table(
        "notification_preferences",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("bell", sa.Boolean(), nullable=False),
        sa.Column("mail", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_notification_preferences_user_id")),
        sa.PrimaryKeyConstraint("user_id", "kind", name=op.f("pk_notification_preferences")),
    )
    op.create_table(
        "notifications",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("acting", sa.Text(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("values", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("in_bell", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_notifications_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
        sa.UniqueConstraint("user_id", "cause", name=op.f("uq_notifications_user_id_cause")),
    )
    op.create_index(
        "ix_notifications_unread",
        "notifications",
        ["user_id"],
        unique=False,
        postgresql_where=sa.text("in_bell AND read_at IS NULL"),
    )
    op.create_index(
        "ix_notifications_user",
        "notifications",
        ["user_id", sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text("in_bell"),
    )
    op.create_table(
        "paydays",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum("preparing", "sending", "finished", native_enum=False, create_constraint=True, length=None),
            nullable=False,
        ),
        sa.Column("started_by", sa.BigInteger(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_through", sa.Uuid(), nullable=True),
        sa.Column("told_through", sa.Uuid(), nullable=True),
        sa.Column("next_call_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("troubles", sa.BigInteger(), nullable=False),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["started_by"], ["users.id"], name=op.f("fk_paydays_started_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paydays")),
    )
    op.create_index(
        "uq_paydays_running",
        "paydays",
        [sa.literal_column("(true)")],
        unique=True,
        postgresql_where=sa.text("state <> 'finished'"),
    )
    op.create_table(
        "pictures",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("width", sa.BigInteger(), nullable=False),
        sa.Column("height", sa.BigInteger(), nullable=False),
        sa.Column("uploaded_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("width > 0 AND height > 0", name=op.f("ck_pictures_some_size")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["users.id"], name=op.f("fk_pictures_uploaded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pictures")),
    )
    op.create_table(
        "reports",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "scam",
                "illegal",
                "offensive",
                "off_platform",
                "other",
                native_enum=False,
                create_constraint=True,
                length=None,
            ),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reported_by", sa.BigInteger(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("upheld", sa.Boolean(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["decided_by"], ["users.id"], name=op.f("fk_reports_decided_by")),
        sa.ForeignKeyConstraint(["reported_by"], ["users.id"], name=op.f("fk_reports_reported_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
    )
    op.create_index(
        "ix_reports_decided",
        "reports",
        ["decided_at"],
        unique=False,
        postgresql_where=sa.text("decided_at IS NOT NULL"),
    )
    op.create_index(
        "ix_reports_open", "reports", ["reported_at"], unique=False, postgresql_where=sa.text("decided_at IS NULL")
    )
    op.create_index("ix_reports_reported_by", "reports", ["reported_by", sa.literal_column("id DESC")], unique=False)
    op.create_index("ix_reports_subject", "reports", ["subject", sa.literal_column("id DESC")], unique=False)
    op.create_index(
        "uq_reports_open",
        "reports",
        ["subject", "reported_by"],
        unique=True,
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.create_table(
        "signatures",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "party", sa.Enum("creator", "brand", native_enum=False, create_constraint=True, length=None), nullable=False
        ),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["contract_id"], ["contracts.id"], name=op.f("fk_signatures_contract_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_signatures_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signatures")),
        sa.UniqueConstraint("contract_id", "party", name=op.f("uq_signatures_contract_id_party")),
    )
    op.create_table(
        "standing_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.BigInteger(), nullable=False),
        sa.Column("admin_name", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_standing_changes_reason_given")),
        sa.ForeignKeyConstraint(["changed_by"], ["users.id"], name=op.f("fk_standing_changes_changed_by")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_standing_changes_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_changes")),
    )
    op.create_index("ix_standing_changes_user", "standing_changes", ["user_id", "id"], unique=False)
    op.create_table(
        "statement_runs",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "invoice",
                "fee_invoice",
                "credit_note",
                "statement",
                "annual_summary",
                native_enum=False,
                create_constraint=True,
                length=None,
            ),
            nullable=False,
        ),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("running", "finished", native_enum=False, create_constraint=True, length=None),
            nullable=False,
        ),
        sa.Column("started_by", sa.BigInteger(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("owners", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("issued", sa.BigInteger(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(state = 'finished') = (finished_at IS NOT NULL)", name=op.f("ck_statement_runs_finished_has_moment")
        ),
        sa.CheckConstraint("kind IN ('statement', 'annual_summary')", name=op.f("ck_statement_runs_of_periods")),
        sa.ForeignKeyConstraint(["started_by"], ["users.id"], name=op.f("fk_statement_runs_started_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_runs")),
        sa.UniqueConstraint("kind", "period_start", name=op.f("uq_statement_runs_kind_period_start")),
    )
    op.create_table(
        "watched_words",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("added_by", sa.BigInteger(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["added_by"], ["users.id"], name=op.f("fk_watched_words_added_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watched_words")),
        sa.UniqueConstraint("locale", "folded", name=op.f("uq_watched_words_locale_folded")),
    )
    op.create_table(
        "brands",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("legal_name", sa.Text(), nullable=False),
        sa.Column("registration_number", sa.Text(), nullable=False),
        sa.Column("industry", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("website", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("logo_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("handle ~ '^[a-z0-9][a-z0-9-]{1,38}$'", name=op.f("ck_brands_handle_form")),
        sa.ForeignKeyConstraint(["logo_id"], ["pictures.id"], name=op.f("fk_brands_logo_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brands")),
        sa.UniqueConstraint("handle", name=op.f("uq_brands_handle")),
    )
    op.create_table(
        "creators",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("headline_en", sa.Text(), nullable=False),
        sa.Column("headline_zh", sa.Text(), nullable=False),
        sa.Column("biography_en", sa.Text(), nullable=False),
        sa.Column("biography_zh", sa.Text(), nullable=False),
        sa.Column("spoken", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column(
            "category",
            sa.Enum(
                "food",
                "outdoors",
                "technology",
                "home",
                "city",
                "sport",
                "music",
                "beauty",
                "fashion",
                "books",
                "family",
                "travel",
                "other",
                native_enum=False,
                create_constraint=True,
                length=None,
            ),
            nullable=False,
        ),
        sa.Column("categories", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("avatar_id", sa.BigInteger(), nullable=True),
        sa.Column("cover_id", sa.BigInteger(), nullable=True),
        sa.Column("verified_fans", sa.BigInteger(), nullable=False),
        sa.Column("eligible", sa.Boolean(), nullable=False),
        sa.Column("newest_offer_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lowest_amount", sa.BigInteger(), nullable=True),
        sa.Column("enough_fans", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("grace_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("holiday_from", sa.Date(), nullable=True),
        sa.Column("holiday_until", sa.Date(), nullable=True),
        sa.Column("most_deals", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("handle ~ '^[a-z0-9][a-z0-9-]{1,38}$'", name=op.f("ck_creators_handle_form")),
        sa.CheckConstraint(
            "categories[1] = category AND cardinality(categories) <= 3", name=op.f("ck_creators_category_first")
        ),
        sa.CheckConstraint("holiday_until >= holiday_from", name=op.f("ck_creators_holiday_in_order")),
        sa.CheckConstraint("most_deals > 0", name=op.f("ck_creators_most_deals_positive")),
        sa.CheckConstraint("verified_fans >= 0", name=op.f("ck_creators_verified_fans_not_negative")),
        sa.ForeignKeyConstraint(["avatar_id"], ["pictures.id"], name=op.f("fk_creators_avatar_id")),
        sa.ForeignKeyConstraint(["cover_id"], ["pictures.id"], name=op.f("fk_creators_cover_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_creators_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creators")),
        sa.UniqueConstraint("handle", name=op.f("uq_creators_handle")),
        sa.UniqueConstraint("user_id", name=op.f("uq_creators_user_id")),
    )
    op.create_index(
        "ix_creators_category_fans",
        "creators",
        ["category", sa.literal_column("verified_fans DESC"), sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text("eligible AND newest_offer_at IS NOT NULL"),
    )
    op.create_index(
        "ix_creators_fans",
        "creators",
        [sa.literal_column("verified_fans DESC"), sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text("eligible AND newest_offer_at IS NOT NULL"),
    )
    op.create_index(
        "ix_creators_grace",
        "creators",
        ["grace_until"],
        unique=False,
        postgresql_where=sa.text("grace_until IS NOT NULL"),
    )
    op.create_index(
        "ix_creators_headlines",
        "creators",
        [sa.literal_column("((headline_en || ' '::text) || headline_zh)").label("headlines")],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"headlines": "gin_trgm_ops"},
    )
    op.create_index(
        "ix_creators_name",
        "creators",
        ["name"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"name": "gin_trgm_ops"},
    )
    op.create_index(
        "ix_creators_newest_offer",
        "creators",
        [sa.literal_column("newest_offer_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text("eligible AND newest_offer_at IS NOT NULL"),
    )
    op.create_index(
        "ix_creators_price",
        "creators",
        ["lowest_amount", sa.literal_column("verified_fans DESC"), sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text("eligible AND newest_offer_at IS NOT NULL"),
    )
    op.create_table(
        "feed_parts",
        sa.Column("run_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["feed_runs.id"], name=op.f("fk_feed_parts_run_id")),
        sa.PrimaryKeyConstraint("run_id", "position", name=op.f("pk_feed_parts")),
    )
    op.create_table(
        "payday_shares",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("payday_id", sa.BigInteger(), nullable=False),
        sa.Column("agencies", sa.Boolean(), nullable=False),
        sa.Column("after", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("through", sa.BigInteger(), nullable=False),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["payday_id"], ["paydays.id"], name=op.f("fk_payday_shares_payday_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payday_shares")),
    )
    op.create_index(op.f("ix_payday_shares_payday_id"), "payday_shares", ["payday_id"], unique=False)
    op.create_table(
        "picture_sizes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("picture_id", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.BigInteger(), nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["stored_files.id"], name=op.f("fk_picture_sizes_file_id")),
        sa.ForeignKeyConstraint(["picture_id"], ["pictures.id"], name=op.f("fk_picture_sizes_picture_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_picture_sizes")),
        sa.UniqueConstraint("picture_id", "width", name=op.f("uq_picture_sizes_picture_id_width")),
    )
    op.create_table(
        "audience_statements",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("creator_id", sa.BigInteger(), nullable=False),
        sa.Column("split", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("evidence_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "status",
            sa.Enum("pending", "accepted", "rejected", native_enum=False, create_constraint=True, length=None),
            nullable=False,
        ),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewed_by", sa.BigInteger(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["creator_id"], ["creators.id"], name=op.f("fk_audience_statements_creator_id")),
        sa.ForeignKeyConstraint(["evidence_id"], ["stored_files.id"], name=op.f("fk_audience_statements_evidence_id")),
        sa.ForeignKeyConstraint(["reviewed_by"], ["users.id"], name=op.f("fk_audience_statements_reviewed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audience_statements")),
    )
    op.create_index(
        "ix_audience_statements_creator",
        "audience_statements",
        ["creator_id", sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_audience_statements_pending",
        "audience_statements",
        ["stated_at"],
        unique=False,
        postgresql_where=sa.text("status = 'pending' AND evidence_id IS NOT NULL"),
    )
    op.create_table(
        "blocked_days",
        sa.Column("creator_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["creator_id"], ["creators.id"], name=op.f("fk_blocked_days_creator_id")),
        sa.PrimaryKeyConstraint("creator_id", "day", name=op.f("pk_blocked_days")),
    )
    op.create_table(
        "blocks",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("brand_id", sa.BigInteger(), nullable=False),
        sa.Column("creator_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "by_side",
            sa.Enum("brand", "creator", native_enum=False, create_constraint=True, length=None),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["brand_id"], ["brands.id"], name=op.f("fk_blocks_brand_id")),
        sa.ForeignKeyConstraint(["creator_id"], ["creators.id"], name=op.f("fk_blocks_creator_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_blocks_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blocks")),
        sa.UniqueConstraint("brand_id", "creator_id", "by_side", name=op.f("uq_blocks_brand_id_creator_id_by_side")),
    )
    op.create_index("ix_blocks_creator", "blocks", ["creator_id"], unique=False)
    op.create_table(
        "brand_commitments",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("brand_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_brand_commitments_amount_positive")),
        sa.ForeignKeyConstraint(["brand_id"], ["brands.id"], name=op.f("fk_brand_commitments_brand_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_brand_commitments_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brand_commitments")),
        sa.UniqueConstraint("brand_id", "reference", name=op.f("uq_brand_commitments_brand_id_reference")),
    )
    op.create_index(
        "ix_brand_commitments_user",
        "brand_commitments",
        ["brand_id", "user_id", "at"],
        unique=False,
        postgresql_where=sa.text("released_at IS NULL"),
    )
    op.create_table(
        "brand_invitations",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("brand_id", sa.BigInteger(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column(
            "role",
            sa.Enum("owner", "manager", "finance", "viewer", native_enum=False, create_constraint=True, length=None),
            nullable=False,
        ),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("invited_by", sa.BigInteger(), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_by", sa.BigInteger(), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["accepted_by"], ["users.id"], name=op.f("fk_brand_invitations_accepted_by")),
        sa.ForeignKeyConstraint(["brand_id"], ["brands.id"], name=op.f("fk_brand_invitations_brand_id")),
        sa.ForeignKeyConstraint(["invited_by"], ["users.id"], name=op.f("fk_brand_invitations_invited_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brand_invitations")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_brand_invitations_token_hash")),
    )
    op.create_index(
        "uq_brand_invitations_open",
        "brand_invitations",
        ["brand_id", sa.literal_column("lower(email)")],
        unique=True,
        postgresql_where=sa.text("accepted_at IS NULL AND revoked_at IS NULL"),
    )
    op.create_table(
        "brand_member_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("brand_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "founded",
                "invited",
                "revoked",
                "joined",
                "role",
                "limit",
                "transferred",
                "left",
                "removed",
                native_enum=False,
                create_constraint=True,
                length=None,
            ),
            nullable=False,
        ),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column(
            "role",
            sa.Enum("owner", "manager", "finance", "viewer", native_enum=False, create_constraint=True, length=None),
            nullable=True,
        ),
        sa.Column(
            "role_before",
            sa.Enum("owner", "manager", "finance", "viewer", native_enum=False, create_constraint=True, length=None),
            nullable=True,
        ),
        sa.Column("limit_amount", sa.BigInteger(), nullable=True),
        sa.Column("limit_currency", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["brand_id"], ["brands.id"], name=op.f("fk_brand_member_events_brand_id")),
        sa.ForeignKeyConstraint(["subject_id"], ["users.id"], name=op.f("fk_brand_member_events_subject_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_brand_member_events_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brand_member_events")),
    )
    op.create_index(
        "ix_brand_member_events_brand", "brand_member_events", ["brand_id", sa.literal_column("id DESC")], unique=False
    )
    op.create_table(
        "brand_members",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("brand_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "role",
            sa.Enum("owner", "manager", "finance", "viewer", native_enum=False, create_constraint=True, length=None),
            nullable=False,
        ),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("limit_amount", sa.BigInteger(), nullable=True),
        sa.Column("limit_currency", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(limit_amount IS NULL) = (limit_currency IS NULL)", name=op.f("ck_brand_members_limit_whole")
        ),
        sa.CheckConstraint("limit_amount >= 0", name=op.f("ck_brand_members_limit_not_negative")),
        sa.ForeignKeyConstraint(["brand_id"], ["brands.id"], name=op.f("fk_brand_members_brand_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_brand_members_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brand_members")),
        sa.UniqueConstraint("brand_id", "user_id", name=op.f("uq_brand_members_brand_id_user_id")),
    )
    op.create_index(op.f("ix_brand_members_user_id"), "brand_members", ["user_id"], unique=False)
    op.create_table(
        "briefs",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("brand_id", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.BigInteger(), nullable=True),
        sa.Column("changed_by_name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("goal", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("key_messages", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("musts", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("must_nots", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("deliverables", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "video",
                "image",
                "live_mention",
                "live_session",
                "live_commerce",
                "live_rewards",
                native_enum=False,
                create_constraint=True,
                length=None,
            ),
            nullable=True,
        ),
        sa.Column(
            "category",
            sa.Enum(
                "food",
                "outdoors",
                "technology",
                "home",
                "city",
                "sport",
                "music",
                "beauty",
                "fashion",
                "books",
                "family",
                "travel",
                "other",
                native_enum=False,
                create_constraint=True,
                length=None,
            ),
            nullable=True,
        ),
        sa.Column("platforms", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("minimum_fans", sa.BigInteger(), nullable=False),
        sa.Column("maximum_fans", sa.BigInteger(), nullable=True),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column(
            "visibility",
            sa.Enum("public", "invitation", "private", native_enum=False, create_constraint=True, length=None),
            nullable=False,
        ),
        sa.Column(
            "budget_kind",
            sa.Enum("fixed", "range", "views", native_enum=False, create_constraint=True, length=None),
            nullable=False,
        ),
        sa.Column("rate_amount", sa.BigInteger(), nullable=True),
        sa.Column("total_amount", sa.BigInteger(), nullable=True),
        sa.Column("held_amount", sa.BigInteger(), nullable=False),
        sa.Column("committed_amount", sa.BigInteger(), nullable=False),
        sa.Column("budget_min_amount", sa.BigInteger(), nullable=False),
        sa.Column("budget_max_amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("slots", sa.BigInteger(), nullable=False),
        sa.Column("slots_filled", sa.BigInteger(), nullable=False),
        sa.Column("slots_held", sa.BigInteger(), nullable=False),
        sa.Column("apply_by", sa.Date(), nullable=True),
        sa.Column("publish_by", sa.Date(), nullable=True),
        sa.Column("disclosure", sa.Text(), nullable=False),
        sa.Column("usage_rights", sa.Text(), nullable=False),
        sa.Column("exclusivity", sa.Text(), nullable=False),
        sa.Column("steps", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "template", "draft", "held", "open", "closed", native_enum=False, create_constraint=True, length=None
            ),
            nullable=False,
        ),
        sa.Column("review_note", sa.Text(), nullable=False),
        sa.Column("reviewed_by", sa.BigInteger(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("held_for", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("cleared_words", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "status IN ('template', 'draft') OR (budget_kind = 'views') = (rate_amount IS NOT NULL)",
            name=op.f("ck_briefs_rate_for_views"),
        ),
        sa.CheckConstraint(
            "status IN ('template', 'draft') OR (budget_min_amount > 0 AND budget_max_amount >= budget_min_amount)",
            name=op.f("ck_briefs_budget_range"),
        ),
        sa.CheckConstraint(
            "status IN ('template', 'draft') OR cardinality(platforms) > 0", name=op.f("ck_briefs_some_platform")
        ),
        sa.CheckConstraint(
            "status IN ('template', 'draft') OR num_nulls(kind, category, apply_by, publish_by) = 0",
            name=op.f("ck_briefs_whole_once_finished"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('open', 'closed') OR opened_at IS NOT NULL", name=op.f("ck_briefs_opened_if_open")
        ),
        sa.CheckConstraint("held_amount + committed_amount <= total_amount", name=op.f("ck_briefs_budget_fits")),
        sa.CheckConstraint("held_amount >= 0 AND committed_amount >= 0", name=op.f("ck_briefs_budget_counted")),
        sa.CheckConstraint("maximum_fans >= minimum_fans", name=op.f("ck_briefs_fan_range")),
        sa.CheckConstraint("minimum_fans >= 0", name=op.f("ck_briefs_minimum_fans_not_negative")),
        sa.CheckConstraint("publish_by >= apply_by", name=op.f("ck_briefs_dates_in_order")),
        sa.CheckConstraint("rate_amount > 0", name=op.f("ck_briefs_rate_positive")),
        sa.CheckConstraint("slots > 0", name=op.f("ck_briefs_slots_positive")),
        sa.CheckConstraint("slots_filled + slots_held <= slots", name=op.f("ck_briefs_slots_fit")),
        sa.CheckConstraint("slots_filled >= 0 AND slots_held >= 0", name=op.f("ck_briefs_slots_counted")),
        sa.ForeignKeyConstraint(["brand_id"], ["brands.id"], name=op.f("fk_briefs_brand_id")),
        sa.ForeignKeyConstraint(["changed_by"], ["users.id"], name=op.f("fk_briefs_changed_by")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_briefs_created_by")),
        sa.ForeignKeyConstraint(["reviewed_by"], ["users.id"], name=op.f("fk_briefs_reviewed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_briefs")),
    )
    op.create_index("ix_briefs_brand", "briefs", ["brand_id", sa.literal_column("id DESC")], unique=False)
    op.create_index(
        "ix_briefs_brand_open",
        "briefs",
        ["brand_id", sa.literal_column("opened_at DESC")],
        unique=False,
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_index(
        "ix_briefs_held", "briefs", ["changed_at"], unique=False, postgresql_where=sa.text("status = 'held'")
    )
    op.create_index(
        "ix_briefs_open",
        "briefs",
        [sa.literal_column("opened_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text("status = 'open' AND visibility <> 'private'"),
    )
    op.create_index(
        "ix_briefs_open_category",
        "briefs",
        ["category", sa.literal_column("opened_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text("status = 'open' AND visibility <> 'private'"),
    )
    op.create_index(
        "ix_briefs_open_platforms",
        "briefs",
        ["platforms"],
        unique=False,
        postgresql_using="gin",
        postgresql_where=sa.text("status = 'open' AND visibility <> 'private'"),
    )
    op.create_table(
        "channels",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("creator_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "platform",
            sa.Enum(
                "wechat_channels",
                "douyin",
                "kuaishou",
                "xiaohongshu",
                "bilibili",
                "weibo",
                "youtube",
                "tiktok",
                "instagram",
                "x",
                "twitch",
                "other",
                native_enum=False,
                create_constraint=True,
                length=None,
            ),
            nullable=False,
        ),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "verified_by",
            sa.Enum("evidence", "code", "feed", "youtube", native_enum=False, create_constraint=True, length=None),
            nullable=True,
        ),
        sa.Column("pulled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "pull_problem",
            sa.Enum("hidden", "gone", native_enum=False, create_constraint=True, length=None),
            nullable=True,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["creator_id"], ["creators.id"], name=op.f("fk_channels_creator_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channels")),
    )
    op.create_index(op.f("ix_channels_creator_id"), "channels", ["creator_id"], unique=False)
    op.create_index(
        "ix_channels_to_pull",
        "channels",
        ["platform", "pulled_at"],
        unique=False,
        postgresql_where=sa.text("verified_at IS NOT NULL"),
    )
    op.create_index(
        "ix_channels_verified",
        "channels",
        ["platform", "creator_id"],
        unique=False,
        postgresql_where=sa.text("verified_at IS NOT NULL"),
    )
    op.create_index(
        "uq_channels_external_id",
        "channels",
        ["platform", "external_id"],
        unique=True,
        postgresql_where=sa.text("external_id IS NOT NULL"),
    )
    op.create_index(
        "uq_channels_handle",
        "channels",
        ["platform", sa.literal_column("lower(handle)")],
        unique=True,
        postgresql_where=sa.text("platform <> 'other'"),
    )
    op.create_index(
        "uq_channels_url",
        "channels",
        [sa.literal_column("lower(url)")],
        unique=True,
        postgresql_where=sa.text("platform = 'other'"),
    )
    op.create_table(
        "checkouts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("brand_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "prepared",
                "open",
                "confirming",
                "paid",
                "failed",
                "expired",
                "suspense",
                "returned",
                native_enum=False,
                create_constraint=True,
                length=None,
            ),
            nullable=False,
        ),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("payment_intent_id", sa.Text(), nullable=True),
        sa.Column("charge_id", sa.Text(), nullable=True),
        sa.Column("balance_transaction_id", sa.Text(), nullable=True),
        sa.Column("received_amount", sa.BigInteger(), nullable=True),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("card_last4", sa.Text(), nullable=False),
        sa.Column("receipt_url", sa.Text(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_checkouts_amount_positive")),
        sa.ForeignKeyConstraint(["brand_id"], ["brands.id"], name=op.f("fk_checkouts_brand_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_checkouts_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkouts")),
        sa.UniqueConstraint("balance_transaction_id", name=op.f("uq_checkouts_balance_transaction_id")),
        sa.UniqueConstraint("charge_id", name=op.f("uq_checkouts_charge_id")),
        sa.UniqueConstraint("payment_intent_id", name=op.f("uq_checkouts_payment_intent_id")),
        sa.UniqueConstraint("session_id", name=op.f("uq_checkouts_session_id")),
    )
    op.create_index("ix_checkouts_brand", "checkouts", ["brand_id", sa.literal_column("created_at DESC")], unique=False)
    op.create_index(
        "ix_checkouts_suspense",
        "checkouts",
        ["finished_at"],
        unique=False,
        postgresql_where=sa.text("state = 'suspense'"),
    )
    op.create_index(
        "ix_checkouts_unfinished",
        "checkouts",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('prepared', 'open', 'confirming')"),
    )
    op.create_table(
        "connected_accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creator_id", sa.BigInteger(), nullable=True),
        sa.Column("agency_id", sa.BigInteger(), nullable=True),
        sa.Column("stripe_account_id", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("details_submitted", sa.Boolean(), nullable=False),
        sa.Column("transfers_enabled", sa.Boolean(), nullable=False),
        sa.Column("payouts_enabled", sa.Boolean(), nullable=False),
        sa.Column("requirements", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("requirement_details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("disabled_reason", sa.Text(), nullable=False),
        sa.Column("balances", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("in_debt", sa.Boolean(), nullable=False),
        sa.Column("bank", sa.Text(), nullable=False),
        sa.Column("bank_schedule", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("num_nonnulls(creator_id, agency_id) = 1", name=op.f("ck_connected_accounts_one_payee")),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_connected_accounts_agency_id")),
        sa.ForeignKeyConstraint(["creator_id"], ["creators.id"], name=op.f("fk_connected_accounts_creator_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connected_accounts")),
        sa.UniqueConstraint("stripe_account_id", name=op.f("uq_connected_accounts_stripe_account_id")),
    )
    op.create_index(op.f("ix_connected_accounts_agency_id"), "connected_accounts", ["agency_id"], unique=False)
    op.create_index(
        "ix_connected_accounts_asked",
        "connected_accounts",
        [sa.literal_column("read_at DESC")],
        unique=False,
        postgresql_where=sa.text(
            "replaced_at IS NULL AND details_submitted AND (cardinality(requirements) > 0 OR disabled_reason <> '')"
        ),
    )
    op.create_index(op.f("ix_connected_accounts_creator_id"), "connected_accounts", ["creator_id"], unique=False)
    op.create_index(
        "ix_connected_accounts_in_debt", "connected_accounts", ["id"], unique=False, postgresql_where=sa.text("in_debt")
    )
    op.create_index(
        "ix_connected_accounts_newest",
        "connected_accounts",
        [sa.literal_column("created_at DESC")],
        unique=False,
        postgresql_where=sa.text("replaced_at IS NULL"),
    )
    op.create_index(
        "ix_connected_accounts_read",
        "connected_accounts",
        ["read_at"],
        unique=False,
        postgresql_where=sa.text("replaced_at IS NULL"),
    )
    op.create_index(
        "uq_connected_accounts_agency",
        "connected_accounts",
        ["agency_id"],
        unique=True,
        postgresql_where=sa.text("replaced_at IS NULL"),
    )
    op.create_index(
        "uq_connected_accounts_creator",
        "connected_accounts",
        ["creator_id"],
        unique=True,
        postgresql_where=sa.text("replaced_at IS NULL"),
    )
    op.create_table(
        "creator_lists",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("brand_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["brand_id"], ["brands.id"], name=op.f("fk_creator_lists_brand_id")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_creator_lists_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creator_lists")),
    )
    op.create_index(
        "uq_creator_lists_name", "creator_lists", ["brand_id", sa.literal_column("lower(name)")], unique=True
    )
    op.create_table(
        "customers",
        sa.Column("brand_id", sa.BigInteger(), nullable=False),
        sa.Column("stripe_customer_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["brand_id"], ["brands.id"], name=op.f("fk_customers_brand_id")),
        sa.PrimaryKeyConstraint("brand_id", name=op.f("pk_customers")),
        sa.UniqueConstraint("stripe_customer_id", name=op.f("uq_customers_stripe_customer_id")),
    )
    op.create_table(
        "offers",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("creator_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column(
            "category",
            sa.Enum(
                "food",
                "outdoors",
                "technology",
                "home",
                "city",
                "sport",
                "music",
                "beauty",
                "fashion",
                "books",
                "family",
                "travel",
                "other",
                native_enum=False,
                create_constraint=True,
                length=None,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum("draft", "listed", "paused", native_enum=False, create_constraint=True, length=None),
            nullable=False,
        ),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("lowest_amount", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("status = 'draft' OR listed_at IS NOT NULL", name=op.f("ck_offers_listed_once")),
        sa.CheckConstraint("lowest_amount > 0", name=op.f("ck_offers_lowest_positive")),
        sa.ForeignKeyConstraint(["creator_id"], ["creators.id"], name=op.f("fk_offers_creator_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offers")),
    )
    op.create_index(op.f("ix_offers_creator_id"), "offers", ["creator_id"], unique=False)
    op.create_index(
        "ix_offers_listed",
        "offers",
        [sa.literal_column("listed_at DESC"), sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text("status = 'listed'"),
    )
    op.create_index(
        "ix_offers_listed_creator",
        "offers",
        ["creator_id", "lowest_amount"],
        unique=False,
        postgresql_where=sa.text("status = 'listed'"),
    )
    op.create_index(
        "ix_offers_title",
        "offers",
        ["title"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"title": "gin_trgm_ops"},
        postgresql_where=sa.text("status = 'listed'"),
    )
    op.create_table(
        "payout_pauses",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("creator_id", sa.BigInteger(), nullable=True),
        sa.Column("agency_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("paused_by", sa.BigInteger(), nullable=False),
        sa.Column("paused_name", sa.Text(), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resume_reason", sa.Text(), nullable=False),
        sa.Column("resumed_by", sa.BigInteger(), nullable=True),
        sa.Column("resumed_name", sa.Text(), nullable=False),
        sa.Column("resumed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(resumed_at IS NULL) = (resumed_by IS NULL) AND (resumed_at IS NULL) = (resume_reason = '')",
            name=op.f("ck_payout_pauses_resumed_by_somebody"),
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_payout_pauses_reason_given")),
        sa.CheckConstraint("num_nonnulls(creator_id, agency_id) = 1", name=op.f("ck_payout_pauses_one_payee")),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_payout_pauses_agency_id")),
        sa.ForeignKeyConstraint(["creator_id"], ["creators.id"], name=op.f("fk_payout_pauses_creator_id")),
        sa.ForeignKeyConstraint(["paused_by"], ["users.id"], name=op.f("fk_payout_pauses_paused_by")),
        sa.ForeignKeyConstraint(["resumed_by"], ["users.id"], name=op.f("fk_payout_pauses_resumed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_pauses")),
    )
    op.create_index(op.f("ix_payout_pauses_agency_id"), "payout_pauses", ["agency_id"], unique=False)
    op.create_index(op.f("ix_payout_pauses_creator_id"), "payout_pauses", ["creator_id"], unique=False)
    op.create_index(
        "uq_payout_pauses_agency",
        "payout_pauses",
        ["agency_id"],
        unique=True,
        postgresql_where=sa.text("resumed_at IS NULL"),
    )
    op.create_index(
        "uq_payout_pauses_creator",
        "payout_pauses",
        ["creator_id"],
        unique=True,
        postgresql_where=sa.text("resumed_at IS NULL"),
    )
    op.create_table(
        "payout_plans",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("creator_id", sa.BigInteger(), nullable=True),
        sa.Column("agency_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "schedule",
            sa.Enum("as_earned", "weekly", "on_demand", native_enum=False, create_constraint=True, length=None),
            nullable=False,
        ),
        sa.Column("minimums", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("num_nonnulls(creator_id, agency_id) = 1", name=op.f("ck_payout_plans_one_payee")),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_payout_plans_agency_id")),
        sa.ForeignKeyConstraint(["creator_id"], ["creators.id"], name=op.f("fk_payout_plans_creator_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_plans")),
        sa.UniqueConstraint("agency_id", name=op.f("uq_payout_plans_agency_id")),
        sa.UniqueConstraint("creator_id", name=op.f("uq_payout_plans_creator_id")),
    )
    op.create_table(
        "representations",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=False),
        sa.Column("creator_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "offered",
                "active",
                "ended",
                "declined",
                "withdrawn",
                native_enum=False,
                create_constraint=True,
                length=None,
            ),
            nullable=False,
        ),
        sa.Column("share", sa.BigInteger(), nullable=False),
        sa.Column("notice_days", sa.BigInteger(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("offered_by", sa.BigInteger(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("consented_name", sa.Text(), nullable=False),
        sa.Column("consented_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notice_by", sa.BigInteger(), nullable=True),
        sa.Column("notice_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status IN ('active', 'ended')) = (consented_at IS NOT NULL)",
            name=op.f("ck_representations_consented_if_active"),
        ),
        sa.CheckConstraint("share BETWEEN 0 AND 5000", name=op.f("ck_representations_share_bounds")),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_representations_agency_id")),
        sa.ForeignKeyConstraint(["creator_id"], ["creators.id"], name=op.f("fk_representations_creator_id")),
        sa.ForeignKeyConstraint(["notice_by"], ["users.id"], name=op.f("fk_representations_notice_by")),
        sa.ForeignKeyConstraint(["offered_by"], ["users.id"], name=op.f("fk_representations_offered_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_representations")),
    )
    op.create_index(
        "ix_representations_agency", "representations", ["agency_id", sa.literal_column("id DESC")], unique=False
    )
    op.create_index(
        "ix_representations_creator", "representations", ["creator_id", sa.literal_column("id DESC")], unique=False
    )
    op.create_index(
        "ix_representations_ends",
        "representations",
        ["ends_at"],
        unique=False,
        postgresql_where=sa.text("status = 'active' AND ends_at IS NOT NULL"),
    )
    op.create_index(
        "uq_representations_active",
        "representations",
        ["creator_id"],
        unique=True,
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_index(
        "uq_representations_offered",
        "representations",
        ["agency_id", "creator_id"],
        unique=True,
        postgresql_where=sa.text("status = 'offered'"),
    )
    op.create_table(
        "track_records",
        sa.Column("creator_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("chosen", sa.BigInteger(), nullable=False),
        sa.Column("answered", sa.BigInteger(), nullable=False),
        sa.Column("response_minutes", sa.BigInteger(), nullable=True),
        sa.Column("ended", sa.BigInteger(), nullable=False),
        sa.Column("completed", sa.BigInteger(), nullable=False),
        sa.Column("published", sa.BigInteger(), nullable=False),
        sa.Column("on_time", sa.BigInteger(), nullable=False),
        sa.Column("rating_sum", sa.BigInteger(), nullable=False),
        sa.Column("rating_count", sa.BigInteger(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["creator_id"], ["creators.id"], name=op.f("fk_track_records_creator_id")),
        sa.PrimaryKeyConstraint("creator_id", name=op.f("pk_track_records")),
    )
    op.create_table(
        "works",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("creator_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column(
            "platform",
            sa.Enum(
                "wechat_channels",
                "douyin",
                "kuaishou",
                "xiaohongshu",
                "bilibili",
                "weibo",
                "youtube",
                "tiktok",
                "instagram",
                "x",
                "twitch",
                "other",
                native_enum=False,
                create_constraint=True,
                length=None,
            ),
            nullable=False,
        ),
        sa.Column("cover_id", sa.BigInteger(), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("views", sa.BigInteger(), nullable=True),
        sa.Column("likes", sa.BigInteger(), nullable=True),
        sa.Column("comments", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("views >= 0 AND likes >= 0 AND comments >= 0", name=op.f("ck_works_counts_not_negative")),
        sa.ForeignKeyConstraint(["cover_id"], ["pictures.id"], name=op.f("fk_works_cover_id")),
        sa.ForeignKeyConstraint(["creator_id"], ["creators.id"], name=op.f("fk_works_creator_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_works")),
    )
    op.create_index("ix_works_creator", "works", ["creator_id", "position"], unique=False)
    op.create_table(
        "addons",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("offer_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "usage_rights",
                "exclusivity",
                "raw_files",
                "extra_revision",
                "rush",
                native_enum=False,
                create_constraint=True,
                length=None,
            ),
            nullable=False,
        ),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("days", sa.BigInteger(), nullable=True),
        sa.Column("price_amount", sa.BigInteger(), nullable=False),
        sa.Column("price_currency", sa.Text(), nullable=False),
        sa.CheckConstraint("days > 0", name=op.f("ck_addons_days_positive")),
        sa.CheckConstraint("price_amount > 0", name=op.f("ck_addons_price_positive")),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"], name=op.f("fk_addons_offer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addons")),
    )
    op.create_index("ix_addons_offer", "addons", ["offer_id"], unique=False)
    op.create_index(
        "uq_addons_kind", "addons", ["offer_id", "kind"], unique=True, postgresql_where=sa.text("position IS NOT NULL")
    )
    op.create_table(
        "brief_deliverables",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("brief_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column(
            "content",
            sa.Enum(
                "video_20",
                "video_60",
                "video_long",
                "series",
                "image_post",
                "live_mention",
                "live_session",
                "live_commerce",
                native_enum=False,
                create_constraint=True,
                length=None,
            ),
            nullable=False,
        ),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("count > 0", name=op.f("ck_brief_deliverables_count_positive")),
        sa.ForeignKeyConstraint(["brief_id"], ["briefs.id"], name=op.f("fk_brief_deliverables_brief_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brief_deliverables")),
        sa.UniqueConstraint(
            "brief_id",
            "position",
            deferrable=True,
            initially="DEFERRED",
            name=op.f("uq_brief_deliverables_brief_id_position"),
        ),
    )
    op.create_table(
        "brief_guests",
        sa.Column("brief_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("creator_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["brief_id"], ["briefs.id"], name=op.f("fk_brief_guests_brief_id")),
        sa.ForeignKeyConstraint(["creator_id"], ["creators.id"], name=op.f("fk_brief_guests_creator_id")),
        sa.PrimaryKeyConstraint("brief_id", "creator_id", name=op.f("pk_brief_guests")),
    )
    op.create_table(
        "brief_questions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("brief_id", sa.BigInteger(), nullable=False),
        sa.Column("creator_id", sa.BigInteger(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(answered_at IS NULL) = (answer = '')", name=op.f("ck_brief_questions_answered_once_said")),
        sa.ForeignKeyConstraint(["answered_by"], ["users.id"], name=op.f("fk_brief_questions_answered_by")),
        sa.ForeignKeyConstraint(["asked_by"], ["users.id"], name=op.f("fk_brief_questions_asked_by")),
        sa.ForeignKeyConstraint(["brief_id"], ["briefs.id"], name=op.f("fk_brief_questions_brief_id")),
        sa.ForeignKeyConstraint(["creator_id"], ["creators.id"], name=op.f("fk_brief_questions_creator_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brief_questions")),
    )
    op.create_index(
        "ix_brief_questions_brief",
        "brief_questions",
        ["brief_id", "id"],
        unique=False,
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_table(
        "brief_references",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("brief_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("file_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("num_nonnulls(url, file_id) = 1", name=op.f("ck_brief_references_link_or_file")),
        sa.ForeignKeyConstraint(["brief_id"], ["briefs.id"], name=op.f("fk_brief_references_brief_id")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_files.id"], name=op.f("fk_brief_references_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brief_references")),
    )
    op.create_index(op.f("ix_brief_references_brief_id"), "brief_references", ["brief_id"], unique=False)
    op.create_table(
        "channel_codes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("fans", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_by", sa.BigInteger(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed", sa.Boolean(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_channel_codes_channel_id")),
        sa.ForeignKeyConstraint(["reviewed_by"], ["users.id"], name=op.f("fk_channel_codes_reviewed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel_codes")),
    )
    op.create_index(op.f("ix_channel_codes_channel_id"), "channel_codes", ["channel_id"], unique=False)
    op.create_index(
        "ix_channel_codes_pending",
        "channel_codes",
        ["placed_at"],
        unique=False,
        postgresql_where=sa.text("placed_at IS NOT NULL AND reviewed_at IS NULL"),
    )
    op.create_index(
        "uq_channel_codes_waiting",
        "channel_codes",
        ["channel_id"],
        unique=True,
        postgresql_where=sa.text("reviewed_at IS NULL"),
    )
    op.create_table(
        "chargebacks",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("stripe_dispute_id", sa.Text(), nullable=False),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("checkout_id", sa.Uuid(), nullable=False),
        sa.Column(
            "stage",
            sa.Enum(
                "warning_needs_response",
                "warning_under_review",
                "warning_closed",
                "needs_response",
                "under_review",
                "won",
                "lost",
                "prevented",
                native_enum=False,
                create_constraint=True,
                length=None,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("evidence_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("evidence_file_id", sa.BigInteger(), nullable=True),
        sa.Column("stripe_file_id", sa.Text(), nullable=True),
        sa.Column("checked_by", sa.BigInteger(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("accepted_by", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_transaction_id", sa.Text(), nullable=True),
        sa.Column("reinstated_transaction_id", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_chargebacks_amount_positive")),
        sa.ForeignKeyConstraint(["accepted_by"], ["users.id"], name=op.f("fk_chargebacks_accepted_by")),
        sa.ForeignKeyConstraint(["checked_by"], ["users.id"], name=op.f("fk_chargebacks_checked_by")),
        sa.ForeignKeyConstraint(["checkout_id"], ["checkouts.id"], name=op.f("fk_chargebacks_checkout_id")),
        sa.ForeignKeyConstraint(
            ["evidence_file_id"], ["stored_files.id"], name=op.f("fk_chargebacks_evidence_file_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chargebacks")),
        sa.UniqueConstraint("stripe_dispute_id", "round", name=op.f("uq_chargebacks_stripe_dispute_id_round")),
        sa.UniqueConstraint("withdrawn_transaction_id", name=op.f("uq_chargebacks_withdrawn_transaction_id")),
    )
    op.create_index(op.f("ix_chargebacks_checkout_id"), "chargebacks", ["checkout_id"], unique=False)
    op.create_index(
        "ix_chargebacks_open",
        "chargebacks",
        ["evidence_due_at"],
        unique=False,
        postgresql_where=sa.text("stage IN ('warning_needs_response', 'needs_response')"),
    )
    op.create_index(
        "ix_chargebacks_opened",
        "chargebacks",
        [sa.literal_column("opened_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_table(
        "fan_readings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("fans", sa.BigInteger(), nullable=False),
        sa.Column("taken_on", sa.Date(), nullable=False),
        sa.Column(
            "source",
            sa.Enum("evidence", "code", "feed", "youtube", native_enum=False, create_constraint=True, length=None),
            nullable=False,
        ),
        sa.Column("evidence_id", sa.BigInteger(), nullable=True),
        sa.Column("feed_run_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "status",
            sa.Enum("pending", "accepted", "rejected", native_enum=False, create_constraint=True, length=None),
            nullable=False,
        ),
        sa.Column("flag", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewed_by", sa.BigInteger(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("(source = 'feed') = (feed_run_id IS NOT NULL)", name=op.f("ck_fan_readings_feed_named")),
        sa.CheckConstraint(
            "(status = 'pending') = (reviewed_at IS NULL)", name=op.f("ck_fan_readings_reviewed_once_decided")
        ),
        sa.CheckConstraint(
            "source <> 'evidence' OR evidence_id IS NOT NULL", name=op.f("ck_fan_readings_evidence_shown")
        ),
        sa.CheckConstraint("fans >= 0", name=op.f("ck_fan_readings_fans_not_negative")),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_fan_readings_channel_id")),
        sa.ForeignKeyConstraint(["evidence_id"], ["stored_files.id"], name=op.f("fk_fan_readings_evidence_id")),
        sa.ForeignKeyConstraint(["feed_run_id"], ["feed_runs.id"], name=op.f("fk_fan_readings_feed_run_id")),
        sa.ForeignKeyConstraint(["reviewed_by"], ["users.id"], name=op.f("fk_fan_readings_reviewed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fan_readings")),
    )
    op.create_index(
        "ix_fan_readings_channel_taken",
        "fan_readings",
        ["channel_id", sa.literal_column("taken_on DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_fan_readings_feed",
        "fan_readings",
        ["feed_run_id"],
        unique=False,
        postgresql_where=sa.text("feed_run_id IS NOT NULL"),
    )
    op.create_index(
        "ix_fan_readings_pending",
        "fan_readings",
        ["submitted_at"],
        unique=False,
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_index(
        "uq_fan_readings_waiting",
        "fan_readings",
        ["channel_id"],
        unique=True,
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_table(
        "listed_creators",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("list_id", sa.BigInteger(), nullable=False),
        sa.Column("creator_id", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("added_by", sa.BigInteger(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["added_by"], ["users.id"], name=op.f("fk_listed_creators_added_by")),
        sa.ForeignKeyConstraint(["creator_id"], ["creators.id"], name=op.f("fk_listed_creators_creator_id")),
        sa.ForeignKeyConstraint(
            ["list_id"], ["creator_lists.id"], name=op.f("fk_listed_creators_list_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listed_creators")),
        sa.UniqueConstraint("list_id", "creator_id", name=op.f("uq_listed_creators_list_id_creator_id")),
    )
    op.create_index("ix_listed_creators_creator", "listed_creators", ["creator_id"], unique=False)
    op.create_table(
        "offer_examples",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("offer_id", sa.BigInteger(), nullable=False),
        sa.Column("work_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"], name=op.f("fk_offer_examples_offer_id")),
        sa.ForeignKeyConstraint(["work_id"], ["works.id"], name=op.f("fk_offer_examples_work_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer_examples")),
        sa.UniqueConstraint("offer_id", "work_id", name=op.f("uq_offer_examples_offer_id_work_id")),
    )
    op.create_index(op.f("ix_offer_examples_work_id"), "offer_examples", ["work_id"], unique=False)
    op.create_table(
        "packages",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("offer_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "content",
            sa.Enum(
                "video_20",
                "video_60",
                "video_long",
                "series",
                "image_post",
                "live_mention",
                "live_session",
                "live_commerce",
                native_enum=False,
                create_constraint=True,
                length=None,
            ),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.Enum(
                "video",
                "image",
                "live_mention",
                "live_session",
                "live_commerce",
                "live_rewards",
                native_enum=False,
                create_constraint=True,
                length=None,
            ),
            nullable=False,
        ),
        sa.Column("hours", sa.BigInteger(), nullable=True),
        sa.Column("episodes", sa.BigInteger(), nullable=True),
        sa.Column("deliverables", sa.Text(), nullable=False),
        sa.Column("included", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("delivery_days", sa.BigInteger(), nullable=False),
        sa.Column("revisions", sa.BigInteger(), nullable=False),
        sa.Column("price_amount", sa.BigInteger(), nullable=False),
        sa.Column("price_currency", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(content = 'live_session') = (hours IS NOT NULL) AND hours > 0",
            name=op.f("ck_packages_hours_of_live_session"),
        ),
        sa.CheckConstraint(
            "(content = 'series') = (episodes IS NOT NULL) AND episodes > 1",
            name=op.f("ck_packages_episodes_of_series"),
        ),
        sa.CheckConstraint("delivery_days > 0 AND revisions >= 0", name=op.f("ck_packages_promises")),
        sa.CheckConstraint("price_amount > 0", name=op.f("ck_packages_price_positive")),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"], name=op.f("fk_packages_offer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_packages")),
        sa.UniqueConstraint(
            "offer_id", "position", deferrable=True, initially="DEFERRED", name=op.f("uq_packages_offer_id_position")
        ),
    )
    op.create_index(
        "ix_packages_kind",
        "packages",
        ["kind", "offer_id"],
        unique=False,
        postgresql_where=sa.text("position IS NOT NULL"),
    )
    op.create_table(
        "payouts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "pending",
                "in_transit",
                "paid",
                "failed",
                "canceled",
                native_enum=False,
                create_constraint=True,
                length=None,
            ),
            nullable=False,
        ),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("arrives_on", sa.Date(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["connected_accounts.id"], name=op.f("fk_payouts_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payouts")),
    )
    op.create_index("ix_payouts_account", "payouts", ["account_id", sa.literal_column("created_at DESC")], unique=False)
    op.create_index(
        "ix_payouts_failed", "payouts", ["created_at"], unique=False, postgresql_where=sa.text("state = 'failed'")
    )
    op.create_table(
        "selections",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("application", "invitation", "booking", native_enum=False, create_constraint=True, length=None),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "accepted",
                "declined",
                "withdrawn",
                "expired",
                native_enum=False,
                create_constraint=True,
                length=None,
            ),
            nullable=False,
        ),
        sa.Column("creator_id", sa.BigInteger(), nullable=False),
        sa.Column("brand_id", sa.BigInteger(), nullable=False),
        sa.Column("brief_id", sa.BigInteger(), nullable=True),
        sa.Column("package_id", sa.BigInteger(), nullable=True),
        sa.Column("offer_id", sa.BigInteger(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column(
            "deal_kind",
            sa.Enum(
                "video",
                "image",
                "live_mention",
                "live_session",
                "live_commerce",
                "live_rewards",
                native_enum=False,
                create_constraint=True,
                length=None,
            ),
            nullable=False,
        ),
        sa.Column("deliverables", sa.Text(), nullable=False),
        sa.Column("price_amount", sa.BigInteger(), nullable=False),
        sa.Column("price_currency", sa.Text(), nullable=False),
        sa.Column("publish_by", sa.Date(), nullable=True),
        sa.Column("wanted_on", sa.Date(), nullable=True),
        sa.Column("delivery_days", sa.BigInteger(), nullable=True),
        sa.Column("revisions", sa.BigInteger(), nullable=True),
        sa.Column("usage_rights", sa.Text(), nullable=False),
        sa.Column("disclosure", sa.Text(), nullable=False),
        sa.Column("addons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("views_promised", sa.BigInteger(), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("holds_place", sa.Boolean(), nullable=False),
        sa.Column("shortlisted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("brand_note", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("creator_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("brand_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("created_by_name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.BigInteger(), nullable=True),
        sa.Column("answered_by_name", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "declined_for",
            sa.Enum(
                "price",
                "dates",
                "fit",
                "filled",
                "busy",
                "other",
                native_enum=False,
                create_constraint=True,
                length=None,
            ),
            nullable=True,
        ),
        sa.Column("decline_reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'booking') = (package_id IS NOT NULL)", name=op.f("ck_selections_booking_has_package")
        ),
        sa.CheckConstraint(
            "(status = 'open') = (answered_at IS NULL)", name=op.f("ck_selections_answered_once_closed")
        ),
        sa.CheckConstraint(
            "NOT holds_place OR (status = 'open' AND kind <> 'application')",
            name=op.f("ck_selections_holds_while_open"),
        ),
        sa.CheckConstraint("kind = 'booking' OR brief_id IS NOT NULL", name=op.f("ck_selections_others_have_brief")),
        sa.CheckConstraint(
            "status <> 'declined' OR declined_for IS NOT NULL", name=op.f("ck_selections_declined_for_something")
        ),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_selections_expires_later")),
        sa.CheckConstraint("price_amount > 0", name=op.f("ck_selections_price_positive")),
        sa.ForeignKeyConstraint(["answered_by"], ["users.id"], name=op.f("fk_selections_answered_by")),
        sa.ForeignKeyConstraint(["brand_id"], ["brands.id"], name=op.f("fk_selections_brand_id")),
        sa.ForeignKeyConstraint(["brief_id"], ["briefs.id"], name=op.f("fk_selections_brief_id")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_selections_created_by")),
        sa.ForeignKeyConstraint(["creator_id"], ["creators.id"], name=op.f("fk_selections_creator_id")),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"], name=op.f("fk_selections_offer_id")),
        sa.ForeignKeyConstraint(["package_id"], ["packages.id"], name=op.f("fk_selections_package_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_selections")),
    )
    op.create_index("ix_selections_brand", "selections", ["brand_id", sa.literal_column("id DESC")], unique=False)
    op.create_index(
        "ix_selections_brand_open",
        "selections",
        ["brand_id", "expires_at"],
        unique=False,
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_index(
        "ix_selections_brand_unread",
        "selections",
        ["brand_id"],
        unique=False,
        postgresql_where=sa.text("brand_seen_at IS NULL OR brand_seen_at < changed_at"),
    )
    op.create_index(
        "ix_selections_brief",
        "selections",
        ["brief_id", sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text("brief_id IS NOT NULL"),
    )
    op.create_index("ix_selections_creator", "selections", ["creator_id", sa.literal_column("id DESC")], unique=False)
    op.create_index("ix_selections_creator_made", "selections", ["creator_id", "created_at"], unique=False)
    op.create_index(
        "ix_selections_creator_open",
        "selections",
        ["creator_id", "expires_at"],
        unique=False,
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_index(
        "ix_selections_creator_unread",
        "selections",
        ["creator_id"],
        unique=False,
        postgresql_where=sa.text("creator_seen_at IS NULL OR creator_seen_at < changed_at"),
    )
    op.create_index(
        "ix_selections_expiry", "selections", ["expires_at"], unique=False, postgresql_where=sa.text("status = 'open'")
    )
    op.create_index(
        "ix_selections_reminder",
        "selections",
        ["remind_at"],
        unique=False,
        postgresql_where=sa.text("status = 'open' AND remind_at IS NOT NULL"),
    )
    op.create_index(
        "uq_selections_open_brief",
        "selections",
        ["brief_id", "creator_id"],
        unique=True,
        postgresql_where=sa.text("status = 'open' AND brief_id IS NOT NULL"),
    )
    op.create_index(
        "uq_selections_open_package",
        "selections",
        ["package_id", "brand_id"],
        unique=True,
        postgresql_where=sa.text("status = 'open' AND package_id IS NOT NULL"),
    )
    op.create_table(
        "deals",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True, start=1001), nullable=False),
        sa.Column("creator_id", sa.BigInteger(), nullable=False),
        sa.Column("brand_id", sa.BigInteger(), nullable=False),
        sa.Column("brief_id", sa.BigInteger(), nullable=True),
        sa.Column("selection_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "video",
                "image",
                "live_mention",
                "live_session",
                "live_commerce",
                "live_rewards",
                native_enum=False,
                create_constraint=True,
                length=None,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "negotiating",
                "signing",
                "funding",
                "production",
                "draft_review",
                "publishing",
                "acceptance",
                "disputed",
                "frozen",
                "completed",
                "refunded",
                "cancelled",
                "expired",
                native_enum=False,
                create_constraint=True,
                length=None,
            ),
            nullable=False,
        ),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminders_sent", sa.BigInteger(), nullable=False),
        sa.Column(
            "proposed_by",
            sa.Enum("creator", "brand", "admin", "clock", native_enum=False, create_constraint=True, length=None),
            nullable=False,
        ),
        sa.Column("accepted_terms_id", sa.BigInteger(), nullable=True),
        sa.Column("contract_id", sa.BigInteger(), nullable=True),
        sa.Column("quote", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("agency_id", sa.BigInteger(), nullable=True),
        sa.Column("revisions_used", sa.BigInteger(), nullable=False),
        sa.Column("awaiting_bank", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "paused_state",
            sa.Enum(
                "negotiating",
                "signing",
                "funding",
                "production",
                "draft_review",
                "publishing",
                "acceptance",
                "disputed",
                "frozen",
                "completed",
                "refunded",
                "cancelled",
                "expired",
                native_enum=False,
                create_constraint=True,
                length=None,
            ),
            nullable=True,
        ),
        sa.Column("paused_remaining", sa.Interval(), nullable=True),
        sa.Column(
            "frozen_state",
            sa.Enum(
                "negotiating",
                "signing",
                "funding",
                "production",
                "draft_review",
                "publishing",
                "acceptance",
                "disputed",
                "frozen",
                "completed",
                "refunded",
                "cancelled",
                "expired",
                native_enum=False,
                create_constraint=True,
                length=None,
            ),
            nullable=True,
        ),
        sa.Column("frozen_remaining", sa.Interval(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["accepted_terms_id"], ["terms.id"], name="fk_deals_accepted_terms_id", use_alter=True),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_deals_agency_id")),
        sa.ForeignKeyConstraint(["brand_id"], ["brands.id"], name=op.f("fk_deals_brand_id")),
        sa.ForeignKeyConstraint(["brief_id"], ["briefs.id"], name=op.f("fk_deals_brief_id")),
        sa.ForeignKeyConstraint(["contract_id"], ["contracts.id"], name=op.f("fk_deals_contract_id")),
        sa.ForeignKeyConstraint(["creator_id"], ["creators.id"], name=op.f("fk_deals_creator_id")),
        sa.ForeignKeyConstraint(["selection_id"], ["selections.id"], name=op.f("fk_deals_selection_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deals")),
        sa.UniqueConstraint("selection_id", name=op.f("uq_deals_selection_id")),
    )
    op.create_index(
        "ix_deals_agency",
        "deals",
        ["agency_id", sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text("agency_id IS NOT NULL"),
    )
    op.create_index("ix_deals_brand", "deals", ["brand_id", sa.literal_column("id DESC")], unique=False)
    op.create_index(op.f("ix_deals_brief_id"), "deals", ["brief_id"], unique=False)
    op.create_index("ix_deals_creator", "deals", ["creator_id", sa.literal_column("id DESC")], unique=False)
    op.create_index(
        "ix_deals_deadline", "deals", ["deadline_at"], unique=False, postgresql_where=sa.text("deadline_at IS NOT NULL")
    )
    op.create_index(
        "ix_deals_signed",
        "deals",
        [sa.literal_column("left(quote ->> 'on', 7)"), "creator_id", "id"],
        unique=False,
        postgresql_where=sa.text("quote IS NOT NULL"),
    )
    op.create_index("ix_deals_state", "deals", ["state", sa.literal_column("id DESC")], unique=False)
    op.create_table(
        "engagements",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("creator_id", sa.BigInteger(), nullable=False),
        sa.Column("selection_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_engagements_days_in_order")),
        sa.ForeignKeyConstraint(["creator_id"], ["creators.id"], name=op.f("fk_engagements_creator_id")),
        sa.ForeignKeyConstraint(["selection_id"], ["selections.id"], name=op.f("fk_engagements_selection_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_engagements")),
        sa.UniqueConstraint("selection_id", name=op.f("uq_engagements_selection_id")),
    )
    op.create_index(
        "ix_engagements_open",
        "engagements",
        ["creator_id", "ends_on"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "deal_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("deal_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "action",
            sa.Enum(
                "open",
                "propose_terms",
                "accept_terms",
                "sign",
                "complete_signing",
                "await_bank",
                "bank_refused",
                "hold_apart",
                "fund",
                "submit_draft",
                "request_revision",
                "approve_draft",
                "submit_publication",
                "accept_work",
                "cancel",
                "cancel_late",
                "expire",
                "open_dispute",
                "rule_completed",
                "rule_refunded",
                "agree_completed",
                "agree_refunded",
                "withdraw_dispute",
                "limit_completed",
                "limit_refunded",
                "charge_back",
                "reinstate",
                "lose_chargeback",
                native_enum=False,
                create_constraint=True,
                length=None,
            ),
            nullable=False,
        ),
        sa.Column(
            "side",
            sa.Enum("creator", "brand", "admin", "clock", native_enum=False, create_constraint=True, length=None),
            nullable=False,
        ),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column(
            "from_state",
            sa.Enum(
                "negotiating",
                "signing",
                "funding",
                "production",
                "draft_review",
                "publishing",
                "acceptance",
                "disputed",
                "frozen",
                "completed",
                "refunded",
                "cancelled",
                "expired",
                native_enum=False,
                create_constraint=True,
                length=None,
            ),
            nullable=True,
        ),
        sa.Column(
            "to_state",
            sa.Enum(
                "negotiating",
                "signing",
                "funding",
                "production",
                "draft_review",
                "publishing",
                "acceptance",
                "disputed",
                "frozen",
                "completed",
                "refunded",
                "cancelled",
                "expired",
                native_enum=False,
                create_constraint=True,
                length=None,
            ),
            nullable=False,
        ),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.id"], name=op.f("fk_deal_events_deal_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_deal_events_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal_events")),
    )
    op.create_index("ix_deal_events_deal", "deal_events", ["deal_id", "id"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("deal_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("draft", "publication", native_enum=False, create_constraint=True, length=None),
            nullable=False,
        ),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("submitted_by", sa.BigInteger(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum("waiting", "approved", "revision", native_enum=False, create_constraint=True, length=None),
            nullable=False,
        ),
        sa.Column("verdict_note", sa.Text(), nullable=False),
        sa.Column("verdict_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("url <> '' OR file_id IS NOT NULL", name=op.f("ck_deliveries_something_handed_in")),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.id"], name=op.f("fk_deliveries_deal_id")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_files.id"], name=op.f("fk_deliveries_file_id")),
        sa.ForeignKeyConstraint(["submitted_by"], ["users.id"], name=op.f("fk_deliveries_submitted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("deal_id", "kind", "number", name=op.f("uq_deliveries_deal_id_kind_number")),
    )
    op.create_table(
        "disputes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("deal_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "opened_by",
            sa.Enum("creator", "brand", "admin", "clock", native_enum=False, create_constraint=True, length=None),
            nullable=False,
        ),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "reason",
            sa.Enum(
                "late",
                "not_as_agreed",
                "not_published",
                "removed",
                "unresponsive",
                "holding_limit",
                "other",
                native_enum=False,
                create_constraint=True,
                length=None,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "ruled",
                "agreed",
                "withdrawn",
                "limit",
                "chargeback",
                native_enum=False,
                create_constraint=True,
                length=None,
            ),
            nullable=False,
        ),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ruled_by", sa.BigInteger(), nullable=True),
        sa.Column("ruled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("creator_part_amount", sa.BigInteger(), nullable=True),
        sa.Column("ruling_reasons", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(creator_part_amount IS NOT NULL) = (status IN ('ruled', 'agreed', 'limit'))",
            name=op.f("ck_disputes_part_when_decided"),
        ),
        sa.CheckConstraint("(status = 'ruled') = (ruled_at IS NOT NULL)", name=op.f("ck_disputes_ruled_once")),
        sa.CheckConstraint("(user_id IS NULL) = (opened_by = 'clock')", name=op.f("ck_disputes_somebody_opened_it")),
        sa.CheckConstraint(
            "creator_part_amount IS NULL OR creator_part_amount >= 0",
            name=op.f("ck_disputes_creator_part_not_negative"),
        ),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.id"], name=op.f("fk_disputes_deal_id")),
        sa.ForeignKeyConstraint(["ruled_by"], ["users.id"], name=op.f("fk_disputes_ruled_by")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_disputes_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disputes")),
    )
    op.create_index(op.f("ix_disputes_deal_id"), "disputes", ["deal_id"], unique=False)
    op.create_index(
        "ix_disputes_open", "disputes", ["opened_at"], unique=False, postgresql_where=sa.text("status = 'open'")
    )
    op.create_index(
        "uq_disputes_open_deal", "disputes", ["deal_id"], unique=True, postgresql_where=sa.text("status = 'open'")
    )
    op.create_table(
        "messages",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("deal_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "side",
            sa.Enum("creator", "brand", "admin", "clock", native_enum=False, create_constraint=True, length=None),
            nullable=False,
        ),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.id"], name=op.f("fk_messages_deal_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_messages_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
    )
    op.create_index("ix_messages_deal", "messages", ["deal_id", "id"], unique=False)
    op.create_table(
        "payments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("checkout_id", sa.Uuid(), nullable=False),
        sa.Column("deal_id", sa.BigInteger(), nullable=False),
        sa.Column("brand_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "succeeded",
                "expired",
                "returned",
                "suspense",
                native_enum=False,
                create_constraint=True,
                length=None,
            ),
            nullable=False,
        ),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payments_amount_positive")),
        sa.ForeignKeyConstraint(["brand_id"], ["brands.id"], name=op.f("fk_payments_brand_id")),
        sa.ForeignKeyConstraint(["checkout_id"], ["checkouts.id"], name=op.f("fk_payments_checkout_id")),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.id"], name=op.f("fk_payments_deal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
    )
    op.create_index(
        "ix_payments_brand",
        "payments",
        ["brand_id", "finished_at", "deal_id"],
        unique=False,
        postgresql_include=["id", "amount", "currency"],
        postgresql_where=sa.text("state = 'succeeded'"),
    )
    op.create_index(op.f("ix_payments_checkout_id"), "payments", ["checkout_id"], unique=False)
    op.create_index(op.f("ix_payments_deal_id"), "payments", ["deal_id"], unique=False)
    op.create_index(
        "uq_payments_live_deal",
        "payments",
        ["deal_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('open', 'succeeded')"),
    )
    op.create_table(
        "reviews",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("deal_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "side",
            sa.Enum("creator", "brand", "admin", "clock", native_enum=False, create_constraint=True, length=None),
            nullable=False,
        ),
        sa.Column("creator_id", sa.BigInteger(), nullable=False),
        sa.Column("brand_id", sa.BigInteger(), nullable=False),
        sa.Column("stars", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_by", sa.BigInteger(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name=op.f("ck_reviews_stars_bounds")),
        sa.ForeignKeyConstraint(["brand_id"], ["brands.id"], name=op.f("fk_reviews_brand_id")),
        sa.ForeignKeyConstraint(["creator_id"], ["creators.id"], name=op.f("fk_reviews_creator_id")),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.id"], name=op.f("fk_reviews_deal_id")),
        sa.ForeignKeyConstraint(["written_by"], ["users.id"], name=op.f("fk_reviews_written_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
        sa.UniqueConstraint("deal_id", "side", name=op.f("uq_reviews_deal_id_side")),
    )
    op.create_index(
        "ix_reviews_brand",
        "reviews",
        ["brand_id", sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text("shown_at IS NOT NULL"),
    )
    op.create_index(
        "ix_reviews_creator",
        "reviews",
        ["creator_id", sa.literal_column("id DESC")],
        unique=False,
        postgresql_where=sa.text("shown_at IS NOT NULL"),
    )
    op.create_index(
        "ix_reviews_waiting", "reviews", ["written_at"], unique=False, postgresql_where=sa.text("shown_at IS NULL")
    )
    op.create_table(
        "settlements",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("deal_id", sa.BigInteger(), nullable=False),
        sa.Column("creator_id", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("creator_amount", sa.BigInteger(), nullable=False),
        sa.Column("agency_id", sa.BigInteger(), nullable=True),
        sa.Column("agency_amount", sa.BigInteger(), nullable=False),
        sa.Column("creator_fee_amount", sa.BigInteger(), nullable=False),
        sa.Column("brand_fee_amount", sa.BigInteger(), nullable=False),
        sa.Column("refund_amount", sa.BigInteger(), nullable=False),
        sa.Column("quote", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("policy_version", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("available_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("agency_amount = 0 OR agency_id IS NOT NULL", name=op.f("ck_settlements_agency_named")),
        sa.CheckConstraint(
            "creator_amount >= 0 AND agency_amount >= 0 AND creator_fee_amount >= 0 AND brand_fee_amount >= 0 AND refund_amount >= 0",
            name=op.f("ck_settlements_parts_not_negative"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_settlements_agency_id")),
        sa.ForeignKeyConstraint(["creator_id"], ["creators.id"], name=op.f("fk_settlements_creator_id")),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.id"], name=op.f("fk_settlements_deal_id")),
        sa.ForeignKeyConstraint(
            ["policy_version"], ["fee_policies.version"], name=op.f("fk_settlements_policy_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlements")),
    )
    op.create_index(
        "ix_settlements_agency",
        "settlements",
        ["agency_id", "settled_at", "id"],
        unique=False,
        postgresql_include=["currency", "agency_amount", "creator_fee_amount"],
        postgresql_where=sa.text("agency_id IS NOT NULL"),
    )
    op.create_index(
        "ix_settlements_creator",
        "settlements",
        ["creator_id", "settled_at", "id"],
        unique=False,
        postgresql_include=["currency", "creator_amount", "creator_fee_amount"],
    )
    op.create_index("ix_settlements_policy", "settlements", ["policy_version", "settled_at"], unique=False)
    op.create_index(
        "ix_settlements_unreleased",
        "settlements",
        ["available_at"],
        unique=False,
        postgresql_where=sa.text("released_at IS NULL"),
    )
    op.create_index(
        "uq_settlements_deal_id",
        "settlements",
        ["deal_id"],
        unique=True,
        postgresql_include=["creator_amount", "agency_amount", "creator_fee_amount", "brand_fee_amount"],
    )
    op.create_table(
        "terms",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("deal_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column(
            "proposed_by",
            sa.Enum("creator", "brand", "admin", "clock", native_enum=False, create_constraint=True, length=None),
            nullable=False,
        ),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("deliverables", sa.Text(), nullable=False),
        sa.Column("price_amount", sa.BigInteger(), nullable=False),
        sa.Column("price_currency", sa.Text(), nullable=False),
        sa.Column("draft_due_on", sa.Date(), nullable=False),
        sa.Column("publish_on", sa.Date(), nullable=False),
        sa.Column("revisions", sa.BigInteger(), nullable=False),
        sa.Column("usage_rights", sa.Text(), nullable=False),
        sa.Column("disclosure", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("price_amount > 0", name=op.f("ck_terms_price_positive")),
        sa.CheckConstraint("publish_on >= draft_due_on", name=op.f("ck_terms_dates_in_order")),
        sa.CheckConstraint("revisions >= 0", name=op.f("ck_terms_revisions_not_negative")),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.id"], name=op.f("fk_terms_deal_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_terms_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terms")),
        sa.UniqueConstraint("deal_id", "number", name=op.f("uq_terms_deal_id_number")),
    )
    op.create_table(
        "chargeback_parts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("chargeback_id", sa.BigInteger(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("deal_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("asked", "held", "reinstated", "borne", native_enum=False, create_constraint=True, length=None),
            nullable=False,
        ),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("from_escrow", sa.Boolean(), nullable=False),
        sa.Column("creator_amount", sa.BigInteger(), nullable=False),
        sa.Column("agency_amount", sa.BigInteger(), nullable=False),
        sa.Column("platform_amount", sa.BigInteger(), nullable=False),
        sa.Column("commission_amount", sa.BigInteger(), nullable=False),
        sa.Column("service_fee_amount", sa.BigInteger(), nullable=False),
        sa.Column("returned_amount", sa.BigInteger(), nullable=False),
        sa.Column("given_back_amount", sa.BigInteger(), nullable=False),
        sa.Column("creator_repaid_amount", sa.BigInteger(), nullable=False),
        sa.Column("agency_repaid_amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "creator_amount + agency_amount + platform_amount + returned_amount = CASE WHEN state = 'borne' AND NOT from_escrow THEN amount - given_back_amount ELSE 0 END",
            name=op.f("ck_chargeback_parts_borne_whole"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_chargeback_parts_amount_positive")),
        sa.CheckConstraint(
            "commission_amount >= 0 AND service_fee_amount >= 0 AND commission_amount + service_fee_amount <= platform_amount",
            name=op.f("ck_chargeback_parts_fees_are_platforms"),
        ),
        sa.CheckConstraint(
            "creator_amount >= 0 AND agency_amount >= 0 AND platform_amount >= 0 AND returned_amount >= 0",
            name=op.f("ck_chargeback_parts_parts_not_negative"),
        ),
        sa.CheckConstraint(
            "creator_repaid_amount >= 0 AND agency_repaid_amount >= 0",
            name=op.f("ck_chargeback_parts_repaid_not_negative"),
        ),
        sa.CheckConstraint(
            "given_back_amount BETWEEN 0 AND amount", name=op.f("ck_chargeback_parts_given_back_within")
        ),
        sa.ForeignKeyConstraint(["chargeback_id"], ["chargebacks.id"], name=op.f("fk_chargeback_parts_chargeback_id")),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.id"], name=op.f("fk_chargeback_parts_deal_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_chargeback_parts_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chargeback_parts")),
        sa.UniqueConstraint("chargeback_id", "deal_id", name=op.f("uq_chargeback_parts_chargeback_id_deal_id")),
    )
    op.create_index("ix_chargeback_parts_deal", "chargeback_parts", ["deal_id"], unique=False)
    op.create_index(
        "ix_chargeback_parts_repaid",
        "chargeback_parts",
        ["id"],
        unique=False,
        postgresql_where=sa.text("creator_repaid_amount > 0 OR agency_repaid_amount > 0"),
    )
    op.create_table(
        "dispute_statements",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("dispute_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "side",
            sa.Enum("creator", "brand", "admin", "clock", native_enum=False, create_constraint=True, length=None),
            nullable=False,
        ),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("wants_amount", sa.BigInteger(), nullable=True),
        sa.Column("file_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["dispute_id"], ["disputes.id"], name=op.f("fk_dispute_statements_dispute_id")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_files.id"], name=op.f("fk_dispute_statements_file_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_dispute_statements_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute_statements")),
    )
    op.create_index("ix_dispute_statements_dispute", "dispute_statements", ["dispute_id", "id"], unique=False)
    op.create_table(
        "holding_notices",
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column(
            "stage",
            sa.Enum("warned", "last_days", "reached", native_enum=False, create_constraint=True, length=None),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("in_escrow", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_holding_notices_payment_id")),
        sa.PrimaryKeyConstraint("payment_id", "stage", name=op.f("pk_holding_notices")),
    )
    op.create_index(
        "ix_holding_notices_in_escrow",
        "holding_notices",
        ["payment_id"],
        unique=False,
        postgresql_where=sa.text("in_escrow"),
    )
    op.create_table(
        "recoveries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("settlement_id", sa.BigInteger(), nullable=False),
        sa.Column("creator_id", sa.BigInteger(), nullable=True),
        sa.Column("agency_id", sa.BigInteger(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("returned_amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_recoveries_amount_positive")),
        sa.CheckConstraint("num_nonnulls(creator_id, agency_id) = 1", name=op.f("ck_recoveries_one_payee")),
        sa.CheckConstraint("returned_amount BETWEEN 0 AND amount", name=op.f("ck_recoveries_returned_within")),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_recoveries_agency_id")),
        sa.ForeignKeyConstraint(["creator_id"], ["creators.id"], name=op.f("fk_recoveries_creator_id")),
        sa.ForeignKeyConstraint(["settlement_id"], ["settlements.id"], name=op.f("fk_recoveries_settlement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recoveries")),
    )
    op.create_index(
        "ix_recoveries_creator",
        "recoveries",
        ["creator_id", "id"],
        unique=False,
        postgresql_where=sa.text("creator_id IS NOT NULL"),
    )
    op.create_index(
        "ix_recoveries_of_agency",
        "recoveries",
        ["agency_id", "id"],
        unique=False,
        postgresql_where=sa.text("agency_id IS NOT NULL"),
    )
    op.create_index("ix_recoveries_settlement", "recoveries", ["settlement_id"], unique=False)
    op.create_table(
        "refunds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deal_id", sa.BigInteger(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "prepared",
                "succeeded",
                "failed",
                "replaced",
                "by_hand",
                native_enum=False,
                create_constraint=True,
                length=None,
            ),
            nullable=False,
        ),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("stripe_refund_id", sa.Text(), nullable=True),
        sa.Column("balance_transaction_id", sa.Text(), nullable=True),
        sa.Column("failure_transaction_id", sa.Text(), nullable=True),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("pending", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_refunds_amount_positive")),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.id"], name=op.f("fk_refunds_deal_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_refunds_payment_id")),
        sa.ForeignKeyConstraint(["replaces_id"], ["refunds.id"], name=op.f("fk_refunds_replaces_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refunds")),
        sa.UniqueConstraint("balance_transaction_id", name=op.f("uq_refunds_balance_transaction_id")),
        sa.UniqueConstraint("failure_transaction_id", name=op.f("uq_refunds_failure_transaction_id")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_refunds_replaces_id")),
        sa.UniqueConstraint("stripe_refund_id", name=op.f("uq_refunds_stripe_refund_id")),
    )
    op.create_index(op.f("ix_refunds_deal_id"), "refunds", ["deal_id"], unique=False)
    op.create_index(
        "ix_refunds_prepared", "refunds", ["created_at"], unique=False, postgresql_where=sa.text("state = 'prepared'")
    )
    op.create_index(
        "ix_refunds_stuck",
        "refunds",
        ["finished_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('failed', 'by_hand')"),
    )
    op.create_table(
        "transfers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("creator_id", sa.BigInteger(), nullable=True),
        sa.Column("agency_id", sa.BigInteger(), nullable=True),
        sa.Column("settlement_id", sa.BigInteger(), nullable=False),
        sa.Column("payday_id", sa.BigInteger(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("resends_id", sa.Uuid(), nullable=True),
        sa.Column(
            "state",
            sa.Enum("prepared", "paid", "failed", native_enum=False, create_constraint=True, length=None),
            nullable=False,
        ),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("reversed_amount", sa.BigInteger(), nullable=False),
        sa.Column("restored_amount", sa.BigInteger(), nullable=False),
        sa.Column("resent_amount", sa.BigInteger(), nullable=False),
        sa.Column("stripe_transfer_id", sa.Text(), nullable=True),
        sa.Column("balance_transaction_id", sa.Text(), nullable=True),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_transfers_amount_positive")),
        sa.CheckConstraint("num_nonnulls(creator_id, agency_id) = 1", name=op.f("ck_transfers_one_payee")),
        sa.CheckConstraint(
            "resent_amount BETWEEN 0 AND reversed_amount + restored_amount", name=op.f("ck_transfers_resent_within")
        ),
        sa.CheckConstraint("restored_amount >= 0", name=op.f("ck_transfers_restored_not_negative")),
        sa.CheckConstraint("reversed_amount BETWEEN 0 AND amount", name=op.f("ck_transfers_reversed_within")),
        sa.ForeignKeyConstraint(["account_id"], ["connected_accounts.id"], name=op.f("fk_transfers_account_id")),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_transfers_agency_id")),
        sa.ForeignKeyConstraint(["creator_id"], ["creators.id"], name=op.f("fk_transfers_creator_id")),
        sa.ForeignKeyConstraint(["payday_id"], ["paydays.id"], name=op.f("fk_transfers_payday_id")),
        sa.ForeignKeyConstraint(["resends_id"], ["transfers.id"], name=op.f("fk_transfers_resends_id")),
        sa.ForeignKeyConstraint(["settlement_id"], ["settlements.id"], name=op.f("fk_transfers_settlement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfers")),
    )
    op.create_index(
        "ix_transfers_agency",
        "transfers",
        ["agency_id"],
        unique=False,
        postgresql_where=sa.text("agency_id IS NOT NULL"),
    )
    op.create_index(op.f("ix_transfers_creator_id"), "transfers", ["creator_id"], unique=False)
    op.create_index(
        "ix_transfers_failed",
        "transfers",
        ["settlement_id"],
        unique=False,
        postgresql_where=sa.text("state = 'failed'"),
    )
    op.create_index(
        "ix_transfers_held_back",
        "transfers",
        ["id"],
        unique=False,
        postgresql_where=sa.text("resent_amount < reversed_amount + restored_amount"),
    )
    op.create_index(
        "ix_transfers_payday",
        "transfers",
        ["payday_id", "state", "id"],
        unique=False,
        postgresql_where=sa.text("payday_id IS NOT NULL"),
    )
    op.create_index(
        "ix_transfers_prepared",
        "transfers",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("state = 'prepared'"),
    )
    op.create_index(
        "ix_transfers_resends",
        "transfers",
        ["resends_id"],
        unique=False,
        postgresql_where=sa.text("resends_id IS NOT NULL"),
    )
    op.create_index(op.f("ix_transfers_settlement_id"), "transfers", ["settlement_id"], unique=False)
    op.create_index(
        "uq_transfers_balance_transaction_id",
        "transfers",
        ["balance_transaction_id"],
        unique=True,
        postgresql_where=sa.text("balance_transaction_id IS NOT NULL"),
    )
    op.create_index(
        "uq_transfers_live_agency",
        "transfers",
        ["settlement_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('prepared', 'paid') AND agency_id IS NOT NULL AND resends_id IS NULL"),
    )
    op.create_index(
        "uq_transfers_live_creator",
        "transfers",
        ["settlement_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('prepared', 'paid') AND creator_id IS NOT NULL AND resends_id IS NULL"),
    )
    op.create_index(
        "uq_transfers_stripe_transfer_id",
        "transfers",
        ["stripe_transfer_id"],
        unique=True,
        postgresql_where=sa.text("stripe_transfer_id IS NOT NULL"),
    )
    op.create_table(
        "transfer_reversals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("prepared", "paid", "failed", native_enum=False, create_constraint=True, length=None),
            nullable=False,
        ),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("stripe_reversal_id", sa.Text(), nullable=True),
        sa.Column("balance_transaction_id", sa.Text(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_transfer_reversals_amount_positive")),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfers.id"], name=op.f("fk_transfer_reversals_transfer_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_transfer_reversals_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_reversals")),
        sa.UniqueConstraint("balance_transaction_id", name=op.f("uq_transfer_reversals_balance_transaction_id")),
        sa.UniqueConstraint("stripe_reversal_id", name=op.f("uq_transfer_reversals_stripe_reversal_id")),
    )
    op.create_index(
        "ix_transfer_reversals_prepared",
        "transfer_reversals",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("state = 'prepared'"),
    )
    op.create_index(op.f("ix_transfer_reversals_transfer_id"), "transfer_reversals", ["transfer_id"], unique=False)
    op.create_foreign_key("fk_deals_accepted_terms_id", "deals", "terms", ["accepted_terms_id"], ["id"], use_alter=True)


def downgrade() -> None:
    op.drop_constraint("fk_deals_accepted_terms_id", "deals", type_="foreignkey")
    op.drop_index(op.f("ix_transfer_reversals_transfer_id"), table_name="transfer_reversals")
    op.drop_index(
        "ix_transfer_reversals_prepared",
        table_name="transfer_reversals",
        postgresql_where=sa.text("state = 'prepared'"),
    )
    op.drop_table("transfer_reversals")
    op.drop_index(
        "uq_transfers_stripe_transfer_id",
        table_name="transfers",
        postgresql_where=sa.text("stripe_transfer_id IS NOT NULL"),
    )
    op.drop_index(
        "uq_transfers_live_creator",
        table_name="transfers",
        postgresql_where=sa.text("state IN ('prepared', 'paid') AND creator_id IS NOT NULL AND resends_id IS NULL"),
    )
    op.drop_index(
        "uq_transfers_live_agency",
        table_name="transfers",
        postgresql_where=sa.text("state IN ('prepared', 'paid') AND agency_id IS NOT NULL AND resends_id IS NULL"),
    )
    op.drop_index(
        "uq_transfers_balance_transaction_id",
        table_name="transfers",
        postgresql_where=sa.text("balance_transaction_id IS NOT NULL"),
    )
    op.drop_index(op.f("ix_transfers_settlement_id"), table_name="transfers")
    op.drop_index("ix_transfers_resends", table_name="transfers", postgresql_where=sa.text("resends_id IS NOT NULL"))
    op.drop_index("ix_transfers_prepared", table_name="transfers", postgresql_where=sa.text("state = 'prepared'"))
    op.drop_index("ix_transfers_payday", table_name="transfers", postgresql_where=sa.text("payday_id IS NOT NULL"))
    op.drop_index(
        "ix_transfers_held_back",
        table_name="transfers",
        postgresql_where=sa.text("resent_amount < reversed_amount + restored_amount"),
    )
    op.drop_index("ix_transfers_failed", table_name="transfers", postgresql_where=sa.text("state = 'failed'"))
    op.drop_index(op.f("ix_transfers_creator_id"), table_name="transfers")
    op.drop_index("ix_transfers_agency", table_name="transfers", postgresql_where=sa.text("agency_id IS NOT NULL"))
    op.drop_table("transfers")
    op.drop_index("ix_refunds_stuck", table_name="refunds", postgresql_where=sa.text("state IN ('failed', 'by_hand')"))
    op.drop_index("ix_refunds_prepared", table_name="refunds", postgresql_where=sa.text("state = 'prepared'"))
    op.drop_index(op.f("ix_refunds_deal_id"), table_name="refunds")
    op.drop_table("refunds")
    op.drop_index("ix_recoveries_settlement", table_name="recoveries")
    op.drop_index("ix_recoveries_of_agency", table_name="recoveries", postgresql_where=sa.text("agency_id IS NOT NULL"))
    op.drop_index("ix_recoveries_creator", table_name="recoveries", postgresql_where=sa.text("creator_id IS NOT NULL"))
    op.drop_table("recoveries")
    op.drop_index("ix_holding_notices_in_escrow", table_name="holding_notices", postgresql_where=sa.text("in_escrow"))
    op.drop_table("holding_notices")
    op.drop_index("ix_dispute_statements_dispute", table_name="dispute_statements")
    op.drop_table("dispute_statements")
    op.drop_index(
        "ix_chargeback_parts_repaid",
        table_name="chargeback_parts",
        postgresql_where=sa.text("creator_repaid_amount > 0 OR agency_repaid_amount > 0"),
    )
    op.drop_index("ix_chargeback_parts_deal", table_name="chargeback_parts")
    op.drop_table("chargeback_parts")
    op.drop_table("terms")
    op.drop_index(
        "uq_settlements_deal_id",
        table_name="settlements",
        postgresql_include=["creator_amount", "agency_amount", "creator_fee_amount", "brand_fee_amount"],
    )
    op.drop_index(
        "ix_settlements_unreleased", table_name="settlements", postgresql_where=sa.text("released_at IS NULL")
    )
    op.drop_index("ix_settlements_policy", table_name="settlements")
    op.drop_index(
        "ix_settlements_creator",
        table_name="settlements",
        postgresql_include=["currency", "creator_amount", "creator_fee_amount"],
    )
    op.drop_index(
        "ix_settlements_agency",
        table_name="settlements",
        postgresql_include=["currency", "agency_amount", "creator_fee_amount"],
        postgresql_where=sa.text("agency_id IS NOT NULL"),
    )
    op.drop_table("settlements")
    op.drop_index("ix_reviews_waiting", table_name="reviews", postgresql_where=sa.text("shown_at IS NULL"))
    op.drop_index("ix_reviews_creator", table_name="reviews", postgresql_where=sa.text("shown_at IS NOT NULL"))
    op.drop_index("ix_reviews_brand", table_name="reviews", postgresql_where=sa.text("shown_at IS NOT NULL"))
    op.drop_table("reviews")
    op.drop_index(
        "uq_payments_live_deal", table_name="payments", postgresql_where=sa.text("state IN ('open', 'succeeded')")
    )
    op.drop_index(op.f("ix_payments_deal_id"), table_name="payments")
    op.drop_index(op.f("ix_payments_checkout_id"), table_name="payments")
    op.drop_index(
        "ix_payments_brand",
        table_name="payments",
        postgresql_include=["id", "amount", "currency"],
        postgresql_where=sa.text("state = 'succeeded'"),
    )
    op.drop_table("payments")
    op.drop_index("ix_messages_deal", table_name="messages")
    op.drop_table("messages")
    op.drop_index("uq_disputes_open_deal", table_name="disputes", postgresql_where=sa.text("status = 'open'"))
    op.drop_index("ix_disputes_open", table_name="disputes", postgresql_where=sa.text("status = 'open'"))
    op.drop_index(op.f("ix_disputes_deal_id"), table_name="disputes")
    op.drop_table("disputes")
    op.drop_table("deliveries")
    op.drop_index("ix_deal_events_deal", table_name="deal_events")
    op.drop_table("deal_events")
    op.drop_index("ix_engagements_open", table_name="engagements", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_table("engagements")
    op.drop_index("ix_deals_state", table_name="deals")
    op.drop_index("ix_deals_signed", table_name="deals", postgresql_where=sa.text("quote IS NOT NULL"))
    op.drop_index("ix_deals_deadline", table_name="deals", postgresql_where=sa.text("deadline_at IS NOT NULL"))
    op.drop_index("ix_deals_creator", table_name="deals")
    op.drop_index(op.f("ix_deals_brief_id"), table_name="deals")
    op.drop_index("ix_deals_brand", table_name="deals")
    op.drop_index("ix_deals_agency", table_name="deals", postgresql_where=sa.text("agency_id IS NOT NULL"))
    op.drop_table("deals")
    op.drop_index(
        "uq_selections_open_package",
        table_name="selections",
        postgresql_where=sa.text("status = 'open' AND package_id IS NOT NULL"),
    )
    op.drop_index(
        "uq_selections_open_brief",
        table_name="selections",
        postgresql_where=sa.text("status = 'open' AND brief_id IS NOT NULL"),
    )
    op.drop_index(
        "ix_selections_reminder",
        table_name="selections",
        postgresql_where=sa.text("status = 'open' AND remind_at IS NOT NULL"),
    )
    op.drop_index("ix_selections_expiry", table_name="selections", postgresql_where=sa.text("status = 'open'"))
    op.drop_index(
        "ix_selections_creator_unread",
        table_name="selections",
        postgresql_where=sa.text("creator_seen_at IS NULL OR creator_seen_at < changed_at"),
    )
    op.drop_index("ix_selections_creator_open", table_name="selections", postgresql_where=sa.text("status = 'open'"))
    op.drop_index("ix_selections_creator_made", table_name="selections")
    op.drop_index("ix_selections_creator", table_name="selections")
    op.drop_index("ix_selections_brief", table_name="selections", postgresql_where=sa.text("brief_id IS NOT NULL"))
    op.drop_index(
        "ix_selections_brand_unread",
        table_name="selections",
        postgresql_where=sa.text("brand_seen_at IS NULL OR brand_seen_at < changed_at"),
    )
    op.drop_index("ix_selections_brand_open", table_name="selections", postgresql_where=sa.text("status = 'open'"))
    op.drop_index("ix_selections_brand", table_name="selections")
    op.drop_table("selections")
    op.drop_index("ix_payouts_failed", table_name="payouts", postgresql_where=sa.text("state = 'failed'"))
    op.drop_index("ix_payouts_account", table_name="payouts")
    op.drop_table("payouts")
    op.drop_index("ix_packages_kind", table_name="packages", postgresql_where=sa.text("position IS NOT NULL"))
    op.drop_table("packages")
    op.drop_index(op.f("ix_offer_examples_work_id"), table_name="offer_examples")
    op.drop_table("offer_examples")
    op.drop_index("ix_listed_creators_creator", table_name="listed_creators")
    op.drop_table("listed_creators")
    op.drop_index("uq_fan_readings_waiting", table_name="fan_readings", postgresql_where=sa.text("status = 'pending'"))
    op.drop_index("ix_fan_readings_pending", table_name="fan_readings", postgresql_where=sa.text("status = 'pending'"))
    op.drop_index(
        "ix_fan_readings_feed", table_name="fan_readings", postgresql_where=sa.text("feed_run_id IS NOT NULL")
    )
    op.drop_index("ix_fan_readings_channel_taken", table_name="fan_readings")
    op.drop_table("fan_readings")
    op.drop_index("ix_chargebacks_opened", table_name="chargebacks")
    op.drop_index(
        "ix_chargebacks_open",
        table_name="chargebacks",
        postgresql_where=sa.text("stage IN ('warning_needs_response', 'needs_response')"),
    )
    op.drop_index(op.f("ix_chargebacks_checkout_id"), table_name="chargebacks")
    op.drop_table("chargebacks")
    op.drop_index(
        "uq_channel_codes_waiting", table_name="channel_codes", postgresql_where=sa.text("reviewed_at IS NULL")
    )
    op.drop_index(
        "ix_channel_codes_pending",
        table_name="channel_codes",
        postgresql_where=sa.text("placed_at IS NOT NULL AND reviewed_at IS NULL"),
    )
    op.drop_index(op.f("ix_channel_codes_channel_id"), table_name="channel_codes")
    op.drop_table("channel_codes")
    op.drop_index(op.f("ix_brief_references_brief_id"), table_name="brief_references")
    op.drop_table("brief_references")
    op.drop_index(
        "ix_brief_questions_brief", table_name="brief_questions", postgresql_where=sa.text("removed_at IS NULL")
    )
    op.drop_table("brief_questions")
    op.drop_table("brief_guests")
    op.drop_table("brief_deliverables")
    op.drop_index("uq_addons_kind", table_name="addons", postgresql_where=sa.text("position IS NOT NULL"))
    op.drop_index("ix_addons_offer", table_name="addons")
    op.drop_table("addons")
    op.drop_index("ix_works_creator", table_name="works")
    op.drop_table("works")
    op.drop_table("track_records")
    op.drop_index(
        "uq_representations_offered", table_name="representations", postgresql_where=sa.text("status = 'offered'")
    )
    op.drop_index(
        "uq_representations_active", table_name="representations", postgresql_where=sa.text("status = 'active'")
    )
    op.drop_index(
        "ix_representations_ends",
        table_name="representations",
        postgresql_where=sa.text("status = 'active' AND ends_at IS NOT NULL"),
    )
    op.drop_index("ix_representations_creator", table_name="representations")
    op.drop_index("ix_representations_agency", table_name="representations")
    op.drop_table("representations")
    op.drop_table("payout_plans")
    op.drop_index(
        "uq_payout_pauses_creator", table_name="payout_pauses", postgresql_where=sa.text("resumed_at IS NULL")
    )
    op.drop_index("uq_payout_pauses_agency", table_name="payout_pauses", postgresql_where=sa.text("resumed_at IS NULL"))
    op.drop_index(op.f("ix_payout_pauses_creator_id"), table_name="payout_pauses")
    op.drop_index(op.f("ix_payout_pauses_agency_id"), table_name="payout_pauses")
    op.drop_table("payout_pauses")
    op.drop_index(
        "ix_offers_title",
        table_name="offers",
        postgresql_using="gin",
        postgresql_ops={"title": "gin_trgm_ops"},
        postgresql_where=sa.text("status = 'listed'"),
    )
    op.drop_index("ix_offers_listed_creator", table_name="offers", postgresql_where=sa.text("status = 'listed'"))
    op.drop_index("ix_offers_listed", table_name="offers", postgresql_where=sa.text("status = 'listed'"))
    op.drop_index(op.f("ix_offers_creator_id"), table_name="offers")
    op.drop_table("offers")
    op.drop_table("customers")
    op.drop_index("uq_creator_lists_name", table_name="creator_lists")
    op.drop_table("creator_lists")
    op.drop_index(
        "uq_connected_accounts_creator",
        table_name="connected_accounts",
        postgresql_where=sa.text("replaced_at IS NULL"),
    )
    op.drop_index(
        "uq_connected_accounts_agency", table_name="connected_accounts", postgresql_where=sa.text("replaced_at IS NULL")
    )
    op.drop_index(
        "ix_connected_accounts_read", table_name="connected_accounts", postgresql_where=sa.text("replaced_at IS NULL")
    )
    op.drop_index(
        "ix_connected_accounts_newest", table_name="connected_accounts", postgresql_where=sa.text("replaced_at IS NULL")
    )
    op.drop_index("ix_connected_accounts_in_debt", table_name="connected_accounts", postgresql_where=sa.text("in_debt"))
    op.drop_index(op.f("ix_connected_accounts_creator_id"), table_name="connected_accounts")
    op.drop_index(
        "ix_connected_accounts_asked",
        table_name="connected_accounts",
        postgresql_where=sa.text(
            "replaced_at IS NULL AND details_submitted AND (cardinality(requirements) > 0 OR disabled_reason <> '')"
        ),
    )
    op.drop_index(op.f("ix_connected_accounts_agency_id"), table_name="connected_accounts")
    op.drop_table("connected_accounts")
    op.drop_index(
        "ix_checkouts_unfinished",
        table_name="checkouts",
        postgresql_where=sa.text("state IN ('prepared', 'open', 'confirming')"),
    )
    op.drop_index("ix_checkouts_suspense", table_name="checkouts", postgresql_where=sa.text("state = 'suspense'"))
    op.drop_index("ix_checkouts_brand", table_name="checkouts")
    op.drop_table("checkouts")
    op.drop_index("uq_channels_url", table_name="channels", postgresql_where=sa.text("platform = 'other'"))
    op.drop_index("uq_channels_handle", table_name="channels", postgresql_where=sa.text("platform <> 'other'"))
    op.drop_index("uq_channels_external_id", table_name="channels", postgresql_where=sa.text("external_id IS NOT NULL"))
    op.drop_index("ix_channels_verified", table_name="channels", postgresql_where=sa.text("verified_at IS NOT NULL"))
    op.drop_index("ix_channels_to_pull", table_name="channels", postgresql_where=sa.text("verified_at IS NOT NULL"))
    op.drop_index(op.f("ix_channels_creator_id"), table_name="channels")
    op.drop_table("channels")
    op.drop_index(
        "ix_briefs_open_platforms",
        table_name="briefs",
        postgresql_using="gin",
        postgresql_where=sa.text("status = 'open' AND visibility <> 'private'"),
    )
    op.drop_index(
        "ix_briefs_open_category",
        table_name="briefs",
        postgresql_where=sa.text("status = 'open' AND visibility <> 'private'"),
    )
    op.drop_index(
        "ix_briefs_open", table_name="briefs", postgresql_where=sa.text("status = 'open' AND visibility <> 'private'")
    )
    op.drop_index("ix_briefs_held", table_name="briefs", postgresql_where=sa.text("status = 'held'"))
    op.drop_index("ix_briefs_brand_open", table_name="briefs", postgresql_where=sa.text("status = 'open'"))
    op.drop_index("ix_briefs_brand", table_name="briefs")
    op.drop_table("briefs")
    op.drop_index(op.f("ix_brand_members_user_id"), table_name="brand_members")
    op.drop_table("brand_members")
    op.drop_index("ix_brand_member_events_brand", table_name="brand_member_events")
    op.drop_table("brand_member_events")
    op.drop_index(
        "uq_brand_invitations_open",
        table_name="brand_invitations",
        postgresql_where=sa.text("accepted_at IS NULL AND revoked_at IS NULL"),
    )
    op.drop_table("brand_invitations")
    op.drop_index(
        "ix_brand_commitments_user", table_name="brand_commitments", postgresql_where=sa.text("released_at IS NULL")
    )
    op.drop_table("brand_commitments")
    op.drop_index("ix_blocks_creator", table_name="blocks")
    op.drop_table("blocks")
    op.drop_table("blocked_days")
    op.drop_index(
        "ix_audience_statements_pending",
        table_name="audience_statements",
        postgresql_where=sa.text("status = 'pending' AND evidence_id IS NOT NULL"),
    )
    op.drop_index("ix_audience_statements_creator", table_name="audience_statements")
    op.drop_table("audience_statements")
    op.drop_table("picture_sizes")
    op.drop_index(op.f("ix_payday_shares_payday_id"), table_name="payday_shares")
    op.drop_table("payday_shares")
    op.drop_table("feed_parts")
    op.drop_index(
        "ix_creators_price", table_name="creators", postgresql_where=sa.text("eligible AND newest_offer_at IS NOT NULL")
    )
    op.drop_index(
        "ix_creators_newest_offer",
        table_name="creators",
        postgresql_where=sa.text("eligible AND newest_offer_at IS NOT NULL"),
    )
    op.drop_index(
        "ix_creators_name", table_name="creators", postgresql_using="gin", postgresql_ops={"name": "gin_trgm_ops"}
    )
    op.drop_index(
        "ix_creators_headlines",
        table_name="creators",
        postgresql_using="gin",
        postgresql_ops={"headlines": "gin_trgm_ops"},
    )
    op.drop_index("ix_creators_grace", table_name="creators", postgresql_where=sa.text("grace_until IS NOT NULL"))
    op.drop_index(
        "ix_creators_fans", table_name="creators", postgresql_where=sa.text("eligible AND newest_offer_at IS NOT NULL")
    )
    op.drop_index(
        "ix_creators_category_fans",
        table_name="creators",
        postgresql_where=sa.text("eligible AND newest_offer_at IS NOT NULL"),
    )
    op.drop_table("creators")
    op.drop_table("brands")
    op.drop_table("watched_words")
    op.drop_table("statement_runs")
    op.drop_index("ix_standing_changes_user", table_name="standing_changes")
    op.drop_table("standing_changes")
    op.drop_table("signatures")
    op.drop_index("uq_reports_open", table_name="reports", postgresql_where=sa.text("decided_at IS NULL"))
    op.drop_index("ix_reports_subject", table_name="reports")
    op.drop_index("ix_reports_reported_by", table_name="reports")
    op.drop_index("ix_reports_open", table_name="reports", postgresql_where=sa.text("decided_at IS NULL"))
    op.drop_index("ix_reports_decided", table_name="reports", postgresql_where=sa.text("decided_at IS NOT NULL"))
    op.drop_table("reports")
    op.drop_table("pictures")
    op.drop_index("uq_paydays_running", table_name="paydays", postgresql_where=sa.text("state <> 'finished'"))
    op.drop_table("paydays")
    op.drop_index("ix_notifications_user", table_name="notifications", postgresql_where=sa.text("in_bell"))
    op.drop_index(
        "ix_notifications_unread", table_name="notifications", postgresql_where=sa.text("in_bell AND read_at IS NULL")
    )
    op.drop_table("notifications")
    op.drop_table("notification_preferences")
    op.drop_index(
        "ix_manual_entries_waiting", table_name="manual_entries", postgresql_where=sa.text("state = 'proposed'")
    )
    op.drop_index(op.f("ix_manual_entries_reverses_id"), table_name="manual_entries")
    op.drop_table("manual_entries")
    op.drop_index(op.f("ix_mails_user_id"), table_name="mails")
    op.drop_index("ix_mails_created", table_name="mails")
    op.drop_table("mails")
    op.drop_table("ledger_closing_totals")
    op.drop_table("ledger_closing_balances")
    op.drop_index("ix_feed_runs_sha256", table_name="feed_runs", postgresql_where=sa.text("state = 'applied'"))
    op.drop_table("feed_runs")
    op.drop_table("document_files")
    op.drop_table("contract_files")
    op.drop_index(op.f("ix_agency_members_user_id"), table_name="agency_members")
    op.drop_table("agency_members")
    op.drop_index(op.f("ix_account_tokens_user_id"), table_name="account_tokens")
    op.drop_table("account_tokens")
    op.drop_index("uq_users_email_lower", table_name="users")
    op.drop_table("users")
    op.drop_index(
        "ix_unreported_entries_open", table_name="unreported_entries", postgresql_where=sa.text("resolved_at IS NULL")
    )
    op.drop_table("unreported_entries")
    op.drop_table("stored_files")
    op.drop_index("ix_refused_events_reason", table_name="refused_events")
    op.drop_table("refused_events")
    op.drop_index("ix_reconciliations_started", table_name="reconciliations")
    op.drop_table("reconciliations")
    op.drop_table("reconciliation_days")
    op.drop_index(
        "ix_ledger_lines_posted_at",
        table_name="ledger_lines",
        postgresql_using="brin",
        postgresql_with={"autosummarize": "on"},
    )
    op.drop_index("ix_ledger_lines_account", table_name="ledger_lines", postgresql_include=["amount"])
    op.drop_table("ledger_lines")
    op.drop_index(
        "uq_ledger_entries_reverses_id",
        table_name="ledger_entries",
        postgresql_where=sa.text("reverses_id IS NOT NULL"),
    )
    op.drop_index("ix_ledger_entries_reference", table_name="ledger_entries")
    op.drop_index("ix_ledger_entries_posted_at", table_name="ledger_entries")
    op.drop_index("ix_ledger_entries_kind", table_name="ledger_entries")
    op.drop_index(
        "ix_ledger_entries_external", table_name="ledger_entries", postgresql_where=sa.text("external_id <> ''")
    )
    op.drop_table("ledger_entries")
    op.drop_table("ledger_closings")
    op.drop_index("ix_ledger_accounts_kind", table_name="ledger_accounts")
    op.drop_table("ledger_accounts")
    op.drop_index(
        "ix_inbox_events_unhandled", table_name="inbox_events", postgresql_where=sa.text("handled_at IS NULL")
    )
    op.drop_index("ix_inbox_events_received", table_name="inbox_events")
    op.drop_table("inbox_events")
    op.drop_index("ix_fee_rule_events_subject", table_name="fee_rule_events")
    op.drop_table("fee_rule_events")
    op.drop_index(
        "uq_fee_policies_one_draft", table_name="fee_policies", postgresql_where=sa.text("published_at IS NULL")
    )
    op.drop_index("ix_fee_policies_effective_from", table_name="fee_policies")
    op.drop_table("fee_policies")
    op.drop_index("ix_fee_effects_digest", table_name="fee_effects")
    op.drop_table("fee_effects")
    op.drop_index("ix_fee_allowances_creator", table_name="fee_allowances")
    op.drop_table("fee_allowances")
    op.drop_index(
        "ix_fee_agreements_unpublished", table_name="fee_agreements", postgresql_where=sa.text("published_at IS NULL")
    )
    op.drop_index(
        "ix_fee_agreements_creator", table_name="fee_agreements", postgresql_where=sa.text("published_at IS NOT NULL")
    )
    op.drop_index(
        "ix_fee_agreements_brand", table_name="fee_agreements", postgresql_where=sa.text("published_at IS NOT NULL")
    )
    op.drop_table("fee_agreements")
    op.drop_table("event_polls")
    op.drop_index("ix_documents_reference", table_name="documents")
    op.drop_index("ix_documents_owner", table_name="documents")
    op.drop_index("ix_documents_issued_at", table_name="documents", postgresql_using="brin")
    op.drop_index(op.f("ix_documents_corrects_id"), table_name="documents")
    op.drop_table("documents")
    op.drop_table("document_series")
    op.drop_table("creator_month_earnings")
    op.drop_table("contracts")
    op.drop_index("ix_books_checks_at", table_name="books_checks")
    op.drop_table("books_checks")
    op.drop_index(
        "ix_balance_transactions_unexplained",
        table_name="balance_transactions",
        postgresql_where=sa.text("explained_at IS NULL"),
    )
    op.drop_index("ix_balance_transactions_source", table_name="balance_transactions")
    op.drop_index("ix_balance_transactions_read_at", table_name="balance_transactions", postgresql_using="brin")
    op.drop_index("ix_balance_transactions_created", table_name="balance_transactions")
    op.drop_table("balance_transactions")
    op.drop_table("attempts")
    op.drop_table("agencies")
