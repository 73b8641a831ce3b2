-- What a reader's page asks: what they said last of a digest.
CREATE INDEX consents_subscriber ON consents (subscriber, digest, id);
