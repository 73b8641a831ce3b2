//! Sites of generators: where each publishes its articles, and what it leaves alone.

use crate::markdown::read;
use std::collections::BTreeMap;
use tidings::sources::Scan;

type Files = [(&'static str, &'static str)];

fn written(files: &Files) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

/// The paths of the addresses of what is shown, by file.
fn addresses(scan: &Scan) -> BTreeMap<&str, &str> {
    assert!(scan.readable && scan.failed.is_empty(), "{:?}", scan.failed);
    let shown = scan.articles.iter().filter(|article| !article.draft);
    shown
        .map(|article| {
            let path = article.url.strip_prefix("https://example.org").unwrap();
            (article.path.as_str(), path)
        })
        .collect()
}

/// Reads a site's folder by its generator's own rules, and compares all that is shown.
fn publishes(files: &Files, source: &str, expected: &[(&str, &str)]) {
    let folder = written(files);
    let scan = read(&folder.path().join(source), Some("{permalink}"));
    assert_eq!(addresses(&scan), expected.iter().copied().collect());
}

const A: &str = "---\ntitle: A\ndate: 2026-01-05\n---\nx";
const SLUG: &str = "---\ntitle: A\ndate: 2026-01-05\nslug: My Own Slug\n---\nx";

/// The addresses are those that Hugo 0.111 gives the same files.
#[test]
fn hugo_without_patterns() {
    publishes(
        &[
            ("config.toml", "baseURL = 'https://example.org/'"),
            ("content/Posts/Hello World.md", A),
            ("content/Posts/My Trip/index.md", A),
            ("content/Posts/b.md", SLUG),
            ("content/Posts/Größe & Maß, C++ (x) 'y'.md", A),
            ("content/Posts/2026-02-03-dated.md", A),
            ("content/Posts/a.b.c.md", A),
            ("content/root.md", A),
            (
                "content/Posts/u.md",
                "---\ntitle: U\ndate: 2026-01-05\nurl: /Some/Where.html\n---\n",
            ),
        ],
        "content",
        &[
            ("Posts/Hello World.md", "/posts/hello-world/"),
            ("Posts/My Trip/index.md", "/posts/my-trip/"),
            ("Posts/b.md", "/posts/my-own-slug/"),
            (
                "Posts/Größe & Maß, C++ (x) 'y'.md",
                "/posts/gr%C3%B6%C3%9Fe-ma%C3%9F-c++-x-y/",
            ),
            ("Posts/2026-02-03-dated.md", "/posts/2026-02-03-dated/"),
            ("Posts/a.b.c.md", "/posts/a.b.c/"),
            ("root.md", "/root/"),
            ("Posts/u.md", "/Some/Where.html"),
        ],
    );
    publishes(
        &[
            (
                "hugo.yaml",
                "disablePathToLower: true\nuglyURLs: true\nremovePathAccents: true\nfrontmatter: {date: [':filename', ':default']}",
            ),
            ("content/Posts/2026-02-03-Été.md", "---\ntitle: A\n---\nx"),
        ],
        "content/Posts",
        &[("2026-02-03-Été.md", "/Posts/Ete.html")],
    );
}

#[test]
fn hugo_with_a_pattern_for_each_section() {
    publishes(
        &[
            (
                "hugo.toml",
                "[permalinks.page]\nessays = '/e/:year/:slug/'\n[permalinks]\nnotes = '/n/:sections/:title'\n\
                 deep = '/:sections[1:]/:slug/'\nfiles = '/f/:filename/'\nkept = '/:section/:slugorfilename.html'",
            ),
            (
                "content/essays/one.md",
                "---\ntitle: 'An Éssay: on C++ & C#'\ndate: 2026-01-05\n---\nx",
            ),
            ("content/essays/two.md", SLUG),
            (
                "content/notes/Sub Dir/x.md",
                "---\ntitle: X  y -- Z/ä\ndate: 2026-01-05\n---\nx",
            ),
            ("content/deep/inner/_index.md", "---\ntitle: Inner\n---\n"),
            ("content/deep/inner/x.md", SLUG),
            ("content/files/2026-01-02-Some File.md", A),
            ("content/files/Bun Dle/index.md", A),
            ("content/kept/a.md", A),
            ("content/other/a.md", A),
        ],
        "content",
        &[
            ("essays/one.md", "/e/2026/an-%C3%A9ssay-on-c-c/"),
            ("essays/two.md", "/e/2026/my-own-slug/"),
            ("notes/Sub Dir/x.md", "/n/notes/x-y--z/%C3%A4/"),
            ("deep/inner/x.md", "/inner/my-own-slug/"),
            ("files/2026-01-02-Some File.md", "/f/2026-01-02-some-file/"),
            ("files/Bun Dle/index.md", "/f/bun-dle/"),
            ("kept/a.md", "/kept/a.html"),
            ("other/a.md", "/other/a/"),
        ],
    );
}

