//! What the loader takes, fills in and refuses.

use super::*;
use crate::config::values::{Endpoint, Protocol, StoreUrl, Tls, TransportUrl};
use crate::config::{CatchUp, Content, InDoubt, Order, SourceKind};
use std::time::Duration;

const SMALL: &str = "[site]\ntitle = 'T'\nurl = 'https://example.org'\n";

fn read_with(text: &str, variables: &[(&str, &str)]) -> Result<Config, Vec<Problem>> {
    let environment = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    Config::read(Path::new("config.toml"), text, &environment)
}

fn read(text: &str) -> Result<Config, Vec<Problem>> {
    read_with(text, &[])
}

/// The problems of a text that follows the smallest one that is right.
fn problems(rest: &str) -> Vec<Problem> {
    read(&format!("{SMALL}{rest}")).expect_err(rest)
}

fn only(rest: &str) -> Problem {
    let mut problems = problems(rest);
    assert_eq!(problems.len(), 1, "{problems:#?}");
    problems.remove(0)
}

#[test]
fn the_smallest_configuration_has_all_defaults() {
    let config = read(SMALL).unwrap();
    assert_eq!(config.site.url.as_str(), "https://example.org/");
    assert_eq!(config.site.timezone, chrono_tz::UTC);
    assert_eq!(
        (config.site.language.as_str(), config.site.description.as_str()),
        ("en", "")
    );
    assert_eq!(config.http.public_url, config.site.url);
    assert_eq!(config.feeds.url, config.site.url);
    assert_eq!((config.feeds.items, config.feeds.content), (50, Content::Full));
    assert_eq!(config.store, StoreUrl::Sqlite("data/tidings.db".into()));
    assert_eq!(config.smtp.url, TransportUrl::Maildir("outbox".into()));
    assert_eq!(config.smtp.helo, "example.org");
    assert_eq!(config.delivery.in_doubt, InDoubt::Retry);
    assert_eq!(config.delivery.give_up, Duration::from_secs(3 * 86_400));
    assert_eq!(config.delivery.retry[0], Duration::from_secs(60));
    assert_eq!(config.subscribers.dir, Path::new("subscribers"));
    assert_eq!(config.templates, Path::new("email-templates"));
    assert!(config.sources.is_empty() && config.digests.is_empty() && config.pings.is_empty());
    assert_eq!(config.warnings, []);
}

#[test]
fn tables_keep_their_order_and_their_defaults() {
    let config = read(&format!(
        "{SMALL}timezone = 'Europe/London'\n\
         [sources.zebra]\nkind = 'text'\npath = 'z'\nurl_template = '/notes/{{slug}}/'\n\
         [sources.ant]\nkind = 'markdown'\npath = 'a'\n\
         [digests.weekly]\nschedule = '0 7 * * 1'\nfrom = 'Ann <ann@example.org>'\nsources = ['ant']\n\
         [pings.hub]\nkind = 'websub'\nendpoint = 'http://127.0.0.1:8000/hub'\n"
    ))
    .unwrap();
    let sources: Vec<_> = config
        .sources
        .iter()
        .map(|source| (source.name.as_str(), source.kind))
        .collect();
    assert_eq!(
        sources,
        [("zebra", SourceKind::Text), ("ant", SourceKind::Markdown)]
    );
    assert_eq!(
        config.sources[0].url_template.as_deref(),
        Some("https://example.org/notes/{slug}/")
    );
    assert_eq!(config.sources[0].every, Duration::from_secs(900));
    let digest = &config.digests[0];
    assert_eq!((digest.title.as_str(), digest.template.as_str()), ("T", "digest"));
    assert_eq!(
        (digest.first_edition, digest.min_articles, digest.max_articles),
        (10, 1, None)
    );
    assert_eq!((digest.order, digest.catch_up), (Order::Newest, CatchUp::Once));
    assert_eq!(digest.timezone, chrono_tz::Europe::London);
    assert!(matches!(&config.pings[0].endpoint, Endpoint::Url(url) if url.port() == Some(8000)));
}

