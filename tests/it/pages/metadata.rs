//! One page a way of stating metadata, each with what must come out.

use super::{PROSE, article, day, names, page, read, text};
use tidings::articles::{Article, Image};

/// What is the same in each page, whichever way it is stated.
fn expect(what: &str, article: &Article) {
    assert_eq!(article.title, "The Late Ferry", "{what}");
    assert_eq!(names(article), ["Ann Lee"], "{what}");
    assert_eq!(day(article), "2026-01-23", "{what}");
    assert_eq!(article.categories, ["Boats"], "{what}");
    assert!(text(article).starts_with("The ferry leaves at six"), "{what}");
    assert!(
        text(article).ends_with("at the weather."),
        "{what}: {}",
        text(article)
    );
}

fn image(url: &str, alt: &str, size: Option<(u32, u32)>) -> Image {
    Image {
        url: url.to_owned(),
        alt: alt.to_owned(),
        width: size.map(|size| size.0),
        height: size.map(|size| size.1),
        media_type: Some("image/jpeg".to_owned()),
        length: None,
    }
}

fn json_ld(json: &str) -> String {
    page(
        &format!("<title>x</title><script type=\"application/ld+json\">{json}</script>"),
        &format!("<h1>The Late Ferry</h1>{PROSE}"),
    )
}

#[test]
fn json_ld_of_one_node() {
    let article = article(&json_ld(
        r#"{"@context": "https://schema.org", "@type": "BlogPosting", "headline": "The Late Ferry",
            "author": "Ann Lee", "datePublished": "2026-01-23", "dateModified": "2026-02-01T08:00:00Z",
            "articleSection": "Boats", "url": "/late-ferry", "inLanguage": "en-GB",
            "description": "Of a ferryman who waits for those who are late.",
            "image": {"@type": "ImageObject", "url": "/ferry.jpg", "width": "1200px", "height": {"@type": "QuantitativeValue", "value": 800}, "caption": "The ferry"},
            "interactionStatistic": [{"@type": "InteractionCounter", "interactionType": "https://schema.org/LikeAction", "userInteractionCount": 9},
                {"@type": "InteractionCounter", "interactionType": {"@type": "CommentAction"}, "userInteractionCount": 4}]}"#,
    ));
    expect("one node", &article);
    assert_eq!(article.url, "https://bay.example/late-ferry");
    assert_eq!(article.language.as_deref(), Some("en-GB"));
    assert_eq!(article.summary, "Of a ferryman who waits for those who are late.");
    assert_eq!(article.updated.unwrap().to_rfc3339(), "2026-02-01T08:00:00+00:00");
    assert_eq!(article.comment_count, Some(4));
    assert_eq!(
        article.image,
        Some(image(
            "https://bay.example/ferry.jpg",
            "The ferry",
            Some((1200, 800))
        ))
    );
}

/// A graph as plugins of WordPress write it: everything by reference.
#[test]
fn json_ld_of_a_graph() {
    let article = article(&json_ld(
        r##"{"@context": "https://schema.org", "@graph": [
            {"@type": "Article", "@id": "/late#article", "isPartOf": {"@id": "/late"}, "headline": "The Late Ferry",
             "author": {"name": "Ann Lee", "@id": "/#/person/1"}, "datePublished": "2026-01-23T10:00:00+00:00",
             "image": {"@id": "/late#primaryimage"}, "articleSection": ["Boats"], "keywords": ["ropes", "tides"],
             "mainEntityOfPage": {"@id": "/late"}, "commentCount": 3},
            {"@type": "WebPage", "@id": "/late", "url": "/late", "name": "The Late Ferry - Bay"},
            {"@type": "ImageObject", "@id": "/late#primaryimage", "url": "/ferry.jpg", "contentUrl": "/ferry.jpg", "width": 1200, "height": 800, "caption": "The ferry"},
            {"@type": "BreadcrumbList", "itemListElement": [{"@type": "ListItem", "position": 1, "name": "Home"}]},
            {"@type": "WebSite", "@id": "/#website", "name": "Bay"},
            {"@type": "Person", "@id": "/#/person/1", "name": "Ann Lee", "url": "https://bay.example/author/ann"}]}"##,
    ));
    expect("graph", &article);
    assert_eq!(
        article.authors[0].url.as_deref(),
        Some("https://bay.example/author/ann")
    );
    assert_eq!(article.comment_count, Some(3));
    assert_eq!(
        article.image,
        Some(image(
            "https://bay.example/ferry.jpg",
            "The ferry",
            Some((1200, 800))
        ))
    );
}

