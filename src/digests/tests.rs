//! The templates, their errors and the frozen mail, through the public functions.

use super::check::check;
use super::mail::{Body, HTML_BUDGET, Piece, Reader};
use super::templates::{Part, Source, Sources, Templates, builtin_template};
use super::{EditionFacts, Frozen, render};
use crate::articles::state::{Marks, Stored};
use crate::articles::{Article, Audio, Author, Image, Precision, Published};
use crate::clock::Instant;
use crate::config;
use crate::problem::{Problem, Severity};
use crate::schedule::Schedule;
use crate::subscribers::address::Mailbox;
use proptest::prelude::*;
use url::Url;

const NOW: &str = "2026-11-30T07:00:00Z";

struct World {
    site: config::Site,
    digest: config::Digest,
    public_url: Url,
    feeds: serde_json::Value,
}

fn world() -> World {
    World {
        site: config::Site {
            id: None,
            title: "Lantern & Loom".into(),
            url: Url::parse("https://mag.example/").unwrap(),
            description: "A small magazine".into(),
            language: "en".into(),
            timezone: chrono_tz::Europe::London,
            author: Some("The editors".into()),
            postal_address: Some("Lantern & Loom,\n14 Weavers’ Row".into()),
            logo: None,
        },
        digest: config::Digest {
            name: "weekly".into(),
            title: "The Weekly Lantern".into(),
            schedule: Schedule::parse("0 7 * * 1").unwrap(),
            timezone: chrono_tz::Europe::Berlin,
            from: Mailbox::parse("Lantern & Loom <weekly@mag.example>").unwrap(),
            reply_to: Some(Mailbox::parse("letters@mag.example").unwrap()),
            template: "digest".into(),
            categories: vec![],
            authors: vec![],
            sources: vec![],
            first_edition: 10,
            min_articles: 1,
            max_articles: None,
            order: config::Order::Newest,
            catch_up: config::CatchUp::Once,
            grace: std::time::Duration::ZERO,
            approval: false,
        },
        public_url: Url::parse("https://mag.example/news/").unwrap(),
        feeds: serde_json::json!([{
            "type": "application/rss+xml",
            "title": "The Mag & more",
            "url": "https://mag.example/rss.xml",
        }]),
    }
}

impl World {
    fn edition(&self) -> EditionFacts<'_> {
        let starts: Instant = NOW.parse().unwrap();
        EditionFacts {
            digest: &self.digest,
            site: &self.site,
            public_url: &self.public_url,
            number: 12,
            name: "weekly/2026-11-30T07:00Z",
            variant: "0123456789abcdef0123456789abcdef",
            language: "",
            starts,
            period_from: Some(starts - chrono::Duration::days(7)),
            period_to: starts,
            feeds: &self.feeds,
        }
    }
}

fn article(title: &str) -> Stored {
    let at: Instant = "2026-11-28T23:30:00Z".parse().unwrap();
    Stored {
        article: Article {
            id: title.into(),
            source: "essays".into(),
            path: "a.md".into(),
            url: "https://mag.example/a?b=1&c=2".into(),
            title: title.into(),
            authors: vec![],
            categories: vec![],
            language: None,
            published: Some(Published {
                at,
                precision: Precision::Second,
            }),
            updated: None,
            summary: "A summary.".into(),
            content_html: "<p>One paragraph.</p>".into(),
            image: None,
            audio: None,
            comments: vec![],
            comment_count: None,
            guid: None,
            draft: false,
            expires: None,
        },
        first_seen: at,
        changed: at,
        number: Some(1),
        announced: Some(at),
        marks: Marks::default(),
    }
}

fn rich_article() -> Stored {
    let mut stored = article("“Warp & Weft”: <b>what</b> a loom can’t tell 🧶");
    stored.article.authors = ["Ines Calder", "Tomasz Wieczorek"]
        .map(|name| Author {
            name: name.into(),
            url: None,
        })
        .to_vec();
    stored.article.categories = vec!["Field Notes".into(), "Craft".into()];
    stored.article.image = Some(Image {
        url: "https://mag.example/loom.jpg".into(),
        alt: "A loom \"at\" rest".into(),
        width: Some(1200),
        height: Some(750),
        media_type: None,
        length: None,
    });
    stored.article.audio = Some(Audio {
        url: "https://mag.example/loom.mp3".into(),
        duration: Some(1_401),
        ..Audio::default()
    });
    stored.article.comment_count = Some(1);
    stored
}

