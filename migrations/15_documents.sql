-- An article's text apart from all else that is known of it: whoever chooses articles goes through every
-- row, and needs the text of few.
CREATE TABLE documents (
  article TEXT PRIMARY KEY,
  document TEXT NOT NULL       -- the whole Article, JSON
) STRICT;
INSERT INTO documents (article, document) SELECT id, document FROM articles;
ALTER TABLE articles DROP COLUMN document;
