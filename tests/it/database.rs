//! A PostgreSQL database of a test's own, on the server that `TIDINGS_TEST_POSTGRES` names.

use sqlx::Connection;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tidings::config::values::{Secret, StoreUrl};
use url::Url;

/// The URL of a server, of a user who may make databases there.
const SERVER: &str = "TIDINGS_TEST_POSTGRES";

/// Set to 1, a test that would be left out fails.
const STRICT: &str = "TIDINGS_TEST_STRICT";

/// An empty database. It is dropped with its last copy, whoever is still connected.
#[derive(Clone)]
pub(crate) struct Database(Arc<Private>);

struct Private {
    server: Url,
    name: String,
}

impl Database {
    /// A new one; `None` where no server is named: the test is left out then, and says so.
    pub(crate) async fn new() -> Option<Database> {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let Ok(server) = std::env::var(SERVER) else {
            let is_strict = std::env::var(STRICT).is_ok_and(|value| value == "1");
            assert!(!is_strict, "{SERVER} names no server, and {STRICT} is set");
            eprintln!("left out on PostgreSQL: {SERVER} names no server");
            return None;
        };
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let private = Private {
            server: Url::parse(&server).unwrap(),
            name: format!("tidings_{}_{number}", std::process::id()),
        };
        private
            .execute(format!("CREATE DATABASE {}", private.name))
            .await
            .unwrap();
        Some(Database(Arc::new(private)))
    }

    /// As `store.url` has it.
    pub(crate) fn url(&self) -> String {
        let mut url = self.0.server.clone();
        url.set_path(&self.0.name);
        url.into()
    }

    pub(crate) fn name(&self) -> &str {
        &self.0.name
    }

    /// A statement of the server, as its superuser.
    pub(crate) async fn execute(&self, statement: &str) {
        self.0.execute(statement.to_owned()).await.unwrap();
    }

    pub(crate) fn store_url(&self) -> StoreUrl {
        StoreUrl::Postgres(Secret::new(self.url()))
    }
}

impl Private {
    async fn execute(&self, statement: String) -> sqlx::Result<()> {
        let mut connection = sqlx::PgConnection::connect(self.server.as_str()).await?;
        sqlx::query(sqlx::AssertSqlSafe(statement))
            .execute(&mut connection)
            .await?;
        connection.close().await
    }
}

impl Drop for Private {
    /// On a thread of its own: the test's runtime waits here for its end. Where it fails nothing is lost
    /// but room on the server.
    fn drop(&mut self) {
        let statement = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        let dropped = std::thread::scope(|scope| {
            let drop = scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .map_err(sqlx::Error::Io)?;
                runtime.block_on(self.execute(statement))
            });
            drop.join()
        });
        if !matches!(dropped, Ok(Ok(()))) {
            eprintln!("the database {} was not dropped: {dropped:?}", self.name);
        }
    }
}
