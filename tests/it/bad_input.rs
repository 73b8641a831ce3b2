//! What is wrong is named with what to do about it, and the rest goes on.

use crate::site::Site;
use std::process::Command;

/// A pass in which the one bad thing is named by `code` and the good articles still reach the reader.
fn fails_alone(site: &Site, code: &str, named: &str) {
    let run = site.try_publish(&["--now", "weekly"]);
    assert_eq!(run.status, 1, "{run:?}");
    let report = run.json();
    let error = report["errors"]
        .as_array()
        .unwrap()
        .iter()
        .find(|e| e["code"] == code);
    let error = error.unwrap_or_else(|| panic!("no {code}: {report:#}"));
    let whole = error.to_string();
    assert!(whole.contains(named), "{whole}");
    assert!(error["hint"].is_string(), "{whole}");
    assert_eq!(report["deliveries"]["sent"], 1, "{report:#}");
    assert!(site.path("feeds/rss.xml").exists());
    // Reported and unchanged: the next pass repeats it and ends well.
    let again = site.try_publish(&[]);
    assert_eq!(again.status, 0, "{again:?}");
    assert!(again.codes().iter().any(|c| c == code), "{again:?}");
}

#[test]
fn broken_front_matter() {
    let site = Site::new();
    site.write(
        "articles/broken.md",
        "---\ntitle: Broken\ndate: [oops\n---\n\ntext\n",
    );
    fails_alone(&site, "front-matter", "articles/broken.md");
}

#[test]
fn invalid_utf8() {
    let site = Site::new();
    site.write("articles/latin.md", b"---\ntitle: Caf\xe9\n---\n\ntext\n");
    fails_alone(&site, "invalid-utf8", "articles/latin.md");
}

#[test]
fn a_page_of_50_megabytes() {
    let site = Site::new().with("[sources.pages]\nkind = \"pages\"\npath = \"pages\"\n");
    site.write("pages/huge.html", "<p>word</p>\n".repeat(50 * 1024 * 1024 / 12));
    fails_alone(&site, "too-large", "pages/huge.html");
}

#[test]
fn an_unreadable_file() {
    let site = Site::new();
    site.article("gone.md", "Gone", "2026-11-22", "x");
    // A file that gives an error to whoever reads it, root too.
    let run = under(&site, "mount --bind /proc/self/mem articles/gone.md");
    assert_eq!(run.status, 1, "{run:?}");
    let report = run.json();
    assert_eq!(report["errors"][0]["code"], "unreadable-file", "{report:#}");
    assert_eq!(report["errors"][0]["file"], "articles/gone.md", "{report:#}");
    assert_eq!(report["deliveries"]["sent"], 1, "{report:#}");
}

#[test]
fn control_characters() {
    let site = Site::new();
    site.write(
        "articles/bell.md",
        "---\ntitle: Ring\n---\n\nA \u{1}bell\u{8} rings.\n",
    );
    fails_alone(&site, "control-character", "articles/bell.md");
}

