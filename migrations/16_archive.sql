-- The pages of the archive. A page that was written never changes, but for what is withdrawn from it.
CREATE TABLE archive_pages (
  number INTEGER PRIMARY KEY,
  items TEXT NOT NULL          -- JSON: [article, hash of the article as it was], oldest first
) STRICT;
