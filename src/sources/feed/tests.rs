use super::*;
use crate::articles::{Author, Precision};
use crate::sources::extract::Extract;

fn read(bytes: &[u8], content_type: Option<&str>) -> Result<Collection, Problem> {
    read_from(bytes, content_type, "old.xml")
}

/// Reads a feed from a file or a URL.
fn read_from(bytes: &[u8], content_type: Option<&str>, from: &str) -> Result<Collection, Problem> {
    let site = Url::parse("https://example.org/").unwrap();
    let reading = Reading::new(chrono_tz::Tz::UTC, "en");
    parse(bytes, content_type, Path::new(from), &site, reading)
}

fn extracts(text: &str) -> Vec<Extract> {
    let items = read(text.as_bytes(), None).unwrap().items;
    items.into_iter().map(|item| item.extract.unwrap()).collect()
}

fn one(text: &str) -> Extract {
    let mut found = extracts(text);
    assert_eq!(found.len(), 1, "{text}");
    found.remove(0)
}

/// An item of RSS 2.0, and what is around it.
fn rss(items: &str) -> String {
    format!(
        "<rss version=\"2.0\"><channel><title>The tide</title><link>https://old.example/</link>{items}</channel></rss>"
    )
}

fn atom(entries: &str) -> String {
    format!(
        "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>The tide</title><link href=\"https://old.example/\"/>{entries}</feed>"
    )
}

const RDF: &str = r#"<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="NAMESPACE" xmlns:dc="http://purl.org/dc/elements/1.1/">
    <channel rdf:about="https://old.example/"><title>The tide</title><link>https://old.example/</link></channel>
    <item rdf:about="https://old.example/a"><title>Ebb</title><link>https://old.example/a</link>
    <description>Water goes.</description><dc:date>2026-03-01T10:00:00Z</dc:date></item></rdf:RDF>"#;

#[test]
fn every_version_gives_its_items() {
    let item = "<item><title>Ebb</title><link>https://old.example/a</link><description>Water goes.</description>\
                <pubDate>Sun, 01 Mar 2026 10:00:00 GMT</pubDate></item>";
    let rss_of = |version: &str| rss(item).replace(" version=\"2.0\"", version);
    let entry = "<entry><title>Ebb</title><link href=\"https://old.example/a\"/><summary>Water goes.</summary>PUBLISHED</entry>";
    for text in [
        RDF.replace("NAMESPACE", "http://my.netscape.com/rdf/simple/0.9/"),
        RDF.replace("NAMESPACE", "http://purl.org/rss/1.0/"),
        rss_of(" version=\"0.91\""),
        rss_of(" version=\"0.92\""),
        rss_of(" version=\"0.93\""),
        rss_of(" version=\"2.0\""),
        rss_of(" version=\"2\""),
        rss_of(" version=\"3.1 beta\""),
        rss_of(""),
        rss_of(" version=\"2.0\" xmlns=\"http://nobody.knows/this\""),
        rss(item).to_uppercase().replace("HTTPS://OLD.EXAMPLE/A", "https://old.example/a").replace("EBB", "Ebb").replace("WATER GOES", "Water goes"),
        atom(entry).replace("PUBLISHED", "<published>2026-03-01T11:00:00+01:00</published>"),
        atom(entry).replace("PUBLISHED", "<updated>2026-03-01T10:00:00Z</updated>"),
        atom(entry).replace("PUBLISHED", "<issued>2026-03-01T10:00Z</issued>").replace("http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#"),
        entry.replace("PUBLISHED", "<published>2026-03-01T10:00:00Z</published>").replace("<entry>", "<entry xmlns=\"http://www.w3.org/2005/Atom\">"),
        r#"{"version": "https://jsonfeed.org/version/1", "title": "The tide", "items": [{"id": 1, "title": "Ebb",
            "url": "https://old.example/a", "content_text": "Water goes.", "date_published": "2026-03-01T10:00:00Z"}]}"#.to_owned(),
        r#"{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "a", "title": "Ebb",
            "url": "https://old.example/a", "content_html": "<p>Water goes.</p>", "date_modified": "2026-03-01T10:00:00Z"}]}"#.to_owned(),
    ] {
        let extract = one(&text);
        assert_eq!(extract.title.as_deref(), Some("Ebb"), "{text}");
        assert_eq!(extract.url.as_deref(), Some("https://old.example/a"), "{text}");
        assert_eq!(extract.html.trim(), "<p>Water goes.</p>", "{text}");
        let at = extract.published.unwrap_or_else(|| panic!("{text}")).at;
        assert_eq!(crate::clock::rfc3339(at), "2026-03-01T10:00:00Z", "{text}");
    }
}

