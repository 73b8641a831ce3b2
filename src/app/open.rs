//! Opening a site: its store, its secret, its id.

use super::Site;
use crate::articles::identity;
use crate::clock::Clock;
use crate::config::Config;
use crate::config::values::StoreUrl;
use crate::files::{Draft, folder_of, private_folder, tighten};
use crate::hash::hex;
use crate::problem::Problem;
use crate::store::{Store, facts};
use crate::subscribers::tokens::SiteKey;
use anyhow::Context;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use uuid::Uuid;

impl Site {
    /// Opens the store, brings its tables up to date and finds the secret and the site's id; both
    /// are made at the first run. With the site come the problems that stop nothing.
    ///
    /// # Errors
    /// Where the store cannot be opened, and where the secret is not the one that belongs to it (a
    /// [`Problem`]).
    pub async fn open(config: Config, clock: Clock) -> anyhow::Result<(Site, Vec<Problem>)> {
        let store = Store::open(&config.store).await?;
        let key = key(&store, &secret_file(&config)).await?;
        let wanted = config
            .site
            .id
            .unwrap_or_else(|| identity::site_id(&config.site.url));
        let kept = store.keep_fact(facts::SITE_ID, &wanted.to_string()).await?;
        let id = Uuid::parse_str(&kept).with_context(|| format!("the store's site id is none: {kept:?}"))?;
        let problems = other_id(&config.file, wanted, id).into_iter().collect();
        let site = Site {
            config: Arc::new(config),
            store,
            clock,
            id,
            key,
        };
        Ok((site, problems))
    }
}

fn other_id(file: &Path, wanted: Uuid, id: Uuid) -> Option<Problem> {
    (wanted != id).then(|| {
        Problem::warning(
            "site-id",
            format!(
                "the configuration makes this the site {wanted}, but its store was made for the site {id}"
            ),
        )
        .file(file)
        .key("site.id")
        .hint(format!(
            "the store's id goes on, so that nothing is announced again: write id = \"{id}\" under [site]"
        ))
    })
}

/// Beside SQLite's file; for PostgreSQL in `data/` beside the configuration.
#[must_use]
pub fn secret_file(config: &Config) -> PathBuf {
    match &config.store {
        StoreUrl::Sqlite(file) => file.with_file_name("secret"),
        StoreUrl::Postgres(_) => config.root.join("data").join("secret"),
    }
}

/// The site's key. A store remembers which one is its own: with another one the links in mails that
/// went out would no longer work, and nobody on the suppression list would be found there.
async fn key(store: &Store, file: &Path) -> anyhow::Result<SiteKey> {
    let expected = store.fact(facts::KEY_ID).await?;
    let secret = match (read_secret(file)?, &expected) {
        (Some(secret), _) => secret,
        (None, None) => make_secret(file)?,
        (None, Some(id)) => return Err(missing(file, id).into()),
    };
    let key = SiteKey::new(&secret);
    let id = hex(&key.id());
    let kept = store.keep_fact(facts::KEY_ID, &id).await?;
    if kept != id {
        return Err(other(file, &id, &kept).into());
    }
    Ok(key)
}

fn missing(file: &Path, id: &str) -> Problem {
    Problem::error(
        "secret-missing",
        "the secret that belongs to the store is not there",
    )
    .file(file)
    .hint(format!(
        "put the file with key {id} back from a backup; without it the links in mails that went out are dead"
    ))
}

fn other(file: &Path, id: &str, kept: &str) -> Problem {
    Problem::error(
        "secret-other",
        format!("this secret is key {id}, but the store belongs to key {kept}"),
    )
    .file(file)
    .hint("put the store and the secret back from the same backup, or point store.url at the store of this secret")
}

/// `None`: there is no such file.
fn read_secret(file: &Path) -> anyhow::Result<Option<[u8; 32]>> {
    let unreadable = |why: String| {
        Problem::error("secret-unreadable", format!("the secret cannot be read: {why}"))
            .file(file)
            .hint("it is a file of 32 bytes that only the owner of the service may read")
    };
    let bytes = match std::fs::read(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error.to_string()).into()),
        Ok(bytes) => bytes,
    };
    tighten(file).map_err(|error| unreadable(error.to_string()))?;
    let length = bytes.len();
    let secret = bytes
        .try_into()
        .map_err(|_| unreadable(format!("it has {length} bytes instead of 32")))?;
    Ok(Some(secret))
}

/// Makes the secret, whole or not at all; where somebody else was faster, theirs counts.
fn make_secret(file: &Path) -> anyhow::Result<[u8; 32]> {
    let context = || format!("the secret {} cannot be made", file.display());
    private_folder(folder_of(file)).with_context(context)?;
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(|_| anyhow::anyhow!("the system gives no random bytes"))?;
    let mut draft = Draft::beside(file).with_context(context)?;
    draft.file().write_all(&secret).with_context(context)?;
    match draft.place_new() {
        Ok(()) => Ok(secret),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => read_secret(file)?.with_context(context),
        Err(error) => Err(error).with_context(context),
    }
}