/// A template with one part replaced.
fn with(part: Part, text: &str) -> Sources {
    let mut sources = builtin_template("digest").unwrap();
    let source = Source {
        file: format!("email-templates/digest/{}", part.file()),
        text: text.into(),
    };
    match part {
        Part::Subject => sources.subject = source,
        Part::Text => sources.text = source,
        Part::Html => sources.html = source,
    }
    sources
}

fn parsed(sources: Sources) -> Templates {
    Templates::parse(sources).unwrap()
}

fn rendered(sources: Sources, articles: &[Stored]) -> Result<Frozen, Problem> {
    render(&parsed(sources), &world().edition(), articles, &[])
}

fn reader(name: Option<&str>) -> Reader<'_> {
    Reader {
        name,
        preferences_url: "https://mag.example/news/preferences/abc",
        unsubscribe_url: "https://mag.example/news/unsubscribe/abc",
    }
}

#[test]
fn the_built_in_digest_in_full() {
    let articles = [
        rich_article(),
        article("رسالة من الميناء"),
        article("A plain one"),
    ];
    let headlines = [article("Told in a line"), rich_article()];
    let templates = parsed(builtin_template("digest").unwrap());
    let frozen = render(&templates, &world().edition(), &articles, &headlines).unwrap();
    let filled = frozen.for_reader(&reader(Some("Maren O’Neil"))).unwrap();
    insta::assert_snapshot!("digest_subject", filled.subject);
    insta::assert_snapshot!("digest_text", filled.text);
    insta::assert_snapshot!("digest_html", filled.html);
    assert!(frozen.pieces(true).is_some() && frozen.pieces(false).is_some());
}

#[test]
fn the_headers_of_an_edition() {
    let frozen = rendered(builtin_template("digest").unwrap(), &[article("One")]).unwrap();
    let list = frozen.head.list(frozen.subject.pieces(true).unwrap());
    let shown: Vec<String> = list
        .iter()
        .map(|h| format!("{}: {:?}", h.name, h.value))
        .collect();
    insta::assert_snapshot!("headers", shown.join("\n"));

    let mut plain = world();
    plain.public_url = Url::parse("http://mag.example/").unwrap();
    let templates = parsed(builtin_template("digest").unwrap());
    let frozen = render(&templates, &plain.edition(), &[article("One")], &[]).unwrap();
    assert!(
        frozen
            .head
            .list(&[])
            .iter()
            .all(|h| h.name != "List-Unsubscribe-Post")
    );
    assert!(frozen.head.list(&[]).iter().any(|h| h.name == "List-Unsubscribe"));
}

#[test]
fn rendering_is_the_same_every_time() {
    let twice = [(); 2].map(|()| {
        let frozen = rendered(builtin_template("digest").unwrap(), &[rich_article()]).unwrap();
        serde_json::to_string(&frozen).unwrap()
    });
    assert_eq!(twice[0], twice[1]);
}

#[test]
fn a_frozen_mail_survives_the_store() {
    for subject in ["{{reader.name}}", "{{truncate reader.name 3}}"] {
        let frozen = rendered(with(Part::Subject, &format!("x {subject}")), &[rich_article()]).unwrap();
        let back: Frozen = serde_json::from_str(&serde_json::to_string(&frozen).unwrap()).unwrap();
        let reader = reader(Some("Bartholomew"));
        assert_eq!(
            back.for_reader(&reader).unwrap(),
            frozen.for_reader(&reader).unwrap()
        );
    }
}

#[test]
fn the_name_may_stand_in_the_subject() {
    let frozen = rendered(
        with(
            Part::Subject,
            "{{#if reader.name}}{{reader.name}}, n{{else}}N{{/if}}ews\n",
        ),
        &[],
    )
    .unwrap();
    assert_eq!(
        frozen.for_reader(&reader(Some("Zoë"))).unwrap().subject,
        "Zoë, news"
    );
    assert_eq!(frozen.for_reader(&reader(None)).unwrap().subject, "News");
    assert_eq!(
        frozen.for_reader(&reader(Some(" \u{7} "))).unwrap().subject,
        "News"
    );
    assert!(matches!(
        frozen.subject,
        Body::Pieces {
            nameless: Some(_),
            ..
        }
    ));
}