#[test]
fn what_is_broken_is_repaired() {
    let good = rss(
        "<item><title>Ebb &amp; flow</title><link>https://old.example/a?x=1&amp;y=2</link><description>&lt;p&gt;caf\u{e9}&lt;/p&gt;</description></item>",
    );
    for text in [
        good.clone(),
        good.replace("&amp;", "&"),
        format!("\u{FEFF}\n\n {good}"),
        format!("Warning: something on line 7\n<?xml version=\"1.0\"?>{good}"),
        format!(
            "<?xml version=\"1.1\" encoding=\"utf-99\"?><!DOCTYPE rss [<!ENTITY a \"b\">]><?xml-stylesheet href=\"x\"?><!-- <item> -->{good}"
        ),
        good.replace("caf\u{e9}", "caf&eacute;"),
        good.replace("caf\u{e9}", "caf&#233;\u{1}&#8;"),
        good.replace("&lt;p&gt;caf\u{e9}&lt;/p&gt;", "<![CDATA[<p>caf\u{e9}</p>]]>"),
        good.replace("&lt;p&gt;caf\u{e9}&lt;/p&gt;", "<p>caf\u{e9}</p>"),
        good.replace("</description>", "")
            .replace("</channel></rss>", "<description></description></channel></rss>"),
        good.replace("version=\"2.0\"", "version=2.0 broken = checked"),
        good.replace("description>", "media:description>"),
        good.replace(
            "<item>",
            "<item><author>\u{201c}joe@example.com\u{201d}</author><enclosure url=\"\"/><category/>",
        ),
    ] {
        let extract = one(&text);
        assert_eq!(extract.title.as_deref(), Some("Ebb & flow"), "{text}");
        assert_eq!(
            extract.url.as_deref(),
            Some("https://old.example/a?x=1&y=2"),
            "{text}"
        );
        assert_eq!(extract.html, "<p>caf\u{e9}</p>", "{text}");
        assert_eq!(extract.authors, [], "{text}");
    }
}

#[test]
fn a_feed_in_any_encoding_is_read() {
    let text = rss("<item><title>Größe 日本</title></item>");
    let bytes = |unit: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(unit).collect::<Vec<u8>>();
    for bytes in [
        bytes(u16::to_be_bytes),
        bytes(u16::to_le_bytes),
        text.clone().into_bytes(),
    ] {
        let items = read(&bytes, Some("text/xml; charset=iso-8859-1")).unwrap().items;
        assert_eq!(
            items[0].extract.as_ref().unwrap().title.as_deref(),
            Some("Größe 日本")
        );
    }
}

