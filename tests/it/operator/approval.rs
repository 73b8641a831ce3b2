//! Editions that are looked at before they go out.

use crate::site::Site;

const SLOT: &str = "2026-11-23T07:00:00Z";
const EDITION: &str = "weekly/2026-11-23T07:00Z";

fn with_approval() -> Site {
    let site = Site::new().with("approval = true\ngrace = \"12h\"");
    site.publish(&[]);
    site
}

#[test]
fn an_edition_that_waits_for_approval_is_named_and_is_no_failure() {
    let site = with_approval();
    let at = |instant: &str| site.run(&["--json", "publish", "--at", instant]);
    let early = at("2026-11-23T06:00:00Z");
    assert_eq!(
        (early.status, early.codes()),
        (0, vec!["edition-approval".to_owned()])
    );
    let planned = &early.json()["planned"][0];
    assert_eq!(planned["id"], EDITION);
    assert_eq!(planned["starts_at"], SLOT);
    assert_eq!(planned["hold"]["code"], "approval");

    let slots = site.ask(&["digests", "next", "--from", "2026-11-23T06:00:00Z"]);
    assert_eq!(slots["slots"][0]["edition"], EDITION);
    assert_eq!(slots["slots"][0]["articles"], 2);
    assert_eq!(slots["slots"][1]["articles"], 0);

    let due = at(SLOT);
    assert_eq!(
        (due.status, due.codes()),
        (0, vec!["edition-approval".to_owned()])
    );
    assert!(site.mails().is_empty());
    let check = site.run(&["--json", "check"]).json();
    let codes = |check: &serde_json::Value| -> Vec<String> {
        let problems = check["problems"].as_array().unwrap().iter();
        problems
            .map(|problem| problem["code"].as_str().unwrap().to_owned())
            .filter(|code| code.starts_with("edition"))
            .collect()
    };
    assert_eq!(codes(&check), ["edition-approval"]);

    site.ask(&["editions", "release", EDITION]);
    assert!(codes(&site.run(&["--json", "check"]).json()).is_empty());
    let sent = at(SLOT);
    assert_eq!((sent.status, sent.codes()), (0, vec![]));
    assert_eq!(site.mails().len(), 1);
    let words = site.run(&["publish", "--at", SLOT]);
    assert_eq!(words.status, 0, "{words:?}");
}

#[test]
fn an_edition_that_was_planned_can_be_dropped_before_its_slot() {
    let site = with_approval();
    let early = site.run(&["publish", "--at", "2026-11-23T06:00:00Z"]);
    assert!(
        early
            .stdout
            .contains("Planned   weekly/2026-11-23T07:00Z starts at 2026-11-23T07:00:00Z; held:"),
        "{early:?}"
    );
    site.ask(&["editions", "drop", EDITION]);
    let report = site.run(&["--json", "publish", "--at", SLOT]);
    assert_eq!((report.status, report.codes()), (0, vec![]));
    assert!(site.mails().is_empty());
    let slots = site.ask(&["digests", "next", "--from", "2026-11-23T06:00:00Z"]);
    assert_eq!(slots["slots"][0]["utc"], "2026-11-30T07:00:00Z");
}
