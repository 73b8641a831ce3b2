//! Where articles come from: one file a kind, all converging on [`Article`](crate::articles::Article).
