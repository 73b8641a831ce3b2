//! Codes of the section "Readers".

use super::Case;

pub(super) const CASES: &[Case] = &[
    Case::check("subscriber-list", "subscribers/readers.csv:1", |good| {
        good.readers("name\nAnn\n");
    }),
    Case::check("subscriber-address", "subscribers/readers.csv:3", |good| {
        good.readers("email,name\nann@example.com,Ann\nnobody,N\n");
    }),
    Case::check("subscriber-text", "subscribers/readers.csv:2", |good| {
        good.write(
            "subscribers/readers.csv",
            b"email,name\nann@example.com,J\xfcrgen\n",
        );
    }),
    Case::check("subscriber-digest", "subscribers/readers.csv:2", |good| {
        good.readers("email,digests\nann@example.com,weekly;none\n");
    }),
    Case::check("subscriber-twice", "subscribers/readers.csv:3", |good| {
        good.readers("email\nann@example.com\nANN@example.com\n");
    }),
    Case::publish("subscriber-unlisted", "subscribers/readers.csv", |good| {
        good.pass();
        good.readers("email,name\n");
    }),
];
