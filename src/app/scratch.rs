//! A site to try things on: a copy of the store, and a folder for the feeds that goes away again.

use super::Site;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

/// A copy of a site on which a pass shows what it would do. Nothing in it is sent.
pub struct Scratch {
    pub site: Site,
    original: Site,
    name: String,
    _folder: TempDir,
}

impl Scratch {
    /// # Errors
    /// Where the store or the feeds cannot be copied.
    pub async fn of(original: &Site) -> anyhow::Result<Scratch> {
        let folder = tempfile::tempdir()?;
        let name = format!("tidings_dry_run_{}", std::process::id());
        let store = original
            .store
            .copy(&original.config.store, folder.path(), &name)
            .await?;
        let mut config = (*original.config).clone();
        config.feeds.dir = folder.path().join("feeds");
        copy_folder(&original.config.feeds.dir, &config.feeds.dir)?;
        let site = Site {
            config: Arc::new(config),
            store,
            ..original.clone()
        };
        Ok(Scratch {
            site,
            original: original.clone(),
            name,
            _folder: folder,
        })
    }

    /// Takes the copy away.
    ///
    /// # Errors
    /// Where the store cannot be reached.
    pub async fn remove(self) -> anyhow::Result<()> {
        self.original.store.drop_copy(&self.name).await?;
        Ok(())
    }
}

fn copy_folder(from: &Path, to: &Path) -> anyhow::Result<()> {
    for entry in walkdir::WalkDir::new(from) {
        // A folder that is not there yet is an empty one.
        let Ok(entry) = entry else { continue };
        let target = to.join(entry.path().strip_prefix(from)?);
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(target)?;
        } else if entry.file_type().is_file() {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
