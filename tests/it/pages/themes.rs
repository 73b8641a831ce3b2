//! Posts in the markup of the themes that generators and blog engines bring: whatever stands around a
//! post, its text comes out as it was written, and nothing else.

use super::{PROSE, day, names, read, text};
use std::path::{Path, PathBuf};
use tidings::articles::Article;

/// A theme, and what its page says of a post beside its title and date.
struct Theme {
    name: &'static str,
    authors: &'static [&'static str],
    categories: &'static [&'static str],
}

const fn theme(
    name: &'static str,
    authors: &'static [&'static str],
    categories: &'static [&'static str],
) -> Theme {
    Theme {
        name,
        authors,
        categories,
    }
}

const ANN: &[&str] = &["Ann Lee"];
const BOATS: &[&str] = &["Boats"];
const TAGS: &[&str] = &["ropes", "tides"];

const THEMES: &[Theme] = &[
    theme("after-dark", ANN, BOATS),
    theme("ananke", ANN, TAGS),
    theme("astro-blog", &[], &[]),
    theme("astro-paper", ANN, TAGS),
    theme("bear", &[], TAGS),
    theme("blowfish", ANN, TAGS),
    theme("butterfly", ANN, BOATS),
    theme("casper", ANN, BOATS),
    theme("chirpy", ANN, BOATS),
    theme("docusaurus", ANN, TAGS),
    theme("eleventy-base-blog", &[], TAGS),
    theme("fuwari", ANN, TAGS),
    theme("gatsby-starter", &[], &[]),
    theme("hugo-stack", &[], BOATS),
    theme("landscape", ANN, BOATS),
    theme("lines-only", ANN, &[]),
    theme("minima", ANN, &[]),
    theme("minimal-mistakes", ANN, BOATS),
    theme("mkdocs-material", ANN, &[]),
    theme("nameless", ANN, &[]),
    theme("next", ANN, BOATS),
    theme("nextjs-tailwind", ANN, TAGS),
    theme("papermod", ANN, TAGS),
    theme("papermod-unsigned", &[], TAGS),
    theme("pelican-simple", ANN, BOATS),
    theme("source", ANN, BOATS),
    theme("tabi", ANN, TAGS),
    theme("terminal", ANN, BOATS),
    theme("twenty-twenty-four", ANN, BOATS),
    theme("twenty-twenty-one", ANN, BOATS),
    theme("vitepress", ANN, &[]),
    theme("write-freely", ANN, &[]),
];