#[test]
fn readers_are_holes_where_only_their_values_differ() {
    for text in [
        "Hello {{reader.name}}",
        "Hello {{or reader.name \"friend\"}}",
        "{{#with reader}}{{name}} {{unsubscribe_url}}{{/with}}",
        "{{#unless reader.name}}You{{/unless}} {{reader.preferences_url}}?from=mail",
        "{{#if (and reader.name edition.number)}}x{{/if}}y",
        "nothing of the reader",
    ] {
        let frozen = rendered(with(Part::Text, text), &[article("One")]).unwrap();
        assert!(matches!(frozen.text, Body::Pieces { .. }), "{text}");
    }
}

#[test]
fn readers_are_rendered_one_by_one_where_more_depends_on_them() {
    for (text, ann, bob) in [
        (
            "{{#if (eq reader.name \"Bob\")}}Hi Bob{{else}}Hello{{/if}}",
            "Hello\n",
            "Hi Bob\n",
        ),
        ("{{truncate reader.name 2}}", "An…\n", "Bo…\n"),
        ("{{#eq reader.name \"Bob\"}}yes{{else}}no{{/eq}}", "no\n", "yes\n"),
        ("{{> greet who=reader.name}}", "0\n", "1\n"),
    ] {
        let mut sources = with(Part::Text, text);
        let greet = "{{#if (ne who \"Ann\")}}1{{else}}0{{/if}}";
        sources.partials.insert(
            "greet".into(),
            Source {
                file: "greet.hbs".into(),
                text: greet.into(),
            },
        );
        let frozen = rendered(sources, &[article("One")]).unwrap();
        assert_eq!(frozen.text, Body::ReaderByReader, "{text}");
        assert_eq!(frozen.pieces(true), None);
        let text = |name| frozen.for_reader(&reader(Some(name))).unwrap().text;
        assert_eq!((text("Ann").as_str(), text("Bob").as_str()), (ann, bob));
    }
}

#[test]
fn sentinels_are_chosen_so_that_no_article_holds_them() {
    let held: String = ('\u{100200}'..'\u{100210}').collect();
    let mut raw = article(&held);
    raw.article.summary = "&#x100212;".into();
    raw.article.content_html = "<p>&#x100218;&#x100219;</p>".into();
    let html = "<p>{{reader.name}}</p>{{#each articles}}{{title}}{{{summary}}}{{{content_html}}}{{/each}}";
    let frozen = rendered(with(Part::Html, html), &[raw]).unwrap();
    assert!(matches!(frozen.html, Body::Pieces { .. }));
    let filled = frozen.for_reader(&reader(Some("Ann"))).unwrap().html;
    assert!(
        filled.contains("<p>Ann</p>") && filled.contains(&held),
        "{filled}"
    );
    assert!(filled.contains("\u{100212}") && filled.contains("\u{100218}\u{100219}"));
}

#[test]
fn an_error_names_file_line_column_and_field() {
    for (text, line, field, hint) in [
        (
            "a\n  {{articles.[0].titel}}",
            2,
            "articles.[0].titel",
            "did you mean `title`?",
        ),
        (
            "{{#each articles}}\n\n{{titel}}{{/each}}",
            3,
            "titel",
            "did you mean `title`?",
        ),
        ("{{raeder.name}}", 1, "raeder.name", "did you mean `reader`?"),
        (
            "{{reader.adress}}",
            1,
            "reader.adress",
            "`reader` has: name, preferences_url, unsubscribe_url",
        ),
        (
            "\n{{#if edition.nubmer}}x{{/if}}",
            2,
            "edition.nubmer",
            "did you mean `number`?",
        ),
        (
            "{{#each articles}}{{image.url}}{{/each}}",
            1,
            "image.url",
            "put {{#if image}}",
        ),
        (
            "{{#each artikles}}x{{/each}}",
            1,
            "artikles",
            "did you mean `articles`?",
        ),
        ("{{date digest.tite}}", 1, "digest.tite", "did you mean `title`?"),
        ("{{> foter}}", 1, "foter", "did you mean `footer`?"),
        ("{{dat edition.date}}", 1, "dat", "did you mean `date`?"),
    ] {
        for part in Part::ALL {
            let problem = rendered(with(part, text), &[article("One")]).unwrap_err();
            assert_eq!(problem.code, "template");
            assert_eq!(
                problem.file.as_deref(),
                Some(&*format!("email-templates/digest/{}", part.file()))
            );
            assert_eq!(problem.line, Some(line), "{problem}");
            assert_eq!(problem.key.as_deref(), Some(field), "{problem}");
            assert!(problem.message.contains("(column "), "{problem}");
            assert!(problem.hint.as_ref().unwrap().contains(hint), "{problem}");
        }
    }
}

