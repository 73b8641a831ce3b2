//! `tidings completions` and `tidings man`: what shells and `man` need to know of the commands, made
//! from the commands themselves.

use super::output::{self, Exit, count};
use anyhow::Context;
use clap::{Args, Command};
use clap_complete::Shell;
use std::path::PathBuf;

#[derive(Debug, Clone, Args)]
pub struct Completions {
    /// The shell to complete in
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

#[derive(Debug, Clone, Args)]
pub struct Man {
    /// The folder for the pages; made where it is missing
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
}

/// Prints the completion script of a shell.
///
/// # Errors
/// A standard output that cannot be written.
pub fn completions(wanted: &Completions, mut all: Command) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(wanted.shell, &mut all, "tidings", &mut script);
    output::print(&String::from_utf8(script)?)?;
    Ok(Exit::Done)
}

/// Writes a page for each command.
///
/// # Errors
/// A folder that cannot be made or written.
pub fn man(wanted: &Man, mut all: Command, quiet: bool) -> anyhow::Result<Exit> {
    let folder = &wanted.folder;
    let context = || format!("the pages cannot be written to {}", folder.display());
    std::fs::create_dir_all(folder).with_context(context)?;
    all.build();
    clap_mangen::generate_to(all, folder).with_context(context)?;
    if !quiet {
        let pages = std::fs::read_dir(folder).with_context(context)?.count();
        let pages = count(u64::try_from(pages)?, "page", "pages");
        output::tell(&format_args!("{pages} in {}", folder.display()));
    }
    Ok(Exit::Done)
}