/// Posts of every kind, by name.
fn posts() -> Vec<(&'static str, String)> {
    let post = |name, html: &str| (name, html.to_owned());
    vec![
        post("one sentence", "<p>The last boat was late again.</p>"),
        post("two sentences", "<p>The last boat was late again. Nobody said a word about it, and we walked home in the rain.</p>"),
        post("short lines", "<p>Late again.</p><p>“Why?” – “Fog.”</p><p>So we walked home together, as we had done the week before.</p>"),
        post("a link", "<p>There is <a href=\"https://ferry.example/times\">a new timetable</a>, from May on.</p>"),
        post("a list", "<p>To take along:</p><ul><li>a coat</li><li>a lamp</li><li>something to read</li></ul><p>That is all.</p>"),
        post("a quote", "<blockquote><p>Whoever is late walks.</p></blockquote><p>So it is painted above the slip, and so it is done.</p>"),
        post("a photo", "<p><img src=\"/slip.jpg\" alt=\"The slip at low tide\" /></p><p>Taken at six, from the wall.</p>"),
        post("a caption", "<p>The boat has a new coat of paint.</p><figure><img src=\"/boat.jpg\" alt=\"A boat\"><figcaption>The boat on the slip, in May.</figcaption></figure><p>It took two weekends and a tin of green.</p>"),
        post("a long one with captions", &format!("{PROSE}<figure class=\"image\"><a href=\"/boat.jpg\"><img src=\"/boat.jpg\" alt=\"A boat\"></a><figcaption class=\"caption\">The boat on the slip.</figcaption></figure>{PROSE}<figure><img src=\"/sea.jpg\" alt=\"\"><figcaption><p>The sea, behind it.</p></figcaption></figure><p>That was May.</p>")),
        post("code", "<p>Tides can be had by machine:</p><pre><code class=\"language-sh\">curl tides.example/bay\n# six lines come back\n</code></pre><p>The third is the one you want.</p>"),
        post("only code", "<pre><code class=\"language-sh\">curl tides.example/bay\n</code></pre>"),
        post("a table", "<p>The boats of this week:</p><table><thead><tr><th>Day</th><th>Boat</th></tr></thead><tbody><tr><td>Monday</td><td>06:00</td></tr><tr><td>Friday</td><td>07:30</td></tr></tbody></table><p>On Sundays there is none.</p>"),
        post("sections", &format!("{PROSE}<h2 id=\"one\">Of the timetable</h2><p>It hangs in the shop.</p><ul><li>Six, for those who work.</li><li>Nine, for those who do not.</li></ul><h2 id=\"two\">Of the rope</h2>{PROSE}<h3>Its end</h3><p>It frays, as ropes do.</p>")),
        post("short sections", "<h2 id=\"one\">Of the timetable</h2><p>It hangs in the shop.</p><h2 id=\"two\">Of the rope</h2><p>It frays, as ropes do.</p>"),
        post("Japanese, short", "<p>船はまた遅れた。みんな雨の中を歩いて帰った。</p>"),
        post("Japanese", &format!("<p>{}</p><p>{}</p>", "船は六時に出る。遅れた人は湾を歩いて回るので、朝の大半と忍耐のすべてが要る。".repeat(3), "五月なら誰も気にしないが、一月は話が別で、船頭もそれを知っている。".repeat(3))),
        post("Arabic", "<p>تأخرت العبّارة الأخيرة مرة أخرى، ولم يقل أحد شيئا.</p><p>مشينا إلى البيت تحت المطر، كما فعلنا في الأسبوع الماضي.</p>"),
        post("Russian", "<p>Последний паром снова опоздал.</p><p>Никто ничего не сказал, и мы пошли домой под дождём.</p>"),
        post("long", &PROSE.repeat(4)),
        post("links", &format!("{PROSE}<ul>{}</ul><p>More of them next week.</p>{PROSE}{PROSE}", "<li><a href=\"https://rope.example/a\">All about ropes</a></li><li><a href=\"https://tide.example/b\">Tides of the north</a>: good maps</li>".repeat(5))),
        post("an embed", "<p>Here is a film of it.</p><iframe width=\"560\" height=\"315\" src=\"https://www.youtube.com/embed/abc123\" title=\"The ferry in fog\" allowfullscreen></iframe><p>It lasts a minute.</p>"),
        post("a note in a box", &format!("{PROSE}<div class=\"admonition note\"><p class=\"admonition-title\">Note</p><p>There is no boat on Sundays.</p></div><aside class=\"callout\"><p>Nor on the day of the fair.</p></aside>{PROSE}{PROSE}")),
        post("a short one with a box", "<p>All is as it was.</p><aside><p>But there is no boat on Sundays.</p></aside><div class=\"alert alert-info\">And none at night.</div><p>That is all.</p>"),
        post("footnotes", &format!("{PROSE}<p>It was in May.<sup id=\"fnref:1\"><a href=\"#fn:1\" class=\"footnote-ref\" role=\"doc-noteref\">1</a></sup></p><div class=\"footnotes\" role=\"doc-endnotes\"><hr><ol><li id=\"fn:1\"><p>Or in June.&#160;<a href=\"#fnref:1\" class=\"footnote-backref\" role=\"doc-backlink\">&#x21a9;&#xfe0e;</a></p></li></ol></div>")),
        post("details", "<p>What there is to eat:</p><details><summary>Today</summary><p>Fish.</p></details><p>It is good.</p>"),
        post("a heading first", "<h2>To begin with</h2><p>The boat was late.</p><h3>And then</h3><p>It came.</p>"),
        post("nested lists", "<ol><li>Get up<ul><li>early</li><li>or not</li></ul></li><li>Walk to the slip</li><li>Wait</li></ol>"),
        post("only a picture", "<p><img src=\"/slip.jpg\" alt=\"The slip at low tide\"></p>"),
        post("tasks", "<ul class=\"task-list\"><li><input type=\"checkbox\" checked disabled> Mend the rope</li><li><input type=\"checkbox\" disabled> Paint the boat</li></ul>"),
        post("long Chinese", &format!("<p>{}</p><h2>\u{7f06}\u{7ef3}</h2><p>{}</p>", "渡船六点开，迟到的人要绕着海湾走，要花大半个上午和全部的耐心。".repeat(8), "五月没有人在意，可一月是另一回事，船夫也知道。".repeat(8))),
        post("addresses", "<p>Write to <a href=\"mailto:ann@bay.example\">ann@bay.example</a>, or see <a href=\"https://bay.example/tags/ropes/\">all about ropes</a>.</p><p><a href=\"https://ferry.example/\">The ferry’s own page</a></p>"),
        post("verses", "<p>The boat is late,<br>the night is long,<br>we sing a song<br>and wait.</p>"),
        post("bare text", "The last boat was late again.<br><br>We walked home in the rain."),
        post("a signature", &format!("{PROSE}{PROSE}Yours,<br>Ann Ferry{PROSE}{PROSE}")),
        post("parts", &format!("<h1>The morning</h1>{PROSE}<h1>The evening</h1>{PROSE}{PROSE}")),
        post("a late picture", "<p>The boat:</p><p><img class=\"lazy\" src=\"data:image/gif;base64,R0lGOD\" data-src=\"/boat.jpg\" alt=\"A boat\"></p><p>It is green.</p>"),
        post("a captioned table", &format!("{PROSE}<table><caption>Boats of this week</caption><tr><th>Day</th><th>Boat</th></tr><tr><td>Monday</td><td>06:00</td></tr></table>{PROSE}{PROSE}")),
        post("highlighted code", &format!("{PROSE}<div class=\"highlight\"><pre tabindex=\"0\"><code class=\"language-sh\" data-lang=\"sh\">curl tides.example/bay\n</code></pre></div><p>And then:</p><pre><code>six\nlines\n</code></pre>{PROSE}{PROSE}")),
        post("a video", "<p>The film:</p><video controls src=\"/film.mp4\"><a href=\"/film.mp4\">The film</a></video><p>It is short.</p>"),
        post("pictures", &format!("{PROSE}{}{PROSE}{PROSE}", "<p><a href=\"/1.jpg\"><img src=\"/1.jpg\" alt=\"\"></a></p><figure><img src=\"/2.jpg\" alt=\"\"><figcaption>The wall, from below.</figcaption></figure><div class=\"gallery\"><img src=\"/3.jpg\" alt=\"\"><img src=\"/4.jpg\" alt=\"\"></div>".repeat(3))),
        post("a table in a long one", &format!("{PROSE}<table><thead><tr><th>Day</th><th>Boat</th></tr></thead><tbody><tr><td>Monday</td><td>06:00</td></tr><tr><td>Friday</td><td>07:30</td></tr></tbody></table>{PROSE}<dl><dt>Slip</dt><dd>Where boats come up.</dd></dl>{PROSE}<p>Yes.</p><hr><p><small>It was a long day.</small></p>{PROSE}")),
    ]
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/themes")
}