#[test]
fn a_feed_that_breaks_off_gives_its_whole_items() {
    let items: String = (0..5)
        .map(|n| format!("<item><title>T{n}</title><link>https://old.example/{n}</link></item>\n"))
        .collect();
    let xml = rss(&items);
    let json = serde_json::json!({"version": "https://jsonfeed.org/version/1", "title": "T",
        "items": (0..5).map(|n| serde_json::json!({"id": n.to_string(), "title": format!("T{n}"), "content_text": "[],{}"})).collect::<Vec<_>>()});
    let json = serde_json::to_string_pretty(&json).unwrap();
    for text in [xml, json] {
        let starts: Vec<usize> = text.match_indices("T3").map(|(at, _)| at).collect();
        let cut = &text[..*starts.last().unwrap() + 2];
        let feed = read(cut.as_bytes(), None).unwrap();
        let titles: Vec<_> = feed
            .items
            .iter()
            .map(|item| item.extract.as_ref().unwrap().title.clone().unwrap())
            .collect();
        assert_eq!(titles, ["T0", "T1", "T2"], "{cut}");
        let [warning] = feed.warnings.as_slice() else {
            panic!("{:?}", feed.warnings)
        };
        assert_eq!(warning.code, "feed");
        assert!(warning.message.contains("3 whole items"), "{warning}");
        // Wherever it breaks off nothing falls over, and no half item is taken.
        for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
            if let Ok(feed) = read(&text.as_bytes()[..end], None) {
                for item in feed.items {
                    assert!(item.extract.unwrap().title.unwrap().len() == 2);
                }
            }
        }
    }
}

#[test]
fn what_is_no_feed_is_told_so() {
    for (text, from, message, hint) in [
        ("Dear reader", "a.xml", "nothing in it that looks like one", "RSS"),
        ("", "a.xml", "nothing in it", "RSS"),
        (
            "<!doctype html><html><head><link rel=\"alternate\" type=\"application/rss+xml\" href=\"/feed.xml\"></head><body>x",
            "https://old.example/blog/",
            "page of HTML",
            "https://old.example/feed.xml",
        ),
        (
            "<html><body><p>x</body></html>",
            "a.xml",
            "page of HTML",
            "links none",
        ),
        (
            "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"><url/></urlset>",
            "a.xml",
            "<urlset>",
            "sitemap",
        ),
        ("<opml/>", "a.xml", "<opml>", "RSS"),
        ("<opml/>", "a.xml", "<opml>", "RSS"),
        ("{\"a\": 1}", "a.json", "no JSON Feed", "RSS"),
        ("{\"a\": ", "a.json", "no JSON", "RSS"),
    ] {
        let problem = read_from(text.as_bytes(), None, from).unwrap_err();
        assert_eq!(problem.code, "feed");
        assert!(problem.message.contains(message), "{problem}");
        assert!(problem.hint.as_deref().unwrap().contains(hint), "{problem}");
        assert_eq!(problem.file.as_deref(), Some(from));
    }
}

#[test]
fn the_extensions_are_read() {
    let extract = one(&rss(
        "<item xml:lang=\"de\" xmlns:fb=\"http://rssnamespace.org/feedburner/ext/1.0\" xmlns:t=\"http://purl.org/syndication/thread/1.0\" xmlns:m=\"http://search.yahoo.com/mrss\">\
         <title>AT&amp;amp;T &lt;em&gt;rises&lt;/em&gt;</title><link>https://counter.example/1</link><fb:origLink>https://old.example/a?utm_source=rss&amp;id=3&amp;utm_medium=feed</fb:origLink>\
         <guid isPermaLink=\"false\"> post-7 </guid><author>ann@old.example (Ann Lee)</author><dc:creator>Bob</dc:creator><dc:creator>Bob</dc:creator>\
         <category domain=\"x\">Sea</category><dc:subject>sea</dc:subject><dc:subject>Moon</dc:subject>\
         <description>In short</description><content:encoded><![CDATA[<p>At <a href=\"b\">length</a>, and more.</p>]]></content:encoded>\
         <slash:comments>12</slash:comments><m:group><m:content url=\"/a.mp4\" type=\"video/mp4\"><m:thumbnail url=\"/small.jpg\"/></m:content><m:content url=\"/a.png\" medium=\"image\"/></m:group>\
         <pubDate>2026-03-01</pubDate><dcterms:modified>2026-03-02T00:00:00Z</dcterms:modified></item>",
    ));
    assert_eq!(extract.title.as_deref(), Some("AT&T rises"));
    assert_eq!(extract.url.as_deref(), Some("https://old.example/a?id=3"));
    assert_eq!(extract.guid.as_deref(), Some("post-7"));
    let names: Vec<&str> = extract
        .authors
        .iter()
        .map(|author| author.name.as_str())
        .collect();
    assert_eq!(names, ["Bob", "Ann Lee"]);
    assert_eq!(extract.categories, ["Sea", "Moon"]);
    assert_eq!(extract.summary.as_deref(), Some("In short"));
    assert_eq!(extract.html, "<p>At <a href=\"b\">length</a>, and more.</p>");
    assert_eq!(extract.comment_count, Some(12));
    assert_eq!(extract.language.as_deref(), Some("de"));
    assert_eq!(extract.image.unwrap().0, "https://old.example/a.png");
    assert_eq!(extract.published.unwrap().precision, Precision::Day);
    assert_eq!(
        crate::clock::rfc3339(extract.updated.unwrap()),
        "2026-03-02T00:00:00Z"
    );
}

