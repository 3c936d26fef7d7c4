//! The steps from each version of the tables to the next.

/// One step for each version; a step that was released is never changed.
pub(super) const STEPS: &[&str] = &[
    FIRST,
    TENANT_LIMITS,
    VAULT_KEYS,
    RUNNING_TIME,
    REFUSALS_AND_SUSPENSIONS,
    EXECUTION_REQUESTS,
    LOG_ORDER,
    KEPT_IN_PIECES,
    SEALED_REPORTS,
    ENCRYPTED_COLUMNS,
    AGENTS,
    APEX_REST,
    BULK,
    LOG_FILTERS,
    WEBHOOKS,
];

const FIRST: &str = "
CREATE TABLE setting (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
CREATE TABLE tenant (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    executions_at_once INTEGER NOT NULL,
    executions_a_minute INTEGER NOT NULL,
    memory_mib INTEGER NOT NULL,
    seconds INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
-- Bearer tokens of this server's API: of a tenant, or without one, an administrator's.
CREATE TABLE api_token (
    id TEXT PRIMARY KEY,
    tenant TEXT REFERENCES tenant (id),
    name TEXT NOT NULL,
    hash BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;
CREATE INDEX api_token_by_tenant ON api_token (tenant);
CREATE TABLE connection (
    id TEXT PRIMARY KEY,
    tenant TEXT NOT NULL REFERENCES tenant (id),
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    login_url TEXT NOT NULL,
    client_id TEXT NOT NULL,
    sealed_client_secret BLOB,
    api_version TEXT,
    requested_scopes TEXT NOT NULL,
    instance_url TEXT,
    sealed_access_token BLOB,
    sealed_refresh_token BLOB,
    scopes TEXT NOT NULL DEFAULT '',
    username TEXT,
    organization_id TEXT,
    -- Counts the token sets: a refresh that finds another number than it was called for has nothing to do.
    generation INTEGER NOT NULL DEFAULT 0,
    -- Set before a refresh is sent, null again with its answer.
    refresh_begun_at INTEGER,
    api_used INTEGER,
    api_allowed INTEGER,
    api_seen_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (tenant, name)
) STRICT;
-- An authorization that waits for its user. The ticket begins it, the state comes back with the callback.
CREATE TABLE authorization (
    ticket_hash BLOB PRIMARY KEY,
    state_hash BLOB NOT NULL UNIQUE,
    browser_hash BLOB,
    connection TEXT NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
    url TEXT NOT NULL,
    sealed_pending BLOB NOT NULL,
    return_to TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE execution (
    id TEXT PRIMARY KEY,
    tenant TEXT NOT NULL REFERENCES tenant (id),
    connection TEXT NOT NULL,
    component TEXT,
    action TEXT NOT NULL,
    idempotency_key TEXT,
    request_digest BLOB NOT NULL,
    state TEXT NOT NULL,
    outcome TEXT,
    error_kind TEXT,
    process TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    finished_at INTEGER,
    duration_us INTEGER,
    records INTEGER NOT NULL DEFAULT 0,
    api_used INTEGER,
    api_allowed INTEGER,
    request_id TEXT,
    sealed_result BLOB,
    UNIQUE (tenant, idempotency_key)
) STRICT;
CREATE INDEX execution_by_tenant ON execution (tenant, id);
CREATE INDEX execution_running ON execution (process) WHERE state = 'running';
CREATE TABLE component (
    tenant TEXT NOT NULL REFERENCES tenant (id),
    digest TEXT NOT NULL,
    name TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    state TEXT NOT NULL,
    process TEXT NOT NULL,
    report TEXT,
    uploaded_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, digest)
) STRICT;
-- Logged-in browsers of the console.
CREATE TABLE console_session (
    hash BLOB PRIMARY KEY,
    token TEXT NOT NULL REFERENCES api_token (id),
    tenant TEXT REFERENCES tenant (id),
    csrf TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
";

const TENANT_LIMITS: &str = "
ALTER TABLE tenant ADD COLUMN result_kib INTEGER NOT NULL DEFAULT 8192;
ALTER TABLE tenant ADD COLUMN storage_mib INTEGER NOT NULL DEFAULT 256;
ALTER TABLE tenant ADD COLUMN connections INTEGER NOT NULL DEFAULT 100;
";

const VAULT_KEYS: &str = "
-- The keys of the vault by their check values, never the keys themselves. The one that seals is named here.
CREATE TABLE vault_key (
    -- The first bytes of each value that it sealed.
    id BLOB PRIMARY KEY,
    check_value BLOB NOT NULL UNIQUE,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX vault_key_one_each ON vault_key (state) WHERE state IN ('opening', 'sealing');
-- Which process can open what which key sealed.
CREATE TABLE vault_holder (
    process TEXT NOT NULL,
    pid INTEGER NOT NULL,
    -- It reads a key file, and so learns of new keys.
    learns INTEGER NOT NULL,
    check_value BLOB NOT NULL,
    PRIMARY KEY (process, check_value)
) STRICT;
";

const RUNNING_TIME: &str = "
-- Bytes of the compiled code of a component that may run.
ALTER TABLE component ADD COLUMN compiled_bytes INTEGER NOT NULL DEFAULT 0;
-- When an execution began by the time for which servers have run: what is kept for a time is kept by this one.
ALTER TABLE execution ADD COLUMN began_at_running INTEGER NOT NULL DEFAULT 0;
";

/// The last authorization of a connection, if it failed; and since when a tenant is suspended.
const REFUSALS_AND_SUSPENSIONS: &str = "
ALTER TABLE connection ADD COLUMN refusal TEXT;
ALTER TABLE connection ADD COLUMN refused_at INTEGER;
ALTER TABLE tenant ADD COLUMN suspended_at INTEGER;
";

/// What was asked is kept like what came of it; what a component said is in no other column than those that are encrypted.
const EXECUTION_REQUESTS: &str = "
ALTER TABLE execution ADD COLUMN sealed_request BLOB;
ALTER TABLE execution DROP COLUMN request_id;
";

/// A tenant's executions in the order in which they began: the index ends with the rowid.
const LOG_ORDER: &str = "
DROP INDEX execution_by_tenant;
CREATE INDEX execution_by_tenant ON execution (tenant);
";

/// What executions were asked and gave takes a bounded place of a tenant's, and long texts are in pieces.
const KEPT_IN_PIECES: &str = "
CREATE TABLE execution_piece (
    execution TEXT NOT NULL,
    -- Of a request or of a result; the first piece of each, number 0, is in the execution's row.
    what TEXT NOT NULL,
    number INTEGER NOT NULL,
    sealed_piece BLOB NOT NULL,
    written_at_running INTEGER NOT NULL,
    PRIMARY KEY (execution, what, number)
) STRICT;
CREATE INDEX execution_piece_by_time ON execution_piece (written_at_running);
-- Bytes that are kept of an execution, and of all executions of a tenant.
ALTER TABLE execution ADD COLUMN kept_bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tenant ADD COLUMN kept_bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tenant ADD COLUMN kept_mib INTEGER NOT NULL DEFAULT 256;
CREATE TRIGGER execution_kept_inserted AFTER INSERT ON execution BEGIN
    UPDATE tenant SET kept_bytes = kept_bytes + NEW.kept_bytes WHERE id = NEW.tenant;
END;
CREATE TRIGGER execution_kept_updated AFTER UPDATE OF kept_bytes ON execution BEGIN
    UPDATE tenant SET kept_bytes = kept_bytes + NEW.kept_bytes - OLD.kept_bytes WHERE id = NEW.tenant;
END;
CREATE TRIGGER execution_kept_deleted AFTER DELETE ON execution BEGIN
    UPDATE tenant SET kept_bytes = kept_bytes - OLD.kept_bytes WHERE id = OLD.tenant;
END;
UPDATE execution SET kept_bytes = coalesce(length(sealed_result), 0) + coalesce(length(sealed_request), 0);
-- The oldest of a tenant first, and the oldest of all.
CREATE INDEX execution_kept ON execution (tenant) WHERE kept_bytes > 0;
CREATE INDEX execution_kept_by_time ON execution (began_at_running) WHERE kept_bytes > 0;
CREATE INDEX execution_by_time ON execution (began_at_running);
";

/// What a component said is in its report. Those of components that may not run are made anew when they are uploaded again.
const SEALED_REPORTS: &str = "
DELETE FROM component WHERE state = 'refused';
UPDATE component SET report = NULL;
ALTER TABLE component DROP COLUMN report;
ALTER TABLE component ADD COLUMN sealed_report BLOB;
";

/// *Sealed* is the word for tokens that components do not see. The guards of the columns ([`guard`](crate::vault::guard)) are made anew.
pub(super) const ENCRYPTED_COLUMNS: &str = "
DROP INDEX IF EXISTS connection_sealed_client_secret_key;
DROP TRIGGER IF EXISTS connection_sealed_client_secret_inserted;
DROP TRIGGER IF EXISTS connection_sealed_client_secret_updated;
DROP INDEX IF EXISTS connection_sealed_access_token_key;
DROP TRIGGER IF EXISTS connection_sealed_access_token_inserted;
DROP TRIGGER IF EXISTS connection_sealed_access_token_updated;
DROP INDEX IF EXISTS connection_sealed_refresh_token_key;
DROP TRIGGER IF EXISTS connection_sealed_refresh_token_inserted;
DROP TRIGGER IF EXISTS connection_sealed_refresh_token_updated;
DROP INDEX IF EXISTS authorization_sealed_pending_key;
DROP TRIGGER IF EXISTS authorization_sealed_pending_inserted;
DROP TRIGGER IF EXISTS authorization_sealed_pending_updated;
DROP INDEX IF EXISTS execution_sealed_result_key;
DROP TRIGGER IF EXISTS execution_sealed_result_inserted;
DROP TRIGGER IF EXISTS execution_sealed_result_updated;
DROP INDEX IF EXISTS execution_sealed_request_key;
DROP TRIGGER IF EXISTS execution_sealed_request_inserted;
DROP TRIGGER IF EXISTS execution_sealed_request_updated;
DROP INDEX IF EXISTS execution_piece_sealed_piece_key;
DROP TRIGGER IF EXISTS execution_piece_sealed_piece_inserted;
DROP TRIGGER IF EXISTS execution_piece_sealed_piece_updated;
DROP INDEX IF EXISTS component_sealed_report_key;
DROP TRIGGER IF EXISTS component_sealed_report_inserted;
DROP TRIGGER IF EXISTS component_sealed_report_updated;
ALTER TABLE connection RENAME COLUMN sealed_client_secret TO encrypted_client_secret;
ALTER TABLE connection RENAME COLUMN sealed_access_token TO encrypted_access_token;
ALTER TABLE connection RENAME COLUMN sealed_refresh_token TO encrypted_refresh_token;
ALTER TABLE authorization RENAME COLUMN sealed_pending TO encrypted_pending;
ALTER TABLE execution RENAME COLUMN sealed_result TO encrypted_result;
ALTER TABLE execution RENAME COLUMN sealed_request TO encrypted_request;
ALTER TABLE execution_piece RENAME COLUMN sealed_piece TO encrypted_piece;
ALTER TABLE component RENAME COLUMN sealed_report TO encrypted_report;
DROP INDEX vault_key_one_each;
UPDATE vault_key SET state = 'encrypting' WHERE state = 'sealing';
CREATE UNIQUE INDEX vault_key_one_each ON vault_key (state) WHERE state IN ('opening', 'encrypting');
";

/// Whether a tenant's agents may write, beside reading.
const AGENTS: &str = "
ALTER TABLE tenant ADD COLUMN agents_write INTEGER NOT NULL DEFAULT 0;
";

/// Whether executions may call Apex REST with a connection.
const APEX_REST: &str = "
ALTER TABLE connection ADD COLUMN apex_rest INTEGER NOT NULL DEFAULT 0;
";

/// Executions whose jobs Salesforce runs by itself, and the jobs.
const BULK: &str = "
CREATE TABLE bulk (
    execution TEXT PRIMARY KEY REFERENCES execution (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    -- Whether Salesforce has all of the data.
    sent_all INTEGER NOT NULL
) STRICT;
CREATE TABLE bulk_job (
    execution TEXT NOT NULL REFERENCES bulk (execution) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    -- Salesforce's id.
    job TEXT NOT NULL,
    state TEXT NOT NULL,
    -- Rows: given to Salesforce; read or tried; of those not saved.
    sent INTEGER NOT NULL,
    processed INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    PRIMARY KEY (execution, number)
) STRICT;
";

/// What the log is filtered by. Each index ends with the rowid, the order of the log.
const LOG_FILTERS: &str = "
CREATE INDEX execution_by_action ON execution (tenant, action);
CREATE INDEX execution_by_start ON execution (tenant, started_at);
CREATE INDEX execution_by_error ON execution (tenant, error_kind) WHERE error_kind IS NOT NULL;
CREATE INDEX execution_with_error ON execution (tenant) WHERE error_kind IS NOT NULL;
";

/// Where tenants are told what needs somebody, and what waits to be told.
const WEBHOOKS: &str = "
CREATE TABLE webhook (
    tenant TEXT PRIMARY KEY REFERENCES tenant (id),
    -- Counts the URLs and secrets: what one receiver says is not said of the next.
    version INTEGER NOT NULL,
    encrypted_url BLOB NOT NULL,
    encrypted_secret BLOB NOT NULL,
    allowance_percent INTEGER NOT NULL,
    -- Events that were given up.
    dropped INTEGER NOT NULL DEFAULT 0,
    disabled_at INTEGER,
    -- Until when an attempt has its turn; and when the last one began, whose turn is next.
    held_until INTEGER,
    turn_at INTEGER,
    tested_at INTEGER,
    last_at INTEGER,
    last_type TEXT,
    last_status INTEGER,
    last_failure TEXT,
    created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE webhook_event (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    tenant TEXT NOT NULL REFERENCES webhook (tenant) ON DELETE CASCADE,
    type TEXT NOT NULL,
    body TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_at INTEGER NOT NULL
) STRICT;
CREATE INDEX webhook_event_by_tenant ON webhook_event (tenant, number);
CREATE INDEX webhook_event_by_time ON webhook_event (tenant, next_at);
-- The used percent of its allowance of which the tenant was told, until it falls.
ALTER TABLE connection ADD COLUMN allowance_told INTEGER;
";