#[test]
fn paths_are_relative_to_the_file() {
    let text = format!("{SMALL}[feeds]\ndir = 'out'\n[subscribers]\ndir = '/lists'\n");
    let config = Config::read(Path::new("/srv/site/config.toml"), &text, &Environment::new()).unwrap();
    assert_eq!(config.root, Path::new("/srv/site"));
    assert_eq!(config.feeds.dir, Path::new("/srv/site/out"));
    assert_eq!(config.subscribers.dir, Path::new("/lists"));
    assert_eq!(config.store, StoreUrl::Sqlite("/srv/site/data/tidings.db".into()));
}

#[test]
fn all_problems_are_found_in_one_go() {
    let problems = read(
        "[site]\n\
         titel = 'T'\n\
         url = 'example.org'\n\
         timezone = 'Europe/Lodnon'\n\
         [feeds]\n\
         items = 'fifty'\n\
         [digests.weekly]\n\
         schedule = '0 7 * *'\n\
         from = 'nobody'\n\
         [delivery]\n\
         retry = ['1m', 5, 'soon']\n",
    )
    .unwrap_err();
    let found: Vec<_> = problems
        .iter()
        .map(|problem| {
            (
                problem.line.unwrap(),
                problem.code,
                problem.key.as_deref().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            (1, "config-missing", "site.title"),
            (2, "config-unknown-key", "site.titel"),
            (3, "config-value", "site.url"),
            (4, "config-value", "site.timezone"),
            (6, "config-value", "feeds.items"),
            (8, "config-value", "digests.weekly.schedule"),
            (9, "config-value", "digests.weekly.from"),
            (11, "config-value", "delivery.retry"),
            (11, "config-value", "delivery.retry"),
        ]
    );
    assert_eq!(problems[1].hint.as_deref(), Some("did you mean title?"));
    assert_eq!(
        problems[3].hint.as_deref(),
        Some("did you mean \"Europe/London\"?")
    );
    assert!(
        problems
            .iter()
            .all(|problem| problem.file.as_deref() == Some("config.toml"))
    );
}

#[test]
fn an_empty_file_lacks_what_must_be_there() {
    let keys: Vec<_> = read("")
        .unwrap_err()
        .into_iter()
        .map(|problem| problem.key.unwrap())
        .collect();
    assert_eq!(keys, ["site.title", "site.url"]);
}

#[test]
fn an_unknown_key_names_the_one_that_was_meant() {
    for (rest, key, hint) in [
        (
            "[digests.weekly]\nshedule = 'x'\nschedule = '0 7 * * 1'\nfrom = 'a@b.org'\n",
            "digests.weekly.shedule",
            Some("did you mean schedule?"),
        ),
        (
            "[digest.weekly]\nschedule = 'x'\n",
            "digest",
            Some("did you mean digests?"),
        ),
        (
            "[smtp]\nby_author = true\n",
            "smtp.by_author",
            Some("did you mean feeds.by_author?"),
        ),
        (
            "[smtp]\npassword = { environment = 'X' }\n",
            "smtp.password.environment",
            None,
        ),
        ("colour = 'red'\n", "site.colour", None),
    ] {
        let problem = &problems(rest)[0];
        assert_eq!(
            (problem.code, problem.key.as_deref()),
            ("config-unknown-key", Some(key))
        );
        assert_eq!(problem.hint.as_deref(), hint, "{rest}");
        assert!(problem.line.is_some());
    }
}

#[test]
fn what_is_not_in_this_version_is_never_accepted_silently() {
    for rest in [
        "[dkim.main]\ndomain = 'x'\n",
        "[bounces.in]\nkind = 'imap'\n",
        "[smtp.relays.a]\nurl = 'x'\n",
        "[subscribers]\nconfirm = true\n",
        "[digests.w]\nschedule = '0 7 * * 1'\nfrom = 'a@b.org'\non_return = 'drop'\n",
        "[digests.w]\nschedule = '0 7 * * 1'\nfrom = 'a@b.org'\n[digests.w.cadences]\ndaily = '0 7 * * *'\n",
    ] {
        let problem = only(rest);
        assert_eq!(problem.code, "config-unsupported", "{rest}");
    }
}

#[test]
fn indexnow_has_a_key_and_nobody_else() {
    let indexnow = "[pings.i]\nkind = 'indexnow'\nendpoint = 'https://x.org/'\n";
    assert_eq!(only(indexnow).code, "config-missing");
    for bad in ["short", "no spaces", "ключключ", "slash/slash", &"k".repeat(129)] {
        let problem = only(&format!("{indexnow}key = '{bad}'\n"));
        assert_eq!(
            (problem.code, problem.key.as_deref()),
            ("config-value", Some("pings.i.key")),
            "{bad}"
        );
    }
    let other = "[pings.i]\nkind = 'rsscloud'\nendpoint = 'https://x.org/'\nkey = 'abcdefgh'\n";
    assert_eq!(only(other).key.as_deref(), Some("pings.i.key"));
}

#[test]
fn wrong_values_are_named_with_what_to_write() {
    for rest in [
        "language = 'English please'\n",
        "title2 = 3\n",
        "id = 'seven'\n",
        "logo = 'ftp://x/'\n",
        "author = 3\n",
        "description = \"a\\u0000b\"\n",
        "[feeds]\nitems = 0\n",
        "[feeds]\nitems = 99999999999999999999999\n",
        "[feeds]\nitems = 1.5\n",
        "[feeds]\ncontent = 'ful'\n",
        "[feeds]\nby_author = 'yes'\n",
        "[feeds]\nold_urls = ['wordpres']\n",
        "[feeds]\nold_urls = ['/feed?x=1']\n",
        "[feeds]\ndir = ''\n",
        "[feeds.more.a]\npath = '../a'\n",
        "[feeds.podcast]\ncategories = ['Arts > ']\n",
        "[feeds.podcast]\ntype = 'weekly'\n",
        "[feeds.podcast]\nemail = 'nobody'\n",
        "[feeds.podcast]\nguid = '5'\n",
        "[feeds.podcast]\nimage = '/cover.jpg'\n",
        "[feeds.more.a]\npath = 'category/a'\n",
        "[feeds.more.a]\npath = ''\n",
        "[feeds.more.archive]\n",
        "[feeds.more.a]\npath = 'editions/x'\n",
        "[feeds.more.a]\npath = 'rss.xml'\n",
        "[feeds.more.a]\npath = '.git/a'\n",
        "[feeds.more.a]\nsources = ['nowhere']\n",
        "[feeds.more.a]\nwords = ['']\n",
        "[feeds.more.a]\ncontent = 'all'\n",
        "[feeds.more.a]\n[feeds.more.b]\npath = 'A'\n",
        "[sources.a]\nkind = 'markdown'\n",
        "[sources.a]\npath = 'x'\n",
        "[sources.a]\nkind = 'markdown'\nurl = 'https://x.org/'\n",
        "[sources.a]\nkind = 'sitemap'\npath = 'x'\n",
        "[sources.a]\nkind = 'sitemap'\n",
        "[sources.a]\nkind = 'feed'\n",
        "[sources.a]\nkind = 'feed'\nurl = 'file:///etc/passwd'\n",
        "[sources.a]\nkind = 'feed'\npath = 'x'\nurl = 'https://x.org/feed'\n",
        "[sources.a]\nkind = 'text'\npath = 'x'\nurl_template = '/{slgu}'\n",
        "[sources.a]\nkind = 'text'\npath = 'x'\nurl_template = '/same'\n",
        "[sources.a]\nkind = 'text'\npath = 'x'\ninclude = ['a[']\n",
        "[sources.a]\nkind = 'text'\npath = 'x'\nevery = '5'\n",
        "[sources.'a/b']\nkind = 'text'\npath = 'x'\n",
        "[sources.a-b]\nkind = 'text'\npath = 'x'\n[sources.A_b]\nkind = 'text'\npath = 'x'\n",
        "[digests.w]\nfrom = 'a@b.org'\n",
        "[digests.w]\nschedule = '0 7 * * 1'\n",
        "[digests.w]\nschedule = '0 7 * * 1'\nfrom = 'a@b.org'\nmin_articles = 0\n",
        "[digests.w]\nschedule = '0 7 * * 1'\nfrom = 'a@b.org'\nsources = ['x']\n",
        "[digests.w]\nschedule = '0 7 * * 1'\nfrom = 'a@b.org'\ntemplate = '../x'\n",
        "[digests.w]\nschedule = '0 7 * * 1'\nfrom = \"A\\r\\nBcc: c <a@b.org>\"\n",
        "[delivery]\ngive_up = '99999999999999999999d'\n",
        "[delivery]\nretry = []\n",
        "[smtp]\nurl = 'smtp://u:p@x.org'\n",
        "[smtp]\nhelo = 'a b'\n",
        "[smtp]\nconnections = 0\n",
        "[pings.p]\nkind = 'websub'\n",
        "[pings.p]\nkind = 'websub'\nendpoint = 'hub'\n",
        "[http]\nlisten = '8080'\n",
        "[http_client]\nallow = ['localnet']\n",
        "[store]\nurl = 'mysql://x'\n",
        "smtp = 3\n[pings]\nhub = 'x'\n",
    ] {
        for problem in problems(rest) {
            assert!(
                problem.line.is_some() && problem.key.is_some(),
                "{rest}: {problem:?}"
            );
        }
    }
    assert_eq!(
        problems("[[sources]]\nkind = 'text'\n")[0].hint.as_deref(),
        Some("write [sources.NAME]")
    );
}

#[test]
fn credentials_go_together_and_never_in_plain_text() {
    let smtp = |rest: &str| read(&format!("{SMALL}[smtp]\n{rest}"));
    let config = smtp("url = 'smtp://ann@mail.example.org:587'\npassword = 'hunter2'\n").unwrap();
    let expected = TransportUrl::Server {
        protocol: Protocol::Smtp,
        user: Some("ann".to_owned()),
        host: "mail.example.org".to_owned(),
        port: 587,
        tls: Tls::StartTls,
    };
    assert_eq!(config.smtp.url, expected);
    assert!(!format!("{config:?}").contains("hunter2"));
    assert!(smtp("url = 'smtp://ann@127.0.0.1:25'\npassword = 'x'\n").is_ok());
    assert!(smtp("url = 'smtp://10.0.0.1'\ntls = 'none'\n").is_ok());
    for bad in [
        "url = 'smtp://ann@10.0.0.1'\npassword = 'hunter2'\ntls = 'none'\n",
        "url = 'smtp://ann@mail.example.org'\n",
        "url = 'smtp://mail.example.org'\npassword = 'hunter2'\n",
        "password = 'hunter2'\n",
    ] {
        let problems = smtp(bad).unwrap_err();
        assert!(
            !problems
                .iter()
                .any(|problem| problem.to_string().contains("hunter2")),
            "{bad}"
        );
    }
}

#[test]
fn a_secret_may_be_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    std::fs::write(folder.path().join("password"), "from a file\n").unwrap();
    let text = |password: &str| format!("{SMALL}[smtp]\nurl = 'smtp://a@x.org'\npassword = {password}\n");
    let load = |password: &str, variables: &[(&str, &str)]| {
        std::fs::write(&file, text(password)).unwrap();
        let environment = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Config::load(&file, &environment)
    };
    let reveal = |config: &Config| config.smtp.password.as_ref().unwrap().reveal().to_owned();
    let from_env = load("{ env = 'PW' }", &[("PW", "from outside")]).unwrap();
    assert_eq!(reveal(&from_env), "from outside");
    let from_file = load("{ file = 'password' }", &[]).unwrap();
    assert_eq!(reveal(&from_file), "from a file");
    let pointed = load("'x'", &[("TIDINGS_SMTP__PASSWORD__FILE", "password")]).unwrap();
    assert_eq!(reveal(&pointed), "from a file");
    for (bad, named) in [
        ("{ env = 'PW' }", "PW"),
        ("{ file = 'nowhere' }", "nowhere"),
        ("{ env = 'A', file = 'b' }", "env"),
        ("''", "empty"),
    ] {
        let problems = load(bad, &[]).unwrap_err();
        assert_eq!((problems[0].code, problems[0].line), ("config-secret", Some(6)));
        assert!(problems[0].message.contains(named), "{problems:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_secret_that_others_may_read_is_a_warning() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("password");
    std::fs::write(&secret, "x").unwrap();
    let text = format!("{SMALL}[smtp]\nurl = 'smtp://a@x.org'\npassword = {{ file = 'password' }}\n");
    let warned = |mode: u32| {
        std::fs::set_permissions(&secret, PermissionsExt::from_mode(mode)).unwrap();
        let config = Config::read(&folder.path().join("c.toml"), &text, &Environment::new()).unwrap();
        config
            .warnings
            .iter()
            .map(|problem| problem.code)
            .collect::<Vec<_>>()
    };
    assert_eq!(warned(0o644), ["secret-readable"]);
    assert!(warned(0o600).is_empty());
}

#[test]
fn the_environment_wins_and_its_problems_name_the_variable() {
    let config = read_with(
        &format!("{SMALL}[digests.weekly]\nschedule = '0 7 * * 1'\nfrom = 'a@b.org'\n"),
        &[
            ("TIDINGS_SMTP__URL", "smtp://127.0.0.1:2525"),
            ("TIDINGS_DIGESTS__WEEKLY__SCHEDULE", "0 8 * * 2"),
            ("TIDINGS_FEEDS__ITEMS", "5"),
            ("TIDINGS_PINGS__HUB__KIND", "websub"),
            ("TIDINGS_PINGS__HUB__ENDPOINT", "file:out"),
        ],
    )
    .unwrap();
    assert_eq!(config.digests[0].schedule.text(), "0 8 * * 2");
    assert_eq!(config.feeds.items, 5);
    assert_eq!(config.pings[0].name, "hub");
    let problems = read_with(SMALL, &[("TIDINGS_FEEDS__ITEMS", "many")]).unwrap_err();
    assert!(
        problems[0].message.contains("TIDINGS_FEEDS__ITEMS"),
        "{problems:?}"
    );
    assert_eq!(
        (problems[0].key.as_deref(), &problems[0].file),
        (Some("feeds.items"), &None)
    );
}

#[test]
fn a_missing_file_says_how_to_make_one() {
    let problems = Config::load(Path::new("/nowhere/config.toml"), &Environment::new()).unwrap_err();
    assert_eq!(problems[0].code, "config-file");
    assert!(problems[0].hint.as_deref().unwrap().contains("tidings init"));
}

#[test]
fn a_file_that_is_not_utf8_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    std::fs::write(&file, b"[site]\ntitle = '\xff'\n").unwrap();
    let problems = Config::load(&file, &Environment::new()).unwrap_err();
    assert_eq!(
        (problems[0].code, problems[0].message.as_str()),
        ("config-file", "the file is not UTF-8")
    );
}

#[test]
fn every_default_is_right() {
    for key in keys::KEYS {
        if let Some(default) = key.default {
            assert!(
                raw::parse_value(default, &Place::Default).is_some(),
                "{}",
                key.name
            );
        }
    }
}

#[test]
fn the_sample_site_is_right() {
    let config = Config::load(Path::new("config.toml"), &Environment::new()).unwrap();
    assert_eq!(config.warnings, []);
    assert_eq!(config.sources.len(), 3);
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,200}") {
        let _ = read(&text);
    }

    #[test]
    fn no_table_makes_it_panic(
        table in proptest::sample::select(vec!["site", "feeds", "smtp", "digests.w", "sources.s", "pings.p", "delivery", "store"]),
        key in proptest::sample::select(keys::KEYS.iter().map(|key| key.name.rsplit('.').next().unwrap()).collect::<Vec<_>>()),
        value in "('\\PC{0,20}'|[0-9]{1,22}|true|\\[.{0,10}\\]|\\{ [a-z]{1,4} = '[a-z]{0,5}' \\})",
    ) {
        let _ = read(&format!("[{table}]\n{key} = {value}\n"));
    }
}

