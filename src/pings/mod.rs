//! Telling others what changed: one file a protocol. Pure: `http` carries it, `store` keeps it.
