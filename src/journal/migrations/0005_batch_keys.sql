-- Which keys belong to a reservation: those that batches made or found for it, and the keys that replaced them.
ALTER TABLE batch_already ADD COLUMN reservation TEXT; -- a hash of the stay's number, as in batch_rows
CREATE INDEX batch_already_reservation ON batch_already (reservation) WHERE reservation IS NOT NULL;

-- An update makes a new key and takes the old one away. The new one is what the operation's steps made.
CREATE TABLE key_changes (
    acs_credential_id TEXT NOT NULL,   -- the key as it was
    operation         TEXT NOT NULL REFERENCES operations (id),
    PRIMARY KEY (acs_credential_id, operation)
) WITHOUT ROWID;

-- Fingerprints of rows: version 2 is written from here on (see src/batch/fingerprint.rs). Rows of version 1 keep
-- theirs: a hash cannot be computed again without the file, so both are compared.