#[test]
fn an_error_in_a_partial_names_the_partial() {
    let mut sources = builtin_template("digest").unwrap();
    let text = "fine\n{{site.titel}}".to_owned();
    sources.partials.insert(
        "footer".into(),
        Source {
            file: "email-templates/partials/footer.hbs".into(),
            text,
        },
    );
    let problem = rendered(sources, &[article("One")]).unwrap_err();
    assert_eq!(
        problem.to_string(),
        "email-templates/partials/footer.hbs:2: site.titel: there is no field `site.titel` (column 1) \
         (did you mean `title`? `site` has: title, url, description, language, logo, postal_address)"
    );
}

#[test]
fn what_a_function_cannot_take_is_named() {
    for (text, message) in [
        ("{{date site.title}}", "is no instant"),
        ("{{date edition.date \"%Q\"}}", "is no date format"),
        ("{{truncate site.title}}", "truncate: is missing a length"),
        ("{{plural site.title \"a\" \"b\"}}", "is no number but a text"),
        ("{{count site.title}}", "counts lists"),
        ("{{#if}}x{{/if}}", "param"),
    ] {
        let problem = rendered(with(Part::Text, text), &[article("One")]).unwrap_err();
        assert!(problem.message.contains(message), "{text}: {problem}");
        assert_eq!(problem.line, Some(1));
    }
}

#[test]
fn what_does_not_parse_is_named_with_its_line() {
    for (text, line) in [
        ("a\n{{#if x}}\n", 3),
        ("\n{{ x", 2),
        ("{{#if x}}{{/each}}", 1),
        ("{{}}", 1),
    ] {
        let problems = Templates::parse(with(Part::Html, text)).unwrap_err();
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!(
            problems[0].file.as_deref(),
            Some("email-templates/digest/html.hbs")
        );
        assert_eq!(problems[0].line, Some(line), "{text:?} {}", problems[0]);
        assert!(!problems[0].message.contains('\n'));
    }
}

#[test]
fn no_template_runs_without_end() {
    let partial = |text: &str| Source {
        file: "p.hbs".into(),
        text: text.into(),
    };
    let circle = [
        ("a", "{{> b}}".to_owned()),
        ("b", "{{#if x}}{{> a}}{{/if}}".to_owned()),
    ];
    let doubling = (0..40).map(|n| {
        (
            format!("p{n}"),
            format!("{{{{> p{}}}}}{{{{> p{}}}}}", n + 1, n + 1),
        )
    });
    let inline = "{{#*inline \"me\"}}{{> me}}{{/inline}}{{> me}}".to_owned();
    let eaches = "{{#each articles}}".repeat(6) + "x" + &"{{/each}}".repeat(6);
    let deep = "{{#if x}}".repeat(2000) + &"{{/if}}".repeat(2000);
    let brackets = format!(
        "{{{{#if {}1{}}}}}{{{{/if}}}}",
        "(not ".repeat(2000),
        ")".repeat(2000)
    );
    let large = "x".repeat(300 * 1024);
    let mut cases: Vec<(Sources, &str)> = [
        (inline.as_str(), "includes itself"),
        ("{{> (or \"foot\" \"er\")}}", "by an expression"),
        (&eaches, "too often"),
        (&deep, "24 blocks"),
        (&brackets, "brackets"),
        (&large, "256 KB"),
    ]
    .map(|(text, why)| (with(Part::Text, text), why))
    .into();
    let mut circular = with(Part::Text, "{{> a}}");
    circular
        .partials
        .extend(circle.map(|(name, text)| (name.to_owned(), partial(&text))));
    cases.push((circular, "includes itself"));
    let mut doubled = with(Part::Text, "{{> p0}}");
    doubled
        .partials
        .extend(doubling.map(|(name, text)| (name, partial(&text))));
    doubled.partials.insert("p40".into(), partial("x"));
    cases.push((doubled, "too often"));
    for (sources, why) in cases {
        let problems = Templates::parse(sources).unwrap_err();
        assert!(
            problems.iter().any(|problem| problem.message.contains(why)),
            "{why}: {problems:?}"
        );
    }
}

