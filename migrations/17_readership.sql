-- What stood in a version of a document that somebody got who asks for changes alone: each item's mark.
CREATE TABLE feed_versions (
  path TEXT NOT NULL,
  tag TEXT NOT NULL,           -- of its entity tag
  kept INTEGER NOT NULL,        -- when it was given out first, in seconds
  marks TEXT NOT NULL,         -- with spaces between them
  PRIMARY KEY (path, tag)
) STRICT;

-- Who read a document on a day.
CREATE TABLE feed_readers (
  path TEXT NOT NULL,
  day INTEGER NOT NULL,         -- since 1970, UTC
  service TEXT NOT NULL,       -- that fetches for many; empty: those who fetch themselves
  feed_id TEXT NOT NULL,       -- what the service calls the document, where it has several names for it
  readers INTEGER NOT NULL,     -- as the service says; of those who fetch themselves, how many there were
  requests INTEGER NOT NULL,
  PRIMARY KEY (path, day, service, feed_id)
) STRICT;

-- Those who fetched a document themselves, for as long as the day is not over: nobody is counted twice. A
-- keyed hash of that day, of which no address can be made.
CREATE TABLE feed_visitors (
  path TEXT NOT NULL,
  day INTEGER NOT NULL,
  visitor TEXT NOT NULL,
  PRIMARY KEY (path, day, visitor)
) STRICT;