#[test]
fn atom_says_what_its_texts_are() {
    let extract = one(&atom(
        "<author><name>The editors</name><email>a@b.example</email><uri>https://old.example/us</uri></author>\
         <entry xml:base=\"https://cdn.example/x/\" xml:lang=\"fr\"><id>tag:old.example,2026:1</id><title type=\"text\">a &lt;b&gt; c</title>\
         <link rel=\"enclosure\" href=\"https://old.example/a.mp3\"/><link type=\"text/markdown\" href=\"https://old.example/a.md\"/><link rel=\"alternate\" type=\"text/html\" href=\"../a\"/>\
         <link rel=\"replies\" href=\"r\" thr:count=\"4\" xmlns:thr=\"http://purl.org/syndication/thread/1.0\"/>\
         <category term=\"c1\" label=\"Currents\"/><category term=\"http://schemas.google.com/blogger/2008/kind#post\" scheme=\"http://schemas.google.com/g/2005#kind\"/>\
         <content type=\"xhtml\" xml:lang=\"\"><div xmlns=\"http://www.w3.org/1999/xhtml\" xml:base=\"y/\"><p>See <a href=\"z\">it</a> &lt;here&gt;<br/><img src=\"i.png\"/></p></div></content></entry>",
    ));
    assert_eq!(extract.title.as_deref(), Some("a <b> c"));
    assert_eq!(extract.url.as_deref(), Some("https://cdn.example/a"));
    assert_eq!(extract.guid.as_deref(), Some("tag:old.example,2026:1"));
    assert_eq!(
        extract.html,
        "<div><p>See <a href=\"https://cdn.example/x/y/z\">it</a> &lt;here&gt;<br><img src=\"https://cdn.example/x/y/i.png\"></p></div>"
    );
    assert_eq!(extract.base.unwrap().as_str(), "https://cdn.example/x/");
    assert_eq!(extract.categories, ["Currents"]);
    assert_eq!(extract.comment_count, Some(4));
    assert_eq!(
        extract.authors,
        [Author {
            name: "The editors".to_owned(),
            url: Some("https://old.example/us".to_owned())
        }]
    );
    let base64 = one(&atom(
        "<entry><id>https://old.example/q</id><title>T</title><content type=\"text/html\" mode=\"base64\">PHA+aGk8L3A+</content></entry>",
    ));
    assert_eq!(
        (base64.html.as_str(), base64.url.as_deref()),
        ("<p>hi</p>", Some("https://old.example/q"))
    );
}

#[test]
fn a_feed_says_whose_it_is() {
    let about = read(
        rss("<atom:link rel=\"self\" href=\"/feed\"/><atom:link rel=\"hub\" href=\"https://hub.example/\"/><description>All &amp;amp; more</description><language>de-at</language><generator>Press 1</generator>").as_bytes(),
        None,
    )
    .unwrap()
    .about;
    assert_eq!(about.title.as_deref(), Some("The tide"));
    assert_eq!(about.url.as_deref(), Some("https://old.example/"));
    assert_eq!(about.description.as_deref(), Some("All & more"));
    assert_eq!(about.language.as_deref(), Some("de-at"));
    assert_eq!(about.system.as_deref(), Some("Press 1"));
    assert_eq!(about.hub.as_deref(), Some("https://hub.example/"));
}

