//! `tidings serve` and `tidings worker`, from their start to their end.

mod reload;
pub(crate) mod running;
mod stopping;
mod systemd;
mod working;

use crate::database::Database;
use crate::site::Site;

/// A site on each database there is: the label says which.
pub(crate) async fn everywhere(site: impl Fn() -> Site) -> Vec<(&'static str, Site, Option<Database>)> {
    let mut sites = vec![("SQLite", site(), None)];
    if let Some(database) = Database::new().await {
        let of = site().with(&format!("[store]\nurl = \"{}\"\n", database.url()));
        sites.push(("PostgreSQL", of, Some(database)));
    }
    sites
}
