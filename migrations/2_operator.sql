-- What operators decide about editions, and what tells a slot that was missed from one that was met.

-- When a pass last looked for slots, and the longest pause between two of these since the slot before
-- the next one was dealt with, in seconds.
ALTER TABLE tracks ADD COLUMN looked INTEGER;
ALTER TABLE tracks ADD COLUMN pause INTEGER;

-- Counts what the operator changed in an edition that has not started: what was rendered before such
-- a change is not what is sent.
ALTER TABLE editions ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;

-- Articles that a track leaves out from one edition on: settled for its readers.
CREATE TABLE exclusions (
  digest TEXT NOT NULL,
  cadence TEXT NOT NULL,
  article TEXT NOT NULL,
  edition INTEGER NOT NULL,    -- the one it was excluded from
  since INTEGER NOT NULL,
  PRIMARY KEY (digest, cadence, article)
) STRICT;

-- Articles that come later in one digest: for it they count as announced with this number, which no
-- article has. Their own number stays, for all other digests.
CREATE TABLE deferrals (
  digest TEXT NOT NULL,
  article TEXT NOT NULL,
  number INTEGER NOT NULL UNIQUE,
  edition INTEGER NOT NULL,    -- the one it was deferred from
  since INTEGER NOT NULL,
  PRIMARY KEY (digest, article)
) STRICT;

-- A chunk counts all of a track, whatever their standing.
DROP INDEX subscriptions_track;
CREATE INDEX subscriptions_track ON subscriptions (digest, cadence, subscriber);
