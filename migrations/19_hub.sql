-- Who is told of a document when it changes. What was delivered last tells whether there is something to
-- deliver: there is no queue beside it.
CREATE TABLE hub_subscriptions (
  id INTEGER PRIMARY KEY,
  protocol TEXT NOT NULL CHECK (protocol IN ('websub', 'rsscloud')),
  path TEXT NOT NULL,          -- of the document, as in feeds
  topic TEXT NOT NULL,         -- its URL, as the subscriber has it
  callback TEXT NOT NULL,
  host TEXT NOT NULL,          -- of the callback, with its port
  secret TEXT,
  expires INTEGER NOT NULL,
  told TEXT NOT NULL,          -- the version that was delivered last
  body TEXT,                   -- the hash of its bytes
  attempts INTEGER NOT NULL DEFAULT 0,   -- since then
  next_try INTEGER NOT NULL DEFAULT 0,
  leased_until INTEGER,        -- by the database's clock: who delivers has so long
  answer TEXT,
  UNIQUE (protocol, path, callback)
) STRICT;
CREATE INDEX hub_subscriptions_host ON hub_subscriptions (host);

-- What was asked of the hub and not been verified yet, one for each subscription that there may be.
CREATE TABLE hub_requests (
  id INTEGER PRIMARY KEY,
  protocol TEXT NOT NULL CHECK (protocol IN ('websub', 'rsscloud')),
  mode TEXT NOT NULL CHECK (mode IN ('subscribe', 'unsubscribe', 'trial', 'denied')),
  path TEXT NOT NULL,
  topic TEXT NOT NULL,
  callback TEXT NOT NULL,
  host TEXT NOT NULL,
  secret TEXT,
  lease INTEGER NOT NULL,      -- seconds
  attempts INTEGER NOT NULL DEFAULT 0,
  next_try INTEGER NOT NULL,
  leased_until INTEGER,
  created INTEGER NOT NULL,
  UNIQUE (protocol, path, callback)
) STRICT;
