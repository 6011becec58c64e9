//! A start request that has not been sent yet: if it is cancelled, it was certainly not sent.

use crate::domain::{RecordId, Settled, Timestamp};
use crate::store::Store;

/// Records on drop that the start was not sent.
pub(super) struct Unsent {
    record: Option<(Store, RecordId)>,
    clock: fn() -> Timestamp,
}

impl Unsent {
    pub(super) fn new(store: Option<&Store>, record: Option<RecordId>, clock: fn() -> Timestamp) -> Self {
        Self { record: store.cloned().zip(record), clock }
    }

    /// From here on it may have been sent.
    pub(super) fn leaves(mut self) {
        self.record = None;
    }
}

impl Drop for Unsent {
    fn drop(&mut self) {
        if let Some((store, id)) = self.record.take() {
            store.settle(id, Settled::NeverStarted, (self.clock)());
        }
    }
}
