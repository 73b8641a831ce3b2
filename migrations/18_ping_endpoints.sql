-- Endpoints of pings that let nothing through at present.
CREATE TABLE ping_endpoints (
  endpoint TEXT PRIMARY KEY,
  failing INTEGER NOT NULL,    -- since when
  failures INTEGER NOT NULL,   -- tries since then
  latest INTEGER NOT NULL,     -- the last of them
  next_try INTEGER             -- nothing is sent there before
) STRICT;

-- What IndexNow was told of each article.
CREATE TABLE indexed (
  article TEXT PRIMARY KEY,
  url TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
