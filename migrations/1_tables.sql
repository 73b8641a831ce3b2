-- One migrations folder for both databases, in SQLite's STRICT types (src/store/db.rs says how
-- PostgreSQL reads it). Instants are seconds since 1970. What is NULL has not happened.

-- What the store knows of itself: site_id, created, newest_pass, key_id.
CREATE TABLE facts (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

-- A source that has been read once. What a later one brings in its first pass is baseline.
CREATE TABLE sources (
  name TEXT PRIMARY KEY,
  first_pass INTEGER NOT NULL,
  last_pass INTEGER NOT NULL
) STRICT;

CREATE TABLE articles (
  id TEXT PRIMARY KEY,
  source TEXT NOT NULL,
  path TEXT NOT NULL,
  url TEXT NOT NULL,
  title TEXT NOT NULL,
  document TEXT NOT NULL,      -- the whole Article, JSON
  facets TEXT NOT NULL DEFAULT '{}',  -- its authors and categories, JSON: selections need no more of it
  hash TEXT NOT NULL,          -- of the document: another one is an edit
  likeness TEXT NOT NULL,      -- of the content alone: tells a move from something new
  published INTEGER NOT NULL,  -- as stated, else first_seen: the order in feeds
  first_seen INTEGER NOT NULL,
  changed INTEGER NOT NULL,    -- the last edit we saw
  number INTEGER,              -- the announcement number: given once, never taken away
  announced INTEGER,
  draft INTEGER,               -- since when: draft, baseline, held, seen, removed, failing
  expires INTEGER,
  baseline INTEGER,
  held INTEGER,
  seen INTEGER,
  removed INTEGER,
  failing INTEGER
) STRICT;
CREATE UNIQUE INDEX articles_number ON articles (number) WHERE number IS NOT NULL;
CREATE INDEX articles_source ON articles (source, path);
CREATE INDEX articles_published ON articles (published, id);

-- Nothing numbered at or below the floor is ever mailed by that digest.
CREATE TABLE digests (
  name TEXT PRIMARY KEY,
  floor INTEGER NOT NULL,
  created INTEGER NOT NULL
) STRICT;

-- One digest at one cadence: how far its last edition went, and the last slot that was dealt with.
CREATE TABLE tracks (
  digest TEXT NOT NULL,
  cadence TEXT NOT NULL,
  upto INTEGER,
  slot INTEGER,
  PRIMARY KEY (digest, cadence)
) STRICT;

CREATE TABLE subscribers (
  id INTEGER PRIMARY KEY,
  address TEXT NOT NULL,
  key TEXT NOT NULL UNIQUE,    -- the normalised address
  name TEXT NOT NULL DEFAULT '',
  language TEXT,
  address_state TEXT NOT NULL DEFAULT 'good' CHECK (address_state IN ('good', 'bounced', 'complained')),
  listed_in TEXT,              -- FILE, line N: where the operator listed it; NULL when no longer or never
  created INTEGER NOT NULL
) STRICT;

-- A person's standing with one digest. All numbered at or below the cursor is settled for them.
CREATE TABLE subscriptions (
  subscriber INTEGER NOT NULL REFERENCES subscribers (id),
  digest TEXT NOT NULL,
  standing TEXT NOT NULL CHECK (standing IN ('pending', 'active', 'paused', 'unsubscribed')),
  cadence TEXT NOT NULL DEFAULT 'default',
  topics TEXT NOT NULL DEFAULT '',
  language TEXT NOT NULL DEFAULT '',
  cursor INTEGER NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (subscriber, digest)
) STRICT;
CREATE INDEX subscriptions_track ON subscriptions (digest, cadence, subscriber) WHERE standing = 'active';

-- Append-only: why somebody gets mail, and why no longer.
CREATE TABLE consents (
  id INTEGER PRIMARY KEY,
  subscriber INTEGER NOT NULL,
  digest TEXT NOT NULL,
  at INTEGER NOT NULL,
  event TEXT NOT NULL,
  wording TEXT NOT NULL,
  ip TEXT
) STRICT;

-- Never mailed again, even where the subscriber is forgotten: the keyed HMAC of the address.
CREATE TABLE suppressions (
  hash TEXT PRIMARY KEY,
  reason TEXT NOT NULL,
  since INTEGER NOT NULL
) STRICT;

CREATE TABLE editions (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,   -- as shown: weekly/2026-11-30T07:00Z, weekly/now/1
  digest TEXT NOT NULL,
  cadence TEXT NOT NULL,
  slot INTEGER,
  number INTEGER,              -- counted by digest when the edition starts
  state TEXT NOT NULL DEFAULT 'planned'
    CHECK (state IN ('planned', 'filling', 'sending', 'done', 'dropped', 'skipped')),
  reason TEXT,                 -- why it was skipped
  upto INTEGER NOT NULL,
  planned INTEGER NOT NULL,
  starts INTEGER NOT NULL,
  started INTEGER,
  finished INTEGER,
  filled_to INTEGER NOT NULL DEFAULT 0,  -- the last subscriber the fill has passed
  held INTEGER,
  hold_reason TEXT,
  hold_code TEXT,              -- rendering: tried again at each pass; any other waits for the operator
  UNIQUE (digest, cadence, slot)
) STRICT;
CREATE INDEX editions_open ON editions (digest, cadence) WHERE finished IS NULL;

-- What readers with the same articles and language get, frozen when the edition starts. Mails that
-- are of no edition have one too.
CREATE TABLE variants (
  id INTEGER PRIMARY KEY,
  edition INTEGER,
  key TEXT NOT NULL,
  language TEXT NOT NULL DEFAULT '',
  articles TEXT NOT NULL,      -- JSON: the ids, in the order shown
  message TEXT NOT NULL,       -- JSON: the rendered mail with its holes
  UNIQUE (edition, key)
) STRICT;

-- Readers of an edition who have settled the same: which variant they get, or why none.
CREATE TABLE edition_groups (
  edition INTEGER NOT NULL,
  window_start INTEGER NOT NULL,
  topics TEXT NOT NULL,
  language TEXT NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('mail', 'none', 'few')),
  variant INTEGER,
  cursor INTEGER NOT NULL,     -- where their cursors go
  PRIMARY KEY (edition, window_start, topics, language)
) STRICT;