const LANGUAGES: &str = "defaultContentLanguage = 'en'\ndisableLanguages = ['fr']\n\
    [languages.en]\n[languages.ja]\n[languages.fr]\n[permalinks]\nposts = '/:year/:title/'";

#[test]
fn hugo_in_several_languages() {
    let files = [
        ("hugo.toml", LANGUAGES),
        ("content/posts/a.md", A),
        ("content/posts/a.ja.md", A),
        ("content/posts/a.fr.md", A),
        (
            "content/posts/own.ja.md",
            "---\ntitle: U\ndate: 2026-01-05\nurl: some/where/\n---\n",
        ),
        ("content/trips/ferry/index.md", A),
        ("content/trips/ferry/index.ja.md", A),
    ];
    publishes(
        &files,
        "content",
        &[
            ("posts/a.md", "/2026/a/"),
            ("posts/a.ja.md", "/ja/2026/a/"),
            ("posts/own.ja.md", "/ja/some/where/"),
            ("trips/ferry/index.md", "/trips/ferry/"),
            ("trips/ferry/index.ja.md", "/ja/trips/ferry/"),
        ],
    );
    let folder = written(&files);
    for (template, expected) in [
        (None, ["/ja/a", "/a", "/ja/some/where/", "/ja/ferry", "/ferry"]),
        (
            Some("x/{path}/"),
            [
                "/ja/x/posts/a/",
                "/x/posts/a/",
                "/ja/some/where/",
                "/ja/x/trips/ferry/",
                "/x/trips/ferry/",
            ],
        ),
    ] {
        let scan = read(&folder.path().join("content"), template);
        let found: Vec<&str> = addresses(&scan).into_values().collect();
        assert_eq!(found, expected);
        let languages = scan
            .articles
            .iter()
            .map(|article| article.language.as_deref().unwrap());
        assert_eq!(languages.collect::<Vec<_>>(), ["ja", "en", "ja", "ja", "en"]);
    }
    publishes(
        &[
            (
                "config/_default/hugo.yaml",
                "defaultContentLanguage: de\ndefaultContentLanguageInSubdir: true",
            ),
            (
                "config/_default/languages.yaml",
                "de: {contentDir: content/german}\npt-BR: {contentDir: content/portuguese}",
            ),
            ("content/german/posts/a.md", A),
            ("content/portuguese/posts/a.md", A),
        ],
        "content",
        &[
            ("german/posts/a.md", "/de/posts/a/"),
            ("portuguese/posts/a.md", "/pt-br/posts/a/"),
        ],
    );
}

#[test]
fn zola() {
    publishes(
        &[
            (
                "config.toml",
                "base_url = 'https://example.org'\ndefault_language = 'en'\n[languages.fr]\n",
            ),
            ("content/blog/2024-01-02-Größe & Maß.md", A),
            ("content/blog/2024-01-02_eels/index.md", A),
            ("content/blog/a.fr.md", A),
            ("content/Old Blog/b.md", SLUG),
            (
                "content/blog/c.md",
                "+++\ntitle = 'C'\ndate = 2026-01-05\npath = 'news/c'\n+++\nx",
            ),
        ],
        "content",
        &[
            ("blog/2024-01-02-Größe & Maß.md", "/blog/grosse-mass/"),
            ("blog/2024-01-02_eels/index.md", "/blog/eels/"),
            ("blog/a.fr.md", "/fr/blog/a/"),
            ("Old Blog/b.md", "/Old%20Blog/my-own-slug/"),
            ("blog/c.md", "/news/c/"),
        ],
    );
    publishes(
        &[
            (
                "zola.toml",
                "base_url = 'https://example.org'\n[slugify]\npaths = 'safe'\npaths_keep_dates = true",
            ),
            ("content/2024-01-02-Größe.md", A),
        ],
        "content",
        &[("2024-01-02-Größe.md", "/2024-01-02-Gr%C3%B6%C3%9Fe/")],
    );
}

