-- One row for each connection to an org.
--
-- The columns of type bytea are sealed by the program (src/seal.rs) before they come here. The key belongs in a secret
-- manager, never in this database: whoever reads the table, a backup, a replica or the log of statements gets no token.
CREATE TABLE salesforce_connection (
    id            text PRIMARY KEY,
    -- Names the advisory lock that is the lease.
    number        integer GENERATED ALWAYS AS IDENTITY UNIQUE,
    login_url     text NOT NULL,
    client_id     text NOT NULL,
    client_secret bytea,
    instance_url  text NOT NULL,
    access_token  bytea,
    refresh_token bytea,
    api_version   text,
    -- Which token set this is. Drawn from a sequence: no number comes twice, not even for a row that was deleted and made again.
    revision      bigint GENERATED ALWAYS AS IDENTITY,
    -- A refresh of this revision was begun and has not been settled.
    refresh_begun boolean NOT NULL DEFAULT false,
    -- Why the connection needs its user; its tokens are gone then.
    ended         text CHECK (ended IN ('refused', 'answer-lost', 'no-refresh-token')),
    CHECK (ended IS NOT NULL OR access_token IS NOT NULL)
);