-- One mail to one reader. A row is in one of three places, and two columns say which: waiting
-- (next_try), claimed (worker), settled (neither). next_try goes by the pass's clock; 0 is a mail
-- that a person waits for, ahead of all bulk.
CREATE TABLE deliveries (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL DEFAULT 'edition'
    CHECK (kind IN ('edition', 'confirm', 'reminder', 'welcome', 'link', 'alert', 'test')),
  edition INTEGER,
  variant INTEGER NOT NULL,
  subscriber INTEGER,
  address TEXT,                -- where there is no subscriber
  once TEXT,                   -- what makes a mail of no edition happen once
  state TEXT NOT NULL DEFAULT 'queued'
    CHECK (state IN ('queued', 'sending', 'sent', 'deferred', 'failed', 'suppressed', 'unknown', 'dropped')),
  next_try INTEGER,
  worker TEXT,
  lane INTEGER,
  turn INTEGER,
  attempts INTEGER NOT NULL DEFAULT 0,
  doubts INTEGER NOT NULL DEFAULT 0,
  first_try INTEGER,
  code INTEGER,
  reply TEXT,
  relay TEXT,
  sent_at INTEGER,
  UNIQUE (edition, subscriber)
) STRICT;
CREATE UNIQUE INDEX deliveries_once ON deliveries (once) WHERE once IS NOT NULL;
CREATE INDEX deliveries_waiting ON deliveries (next_try, id) WHERE next_try IS NOT NULL;
-- No index over claimed rows: each delivery would enter and leave it, and only a start after a
-- death asks for them.

-- Who is alive, on PostgreSQL: by the database's clock. (On SQLite a file lock says it.)
CREATE TABLE workers (
  name TEXT PRIMARY KEY,
  leased_until INTEGER NOT NULL
) STRICT;

-- What makes a document new is its content. The instant of its last change is shown in it.
CREATE TABLE feeds (
  path TEXT PRIMARY KEY,
  hash TEXT NOT NULL,
  changed INTEGER NOT NULL
) STRICT;

-- The folder of each category and author, given once and never to another.
CREATE TABLE feed_slugs (
  kind TEXT NOT NULL,
  name TEXT NOT NULL,          -- folded: names that differ only in case are one
  slug TEXT NOT NULL,
  PRIMARY KEY (kind, name),
  UNIQUE (kind, slug)
) STRICT;

CREATE TABLE pings (
  id INTEGER PRIMARY KEY,
  endpoint TEXT NOT NULL,
  kind TEXT NOT NULL,
  change TEXT NOT NULL,        -- names what changed: one ping an endpoint and change
  subjects TEXT NOT NULL,      -- JSON: the URLs it is about
  request TEXT NOT NULL,       -- JSON: what is sent
  state TEXT NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sending', 'done', 'deferred', 'failed')),
  attempts INTEGER NOT NULL DEFAULT 0,
  status INTEGER,
  answer TEXT,
  next_try INTEGER,            -- by the pass's clock; NULL: settled
  leased_until INTEGER,        -- by the database's clock: who is sending it has so long
  created INTEGER NOT NULL,
  finished INTEGER,
  UNIQUE (endpoint, change)
) STRICT;
CREATE INDEX pings_open ON pings (next_try, id) WHERE next_try IS NOT NULL;

-- Failures that a pass has reported: unchanged ones do not fail the next pass.
CREATE TABLE reported (
  fingerprint TEXT PRIMARY KEY,
  problem TEXT NOT NULL,
  first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL
) STRICT;