#[test]
fn items_are_told_apart() {
    let found = |items: &str| {
        let feed = read(rss(items).as_bytes(), None).unwrap();
        let shown = feed.items.iter().map(|item| {
            let extract = item.extract.as_ref().unwrap();
            (
                item.key.clone(),
                extract.url.clone().unwrap_or_default(),
                extract.guid.clone().unwrap_or_default(),
            )
        });
        (shown.collect::<Vec<_>>(), feed.warnings)
    };
    let of = |key: &str, url: &str, guid: &str| (key.to_owned(), url.to_owned(), guid.to_owned());
    // By their addresses, without what counts visitors.
    let (items, _) = found(
        "<item><title>A</title><link>http://www.old.example/a/?utm_source=x</link></item><item><title>B</title><link>https://old.example/b</link><guid>7</guid></item>",
    );
    assert_eq!(
        items,
        [
            of(
                "old.example/a",
                "http://www.old.example/a/",
                "http://www.old.example/a/?utm_source=x"
            ),
            of("old.example/b", "https://old.example/b", "7")
        ]
    );
    // One page for all: each gets a place on it.
    let (items, warnings) = found(
        "<item><title>A</title><link>https://old.example</link><guid>g1</guid></item><item><title>B</title><link>https://old.example/log</link><guid>g2</guid></item><item><title>C</title><link>https://old.example/log</link><guid>g3</guid></item><item><guid isPermaLink=\"false\">g4</guid></item>",
    );
    assert_eq!(
        items,
        [
            of("g1", "https://old.example/#g1", "g1"),
            of("g2", "https://old.example/log#g2", "g2"),
            of("g3", "https://old.example/log#g3", "g3"),
            of("g4", "https://old.example/#g4", "g4"),
        ]
    );
    assert_eq!(warnings, []);
    // A guid that is none, and one item twice.
    let (items, warnings) = found(
        "<item><title>A</title><link>https://old.example/a</link><guid isPermaLink=\"false\">g</guid></item><item><title>B</title><link>https://old.example/b</link><guid isPermaLink=\"false\">g</guid></item><item><title>B</title><link>https://old.example/b</link><guid isPermaLink=\"false\">g</guid></item>",
    );
    assert_eq!(
        items,
        [
            of("old.example/a", "https://old.example/a", "https://old.example/a"),
            of("old.example/b", "https://old.example/b", "https://old.example/b")
        ]
    );
    assert_eq!(warnings.iter().map(|w| w.code).collect::<Vec<_>>(), ["same-id"]);
    // One item in two versions: the newer, else the later; either may have another title.
    let version = |title: &str, text: &str, day: &str| {
        format!(
            "<item><title>{title}</title><link>https://old.example/a</link><guid isPermaLink=\"false\">g</guid><description>{text}</description>{day}</item>"
        )
    };
    let day = |day: u8| format!("<pubDate>2026-03-0{day}</pubDate>");
    for (items, text) in [
        (version("A", "Old", "") + &version("A", "New", ""), "New"),
        (
            version("A", "New", &day(2)) + &version("A", "Old", &day(1)),
            "New",
        ),
        (version("A", "Same", "") + &version("B", "Same", ""), "Same"),
    ] {
        let feed = read(rss(&items).as_bytes(), None).unwrap();
        let codes: Vec<_> = feed.warnings.iter().map(|warning| warning.code).collect();
        assert_eq!((feed.items.len(), codes), (1, vec!["same-id"]), "{items}");
        let extract = feed.items[0].extract.as_ref().unwrap();
        assert_eq!(feed.items[0].key, "old.example/a");
        assert_eq!(extract.guid.as_deref(), Some("g"));
        assert!(extract.html.contains(text), "{items}");
    }
    // A log whose entries have the page's address for a guid: nothing is lost.
    let (items, _) = found(&(version("A", "One", "") + &version("B", "Two", "")));
    assert_eq!(items.len(), 2);
    // Nothing to go by.
    let (items, _) = found("<item><title>A</title></item><item><title>A</title></item><item/>");
    let keys: std::collections::HashSet<&String> = items.iter().map(|(key, ..)| key).collect();
    assert_eq!(keys.len(), 3);
}

