-- What the readiness loop keeps: ledgers and their projections, documents, principals, the key registry, filings
-- with their exchanges, the intake queue kept here, notices.
--
-- Rows of entry, registry, exchange and exchange_answer are only ever added; triggers hold direct SQL to it. A
-- BEFORE INSERT trigger goes with each pair, because REPLACE removes a row without its DELETE trigger. What the
-- tables say can be changed by whoever owns the file: hash chains and checkpoints outside it are for that.

-- One row a packet. (seq, hash, at) is its head: a cache of its last entry, and what appends are conditional on.
CREATE TABLE packet (
    id     TEXT PRIMARY KEY,
    opened INTEGER NOT NULL,                   -- "at" of its first entry
    seq    INTEGER NOT NULL CHECK (seq >= 1),
    hash   BLOB NOT NULL CHECK (length(hash) = 32),
    at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER packet_is_never_removed BEFORE DELETE ON packet
BEGIN SELECT raise(ABORT, 'packets are never removed'); END;

-- Entries in the order they were appended, whichever packet's: the key and recorded grow together.
CREATE TABLE entry (
    key      INTEGER PRIMARY KEY,
    packet   TEXT NOT NULL REFERENCES packet (id),
    seq      INTEGER NOT NULL CHECK (seq >= 1),
    hash     BLOB NOT NULL CHECK (length(hash) = 32),  -- the SHA-256 of bytes
    prev     BLOB CHECK (length(prev) = 32),           -- the hash of the entry before; NULL for the first
    at       INTEGER NOT NULL,                         -- what the entry says
    recorded INTEGER NOT NULL UNIQUE,
    bytes    BLOB NOT NULL,                            -- canonical JSON, as it was hashed
    UNIQUE (packet, seq),
    CHECK ((seq = 1) = (prev IS NULL))
) STRICT;

CREATE TRIGGER entry_is_never_changed BEFORE UPDATE ON entry
BEGIN SELECT raise(ABORT, 'ledger entries are never changed'); END;

CREATE TRIGGER entry_is_never_removed BEFORE DELETE ON entry
BEGIN SELECT raise(ABORT, 'ledger entries are never removed'); END;

CREATE TRIGGER entry_follows_the_last BEFORE INSERT ON entry
WHEN EXISTS (SELECT 1 FROM entry WHERE key = NEW.key)
  OR NEW.recorded <= (SELECT max(recorded) FROM entry)
  OR NEW.seq != coalesce((SELECT max(seq) FROM entry WHERE packet = NEW.packet), 0) + 1
  OR NEW.prev IS NOT (SELECT hash FROM entry WHERE packet = NEW.packet AND seq = NEW.seq - 1)
  OR NEW.at < (SELECT at FROM entry WHERE packet = NEW.packet AND seq = NEW.seq - 1)
BEGIN SELECT raise(ABORT, 'a ledger entry follows the last one of its packet'); END;

-- The fold of a packet's ledger through (seq, hash), for listings. It can be thrown away and made again.
CREATE TABLE projection (
    packet  TEXT PRIMARY KEY REFERENCES packet (id),
    seq     INTEGER NOT NULL,
    hash    BLOB NOT NULL CHECK (length(hash) = 32),
    title   TEXT NOT NULL,
    state   TEXT NOT NULL,
    author  TEXT NOT NULL,
    owner   TEXT NOT NULL,
    system  TEXT NOT NULL,
    expires INTEGER,
    summary TEXT NOT NULL CHECK (json_valid(summary)),
    words   TEXT NOT NULL                      -- title, author, owner and system in lower case
) STRICT, WITHOUT ROWID;

CREATE INDEX projection_by_state ON projection (state, packet);
CREATE INDEX projection_by_author ON projection (author, packet);
CREATE INDEX projection_by_owner ON projection (owner, packet);

-- Documents that entries name by digest. Their bytes are blobs.
CREATE TABLE document (
    kind     TEXT NOT NULL CHECK (kind IN ('board-policy', 'subject-map')),
    digest   BLOB NOT NULL CHECK (length(digest) = 32),
    recorded INTEGER NOT NULL UNIQUE,          -- when it came first
    PRIMARY KEY (kind, digest)
) STRICT, WITHOUT ROWID;

-- Who may call. A revoked one stays, so that nobody else is ever taken for it.
CREATE TABLE principal (
    id      TEXT PRIMARY KEY,
    kind    TEXT NOT NULL,
    role    TEXT NOT NULL,
    token   BLOB UNIQUE CHECK (length(token) = 32),    -- SHA-256 of the bearer token, if it has one
    added   INTEGER NOT NULL UNIQUE,
    revoked INTEGER UNIQUE
) STRICT, WITHOUT ROWID;

CREATE TRIGGER principal_is_never_removed BEFORE DELETE ON principal
BEGIN SELECT raise(ABORT, 'principals are revoked, never removed'); END;

CREATE TRIGGER principal_is_only_revoked BEFORE UPDATE ON principal
WHEN OLD.revoked IS NOT NULL
  OR (OLD.id, OLD.kind, OLD.role, OLD.token, OLD.added) IS NOT (NEW.id, NEW.kind, NEW.role, NEW.token, NEW.added)
BEGIN SELECT raise(ABORT, 'a principal is revoked once and otherwise never changed'); END;

CREATE TRIGGER principal_is_never_replaced BEFORE INSERT ON principal
WHEN EXISTS (SELECT 1 FROM principal WHERE id = NEW.id OR token = NEW.token)
BEGIN SELECT raise(ABORT, 'the id or token of a principal is never given to another'); END;

-- Enrolments and revocations of human keys: one hash chain.
CREATE TABLE registry (
    seq      INTEGER PRIMARY KEY CHECK (seq >= 1),
    hash     BLOB NOT NULL CHECK (length(hash) = 32),
    prev     BLOB CHECK (length(prev) = 32),
    recorded INTEGER NOT NULL UNIQUE,
    bytes    BLOB NOT NULL,
    CHECK ((seq = 1) = (prev IS NULL))
) STRICT;

CREATE TRIGGER registry_is_never_changed BEFORE UPDATE ON registry
BEGIN SELECT raise(ABORT, 'entries of the key registry are never changed'); END;

CREATE TRIGGER registry_is_never_removed BEFORE DELETE ON registry
BEGIN SELECT raise(ABORT, 'entries of the key registry are never removed'); END;

CREATE TRIGGER registry_follows_the_last BEFORE INSERT ON registry
WHEN NEW.recorded <= (SELECT max(recorded) FROM registry)
  OR NEW.seq != coalesce((SELECT max(seq) FROM registry), 0) + 1
  OR NEW.prev IS NOT (SELECT hash FROM registry WHERE seq = NEW.seq - 1)
BEGIN SELECT raise(ABORT, 'an entry of the key registry follows the last one'); END;

-- The outbox to the board's intake: one row for each packet-handed-off entry.
CREATE TABLE filing (
    submission   TEXT PRIMARY KEY,
    packet       TEXT NOT NULL,
    seq          INTEGER NOT NULL,
    intake       TEXT NOT NULL,
    package      BLOB NOT NULL CHECK (length(package) = 32),
    state        TEXT NOT NULL CHECK (state IN ('waiting', 'asked', 'unknown', 'received', 'refused', 'needs-human')),
    attempts     INTEGER NOT NULL DEFAULT 0,
    next_attempt INTEGER,                      -- NULL when nothing is to be done
    problem      TEXT,
    receipt      TEXT CHECK (receipt IS NULL OR json_valid(receipt)),
    recorded     INTEGER NOT NULL,
    epoch        INTEGER NOT NULL DEFAULT 0,
    owner        TEXT,                         -- owner and lease_until: the lease, while somebody works on it
    lease_until  INTEGER,
    UNIQUE (packet, seq),
    CHECK ((owner IS NULL) = (lease_until IS NULL)),
    FOREIGN KEY (packet, seq) REFERENCES entry (packet, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX filing_by_next ON filing (next_attempt) WHERE next_attempt IS NOT NULL;

-- What an intake was asked on behalf of a filing, written before it is asked.
CREATE TABLE exchange (
    submission TEXT NOT NULL REFERENCES filing (submission),
    ordinal    INTEGER NOT NULL CHECK (ordinal >= 1),
    call       TEXT NOT NULL CHECK (call IN ('submit', 'status')),
    request    BLOB NOT NULL,
    recorded   INTEGER NOT NULL UNIQUE,
    PRIMARY KEY (submission, ordinal)
) STRICT;

CREATE TRIGGER exchange_is_never_changed BEFORE UPDATE ON exchange
BEGIN SELECT raise(ABORT, 'exchanges are never changed'); END;

CREATE TRIGGER exchange_is_never_removed BEFORE DELETE ON exchange
BEGIN SELECT raise(ABORT, 'exchanges are never removed'); END;

CREATE TRIGGER exchange_follows_the_last BEFORE INSERT ON exchange
WHEN NEW.recorded <= (SELECT max(recorded) FROM exchange)
  OR EXISTS (SELECT 1 FROM exchange WHERE rowid = NEW.rowid)
  OR NEW.ordinal != coalesce((SELECT max(ordinal) FROM exchange WHERE submission = NEW.submission), 0) + 1
BEGIN SELECT raise(ABORT, 'an exchange follows the last one of its filing'); END;

-- What it answered. An exchange without a row here was asked, and nobody knows with what effect.
CREATE TABLE exchange_answer (
    submission TEXT NOT NULL,
    ordinal    INTEGER NOT NULL,
    answer     BLOB NOT NULL,
    recorded   INTEGER NOT NULL UNIQUE,
    PRIMARY KEY (submission, ordinal),
    FOREIGN KEY (submission, ordinal) REFERENCES exchange (submission, ordinal)
) STRICT;

CREATE TRIGGER exchange_answer_is_never_changed BEFORE UPDATE ON exchange_answer
BEGIN SELECT raise(ABORT, 'answers are never changed'); END;

CREATE TRIGGER exchange_answer_is_never_removed BEFORE DELETE ON exchange_answer
BEGIN SELECT raise(ABORT, 'answers are never removed'); END;

CREATE TRIGGER exchange_answer_is_the_first BEFORE INSERT ON exchange_answer
WHEN NEW.recorded <= (SELECT max(recorded) FROM exchange_answer)
  OR EXISTS (SELECT 1 FROM exchange_answer
             WHERE rowid = NEW.rowid OR (submission = NEW.submission AND ordinal = NEW.ordinal))
BEGIN SELECT raise(ABORT, 'an exchange is answered once'); END;

-- The intake of a board that works with this host: what it received, and what it made of it. It may come from
-- another host, so the packet need not be one of this database.
CREATE TABLE queue (
    submission TEXT PRIMARY KEY,
    packet     TEXT NOT NULL,
    seq        INTEGER NOT NULL,
    title      TEXT NOT NULL,
    package    BLOB NOT NULL CHECK (length(package) = 32),
    received   INTEGER NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('received', 'accepted', 'bounced', 'decided')),
    reasons    TEXT NOT NULL CHECK (json_valid(reasons)),
    decision   TEXT,
    decided_by TEXT,
    changed    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX queue_by_state ON queue (state, submission);

-- What people are to be told by the outgoing webhook, once for each cause.
CREATE TABLE notice (
    id           TEXT PRIMARY KEY,
    packet       TEXT NOT NULL REFERENCES packet (id),
    cause        TEXT NOT NULL UNIQUE,
    kind         TEXT NOT NULL,
    body         TEXT NOT NULL CHECK (json_valid(body)),
    created      INTEGER NOT NULL,
    delivered    INTEGER,
    attempts     INTEGER NOT NULL DEFAULT 0,
    next_attempt INTEGER,                      -- NULL when it was delivered or given up
    problem      TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX notice_by_next ON notice (next_attempt) WHERE delivered IS NULL AND next_attempt IS NOT NULL;

-- Whether a revision is an immediate exposure: 0 or 1. It is in the item, which SQL cannot read where it is
-- compressed; rows from before this column are filled in when the store is opened.
ALTER TABLE revision ADD COLUMN exposure INTEGER CHECK (exposure IN (0, 1));

CREATE INDEX revision_exposed ON revision (evidence) WHERE exposure = 1;
CREATE INDEX revision_exposure_unread ON revision (key) WHERE exposure IS NULL;

-- The latest run of a stream, and runs in the order they ended for the feed of changes.
CREATE INDEX run_by_began ON run (connection, began);
CREATE INDEX run_by_ended ON run (ended) WHERE ended IS NOT NULL;
