//! The published documents before judges that are not ours.

mod hostile;
pub(crate) mod judges;
mod podcasts;
mod shown;
mod strangers;

use crate::site::Site;

#[test]
fn strict_parsers_and_the_grammar_of_atom_take_every_document() {
    let Some(judges) = judges::Judges::found() else {
        return;
    };
    let site = Site::sample();
    site.publish(&[]);
    assert!(judges.look_at(&site.path("feeds")) > 20);
}

#[test]
fn the_judges_see_what_is_wrong() {
    let Some(judges) = judges::Judges::found() else {
        return;
    };
    let site = Site::new();
    site.publish(&[]);
    let atom = std::fs::read_to_string(site.path("feeds/atom.xml")).unwrap();
    for (right, wrong) in [
        ("</feed>", ""),
        ("First light", "First \u{1} light"),
        ("<title>", "<title type=\"markdown\">"),
        ("<updated>", "<updated>2026-02-30 "),
        ("<id>", "<id xmlns=\"\">"),
        ("<name>", "<name>x</name><name>"),
    ] {
        let broken = atom.replacen(right, wrong, 1);
        assert_ne!(broken, atom, "{right}");
        site.write("broken/atom.xml", &broken);
        let findings = judges.findings(&site.path("broken"));
        assert_eq!(findings.len(), 1, "{right}: {findings:?}");
    }
}
