-- What was meant, how far it came, and by whom. Instants are RFC 3339 in UTC.
CREATE TABLE operations (
    id          TEXT PRIMARY KEY,      -- UUID v7: sorts by time
    command     TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    system_id   TEXT NOT NULL,
    rooms       TEXT NOT NULL,         -- names, a JSON array
    plan        TEXT,                  -- JSON; erased when the operation ends, because it names guests
    open        INTEGER NOT NULL,      -- 1 until it is known to have ended
    outcome     TEXT,
    started_at  TEXT NOT NULL,
    ended_at    TEXT,
    operator    TEXT NOT NULL,
    workstation TEXT NOT NULL,
    process     TEXT                   -- whose lock file tells whether somebody is at it
);
CREATE INDEX operations_open ON operations (open) WHERE open = 1;

CREATE TABLE steps (
    operation          TEXT NOT NULL REFERENCES operations (id),
    step               INTEGER NOT NULL,
    name               TEXT NOT NULL,
    call               TEXT NOT NULL,
    status             TEXT NOT NULL,
    acs_credential_id  TEXT,
    acs_user_id        TEXT,
    user_identity_id   TEXT,
    request_id         TEXT,
    error              TEXT,           -- erased when the operation ends: a server may echo a guest's name
    at                 TEXT,
    PRIMARY KEY (operation, step)
) WITHOUT ROWID;

-- What an operation is about. While the operation is open this is its claim.
CREATE TABLE subjects (
    kind      TEXT NOT NULL,           -- room, guest, email (the last erased when the operation ends)
    subject   TEXT NOT NULL,
    operation TEXT NOT NULL REFERENCES operations (id),
    PRIMARY KEY (kind, subject, operation)
) WITHOUT ROWID;
CREATE INDEX subjects_operation ON subjects (operation);
