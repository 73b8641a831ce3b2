-- What the operator has been told is wrong, and not yet that it is good again.
CREATE TABLE alerts (
  fingerprint TEXT PRIMARY KEY, -- as in `reported`
  problem TEXT NOT NULL,
  since INTEGER NOT NULL,
  told INTEGER NOT NULL
) STRICT;
