//! Closes the store at the end of a command.

use tokio::time::Instant;

use crate::cli::Exit;
use crate::cli::follow::until;
use crate::runtime::Signals;
use stepgate_core::store::Store;

/// Waits until everything is written. Waits for a lock held by another process only until the deadline, and not after a
/// signal; the store itself warns about what it could not write.
pub(in crate::cli) async fn close(store: &Store, deadline: Option<Instant>, result: &anyhow::Result<Exit>) {
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