#[test]
fn jekyll() {
    for (permalink, expected) in [
        ("", "/old%20boats/wood/2026/01/23/The-Eel.html"),
        ("permalink: pretty", "/old%20boats/wood/2026/01/23/The-Eel/"),
        ("permalink: ordinal", "/old%20boats/wood/2026/023/The-Eel.html"),
        ("permalink: none", "/old%20boats/wood/The-Eel.html"),
        (
            "permalink: /:slugified_categories/:slug",
            "/old-boats/wood/the-eel",
        ),
        ("permalink: /blog/:i_month/:i_day/:title/", "/blog/1/23/The-Eel/"),
    ] {
        let folder = written(&[(
            "_posts/2026-01-23-The-Eel.md",
            "---\ntitle: An eel\ncategories: [Old Boats, wood]\n---\nx",
        )]);
        std::fs::write(folder.path().join("_config.yml"), permalink).unwrap();
        let scan = read(&folder.path().join("_posts"), Some("{permalink}"));
        let found: Vec<&str> = addresses(&scan).into_values().collect();
        assert_eq!(found, [expected], "{permalink}");
    }
}

#[test]
fn jekyll_by_default() {
    publishes(
        &[
            (
                "_config.yml",
                "permalink: none\ndefaults:\n\
                 - {scope: {path: '', type: posts}, values: {permalink: '/blog/:title/'}}\n\
                 - {scope: {path: ''}, values: {permalink: '/never/:title/', layout: x}}\n\
                 - {scope: {path: boats}, values: {permalink: '/boats/:title/'}}\n\
                 - {scope: {path: _posts/hidden}, values: {published: false}}\n\
                 - {scope: {path: '_posts/*/secret'}, values: {published: false}}",
            ),
            ("_posts/2026-01-23-a.md", A),
            (
                "_posts/2026-01-23-own.md",
                "---\ntitle: A\npermalink: /own/\n---\nx",
            ),
            ("_posts/hidden/2026-01-23-b.md", A),
            (
                "_posts/hidden/2026-01-23-shown.md",
                "---\ntitle: A\npublished: true\n---\nx",
            ),
            ("_posts/x/secret/2026-01-23-c.md", A),
            (
                "_posts/x/2026-01-23-c.md",
                "---\ntitle: C\n---\n[a]({% post_url 2026-01-23-a %})",
            ),
            ("boats/_posts/2026-01-23-d.md", A),
        ],
        "",
        &[
            ("_posts/2026-01-23-a.md", "/blog/a/"),
            ("_posts/2026-01-23-own.md", "/own/"),
            ("_posts/hidden/2026-01-23-shown.md", "/blog/shown/"),
            ("_posts/x/2026-01-23-c.md", "/blog/c/"),
            ("boats/_posts/2026-01-23-d.md", "/boats/d/"),
        ],
    );
}

#[test]
fn astro() {
    publishes(
        &[
            (
                "astro.config.mjs",
                "export default { site: 'https://example.org', base: '/x' }",
            ),
            ("src/content/blog/My First Post!.md", A),
            ("src/content/blog/Trip/index.mdx", A),
            (
                "src/content/blog/b.md",
                "---\ntitle: B\ndate: 2026-01-05\nslug: own/slug\n---\nx",
            ),
            ("src/content/notes/N.md", A),
            (
                "src/pages/writing/[...slug].astro",
                "---\nconst posts = await getCollection('blog');\n---\n",
            ),
        ],
        "src/content",
        &[
            ("blog/My First Post!.md", "/writing/my-first-post/"),
            ("blog/Trip/index.mdx", "/writing/trip/"),
            ("blog/b.md", "/writing/own/slug/"),
            ("notes/N.md", "/notes/n/"),
        ],
    );
    publishes(
        &[
            ("astro.config.ts", "export default { trailingSlash: 'never' }"),
            ("src/pages/posts/My-Post.md", A),
        ],
        "src/pages",
        &[("posts/My-Post.md", "/posts/My-Post")],
    );
}

#[test]
fn eleventy() {
    publishes(
        &[
            (
                "eleventy.config.js",
                "module.exports = function (c) { c.ignores.add('src/notes/old/**'); return { dir: { input: 'src' } } }",
            ),
            (
                ".eleventyignore",
                "# not yet\nsrc/posts/later\n./src/posts/*.tmp.md\n",
            ),
            ("src/posts/2026-01-02-Second Post.md", A),
            ("src/posts/posts.md", A),
            ("src/posts/trip/index.md", A),
            ("src/posts/later/a.md", A),
            ("src/posts/a.tmp.md", A),
            (
                "src/notes/notes.json",
                "{\"permalink\": \"/n/{{ page.fileSlug }}/\"}",
            ),
            ("src/notes/2026-01-02-a.md", A),
            (
                "src/notes/own.md",
                "---\ntitle: A\ndate: 2026-01-05\npermalink: /own/\n---\n",
            ),
            ("src/notes/old/b.md", A),
        ],
        "src",
        &[
            (
                "posts/2026-01-02-Second Post.md",
                "/posts/2026-01-02-Second%20Post/",
            ),
            ("posts/posts.md", "/posts/"),
            ("posts/trip/index.md", "/posts/trip/"),
            ("notes/2026-01-02-a.md", "/n/a/"),
            ("notes/own.md", "/own/"),
        ],
    );
}