/// Further articles of a list are not the page's own, though they stand before it.
#[test]
fn json_ld_beside_a_list_of_others() {
    let article = article(&json_ld(
        r#"[{"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "item": {"@type": "NewsArticle", "headline": "Another"}},
              {"@type": "NewsArticle", "headline": "Another", "author": {"name": "Bob"}, "datePublished": "2020-01-01"}]},
            {"@type": ["NewsArticle", "Thing"], "headline": "The Late Ferry", "author": [{"@type": "Person", "name": "Ann Lee"}],
             "datePublished": "Fri, 23 Jan 2026 08:00:00 GMT", "articleSection": {"@type": "DefinedTerm", "name": "Boats"}}]"#,
    ));
    expect("list", &article);
}

#[test]
fn json_ld_that_is_broken_says_nothing_and_the_rest_is_read() {
    let deep = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
    let long = format!(
        "{{\"@type\":\"Article\",\"headline\":\"No\",\"x\":[{}0]}}",
        "0,".repeat(1_000_000)
    );
    for json in [
        "{\"@type\": \"Article\", \"headline\":",
        "not json",
        "",
        deep.as_str(),
        long.as_str(),
    ] {
        let html = page(
            &format!(
                "<script type=\"application/ld+json\">{json}</script>\
                 <script type=\"application/ld+json\">{{\"@type\":\"Article\",\"headline\":\"The Late Ferry\",\
                 \"author\":\"Ann Lee\",\"datePublished\":\"2026-01-23\",\"articleSection\":\"Boats\"}}</script>"
            ),
            &format!("<h1>The Late Ferry</h1>{PROSE}"),
        );
        expect(&json[..json.len().min(20)], &article(&html));
    }
}

#[test]
fn microdata() {
    let article = article(&page(
        "<title>x</title>",
        &format!(
            r#"<div itemscope itemtype="https://schema.org/BlogPosting"><meta itemprop="articleSection" content="Boats">
            <h1 itemprop="headline">The Late Ferry</h1>
            <p>by <span itemprop="author" itemscope itemtype="https://schema.org/Person"><a itemprop="url" href="/ann"><span itemprop="name">Ann Lee</span></a></span>
            on <time itemprop="datePublished" datetime="2026-01-23T10:00:00Z">a Friday</time></p>
            <span itemprop="image" itemscope itemtype="https://schema.org/ImageObject"><meta itemprop="url" content="/ferry.jpg"><meta itemprop="width" content="1200"><meta itemprop="height" content="800"></span>
            <meta itemprop="commentCount" content="2"><link itemprop="url" href="/late">
            <div itemprop="articleBody">{PROSE}</div>
            <aside itemprop="mentions" itemscope itemtype="https://schema.org/BlogPosting"><a itemprop="url" href="/o"><b itemprop="headline">Another</b></a></aside></div>"#
        ),
    ));
    expect("microdata", &article);
    assert_eq!(article.url, "https://bay.example/late");
    assert_eq!(article.authors[0].url.as_deref(), Some("https://bay.example/ann"));
    assert_eq!(
        article.image,
        Some(image("https://bay.example/ferry.jpg", "", Some((1200, 800))))
    );
    assert_eq!(article.comment_count, Some(2));
}

#[test]
fn rdfa_lite() {
    let article = article(&page(
        "<title>x</title>",
        &format!(
            r#"<article vocab="https://schema.org/" typeof="BlogPosting"><h1 property="headline">The Late Ferry</h1>
            <p><span property="author" typeof="Person"><span property="name">Ann Lee</span></span>,
            <span property="articleSection">Boats</span>, <time property="datePublished" datetime="2026-01-23">a Friday</time></p>
            <div property="articleBody">{PROSE}</div></article>"#
        ),
    ));
    expect("RDFa", &article);
}

