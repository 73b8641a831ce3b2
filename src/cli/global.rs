//! What every command takes, before or after its name.

use clap::Args;
use std::path::PathBuf;

/// The options of all commands.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// The configuration; paths in it are relative to it
    #[arg(long, global = true, default_value = "config.toml", value_name = "FILE")]
    pub config: PathBuf,
    /// One JSON document on standard output
    #[arg(long, global = true)]
    pub json: bool,
    /// Say more; twice for everything
    #[arg(short, long, global = true, action = clap::ArgAction::Count, conflicts_with = "quiet")]
    pub verbose: u8,
    /// Say nothing but errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
}
