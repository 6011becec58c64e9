//! The end of a command: what it has written down reaches the disk, unless another process keeps the history locked.

use tokio::time::Instant;

use crate::cli::Exit;
use crate::cli::follow::until;
use crate::runtime::Signals;
use stepgate_core::store::Store;

/// Waits until everything is written: for other processes only until the deadline, and not after a signal. The store's
/// own warning says what is not written.
pub(super) async fn close(store: &Store, deadline: Option<Instant>, result: &anyhow::Result<Exit>) {
    let signals = if matches!(result, Ok(Exit::Signal(_))) { None } else { Signals::listen().ok() };
    let hurry = async {
        let Some(mut signals) = signals else { return };
        tokio::select! {
            _ = signals.next() => {}
            () = until(deadline) => {}
        }
    };
    store.finish(hurry).await;
}