#[test]
fn open_graph() {
    let article = article(&page(
        r#"<title>The Late Ferry | Bay</title><meta property="og:title" content="The Late Ferry"><meta property="og:site_name" content="Bay">
        <meta property="og:type" content="article"><meta property="og:url" content="https://bay.example/late"><meta property="og:locale" content="en_GB">
        <meta property="og:description" content="Of a ferryman who waits for those who are late.">
        <meta property="og:image" content="/ferry.jpg"><meta property="og:image:secure_url" content="/ferry.jpg"><meta property="og:image:width" content="1200"><meta property="og:image:height" content="800"><meta property="og:image:alt" content="The ferry">
        <meta property="og:image" content="/other.jpg"><meta property="og:image:alt" content="Something else"><meta property="og:image:width" content="5">
        <meta property="article:published_time" content="2026-01-23T10:00:00Z"><meta property="article:modified_time" content="2026-01-24T10:00:00Z">
        <meta property="article:author" content="https://social.example/ann"><meta name="author" content="Ann Lee"><meta property="article:section" content="Boats"><meta property="article:tag" content="ropes">"#,
        &format!("<h1>The Late Ferry</h1>{PROSE}"),
    ));
    expect("OpenGraph", &article);
    assert_eq!(article.url, "https://bay.example/late");
    assert_eq!(article.language.as_deref(), Some("en-GB"));
    assert_eq!(
        article.image,
        Some(image(
            "https://bay.example/ferry.jpg",
            "The ferry",
            Some((1200, 800))
        ))
    );
    assert_eq!(article.summary, "Of a ferryman who waits for those who are late.");
}

#[test]
fn twitter_cards_and_what_analytics_read() {
    let article = article(&page(
        r#"<title>Bay: news</title><meta name="twitter:title" content="The Late Ferry"><meta name="twitter:image" content="/ferry.jpg"><meta name="twitter:image:alt" content="The ferry">
        <meta name="twitter:description" content="Of a ferryman who waits for those who are late."><meta name="twitter:creator" content="@ann">
        <meta name="parsely-author" content="Ann Lee"><meta name="parsely-pub-date" content="2026-01-23T10:00:00Z"><meta name="parsely-section" content="Boats">"#,
        &format!("<h1>The Late Ferry</h1>{PROSE}"),
    ));
    expect("Twitter", &article);
    assert_eq!(
        article.image,
        Some(image("https://bay.example/ferry.jpg", "The ferry", None))
    );
}

#[test]
fn dublin_core_and_citations() {
    for (title, author, date, subject) in [
        ("DC.title", "DC.creator", "DC.date.issued", "DC.subject"),
        (
            "dcterms:title",
            "dcterms:creator",
            "dcterms:issued",
            "dcterms:subject",
        ),
        ("DC:Title", "DC:Creator", "DC:Date", "DC:Subject"),
        (
            "citation_title",
            "citation_author",
            "citation_publication_date",
            "article:section",
        ),
    ] {
        let article = article(&page(
            &format!(
                r#"<title>x</title><meta name="{title}" content="The Late Ferry"><meta name="{author}" content="Lee, Ann">
                <meta name="{date}" content="2026/01/23"><meta name="{subject}" content="Boats"><meta name="DC.language" content="en">"#
            ),
            &format!("<h1>The Late Ferry</h1>{PROSE}"),
        ));
        expect(title, &article);
        assert_eq!(article.language.as_deref(), Some("en"), "{title}");
    }
}

#[test]
fn microformats() {
    let article = article(&page(
        "<title>The Late Ferry – Bay</title>",
        &format!(
            r#"<nav><a class="h-card" href="/">Bay</a></nav><article class="h-entry"><h1 class="p-name">The Late Ferry</h1>
            <p><a class="p-author h-card" href="/ann">Ann Lee</a> <time class="dt-published" datetime="2026-01-23">a Friday</time>
            <a class="p-category" href="/boats">Boats</a></p><p class="p-summary">Of a ferryman who waits for those who are late.</p>
            <div class="e-content">{PROSE}</div></article>"#
        ),
    ));
    assert_eq!(article.summary, "Of a ferryman who waits for those who are late.");
    assert_eq!(article.authors[0].url.as_deref(), Some("https://bay.example/ann"));
    assert_eq!(names(&article), ["Ann Lee"]);
    assert_eq!(
        (day(&article).as_str(), article.categories.as_slice()),
        ("2026-01-23", &["Boats".to_owned()][..])
    );
}

