//! One request at a time for each host, whoever makes them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{self, OwnedMutexGuard};
use url::Url;

/// Ends when it is dropped.
pub(super) type Turn = OwnedMutexGuard<()>;

/// Shared by all copies of a client.
#[derive(Debug, Clone, Default)]
pub(super) struct Turns(Arc<Mutex<HashMap<String, Arc<sync::Mutex<()>>>>>);

impl Turns {
    /// Waits until nobody else asks the host of the URL.
    pub(super) async fn take(&self, url: &Url) -> Turn {
        let host = url.host_str().unwrap_or_default().to_owned();
        let turn = {
            let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            hosts.retain(|_, turn| Arc::strong_count(turn) > 1);
            hosts.entry(host).or_default().clone()
        };
        turn.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_host_has_one_turn_at_a_time() {
        let turns = Turns::default();
        let [here, there] = ["http://a.example/1", "http://b.example/"].map(|url| Url::parse(url).unwrap());
        let first = turns.take(&here).await;
        drop(turns.take(&there).await);
        let other = turns.clone();
        let second = tokio::spawn(async move { other.take(&here).await });
        tokio::task::yield_now().await;
        assert!(!second.is_finished());
        drop(first);
        drop(second.await.unwrap());
        assert!(turns.0.lock().unwrap().len() <= 1, "hosts are forgotten");
    }
}
