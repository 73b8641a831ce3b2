//! Codes of the section "Feeds".

use super::Case;
use std::fs;

pub(super) const CASES: &[Case] = &[
    Case::publish("feeds-unwritable", "feeds/rss.xml", |good| {
        good.write("feeds/rss.xml/taken", "a folder where a file belongs");
    }),
    Case::publish("feeds-unremovable", "feeds/category/boats/rss.xml", |good| {
        good.write(
            "articles/boat.md",
            "---\ntitle: Boat\ndate: 2026-11-20\ncategories: [Boats]\n---\n\nText.\n",
        );
        good.pass();
        let feed = "feeds/category/boats/rss.xml";
        fs::remove_file(good.path(feed)).unwrap();
        good.write(&format!("{feed}/taken"), "a folder where a file belongs");
        fs::remove_file(good.path("articles/boat.md")).unwrap();
    }),
    Case::inside(
        "feed-unrenderable",
        "no article comes so far that a document cannot hold it",
        "src/feeds/document.rs::a_document_that_cannot_be_made_is_named",
    ),
];
