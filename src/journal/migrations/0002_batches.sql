-- Files of many rows. A row stands here from the moment its operation begins; what a guest is called does not.
CREATE TABLE batches (
    id          TEXT PRIMARY KEY,      -- UUID v7: sorts by time
    source      TEXT NOT NULL,         -- the file's path, or - for standard input
    content     TEXT NOT NULL,         -- a hash of what the rows say: another file of the same name is noticed
    system_id   TEXT NOT NULL,
    rows        INTEGER NOT NULL,
    started_at  TEXT NOT NULL,
    ended_at    TEXT                   -- when its last row had ended; NULL: it stopped on the way
);
CREATE INDEX batches_content ON batches (system_id, content);
CREATE INDEX batches_source ON batches (system_id, source);

CREATE TABLE batch_rows (
    batch       TEXT NOT NULL REFERENCES batches (id),
    fingerprint TEXT NOT NULL,         -- a hash of what the row says
    operation   TEXT NOT NULL REFERENCES operations (id),
    reservation TEXT,                  -- a hash of the stay's number: whose keys are meant when it ends
    step        INTEGER,               -- the step that makes the row's key
    until       TEXT,                  -- the key's end
    PRIMARY KEY (batch, fingerprint, operation)
) WITHOUT ROWID;
CREATE INDEX batch_rows_reservation ON batch_rows (reservation) WHERE reservation IS NOT NULL;