/// Whatever the source's template: what the generator leaves alone is no article.
#[test]
fn what_a_generator_leaves_alone() {
    let cases: &[(&Files, &str, &[&str])] = &[
        (
            &[
                ("_config.yml", "exclude: [_posts/drafts, '*.tmp.md', vendor/]"),
                ("_posts/2026-01-01-a.md", A),
                ("_posts/drafts/2026-01-01-b.md", A),
                ("_posts/2026-01-01-c.tmp.md", A),
                ("_posts/no-date.md", A),
            ],
            "_posts",
            &["2026-01-01-a.md"],
        ),
        (
            &[
                (
                    "config.toml",
                    "base_url = 'https://a.example'\nignored_content = ['*.old.md', 'temp.*']",
                ),
                ("content/blog/a.md", A),
                ("content/blog/b.old.md", A),
                ("content/blog/temp.md", A),
            ],
            "content/blog",
            &["a.md"],
        ),
        (
            &[
                (
                    "hugo.toml",
                    "ignoreFiles = ['\\.wip\\.md$', 'content/posts/secret/']\n\
                     [[cascade]]\nbuild = {render = 'never'}\n_target = {path = '/posts/later/**'}",
                ),
                ("content/posts/a.md", A),
                ("content/posts/b.wip.md", A),
                ("content/posts/secret/c.md", A),
                ("content/posts/later/d.md", A),
            ],
            "content",
            &["posts/a.md"],
        ),
    ];
    for (files, source, expected) in cases {
        let folder = written(files);
        let scan = read(&folder.path().join(source), None);
        let found: Vec<&str> = addresses(&scan).into_keys().collect();
        assert_eq!(found, *expected, "{source}");
    }
}

/// A configuration that cannot be read hides nobody knows what: nothing is read, and what is known stays.
#[test]
fn what_cannot_be_known_is_not_read() {
    for (files, file, line) in [
        (
            [
                ("_config.yml", "a: b\nexclude: [a\n"),
                ("_posts/2026-01-01-a.md", A),
            ],
            "_config.yml",
            Some(2),
        ),
        (
            [
                ("_config.yml", "exclude: ['*[']\n"),
                ("_posts/2026-01-01-a.md", A),
            ],
            "_config.yml",
            None,
        ),
        (
            [("hugo.toml", "ignoreFiles = ['(']\n"), ("content/a.md", A)],
            "hugo.toml",
            None,
        ),
        (
            [("config.toml", "baseURL = 'x\n"), ("content/a.md", A)],
            "config.toml",
            Some(1),
        ),
    ] {
        let folder = written(&files);
        let scan = read(folder.path(), None);
        assert!(!scan.readable && scan.articles.is_empty(), "{file}");
        let problem = &scan.failed[0].problem;
        assert_eq!((problem.code, problem.line), ("generator", line), "{problem}");
        assert!(
            problem.file.as_deref().unwrap().ends_with(file) && problem.hint.is_some(),
            "{problem}"
        );
    }
    // What is not a generator's is none of its business.
    let folder = written(&[
        ("config.toml", "[[broken"),
        ("_config.yml", "a: [\n"),
        ("articles/a.md", A),
    ]);
    assert_eq!(addresses(&read(&folder.path().join("articles"), None)).len(), 1);
}

#[test]
fn addresses_of_no_generator_are_told() {
    for (files, why) in [
        (
            [("a.txt", ""), ("content/a.md", A)],
            "no configuration of a site generator",
        ),
        (
            [
                ("hugo.toml", "[permalinks]\nposts = '/:wind/'"),
                ("content/a.md", A),
            ],
            ":wind",
        ),
    ] {
        let folder = written(&files);
        let scan = read(&folder.path().join("content"), Some("{permalink}"));
        assert!(!scan.readable);
        let problem = &scan.failed[0].problem;
        assert!(
            problem.code == "generator" && problem.message.contains(why),
            "{problem}"
        );
    }
    let folder = written(&[
        ("hugo.toml", "[permalinks]\nposts = '/:year/:slug/'"),
        ("content/posts/a.md", "---\ntitle: A\n---\nx"),
        ("content/posts/b.md", "---\ntitle: B\ndraft: true\n---\nx"),
    ]);
    let scan = read(&folder.path().join("content"), Some("{permalink}"));
    let failed: Vec<(&str, &str)> = scan
        .failed
        .iter()
        .map(|f| (f.path.as_str(), f.problem.code))
        .collect();
    assert_eq!(failed, [("posts/a.md", "url-needs-date")]);
    assert!(scan.articles[0].draft);
}
