-- What `editions show` and the metrics count while mail is sent, each from an index alone. A row enters
-- these once, when it is settled; none of them is over claimed rows.
DROP INDEX deliveries_waiting;
CREATE INDEX deliveries_waiting ON deliveries (next_try, id, edition, state) WHERE next_try IS NOT NULL;
CREATE INDEX deliveries_sent ON deliveries (edition, state, sent_at) WHERE state = 'sent';
CREATE INDEX deliveries_unsent ON deliveries (edition, state)
  WHERE state IN ('deferred', 'failed', 'suppressed', 'unknown', 'dropped');
CREATE INDEX deliveries_doubted ON deliveries (edition) WHERE doubts > 0;