/// A post in a theme.
fn in_theme(theme: &str, body: &str) -> Article {
    let file = folder().join(format!("{theme}.html"));
    let page = std::fs::read_to_string(&file).unwrap();
    assert!(page.contains("{{ body }}"), "{theme}");
    read(page.replace("{{ body }}", body).as_bytes()).unwrap().0
}

/// A post as it is published: what it frames is a link.
fn shown(body: &str) -> String {
    let frame = "<iframe width=\"560\" height=\"315\" src=\"https://www.youtube.com/embed/abc123\" title=\"The ferry in fog\" allowfullscreen></iframe>";
    body.replace(
        frame,
        "<p><a href=\"https://www.youtube.com/embed/abc123\">The ferry in fog</a></p>",
    )
}

#[test]
fn every_post_comes_out_of_every_theme_as_it_was_written() {
    let mut wrong = Vec::new();
    for theme in THEMES {
        for (name, body) in posts() {
            let article = in_theme(theme.name, &body);
            let found = [
                differs_in_text(&article, &body),
                differs_in_what_it_shows(&article, &body),
                differs_in_credits(&article, theme),
            ];
            wrong.extend(
                found
                    .into_iter()
                    .flatten()
                    .map(|wrong| format!("{}, {name}: {wrong}", theme.name)),
            );
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

fn differs_in_text(article: &Article, body: &str) -> Option<String> {
    let found = text(article);
    let wanted = tidings::articles::text::with_captions(&shown(body));
    (found != wanted).then(|| format!("{found:?}\n  instead of {wanted:?}"))
}

/// How often it has elements that are more than text.
fn differs_in_what_it_shows(article: &Article, body: &str) -> Option<String> {
    const TAGS: &[&str] = &[
        "a ",
        "blockquote",
        "dl",
        "figcaption",
        "figure",
        "h3",
        "img",
        "li",
        "ol",
        "pre",
        "sup",
        "table",
        "td",
        "th>",
        "ul",
    ];
    let count = |html: &str, tag: &str| html.matches(&format!("<{tag}")).count();
    TAGS.iter().find_map(|tag| {
        let (found, wanted) = (count(&article.content_html, tag), count(&shown(body), tag));
        (found != wanted).then(|| format!("{found} <{tag}, not {wanted}"))
    })
}

fn differs_in_credits(article: &Article, theme: &Theme) -> Option<String> {
    let lower = |names: &[&str]| names.iter().map(|name| name.to_lowercase()).collect::<Vec<_>>();
    let found: Vec<&str> = article.categories.iter().map(String::as_str).collect();
    let same = article.title == "The Late Ferry"
        && names(article) == theme.authors
        && day(article) == "2026-01-23"
        && lower(&found) == lower(theme.categories);
    (!same).then(|| {
        format!(
            "{:?} by {:?} on {} in {found:?}",
            article.title,
            names(article),
            day(article)
        )
    })
}

/// The same theme in other languages: the words of its frame are not known, their places are.
#[test]
fn the_frame_of_a_theme_is_told_in_other_languages() {
    const OURS: [&str; 8] = [
        "lang=\"en\"",
        "January 23, 2026",
        "1 min<",
        "212 words",
        "Suggest Changes",
        "« Prev",
        "Next »",
        "Table of Contents",
    ];
    for theirs in [
        [
            "lang=\"de\"",
            "23. Januar 2026",
            "1 Minute<",
            "212 Wörter",
            "Änderungen vorschlagen",
            "« Zurück",
            "Weiter »",
            "Inhalt",
        ],
        [
            "lang=\"fr\"",
            "23 janvier 2026",
            "1 min<",
            "212 mots",
            "Modifier",
            "« Page précédente",
            "Page suivante »",
            "Table des matières",
        ],
        [
            "lang=\"es\"",
            "23 de enero de 2026",
            "1 min<",
            "212 palabras",
            "Sugerir cambios",
            "« Anterior",
            "Siguiente »",
            "Tabla de contenidos",
        ],
        [
            "lang=\"zh\"",
            "2026年1月23日",
            "1 分钟<",
            "212 字",
            "编辑",
            "« 上一页",
            "下一页 »",
            "目录",
        ],
        [
            "lang=\"ja\"",
            "2026年1月23日",
            "1 分<",
            "212 文字",
            "編集",
            "« 前へ",
            "次へ »",
            "目次",
        ],
        [
            "lang=\"ru\"",
            "23 января 2026",
            "1 минута<",
            "212 слов",
            "Предложить правку",
            "« Назад",
            "Вперёд »",
            "Содержание",
        ],
    ] {
        let mut page = std::fs::read_to_string(folder().join("papermod.html")).unwrap();
        for (ours, theirs) in OURS.iter().zip(theirs) {
            assert!(page.contains(ours), "{ours}");
            page = page.replace(ours, theirs);
        }
        page = page.replace("<meta name=\"author\" content=\"Ann Lee\">", "");
        for (name, body) in posts() {
            let (article, _) = read(page.replace("{{ body }}", &body).as_bytes()).unwrap();
            let wanted = tidings::articles::text::with_captions(&shown(&body));
            assert_eq!(text(&article), wanted, "{}, {name}", theirs[0]);
            assert_eq!(
                (day(&article).as_str(), names(&article)),
                ("2026-01-23", vec!["Ann Lee"]),
                "{}, {name}",
                theirs[0]
            );
        }
    }
}

#[test]
fn captions_are_read_with_the_text() {
    for (_, body) in posts().iter().filter(|(name, _)| name.contains("caption")) {
        let read = text(&in_theme("minima", body));
        assert!(
            read.contains("The boat on the slip") || read.contains("Boats of this week"),
            "{read}"
        );
    }
}

/// A picture that opens an article stands before its text, and its caption is read with it.
#[test]
fn the_caption_of_the_first_picture_is_kept() {
    for (theme, before) in [
        ("papermod", "<div class=\"post-content\">"),
        ("source", "</header>\n<section class=\"gh-content"),
        ("casper", "</header>\n<section class=\"gh-content"),
    ] {
        let page = std::fs::read_to_string(folder().join(format!("{theme}.html"))).unwrap();
        let figure = "<figure class=\"entry-cover\"><img src=\"/cover.jpg\" alt=\"A boat\"><figcaption>The boat, in May.</figcaption></figure>";
        assert!(page.contains(before), "{theme}");
        let page = page.replacen(before, &format!("{figure}{before}"), 1);
        for body in ["<p>The last boat was late again.</p>".to_owned(), PROSE.repeat(4)] {
            let (article, _) = read(page.replace("{{ body }}", &body).as_bytes()).unwrap();
            let wanted = format!(
                "The boat, in May.\n\n{}",
                tidings::articles::text::with_captions(&body)
            );
            assert_eq!(text(&article), wanted, "{theme}");
            assert!(
                article.content_html.contains("<figure>") && article.content_html.contains("cover.jpg"),
                "{theme}"
            );
        }
    }
}

/// What stands in the text's own element though it is none of it.
#[test]
fn what_a_text_begins_and_ends_with_that_is_none_of_it() {
    let contents =
        "<ul><li><a href=\"#one\">Of the timetable</a></li><li><a href=\"#two\">Of the rope</a></li></ul>";
    let text_ =
        format!("{PROSE}<h2 id=\"one\">Of the timetable</h2>{PROSE}<h2 id=\"two\">Of the rope</h2>{PROSE}");
    for (before, after) in [
        (format!("<h2>Table of Contents</h2>{contents}"), String::new()),
        (format!("<p>Inhaltsübersicht</p>{contents}"), String::new()),
        (
            format!("{}<p>By Ann Lee on 23 January 2026</p>", contents.repeat(10)),
            String::new(),
        ),
        (contents.to_owned(), String::new()),
        ("<p>4 min read</p>".to_owned(), "<p><a href=\"/fog/\">← Fog, and what to do in it</a></p>".to_owned()),
        (String::new(), "<ul><li>← Vorheriger<br><a href=\"/fog/\">Fog</a></li><li>Nächster →<br><a href=\"/slip/\">The slip</a></li></ul>".to_owned()),
        (String::new(), "<p>Tags: <a href=\"/tags/ropes/\">ropes</a>, <a href=\"/tags/tides/\">tides</a></p>".to_owned()),
        (String::new(), "<hr><p><a href=\"https://bsky.app/intent/compose?text=x\">Bluesky</a> | <a href=\"https://x.com/intent/tweet?url=x\">X</a></p><p><a href=\"https://github.com/bay/notes/edit/main/x.md\">Edit this page</a></p>".to_owned()),
    ] {
        let article = in_theme("bear", &format!("{before}{text_}{after}"));
        assert_eq!(text(&article), tidings::articles::text::with_captions(&text_), "{before}{after}");
        let short = "<p>The last boat was late again.</p>";
        let article = in_theme("bear", &format!("{before}{short}{after}"));
        assert_eq!(text(&article), "The last boat was late again.", "{before}{after}");
    }
}

#[test]
fn no_theme_is_left_out() {
    let mut files: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| {
            entry
                .unwrap()
                .path()
                .file_stem()
                .unwrap()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    files.sort();
    assert_eq!(files, THEMES.iter().map(|theme| theme.name).collect::<Vec<_>>());
}
