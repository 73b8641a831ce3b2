//! Codes of the section "Sources and articles".

use super::{Case, Good};
use crate::http_server::Script;
use crate::sitemap::server::{Reply, Web};
use crate::sitemap::{article, plain, urlset};
use std::fs;
use std::os::unix::fs::symlink;

/// An article of this front matter and body.
fn bad(good: &Good, front_matter: &str, body: &str) {
    good.write("articles/bad.md", format!("---\n{front_matter}\n---\n\n{body}\n"));
}

/// A source on the web that answers so.
fn answering(good: &mut Good, script: Script) {
    let url = good.http(script);
    good.add(&format!("[sources.web]\nkind = \"feed\"\nurl = \"{url}\""));
}

/// An export of one post.
fn wordpress(good: &mut Good, status: &str, text: &str) {
    good.write(
        "blog.xml",
        format!(
            "<rss><channel><wp:wxr_version>1.2</wp:wxr_version>\n<item><title>A</title><content:encoded>{text}</content:encoded>\
             <wp:post_id>1</wp:post_id><wp:post_date_gmt>2026-11-20 08:00:00</wp:post_date_gmt><wp:status>{status}</wp:status>\
             <wp:post_type>post</wp:post_type></item></channel></rss>"
        ),
    );
    good.add("[sources.blog]\nkind = \"wordpress\"\npath = \"blog.xml\"");
}

/// A site with these pages beside its sitemap, which is this or lists them.
fn crawled(good: &mut Good, sitemap: Option<String>, pages: &[(&str, Option<String>)]) {
    let web = Web::start();
    let listed: Vec<(&str, &str)> = pages.iter().map(|(path, _)| (*path, "2026-11-20")).collect();
    let sitemap = sitemap.unwrap_or_else(|| urlset(&web, &listed));
    web.set("/sitemap.xml", Reply::with("", sitemap));
    for (path, html) in pages {
        if let Some(html) = html {
            web.set(path, Reply::html(html.clone()));
        }
    }
    let url = web.url("/sitemap.xml");
    good.add(&format!("[sources.web]\nkind = \"sitemap\"\nurl = \"{url}\""));
}

fn page(title: &str) -> Option<String> {
    Some(article(title, "2026-11-20T08:00:00Z", title))
}