#[test]
fn the_deepest_template_renders_on_a_small_stack() {
    let text = "{{#if site}}".repeat(24) + "x" + &"{{/if}}".repeat(24);
    let thread = std::thread::Builder::new().stack_size(2 * 1024 * 1024);
    let run = thread.spawn(move || rendered(with(Part::Html, &text), &[]).unwrap().html);
    assert!(matches!(run.unwrap().join().unwrap(), Body::Pieces { .. }));
}

#[test]
fn too_many_articles_become_headlines_and_a_number() {
    let mut long = rich_article();
    long.article.summary = "words and ".repeat(30);
    let articles = vec![long; 240];
    let frozen = rendered(builtin_template("digest").unwrap(), &articles).unwrap();
    let size = frozen.size;
    assert!(
        size.html <= HTML_BUDGET && size.html > HTML_BUDGET - 4096,
        "{size:?}"
    );
    assert!(!size.is_clipped());
    assert_eq!(size.articles + size.headlines + size.more, 240);
    assert_eq!((size.headlines, size.left_out), (50, 240 - size.articles));
    let filled = frozen.for_reader(&reader(None)).unwrap();
    assert!(filled.html.len() <= HTML_BUDGET + 1024);
    assert!(filled.html.contains(&format!("{} more on", size.more)));
    assert!(filled.text.contains(&format!("and {} more on", size.more)));
    assert!(filled.subject.ends_with("and 239 more"));
}

#[test]
fn long_content_is_cut_so_that_one_article_always_fits() {
    let mut long = article("Long");
    long.article.content_html = "<p>word word word</p>".repeat(20_000);
    let html = "<body>{{#each articles}}{{{content_html}}}{{#if content_cut}}GO ON{{/if}}{{/each}}";
    let frozen = rendered(with(Part::Html, html), &[long.clone(), long]).unwrap();
    assert_eq!(frozen.size.articles, 1);
    assert!(frozen.size.html <= HTML_BUDGET, "{:?}", frozen.size);
    let filled = frozen.for_reader(&reader(None)).unwrap().html;
    assert!(filled.contains("</p>GO ON"));
}

#[test]
fn a_template_that_is_too_large_alone_is_said_to_be_clipped() {
    let html = format!("<body>{}", "<p>furniture</p>".repeat(8_000));
    let frozen = rendered(with(Part::Html, &html), &[article("One"), article("Two")]).unwrap();
    assert!(frozen.size.is_clipped());
    assert_eq!(frozen.size.articles, 1);
}

#[test]
fn content_nested_beyond_reason_becomes_text() {
    let mut deep = article("Deep");
    deep.article.content_html = format!("{}core{}", "<div>".repeat(3_000), "</div>".repeat(3_000));
    let html = "<body>{{#each articles}}{{{content_html}}}{{/each}}";
    let frozen = rendered(with(Part::Html, html), &[deep]).unwrap();
    assert!(
        frozen
            .for_reader(&reader(None))
            .unwrap()
            .html
            .contains("<p>core</p>")
    );
}

#[test]
fn nothing_but_web_links_gets_into_a_mail() {
    let mut bad = rich_article();
    bad.article.url = "javascript:alert(1)".into();
    bad.article.image = Some(Image {
        url: "data:image/png;base64,AAAA".into(),
        ..rich_article().article.image.unwrap()
    });
    let frozen = rendered(builtin_template("digest").unwrap(), &[bad]).unwrap();
    let filled = frozen.for_reader(&reader(None)).unwrap();
    for part in [filled.html, filled.text] {
        assert!(!part.contains("javascript:") && !part.contains("data:"), "{part}");
    }
}

