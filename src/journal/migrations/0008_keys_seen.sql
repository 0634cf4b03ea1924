-- The keys that an operation read before its first request. If a create's answer was lost, such a key is not the one
-- that the create made.
CREATE TABLE keys_seen (
    acs_credential_id TEXT NOT NULL,
    operation         TEXT NOT NULL REFERENCES operations (id),
    PRIMARY KEY (acs_credential_id, operation)
) WITHOUT ROWID;
CREATE INDEX keys_seen_operation ON keys_seen (operation);