#[test]
fn relations_addresses_and_times() {
    for byline in [
        r#"<p>By <a rel="author" href="/ann">Ann Lee</a> on <time pubdate datetime="2026-01-23">a Friday</time> in <a rel="category" href="/b">Boats</a></p>"#,
        r#"<address>By <a href="/ann">Ann Lee</a></address><p><time datetime="2026-01-23">a Friday</time></p><p>Category: Boats</p>"#,
        r#"<p><span class="vcard author"><a class="fn" href="/ann">Ann Lee</a></span> <time class="entry-date published" datetime="2026-01-23">a Friday</time> <span class="cat-links"><a href="/b">Boats</a></span></p>"#,
    ] {
        let article = article(&page(
            "<title>The Late Ferry – Bay</title><link rel=canonical href=/late>",
            &format!(
                "<nav><a href=/>Home</a></nav><article><header><h1>The Late Ferry</h1>{byline}</header>{PROSE}</article><footer><address>Bay Publishing, Quay 1</address></footer>"
            ),
        ));
        expect(byline, &article);
        assert_eq!(article.url, "https://bay.example/late");
        assert_eq!(
            article.authors[0].url.as_deref(),
            Some("https://bay.example/ann"),
            "{byline}"
        );
    }
}

#[test]
fn where_one_is_silent_another_is_heard() {
    let article = article(&page(
        r#"<title>The Late Ferry</title><meta property="og:image" content="/ferry.jpg"><meta property="og:image:width" content="1200"><meta property="og:image:height" content="800">
        <meta name="keywords" content="Boats"><link rel="canonical" href="https://bay.example/"><meta property="og:url" content="/late">
        <script type="application/ld+json">{"@type": "Article", "headline": "The Late Ferry", "image": "/ferry.jpg", "datePublished": "2026-01-23"}</script>"#,
        &format!("<h1>The Late Ferry</h1><p>By <a rel=author href=/ann>Ann Lee</a></p>{PROSE}"),
    ));
    expect("together", &article);
    assert_eq!(
        article.image,
        Some(image("https://bay.example/ferry.jpg", "", Some((1200, 800))))
    );
    assert_eq!(
        article.url, "https://bay.example/late",
        "the front page is no article's address"
    );
}

/// What stands in the page is published; but who publishes it is told.
#[test]
fn what_is_not_free_is_told() {
    for (free, codes) in [
        ("false", vec!["not-free"]),
        ("\"False\"", vec!["not-free"]),
        ("true", vec![]),
    ] {
        let html = json_ld(&format!(
            r#"{{"@type":"NewsArticle","headline":"The Late Ferry","isAccessibleForFree":{free},"author":"Ann Lee","datePublished":"2026-01-23","articleSection":"Boats"}}"#
        ));
        let (article, warnings) = read(html.as_bytes()).unwrap();
        expect(free, &article);
        assert_eq!(
            warnings.iter().map(|warning| warning.code).collect::<Vec<_>>(),
            codes,
            "{free}"
        );
        assert!(
            warnings
                .iter()
                .all(|warning| warning.file.is_some() && warning.hint.is_some())
        );
    }
}

#[test]
fn languages() {
    for (html, language) in [
        ("<html lang=\"de-AT\">", Some("de-AT")),
        ("<html xml:lang=\"pt\">", Some("pt")),
        ("<html><meta property=og:locale content=fr_CA>", Some("fr-CA")),
        ("<html><meta http-equiv=Content-Language content=nl>", Some("nl")),
        ("<html lang=\"\"><meta name=language content=sv>", Some("sv")),
        ("<html>", None),
    ] {
        let article = article(&format!("{html}<title>A</title><h1>A</h1>{PROSE}"));
        assert_eq!(article.language.as_deref(), language, "{html}");
    }
}

#[test]
fn addresses_are_relative_to_the_page_itself() {
    let pages = "[sources.saved]\nkind = \"pages\"\npath = \"saved\"\nurl_template = \"{year}/{slug}/\"\n";
    let site = crate::site::Site::new().with(pages);
    let date = "<meta property=\"article:published_time\" content=\"2025-03-01T00:00:00Z\">";
    let linked = "<p><img src=\"net.png\" alt=\"A net\"> and <a href=\"#more\">more</a> of it.</p>";
    let body = format!("<article><h1>Nets</h1>{PROSE}{linked}{PROSE}</article>");
    site.write("saved/nets.html", page(date, &body));
    let based = format!("<base href=\"/pictures/\">{date}");
    site.write("saved/based.html", page(&based, &body));
    assert_eq!(site.run(&["publish"]).status, 0);
    let feed = std::fs::read_to_string(site.path("feeds/atom.xml")).unwrap();
    for address in ["/2025/nets/net.png", "/2025/nets/#more", "/pictures/net.png"] {
        assert!(
            feed.contains(&format!("https://tides.example{address}")),
            "{address}"
        );
    }
}