#[test]
fn dates_are_in_the_digests_timezone_and_language() {
    let text = "{{#each articles}}{{date published}}|{{date published \"%-d %b %Y %H:%M %Z\"}}{{/each}}";
    let templates = parsed(with(Part::Text, text));
    let world = world();
    let text_in = |language| {
        let edition = EditionFacts {
            language,
            ..world.edition()
        };
        let frozen = render(&templates, &edition, &[article("One")], &[]).unwrap();
        frozen.for_reader(&reader(None)).unwrap().text
    };
    assert_eq!(text_in("en-GB"), "29 November 2026|29 Nov 2026 00:30 CET\n");
    assert_eq!(text_in("de"), "2026-11-29|29 Nov 2026 00:30 CET\n");
}

#[test]
fn every_function_does_what_the_manual_says() {
    let text = "{{count articles}} {{plural 1 \"mail\" \"mails\"}} {{plural 2 \"mail\" \"mails\"}} \
        {{truncate \"one two three\" 8}} {{reading_time \"a b c\"}} {{eq 1 1}} {{ne 1 1}} {{gt 2 1}} {{lt 2 1}} \
        {{and 1 0}} {{or 0 2}} {{not 0}} {{fit_width articles.[0].image 552}}x{{fit_height articles.[0].image 552}} \
        {{fit_width articles.[0].image 552 100}}x{{fit_height articles.[0].image 552 100}}\n\
        {{wrap \"a b\" indent=2}} {{join articles.[0].categories \", \"}}";
    let frozen = rendered(with(Part::Text, text), &[rich_article()]).unwrap();
    assert_eq!(
        frozen.for_reader(&reader(None)).unwrap().text,
        "1 mail mails one two… 1 true false true false 0 2 true 552x345 160x100\na b Field Notes, Craft\n"
    );
}

#[test]
fn the_built_in_templates_pass_their_own_check() {
    assert_eq!(check(&parsed(builtin_template("digest").unwrap())), []);
}

#[test]
fn the_sample_has_the_fields_of_a_real_edition() {
    fn fields(path: &str, value: &serde_json::Value, found: &mut Vec<String>) {
        match value {
            serde_json::Value::Object(object) => {
                for (name, value) in object {
                    found.push(format!("{path}.{name}"));
                    fields(&format!("{path}.{name}"), value, found);
                }
            }
            serde_json::Value::Array(list) => {
                list.iter().take(1).for_each(|value| fields(path, value, found))
            }
            _ => {}
        }
    }
    let world = world();
    let (articles, headlines) = ([rich_article()], [rich_article()]);
    let items = super::context::Items::new(&world.edition(), &articles, &headlines);
    let shown = super::context::Shown {
        articles: 1,
        headlines: 1,
        content: 1000,
    };
    let mut real = super::context::of_edition(&world.edition(), &items, shown);
    super::context::set_reader(&mut real, &reader(None));
    let sample = builtin_template("digest").unwrap().sample.text;
    let mut sample: serde_json::Value = serde_json::from_str(&sample).unwrap();
    // A headline's image and recording may be known; the sample's headlines have none.
    real["headlines"][0]["image"] = serde_json::Value::Null;
    real["headlines"][0]["audio"] = serde_json::Value::Null;
    real["headlines"][0]["authors"].take();
    sample["headlines"][0]["authors"].take();
    let (mut expected, mut have) = (Vec::new(), Vec::new());
    fields("", &real, &mut expected);
    fields("", &sample, &mut have);
    expected.sort();
    have.sort();
    assert_eq!(have, expected);
}

#[test]
fn the_manual_lists_every_field_and_helper() {
    fn names(value: &serde_json::Value, found: &mut Vec<String>) {
        match value {
            serde_json::Value::Object(object) => {
                found.extend(object.keys().cloned());
                object.values().for_each(|value| names(value, found));
            }
            serde_json::Value::Array(list) => list.iter().for_each(|value| names(value, found)),
            _ => {}
        }
    }
    let manual = include_str!("../../docs/mail.md");
    let sample = builtin_template("digest").unwrap().sample.text;
    let mut found = Vec::new();
    names(&serde_json::from_str(&sample).unwrap(), &mut found);
    for name in found {
        let forms = ["`", ".", "`."].map(|before| format!("{before}{name}`"));
        assert!(
            forms.iter().any(|form| manual.contains(form)) || manual.contains(&format!("`{name}.")),
            "{name}"
        );
    }
    for name in super::templates::helper_names() {
        assert!(
            manual.contains(&format!("{{{{{name} ")) || manual.contains(&format!("`{name}`")),
            "{name}"
        );
    }
}

