//! Holds the manual and the command line together: what one says, the other does.

use crate::{files_under, read};
use clap::{CommandFactory, Parser};
use tidings::cli::Cli;

/// README and all pages of the manual, with their texts.
fn pages() -> Vec<(String, String)> {
    let manual = files_under("docs")
        .into_iter()
        .filter(|path| path.ends_with(".md"));
    manual
        .chain(["README.md".to_owned()])
        .map(|path| (path.clone(), read(&path)))
        .collect()
}

/// The lines of the blocks that show commands, with their places.
fn shown_commands(path: &str, text: &str) -> Vec<(String, String)> {
    let mut fence: Option<bool> = None;
    let mut found = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        if let Some(language) = line.strip_prefix("```") {
            fence = match fence {
                None => Some(language == "sh"),
                Some(_) => None,
            };
        } else if fence == Some(true) {
            let written = line.split("  #").next().unwrap_or_default().trim();
            let command = match written.strip_prefix("cargo run --release -- ") {
                Some(arguments) => format!("tidings {arguments}"),
                None => written.to_owned(),
            };
            if command.starts_with("tidings ") {
                found.push((format!("{path}:{number}"), command));
            }
        }
    }
    found
}

#[test]
fn the_command_line_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn every_command_that_the_manual_shows_is_one() {
    let shown: Vec<(String, String)> = pages()
        .iter()
        .flat_map(|(path, text)| shown_commands(path, text))
        .collect();
    assert!(shown.len() > 5, "only {} commands found", shown.len());
    let wrong: Vec<String> = shown
        .iter()
        .filter_map(|(place, command)| {
            let error = Cli::try_parse_from(command.split_whitespace()).err()?;
            Some(format!("{place}: {command}\n{error}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_manual_describes_every_command_and_option() {
    let mut root = Cli::command();
    root.build();
    let text = read("docs/commands.md");
    let mut missing = Vec::new();
    undescribed(&root, "tidings", &text, &mut missing);
    assert!(
        missing.is_empty(),
        "not in docs/commands.md:\n{}",
        missing.join("\n")
    );
}

/// Names the commands and options below one that a text does not.
fn undescribed(command: &clap::Command, name: &str, text: &str, missing: &mut Vec<String>) {
    for option in command.get_arguments().filter_map(clap::Arg::get_long) {
        let builtin = ["help", "version"].contains(&option);
        if !builtin && !text.contains(&format!("--{option}")) {
            missing.push(format!("{name} --{option}"));
        }
    }
    for inner in command
        .get_subcommands()
        .filter(|inner| inner.get_name() != "help")
    {
        let name = format!("{name} {}", inner.get_name());
        if !text.contains(&name) {
            missing.push(name.clone());
        }
        undescribed(inner, &name, text, missing);
    }
}

/// Every page can be reached from the list, and every link in the manual leads to a file.
#[test]
fn links_lead_somewhere() {
    let root = crate::root();
    for (path, text) in pages() {
        let folder = root
            .join(&path)
            .parent()
            .map(std::path::Path::to_path_buf)
            .unwrap();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = target.split('#').next().unwrap_or_default();
            if file.is_empty() || file.contains("://") {
                continue;
            }
            assert!(
                folder.join(file).exists(),
                "{path}: a link to {file}, which is not there"
            );
        }
    }
    let list = read("docs/README.md");
    for (path, _) in pages() {
        let name = path.trim_start_matches("docs/");
        assert!(
            name == "README.md" || list.contains(name),
            "docs/README.md does not list {name}"
        );
    }
}