#[test]
fn control_characters_in_disguise_never_leave() {
    let site = Site::new();
    let body = "A &#1;bell&#x8; rings &#xFFFE; and &#27;[31mred";
    site.write(
        "articles/bell.md",
        format!("---\ntitle: \"Ring\\u0007ing bells\"\ndate: 2026-11-22\n---\n\n{body}\n"),
    );
    site.publish(&["--now", "weekly"]);
    assert!(site.snapshot("feeds")["rss.xml"].contains("Ringing bells"));
    for (file, text) in site.snapshot("feeds").into_iter().chain(site.mails()) {
        let bad = text
            .chars()
            .find(|c| (c.is_control() && !"\n\t\r".contains(*c)) || *c == '\u{fffe}');
        assert_eq!(bad, None, "{file}");
        if file.ends_with(".xml") {
            roxmltree::Document::parse(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
        }
    }
}

#[test]
fn a_typo_names_the_key_that_was_meant() {
    let site = Site::new().replacing("timezone = \"UTC\"", "timezome = \"UTC\"");
    let run = site.try_publish(&[]);
    assert_eq!(run.status, 2, "{run:?}");
    for part in ["config.toml:5", "timezome", "timezone"] {
        assert!(run.stderr.contains(part), "{part}: {run:?}");
    }
}

#[test]
fn a_bad_cron_line() {
    let site = Site::new().replacing("0 7 * * 1", "0 25 * * 1");
    let run = site.try_publish(&[]);
    assert_eq!(run.status, 2, "{run:?}");
    for part in ["config.toml:", "digests.weekly.schedule", "hour"] {
        assert!(run.stderr.contains(part), "{part}: {run:?}");
    }
}

#[test]
fn a_template_that_fails_sends_nothing_until_it_is_mended() {
    let site = Site::new();
    for (template, part) in [("{{#if}}", "text.hbs"), ("Hello {{reader.nmae}}", "nmae")] {
        site.write("email-templates/digest/text.hbs", template);
        let run = site.try_publish(&["--now", "weekly"]);
        assert_eq!(run.status, 1, "{run:?}");
        assert!(run.stdout.contains(part), "{run:?}");
        assert!(site.mails().is_empty());
        assert!(site.path("feeds/rss.xml").exists());
    }
    site.write(
        "email-templates/digest/text.hbs",
        "Hello {{reader.name}} {{reader.unsubscribe_url}}",
    );
    let report = site.publish(&["--now", "weekly"]);
    assert_eq!(report["deliveries"]["sent"], 1, "{report:#}");
    assert_eq!(site.mails().len(), 1);
}

/// Runs the program in a mount namespace of its own, in which `mount` has been done first.
fn under(site: &Site, mount: &str) -> crate::site::Run {
    let program = env!("CARGO_BIN_EXE_tidings");
    let script = format!(
        "{mount} && exec {program} --json publish --now weekly --at {}",
        crate::site::NOW
    );
    let flags = if nix_is_root() { "-m" } else { "-rm" };
    let output = Command::new("unshare")
        .args([flags, "sh", "-c", &script])
        .current_dir(site.path(""))
        .output()
        .unwrap();
    crate::site::Run {
        status: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn nix_is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout.starts_with(b"0\n")
}

#[test]
fn a_read_only_feeds_folder() {
    let site = Site::new();
    let run = under(
        &site,
        "mount --bind feeds feeds && mount -o remount,ro,bind feeds",
    );
    assert_eq!(run.status, 1, "{run:?}");
    assert!(run.codes().iter().any(|c| c == "feeds-unwritable"), "{run:?}");
    assert_eq!(site.mails().len(), 1, "mail goes on");
    assert!(site.snapshot("feeds").is_empty());
    let run = site.try_publish(&[]);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(site.path("feeds/rss.xml").exists());
}

#[test]
fn a_full_disk_leaves_nothing_half_written() {
    let site = Site::new();
    let run = under(&site, "mkdir -p outbox && mount -t tmpfs -o size=4k tmpfs outbox");
    assert_eq!(run.status, 1, "{run:?}");
    assert!(run.codes().iter().any(|c| c == "maildir-unwritable"), "{run:?}");
    let report = run.json();
    assert_eq!(
        (&report["deliveries"]["sent"], &report["deliveries"]["queued"]),
        (&0.into(), &1.into()),
        "{report:#}"
    );
    let report = site.publish(&[]);
    assert_eq!(report["deliveries"]["sent"], 1, "{report:#}");
}

#[test]
fn a_full_disk_for_the_store() {
    let site = Site::new();
    let run = under(&site, "mkdir -p data && mount -t tmpfs -o size=32k tmpfs data");
    assert_eq!(run.status, 1, "{run:?}");
    assert!(
        run.stderr.contains("full") || run.stderr.contains("disk"),
        "{run:?}"
    );
    assert!(site.mails().is_empty());
    assert_eq!(site.publish(&["--now", "weekly"])["deliveries"]["sent"], 1);
}

#[test]
fn readers_that_cannot_be_read() {
    let site = Site::new();
    site.readers(
        "email,name\nann@example.com,Ann\nnot an address,Bo\n\"eve@example.com\r\nRCPT TO:<x@example.com>\",E\n",
    );
    fails_alone(&site, "subscriber-address", "subscribers/readers.csv");
}

#[test]
fn a_title_without_end_is_cut_and_crowds_nobody_out() {
    let site = Site::new();
    let title = "T".repeat(1_000_000);
    site.article("endless.md", &title, "2026-11-22", "Text.");
    let report = site.publish(&["--now", "weekly"]);
    assert_eq!(report["errors"][0]["code"], "too-long");
    let feed = std::fs::metadata(site.path("feeds/rss.xml")).unwrap().len();
    assert!(feed < 20_000, "{feed}");
    // Each of the three stands in the mail.
    let mails = site.mails();
    let mail = mails.values().next().unwrap();
    assert!(
        mail.contains("First light") && mail.contains("Second wind"),
        "{mail}"
    );
}

#[test]
fn a_text_longer_than_readers_take_is_told_of_and_stands_in_no_feed() {
    let site = Site::new();
    site.article("endless.md", "Endless", "2026-11-22", &"word ".repeat(1_920_000));
    let report = site.publish(&[]);
    assert_eq!(report["errors"][0]["code"], "too-long");
    assert_eq!(report["errors"][0]["severity"], "warning");
    let feed = std::fs::read_to_string(site.path("feeds/rss.xml")).unwrap();
    assert!(feed.len() < 20_000 && feed.contains("Endless"), "{}", feed.len());
}
