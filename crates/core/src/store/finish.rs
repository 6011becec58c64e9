//! Waiting for what was handed over to be written.

use crate::store::{Store, StoreError};

impl Store {
    /// Waits until everything that was handed over is written, or cannot be; not for ever for a disk that
    /// does not answer.
    pub async fn flush(&self) {
        self.writer.flush().await;
    }

    /// The same when the program ends. Once `hurry` is over, other processes that write are no longer waited for. Returns
    /// why something could not be written.
    pub async fn finish(&self, hurry: impl Future<Output = ()>) -> Option<StoreError> {
        let mut flushed = std::pin::pin!(self.flush());
        tokio::select! {
            () = &mut flushed => {}
            () = hurry => {
                self.hurry();
                flushed.await;
            }
        }
        self.health().borrow().clone()
    }

    /// Ends waiting for other processes that write, from now on.
    pub fn hurry(&self) {
        self.writer.hurry();
    }
}