pub(super) const CASES: &[Case] = &[
    Case::inside(
        "source",
        "a reading thread that dies: parsers that panic are caught file by file before",
        "src/app/intake.rs::a_source_whose_reading_dies_is_named",
    ),
    Case::check("unreadable-folder", "articles", |good| {
        fs::remove_dir_all(good.path("articles")).unwrap();
    }),
    Case::check("generator", "articles/hugo.toml", |good| {
        good.write("articles/hugo.toml", "ignoreFiles = ['(']\n");
    }),
    Case::check("unreadable-file", "articles/bad.md", |good| {
        symlink("nowhere.md", good.path("articles/bad.md")).unwrap();
    }),
    Case::publish("source-unreachable", "http://127.0.0.1/hub", |good| {
        answering(good, Script::status("500 Internal Server Error"));
    }),
    Case::publish("source-gone", "http://127.0.0.1/hub", |good| {
        answering(good, Script::status("410 Gone"));
    }),
    Case::publish("source-moved", "http://127.0.0.1/hub", |good| {
        let feed = "<rss version=\"2.0\"><channel/></rss>";
        let moved = Script::with("308 Permanent Redirect", "Location: /new\r\n", "");
        let url = good.http_script([moved, Script::with("200 OK", "", feed)]);
        good.add(&format!("[sources.web]\nkind = \"feed\"\nurl = \"{url}\""));
    }),
    Case::check("feed", "letters.txt", |good| {
        good.write("letters.txt", "Dear reader, this is a letter and no feed.");
        good.add("[sources.letters]\nkind = \"feed\"\npath = \"letters.txt\"");
    }),
    Case::check("export", "blog.xml:2", |good| {
        good.write(
            "blog.xml",
            "<rss><channel><wp:wxr_version>1.2</wp:wxr_version>\n<item><title>A",
        );
        good.add("[sources.blog]\nkind = \"wordpress\"\npath = \"blog.xml\"");
    }),
    Case::publish("api", "http://127.0.0.1/hub", |good| {
        let url = good.http(Script::status("401 Unauthorized"));
        good.add(&format!("[sources.blog]\nkind = \"wordpress\"\nurl = \"{url}\""));
    }),
    Case::check("left-out", "blog.xml", |good| {
        wordpress(good, "draft", "Words.");
    }),
    Case::check("members-only", "blog.xml:2", |good| {
        wordpress(good, "publish", "Words. [members_only]More.[/members_only]");
    }),
    Case::publish("sitemap", "http://127.0.0.1/sitemap.xml:2", |good| {
        let broken = "<urlset>\n<url><loc>/a</loc></url".to_owned();
        crawled(good, Some(broken), &[]);
    }),
    Case::publish("sitemap-cut", "http://127.0.0.1/sitemap.xml", |good| {
        let many = "<url><loc>/a</loc></url>".repeat(50_001);
        crawled(
            good,
            Some(format!("<urlset>{many}</urlset>")),
            &[("/a", page("A"))],
        );
    }),
    Case::publish("pages-missing", "http://127.0.0.1/sitemap.xml", |good| {
        crawled(good, None, &[("/a", page("A")), ("/b", None)]);
    }),
    Case::publish("pages-left", "http://127.0.0.1/sitemap.xml", |good| {
        let paths: Vec<String> = (0..1_001).map(|n| format!("/{n}/a")).collect();
        let pages: Vec<(&str, Option<String>)> =
            paths.iter().map(|path| (path.as_str(), page(path))).collect();
        crawled(good, None, &pages);
    }),
    Case::publish("pages-left-out", "http://127.0.0.1/sitemap.xml", |good| {
        crawled(
            good,
            None,
            &[("/a", page("A")), ("/who", Some(plain("Who we are")))],
        );
    }),
    Case::publish("same-words", "http://127.0.0.1/sitemap.xml", |good| {
        let wall = page("Please accept");
        crawled(
            good,
            None,
            &[("/a", wall.clone()), ("/b", wall.clone()), ("/c", wall)],
        );
    }),
    Case::check("too-large", "articles/bad.md", |good| {
        let file = fs::File::create(good.path("articles/bad.md")).unwrap();
        file.set_len(100 * 1024 * 1024).unwrap();
    }),
    Case::check("invalid-utf8", "articles/bad.md:2", |good| {
        good.write("articles/bad.md", b"---\ntitle: Caf\xe9\n---\n\ntext\n");
    }),
    Case::check("control-character", "articles/bad.md:6", |good| {
        bad(good, "title: Ring\ndate: 2026-11-20", "A \u{1}bell.");
    }),
    Case::check("front-matter", "articles/bad.md:2", |good| {
        bad(good, "title: [", "Text.");
    }),
    Case::check("not-run", "articles/bad.md:7", |good| {
        bad(good, "title: A\ndate: 2026-11-20", "Text.\n{{< map >}}");
    }),
    Case::check("broken-reference", "articles/bad.md:7", |good| {
        bad(
            good,
            "title: A\ndate: 2026-11-20",
            "Text.\n[b]({{< ref \"none.md\" >}})",
        );
    }),
    Case::check("bad-url", "articles/bad.md url", |good| {
        bad(good, "title: A\ndate: 2026-11-20\nurl: \"http://[\"", "Text.");
    }),
    Case::check("url-needs-date", "articles/bad.md date", |good| {
        good.replace(
            "path = \"articles\"",
            "path = \"articles\"\nurl_template = \"https://tides.example/{year}/{slug}\"",
        );
        bad(good, "title: A", "Text.");
    }),
    Case::check("no-title", "articles/bad.md title", |good| {
        bad(good, "date: 2026-11-20", "Text.");
    }),
    Case::check("no-date", "articles/bad.md date", |good| {
        bad(good, "title: A", "Text.")
    }),
    Case::check("no-content", "articles/bad.md", |good| {
        bad(good, "title: A\ndate: 2026-11-20", "");
    }),
    Case::check("too-long", "articles/bad.md", |good| {
        let title = "T".repeat(100_000);
        bad(good, &format!("title: {title}\ndate: 2026-11-20"), "Text.");
    }),
    Case::check("not-free", "saved/bad.html", |good| {
        good.replace(
            "[sources.posts]",
            "[sources.saved]\nkind = \"pages\"\npath = \"saved\"\n\n[sources.posts]",
        );
        let head = r#"{"@type": "Article", "headline": "A", "datePublished": "2026-11-20", "isAccessibleForFree": false}"#;
        let head = format!("<script type=\"application/ld+json\">{head}</script>");
        good.write(
            "saved/bad.html",
            format!("{head}<h1>A</h1><p>The beginning of it is for everybody, and it is as long as a beginning is.</p><p>More.</p>"),
        );
    }),
    Case::check("link-outside", "articles/bad.md", |good| {
        good.write("outside.md", "---\ntitle: Out\n---\n\nText.\n");
        symlink("../outside.md", good.path("articles/bad.md")).unwrap();
    }),
    Case::check("too-deep", "articles/bad.md", |good| {
        bad(
            good,
            "title: A\ndate: 2026-11-20",
            &format!("{}Text.", "<div>".repeat(10_000)),
        );
    }),
    Case::check("too-complex", "articles/bad.md", |good| {
        let attributes: String = (0..2_000).map(|n| format!(" a{n}")).collect();
        bad(
            good,
            "title: A\ndate: 2026-11-20",
            &format!("<p{attributes}>Text.</p>"),
        );
    }),
    Case::inside(
        "unreadable-content",
        "only a bug of a parser gives it",
        "src/sources/mod.rs::a_bug_of_a_parser_fails_one_file",
    ),
    Case::publish("same-url", "articles/second.md", |good| {
        for file in ["first", "second"] {
            let text = "title: A\ndate: 2026-11-20\nurl: https://tides.example/a";
            good.write(
                &format!("articles/{file}.md"),
                format!("---\n{text}\n---\n\n{file} text\n"),
            );
        }
    }),
    Case::publish("same-id", "articles/second.md", |good| {
        for file in ["first", "second"] {
            let text = "title: A\ndate: 2026-11-20\nid: one";
            good.write(
                &format!("articles/{file}.md"),
                format!("---\n{text}\n---\n\n{file} text\n"),
            );
        }
    }),
    Case::publish("source-emptied", "sources.posts", |good| {
        good.pass();
        fs::rename(good.path("articles"), good.path("elsewhere")).unwrap();
        fs::create_dir(good.path("articles")).unwrap();
    }),
    Case::publish("articles-held", "sources.posts", |good| {
        good.pass();
        for n in 0..6 {
            good.article(&format!("old{n}.md"), &format!("Old {n}"), "2026-01-01", "Old.");
        }
    }),
];