#[test]
fn hostile_documents_cost_little() {
    let numbered = |text: &str| -> String {
        let each = (0..200_000).map(|n| text.replace('N', &format!("n{n}")));
        each.collect()
    };
    let began = std::time::Instant::now();
    let laughs: String = (1..10)
        .map(|n| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10)))
        .collect();
    let bomb = format!(
        "<?xml version=\"1.0\"?><!DOCTYPE rss [<!ENTITY l0 \"lol\">{laughs}<!ENTITY x SYSTEM \"file:///etc/passwd\">]>{}",
        rss("<item><title>&l9;&x;</title></item>")
    );
    assert_eq!(one(&bomb).title.as_deref(), Some("&l9;&x;"));
    for text in [
        rss(&format!(
            "<item><title>A</title><description>{}",
            "<div>".repeat(100_000)
        )),
        rss(&format!(
            "<item><title>A</title><description>{}{}</description></item>",
            "<b>".repeat(10_000),
            "</b>".repeat(10_000)
        )),
        "<rss><channel>".to_owned() + &"<item>".repeat(10_000),
        rss(&format!("<item>{}</item>", numbered("<category>N</category>"))),
        rss(&format!(
            "<item>{}</item>",
            numbered("<dc:creator>N</dc:creator>")
        )),
        format!(
            "{{\"version\": \"https://jsonfeed.org/version/1\", \"items\": [{{\"authors\": [{}0]}}]}}",
            numbered("\"N\",")
        ),
        "<a ".repeat(200_000),
        "<a b=\"".repeat(200_000),
        "<![CDATA[".repeat(200_000),
        "<!DOCTYPE [".repeat(200_000),
        "<!--".repeat(200_000),
        "&".repeat(1_000_000),
        "<".repeat(1_000_000),
        "</".repeat(500_000),
        format!("<rss {}>", "xmlns:a=\"b\" ".repeat(100_000)),
        "{".repeat(100_000),
        format!(
            "{{\"version\": \"https://jsonfeed.org/version/1\", \"items\": [{}",
            "[".repeat(100_000)
        ),
    ] {
        let _ = read(text.as_bytes(), None);
    }
    assert!(
        began.elapsed() < std::time::Duration::from_secs(60),
        "{:?}",
        began.elapsed()
    );
}

/// The public test feeds of the feedparser project, where `TIDINGS_FEEDPARSER` names their folder
/// `tests`: each that is called well-formed gives as many items as its own test asks for.
#[test]
#[allow(clippy::print_stderr)]
fn the_feeds_of_feedparser() {
    let Some(folder) = std::env::var_os("TIDINGS_FEEDPARSER") else {
        eprintln!("not measured");
        return;
    };
    let files = walkdir::WalkDir::new(Path::new(&folder).join("wellformed"))
        .into_iter()
        .filter_map(Result::ok);
    let mut wrong = Vec::new();
    let mut good = 0;
    for file in files.filter(|file| {
        file.path()
            .extension()
            .is_some_and(|extension| extension == "xml")
    }) {
        let bytes = std::fs::read(file.path()).unwrap();
        let text = charset::decode(&bytes, None);
        let asked = text
            .split("entries[")
            .skip(1)
            .filter_map(|rest| rest.split(']').next()?.parse::<usize>().ok());
        let wanted = asked.max().map_or(0, |last| last + 1);
        match read(&bytes, None) {
            Ok(feed) if feed.items.iter().filter(|item| item.extract.is_ok()).count() >= wanted => good += 1,
            found => wrong.push(format!(
                "{}: {wanted} wanted: {:?}",
                file.path().display(),
                found.map(|feed| feed.items.len())
            )),
        }
    }
    eprintln!("{good} good, {} wrong", wrong.len());
    assert!(good > 0 && wrong.is_empty(), "{wrong:#?}");
}
