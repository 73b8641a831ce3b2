//! What shells and `man` are given.

use crate::site::Site;
use clap::CommandFactory;
use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Command, Stdio};

/// The names of all pages that commands must have, as `tidings-editions-show`.
fn pages(command: &clap::Command, name: &str, into: &mut BTreeSet<String>) {
    into.insert(name.to_owned());
    for inner in command
        .get_subcommands()
        .filter(|inner| inner.get_name() != "help")
    {
        pages(inner, &format!("{name}-{}", inner.get_name()), into);
    }
}

#[test]
fn every_command_has_a_page() {
    let site = Site::bare("");
    let run = site.run(&["man", "pages/man1"]);
    assert_eq!(run.status, 0, "{run:?}");
    let written: BTreeSet<String> = site.snapshot("pages/man1").into_keys().collect();
    let mut command = tidings::cli::Cli::command();
    command.build();
    let mut wanted = BTreeSet::new();
    pages(&command, "tidings", &mut wanted);
    assert!(wanted.len() > 20, "{wanted:?}");
    for page in wanted {
        assert!(
            written.contains(&format!("{page}.1")),
            "{page}.1 is not in {written:?}"
        );
    }
    let publish = site.snapshot("pages/man1")["tidings-publish.1"].clone();
    assert!(publish.contains("dry\\-run"), "{publish}");
    let refused = site.run(&["man", "config.toml/x"]);
    assert_eq!(refused.status, 1, "{refused:?}");
}

#[test]
fn completions_are_scripts_that_a_shell_can_read() {
    let site = Site::bare("");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = site.run(&["completions", shell]);
        assert_eq!(run.status, 0, "{run:?}");
        assert!(run.stdout.contains("publish"), "{shell}");
    }
    let script = site.run(&["completions", "bash"]).stdout;
    let mut bash = Command::new("bash")
        .arg("-s")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // What the shell would offer after `tidings editions `.
    let ask = "COMP_WORDS=(tidings editions ''); COMP_CWORD=2; _tidings tidings '' editions; echo \"${COMPREPLY[@]}\"";
    let text = format!("{script}\n{ask}\n");
    bash.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = bash.wait_with_output().unwrap();
    let offered = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    for word in ["list", "show", "hold", "release", "--json"] {
        assert!(
            offered.split_whitespace().any(|offer| offer == word),
            "{word}: {offered}"
        );
    }
    assert_eq!(site.run(&["completions", "tcsh"]).status, 2);
}
