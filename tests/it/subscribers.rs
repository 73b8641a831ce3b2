//! Readers brought in and taken out by hand.

use crate::database::Database;
use crate::site::{NOW, Site};
use serde_json::{Value, json};

fn actions(report: &Value) -> Vec<(u64, &str)> {
    let rows = report["rows"].as_array().unwrap().iter();
    rows.map(|row| (row["line"].as_u64().unwrap(), row["action"].as_str().unwrap()))
        .collect()
}

async fn sites() -> Vec<(Site, Option<Database>)> {
    let more = "[digests.daily]\nschedule = \"0 7 * * *\"\nfrom = \"news@tides.example\"\n";
    let mut sites = vec![(Site::new().with(more), None)];
    if let Some(database) = Database::new().await {
        let store = format!("[store]\nurl = \"{}\"", database.url());
        sites.push((Site::new().with(more).with(&store), Some(database)));
    }
    sites
}

#[tokio::test]
async fn every_row_of_an_import_is_accounted_for() {
    for (site, _database) in sites().await {
        site.readers("email,name\nann@example.com,Ann\n");
        site.publish(&[]);
        site.ask(&["subscribers", "add", "left@example.com", "--digest", "weekly"]);
        site.ask(&["subscribers", "remove", "left@example.com"]);
        site.write(
            "list.csv",
            "Name,EMAIL,digests,shoe\n\
             Ann,ann@example.com,,\n\
             Bo,bo@example.org,weekly,38\n\
             \n\
             ,not an address,,\n\
             Cy,cy@example.net,monthly;daily,\n\
             Dee,dee@example.net,monthly,\n\
             Bo,BO@example.org,daily,\n\
             L,left@example.com,,\n\
             Anna,ann@example.com,,\n",
        );
        let wanted = [
            (2, "unchanged"),
            (3, "added"),
            (5, "refused"),
            (6, "added"),
            (7, "refused"),
            (8, "unchanged"),
            (9, "kept_out"),
            (10, "unchanged"),
        ];
        let before = site.ask(&["subscribers", "list"]);
        let rehearsed = site.run(&["--json", "subscribers", "import", "list.csv", "--dry-run"]);
        assert_eq!(
            (rehearsed.status, actions(&rehearsed.json())),
            (1, wanted.to_vec())
        );
        assert_eq!(before, site.ask(&["subscribers", "list"]));
        let run = site.run(&["--json", "subscribers", "import", "list.csv"]);
        let report = run.json();
        assert_eq!((run.status, actions(&report)), (1, wanted.to_vec()), "{report:#}");
        let counts =
            ["added", "updated", "unchanged", "refused", "kept_out"].map(|name| report[name].clone());
        assert_eq!(counts, [2, 0, 3, 2, 1].map(|count| json!(count)));
        assert_eq!(report["format"], "csv");
        let reason = |place: usize| {
            report["rows"][place]["reason"]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        };
        assert!(
            reason(3).contains("\"monthly\"") && reason(6).contains("left") && reason(5).contains("line 3")
        );
        let again = site.run(&["--json", "subscribers", "import", "list.csv"]).json();
        assert_eq!(
            (&again["added"], &again["updated"]),
            (&json!(0), &json!(0)),
            "{again:#}"
        );
        let digests = |who: &str| {
            let shown = site.ask(&["subscribers", "show", who]);
            let of = shown["subscribers"][0]["subscriptions"]
                .as_array()
                .unwrap()
                .clone();
            of.iter()
                .map(|of| {
                    format!(
                        "{} {}",
                        of["digest"].as_str().unwrap(),
                        of["standing"].as_str().unwrap()
                    )
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(digests("bo@example.org"), ["weekly active"]);
        assert_eq!(digests("cy@example.net"), ["daily active"]);
        assert_eq!(
            digests("left@example.com"),
            ["daily unsubscribed", "weekly unsubscribed"]
        );
        // A pass leaves those alone whom no list of the folder has.
        let pass = site.publish(&["--now", "weekly"]);
        assert_eq!(
            (&pass["deliveries"]["sent"], &pass["errors"]),
            (&json!(2), &json!([])),
            "{pass:#}"
        );
        let more = site.run(&["--json", "subscribers", "import", "list.csv", "--digest", "daily"]);
        assert_eq!(actions(&more.json())[0], (2, "unchanged"));
    }
}

#[tokio::test]
async fn what_is_exported_is_imported_as_it_was() {
    for (site, _database) in sites().await {
        site.readers("");
        site.publish(&[]);
        let many: String = (0..6000)
            .map(|n| format!("r{n}@example.com,Reader {n},weekly\n"))
            .collect();
        site.write(
            "list.csv",
            format!(
                "email,name,digests\n=cmd@example.org,\"=1+1\",daily\n'q@example.org,'-x,weekly\n\
                 zo@bücher.example,\"Zoë \"\"Z\"\" 😀, B.\",weekly;daily\n{many}"
            ),
        );
        assert_eq!(site.ask(&["subscribers", "import", "list.csv"])["added"], 6003);
        site.ask(&["subscribers", "remove", "r7@example.com"]);
        let list = site.run(&["subscribers", "export"]).stdout;
        assert_eq!(list.lines().count(), 1 + 6002);
        assert!(
            !list.lines().any(|line| line.starts_with(['=', '+', '-', '@'])),
            "{}",
            &list[..300]
        );
        let written = site.ask(&["subscribers", "export", "out.csv"]);
        assert_eq!(written["subscribers"], 6002);
        assert_eq!(std::fs::read_to_string(site.path("out.csv")).unwrap(), list);
        let refused = site.run(&["--json", "subscribers", "export", "out.csv"]);
        assert_eq!(
            (refused.status, refused.codes()),
            (1, vec!["file-there".to_owned()])
        );
        assert_eq!(site.run(&["--json", "subscribers", "export"]).status, 2);
        let other =
            Site::new().with("[digests.daily]\nschedule = \"0 7 * * *\"\nfrom = \"news@tides.example\"\n");
        other.readers("");
        other.write("in.csv", &list);
        // Before the first pass, too.
        assert_eq!(other.ask(&["subscribers", "import", "in.csv"])["added"], 6002);
        assert_eq!(other.run(&["subscribers", "export"]).stdout, list);
        let daily = other.run(&["subscribers", "export", "--digest", "daily"]).stdout;
        assert_eq!(daily.lines().count(), 3, "{daily}");
    }
}

#[test]
fn a_reader_is_added_and_taken_out_by_hand() {
    let site = Site::new();
    site.readers("");
    // Somebody who joins before the first pass gets the first edition.
    site.ask(&["subscribers", "add", "ann@example.com", "--name", "Ann"]);
    let bad = site.run(&["--json", "subscribers", "add", "ann"]);
    assert_eq!(
        (bad.status, bad.codes()),
        (1, vec!["subscriber-address".to_owned()])
    );
    assert_eq!(
        site.run(&["subscribers", "add", "b@example.com", "--digest", "x"])
            .status,
        2
    );
    let report = site.publish(&["--now", "weekly"]);
    assert_eq!(
        (
            &report["deliveries"]["sent"],
            &report["editions"][0]["recipients"]
        ),
        (&json!(1), &json!(1))
    );
    assert!(site.mails().values().next().unwrap().contains("Ann"));
    site.ask(&["subscribers", "remove", "ann@example.com", "--digest", "weekly"]);
    let back = site.run(&["--json", "subscribers", "add", "ann@example.com"]);
    assert_eq!(
        (back.status, back.codes()),
        (1, vec!["subscriber-kept-out".to_owned()])
    );
    assert!(!back.stdout.contains("ann@example.com"), "{back:?}");
    site.readers("email\nann@example.com\n");
    site.article("third.md", "Third time", "2026-11-22", "x");
    let report = site
        .run(&["--json", "publish", "--now", "weekly", "--at", NOW])
        .json();
    assert_eq!(report["deliveries"]["sent"], 0, "{report:#}");
    assert_eq!(
        site.run(&["subscribers", "remove", "nobody@example.com"]).status,
        2
    );
    assert_eq!(site.run(&["subscribers", "import", "nothing.csv"]).status, 1);
    site.write("no.csv", "mail\na@example.org\n");
    assert_eq!(
        site.run(&["--json", "subscribers", "import", "no.csv"]).codes(),
        ["subscriber-list"]
    );
}
