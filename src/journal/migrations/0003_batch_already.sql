-- Rows of a batch that were so already when their turn came, so that no operation stands for them. A row of a
-- chain that found nothing to do must not find, the next time, what the rows after it have made.
CREATE TABLE batch_already (
    batch             TEXT NOT NULL REFERENCES batches (id),
    fingerprint       TEXT NOT NULL,   -- a hash of what the row says
    acs_credential_id TEXT,            -- the key that was there
    until             TEXT,            -- its end
    PRIMARY KEY (batch, fingerprint)
) WITHOUT ROWID;