#[test]
fn a_check_finds_what_an_edition_would() {
    let check_of = |part, text: &str| check(&parsed(with(part, text)));
    // Fine with the sample, and not with an edition of one article.
    let problems = check_of(Part::Subject, "{{articles.[1].title}}");
    assert_eq!(problems.len(), 1);
    assert!(
        problems[0]
            .message
            .starts_with("with an edition of one plain article"),
        "{problems:?}"
    );
    assert_eq!(check_of(Part::Html, "{{nothing}}").len(), 1);
    let notes = check_of(Part::Text, "{{truncate reader.name 3}}");
    assert_eq!((notes.len(), notes[0].severity), (1, Severity::Note));

    let mut sources = builtin_template("digest").unwrap();
    sources.sample.text = sources.sample.text.replace("\"others\"", "\"rest\"");
    let problems = check(&parsed(sources));
    assert_eq!(problems[0].key.as_deref(), Some("edition.rest"));
    assert_eq!(problems[0].severity, Severity::Warning);

    let mut sources = builtin_template("digest").unwrap();
    sources.sample.text = "{\n  \"site\": }".into();
    let problems = check(&parsed(sources));
    assert_eq!((problems[0].code, problems[0].line), ("template-sample", Some(2)));
}

/// Text that tries to get out of where it stands.
fn hostile() -> impl Strategy<Value = String> {
    let snippet = prop_oneof![
        Just("\r\nBcc: x@example.org\r\n\r\n".to_owned()),
        Just("\n.\r\n".to_owned()),
        Just("<script>alert(1)</script>".to_owned()),
        Just("\"><img src=x onerror=y>".to_owned()),
        Just("{{reader.name}} {{{x}}}".to_owned()),
        Just("👩‍👩‍👧 \u{202e}abc".to_owned()),
        Just("\u{100200}\u{100200}\u{100201}\u{100201}".to_owned()),
        Just("\u{100203}\u{100203}\u{100203}&#x100202;&#x100202;".to_owned()),
        Just("=?utf-8?q?x?= \0\u{85}\u{2028}".to_owned()),
        "\\PC{0,20}",
    ];
    prop::collection::vec(snippet, 1..4).prop_map(|list| list.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn nothing_gets_out_of_its_place(name in hostile(), title in hostile(), summary in hostile(), site in hostile()) {
        let mut world = world();
        world.site.title = site.clone();
        world.digest.title = site;
        let mut stored = article(&title);
        stored.article.summary = summary.clone();
        stored.article.authors = vec![Author { name: summary, url: Some(title.clone()) }];
        stored.article.categories = vec![title];
        let templates = parsed(with(Part::Subject, "{{reader.name}}: {{articles.[0].title}}{{digest.title}}"));
        let frozen = render(&templates, &world.edition(), &[stored], &[]).unwrap();
        let control = |c: char| c.is_control() || c == '\u{2028}';
        for header in frozen.head.list(&[]) {
            let shown = format!("{:?}", header.value);
            prop_assert!(!shown.contains("\\r") && !shown.contains("\\n") && !shown.contains("\\u{0}"), "{shown}");
        }
        let base = frozen.for_reader(&reader(Some("Ann"))).unwrap();
        let filled = frozen.for_reader(&reader(Some(&name))).unwrap();
        prop_assert!(!filled.subject.contains(control), "{:?}", filled.subject);
        prop_assert!(!filled.html.contains("<script") && !filled.html.contains("<img src=x"));
        prop_assert_eq!(filled.html.matches('<').count(), base.html.matches('<').count());
        prop_assert!(!filled.text.contains(|c: char| c.is_control() && c != '\n'));
        let pieces = frozen.pieces(true).unwrap();
        let holes = |list: &[Piece]| list.iter().filter(|piece| matches!(piece, Piece::Hole(_))).count();
        prop_assert_eq!([holes(pieces[0]), holes(pieces[1]), holes(pieces[2])], [1, 3, 3]);
    }
}
