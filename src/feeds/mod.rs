//! The published documents: which articles each holds, and its bytes in RSS, Atom and JSON. Pure.
