-- What an older feed called the article: readers know it by that, so it stays as it was at first.
ALTER TABLE articles ADD COLUMN guid TEXT;
