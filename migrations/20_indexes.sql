-- A reading asks for the paths of all articles of its source and since when each fails: with both in the
-- index no row is looked up. Nothing asks for articles by date and id.
DROP INDEX articles_source;
CREATE INDEX articles_source ON articles (source, path, removed, failing);
DROP INDEX articles_published;
CREATE INDEX articles_published ON articles (published);
