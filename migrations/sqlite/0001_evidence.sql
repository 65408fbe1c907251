-- What collection keeps: components, connections, runs, pages, evidence.
--
-- Times are INTEGER microseconds since 1970 UTC. "recorded", "began" and "ended" are database time
-- (table clock) and strictly increase over the whole database; "instant" and "started" are what the
-- host's clock said. Digests are the 32 bytes of a SHA-256. Values with a shape of their own are JSON.
-- Integer keys stay inside the database; ids are what the product shows.

-- Database time: the last instant given to a write. One row.
CREATE TABLE clock (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    recorded INTEGER NOT NULL
) STRICT;

INSERT INTO clock (one, recorded) VALUES (1, 0);

CREATE TABLE component (
    digest   BLOB PRIMARY KEY CHECK (length(digest) = 32),
    size     INTEGER NOT NULL CHECK (size >= 0),
    manifest TEXT NOT NULL,
    recorded INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE connection (
    key      INTEGER PRIMARY KEY,
    id       TEXT NOT NULL UNIQUE,
    name     TEXT NOT NULL UNIQUE,
    recorded INTEGER NOT NULL
) STRICT;

-- Every name a connection ever had, so that history answers with the name of its time.
CREATE TABLE connection_name (
    connection INTEGER NOT NULL REFERENCES connection (key),
    since      INTEGER NOT NULL,
    name       TEXT NOT NULL,
    PRIMARY KEY (connection, since)
) STRICT, WITHOUT ROWID;

CREATE TABLE run (
    id          TEXT PRIMARY KEY,
    connection  INTEGER NOT NULL REFERENCES connection (key),
    component   BLOB NOT NULL REFERENCES component (digest),
    started_by  TEXT NOT NULL,
    config      TEXT NOT NULL,
    seed        INTEGER NOT NULL,              -- the bits of an unsigned 64-bit number
    state       TEXT NOT NULL CHECK (state IN ('running', 'complete', 'incomplete', 'failed')),
    started     INTEGER NOT NULL,
    began       INTEGER NOT NULL UNIQUE,
    ended       INTEGER,
    epoch       INTEGER NOT NULL CHECK (epoch >= 1),
    owner       TEXT,                          -- owner and lease_until: the lease, until the run ends
    lease_until INTEGER,
    CHECK ((state = 'running') = (ended IS NULL)),
    CHECK ((state = 'running') = (owner IS NOT NULL)),
    CHECK ((owner IS NULL) = (lease_until IS NULL))
) STRICT, WITHOUT ROWID;

-- At most one open run a connection.
CREATE UNIQUE INDEX run_one_open ON run (connection) WHERE state = 'running';
CREATE INDEX run_by_connection ON run (connection, id);

CREATE TABLE run_stream (
    run           TEXT NOT NULL REFERENCES run (id),
    stream        TEXT NOT NULL,
    ordinal       INTEGER NOT NULL,
    mode          TEXT NOT NULL CHECK (mode IN ('full', 'incremental')),
    state         TEXT NOT NULL CHECK (state IN ('running', 'complete', 'incomplete', 'failed')),
    cursor        TEXT,
    bookmark      TEXT,
    pages         INTEGER NOT NULL DEFAULT 0,
    items         INTEGER NOT NULL DEFAULT 0,
    new_evidence  INTEGER NOT NULL DEFAULT 0,
    new_revisions INTEGER NOT NULL DEFAULT 0,
    gaps          INTEGER NOT NULL DEFAULT 0,
    failure       TEXT,
    ended         INTEGER,
    PRIMARY KEY (run, stream),
    UNIQUE (run, ordinal),
    CHECK ((state = 'running') = (ended IS NULL))
) STRICT, WITHOUT ROWID;

-- Streams read to their end, by connection: bookmarks and absence are looked up here.
CREATE TABLE stream_complete (
    connection INTEGER NOT NULL REFERENCES connection (key),
    stream     TEXT NOT NULL,
    mode       TEXT NOT NULL CHECK (mode IN ('full', 'incremental')),
    ended      INTEGER NOT NULL,
    began      INTEGER NOT NULL,
    examined   INTEGER NOT NULL,               -- items it returned
    run        TEXT NOT NULL,
    PRIMARY KEY (connection, stream, mode, ended),
    UNIQUE (run, stream),
    FOREIGN KEY (run, stream) REFERENCES run_stream (run, stream)
) STRICT, WITHOUT ROWID;

-- Pages in the order of their commits: the key and recorded grow together.
CREATE TABLE page (
    key            INTEGER PRIMARY KEY,
    run            TEXT NOT NULL,
    stream         TEXT NOT NULL,
    number         INTEGER NOT NULL CHECK (number >= 1),
    instant        INTEGER NOT NULL,
    recorded       INTEGER NOT NULL UNIQUE,
    next_cursor    TEXT,                       -- NULL when it was the last page
    bookmark       TEXT,
    journal_digest BLOB NOT NULL CHECK (length(journal_digest) = 32),
    journal        BLOB NOT NULL,              -- JSON, as it is or zstd where that is shorter
    UNIQUE (run, stream, number),
    FOREIGN KEY (run, stream) REFERENCES run_stream (run, stream)
) STRICT;

CREATE TABLE gap (
    page    INTEGER NOT NULL REFERENCES page (key),
    ordinal INTEGER NOT NULL,
    gap     TEXT NOT NULL,
    PRIMARY KEY (page, ordinal)
) STRICT, WITHOUT ROWID;

-- Captured bytes are blobs; here is what they are.
CREATE TABLE capture (
    digest     BLOB PRIMARY KEY CHECK (length(digest) = 32),
    size       INTEGER NOT NULL CHECK (size >= 0),
    media_type TEXT
) STRICT, WITHOUT ROWID;

-- One row for each piece of evidence. "latest" (a key of revision) and "last_page" are caches of revision and
-- sighting. "latest" is no foreign key: it would have to be deferred, and SQLite then scans this table for
-- every revision that is inserted.
CREATE TABLE evidence (
    key        INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,
    connection INTEGER NOT NULL REFERENCES connection (key),
    stream     TEXT NOT NULL,
    kind       TEXT NOT NULL,
    item_id    TEXT NOT NULL,
    latest     INTEGER NOT NULL,
    last_page  INTEGER NOT NULL REFERENCES page (key),
    UNIQUE (connection, stream, kind, item_id)
) STRICT;

CREATE INDEX evidence_by_kind ON evidence (kind, id);
CREATE INDEX evidence_by_stream ON evidence (connection, stream, id);

CREATE TABLE revision (
    key         INTEGER PRIMARY KEY,
    evidence    INTEGER NOT NULL REFERENCES evidence (key),
    number      INTEGER NOT NULL CHECK (number >= 1),
    page        INTEGER NOT NULL REFERENCES page (key),
    content     BLOB NOT NULL CHECK (length(content) = 32),
    state       TEXT,
    source_time INTEGER,
    expires     INTEGER,
    cited       TEXT NOT NULL,                 -- where it was first seen
    item        BLOB NOT NULL,                 -- JSON, as it is or zstd where that is shorter
    UNIQUE (evidence, number)
) STRICT;

CREATE TABLE revision_subject (
    subject  TEXT NOT NULL,
    revision INTEGER NOT NULL REFERENCES revision (key),
    PRIMARY KEY (subject, revision)
) STRICT, WITHOUT ROWID;

-- Words of every revision; rowid is the revision's key. Only the index is kept: the text is in the item.
CREATE VIRTUAL TABLE revision_text USING fts5 (
    title, summary, item_id,
    content = '', tokenize = 'unicode61 remove_diacritics 2'
);

-- The page manifest: who was seen in a page, in order. Append-only.
CREATE TABLE sighting (
    page     INTEGER NOT NULL REFERENCES page (key),
    ordinal  INTEGER NOT NULL,
    evidence INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    item     BLOB NOT NULL CHECK (length(item) = 32),
    cited    TEXT,                             -- NULL when it is the same as the revision's
    PRIMARY KEY (page, ordinal),
    FOREIGN KEY (evidence, revision) REFERENCES revision (evidence, number)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX sighting_by_evidence ON sighting (evidence, page);
