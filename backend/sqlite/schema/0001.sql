CREATE TABLE settings (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    value TEXT NOT NULL
);

CREATE TABLE projects (
    id    TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE sessions (
    id           TEXT PRIMARY KEY,
    project      TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    cursor_epoch TEXT NOT NULL,
    cursor_seq   INTEGER NOT NULL,
    value        TEXT NOT NULL
);

CREATE TABLE choices (
    session TEXT PRIMARY KEY,
    value   TEXT NOT NULL
);

CREATE TABLE items (
    session TEXT NOT NULL,
    seq     INTEGER NOT NULL,
    id      TEXT NOT NULL,
    rev     INTEGER NOT NULL,
    kind    TEXT NOT NULL,
    turn    INTEGER NOT NULL,
    parent  TEXT NOT NULL,
    at      INTEGER NOT NULL,
    done_at INTEGER NOT NULL,
    size    INTEGER NOT NULL,
    details TEXT NOT NULL,
    text    TEXT NOT NULL,
    UNIQUE (session, seq),
    UNIQUE (session, id)
);

CREATE INDEX items_rev ON items (session, rev);

CREATE INDEX items_open ON items (session) WHERE done_at = 0;

CREATE TABLE connections (
    id      INTEGER PRIMARY KEY,
    session TEXT NOT NULL,
    value   TEXT NOT NULL
);

CREATE INDEX connections_session ON connections (session, id);
