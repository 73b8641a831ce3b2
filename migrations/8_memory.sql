-- What a source's reading left for the next one: how far a crawl has got, what a server said of a
-- URL, how a file looked. The kind of the source alone knows what the values mean.
CREATE TABLE memory (
  source TEXT NOT NULL,
  key TEXT NOT NULL,           -- a path within the source, or a URL
  value TEXT NOT NULL,
  PRIMARY KEY (source, key)
) STRICT;
