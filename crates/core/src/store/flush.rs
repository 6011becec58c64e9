//! Waiting until all handed-over changes are written.

use crate::store::{Store, StoreError};

impl Store {
    /// Waits until all handed-over changes are written or have failed, with a limit for a disk that does not respond.
    pub async fn flush(&self) {
        self.writer.flush().await;
    }

    /// Flushes when the program ends. Once `hurry` resolves, it no longer waits for other processes that write. Returns
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

    /// Stops waiting for other processes that write.
    pub fn hurry(&self) {
        self.writer.hurry();
    }
}