/// The manual shows all keys and no others, each with its default.
#[test]
fn the_manual_knows_the_same_keys() {
    let manual = include_str!("../../../docs/configuration.md");
    let quoted = |cell: &str| {
        cell.strip_prefix('`')
            .and_then(|cell| cell.strip_suffix('`'))
            .map(str::to_owned)
    };
    let mut shown: Vec<(String, Option<String>)> = Vec::new();
    for row in manual
        .lines()
        .filter(|line| line.starts_with("| `") && !line.starts_with("| `TIDINGS_"))
    {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let default = quoted(cells[2]).filter(|default| !default.contains('.') || default.contains('"'));
        shown.push((quoted(cells[1]).unwrap(), default));
    }
    let (later, built): (Vec<_>, Vec<_>) = keys::KEYS.iter().partition(|key| key.shape == Shape::Later);
    let named = |key: &keys::Key| key.name.replace('*', "NAME");
    let known: Vec<_> = built
        .iter()
        .map(|key| (named(key), key.default.map(str::to_owned)))
        .collect();
    assert_eq!(shown, known);
    let (_, section) = manual.split_once("## Not in this version").unwrap();
    let named: Vec<String> = later.iter().map(|key| format!("`{}`", named(key))).collect();
    assert!(section.contains(&named.join(", ")), "{named:?}");
}
