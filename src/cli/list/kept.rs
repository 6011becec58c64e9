//! The stored executions of a listing, read in parts: there may be more than fits into memory.

use std::ops::ControlFlow;

use crate::cli::console::Reader;
use crate::cli::list::listed::Listed;
use crate::cli::report::with_payloads;
use stepgate_core::domain::ListFilter;
use stepgate_core::store::{Store, StoreError};

/// Why a list ended early.
#[derive(Debug, thiserror::Error)]
pub(super) enum ListError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Output(#[from] anyhow::Error),
}

/// What to list.
pub(super) struct StoredListing {
    pub(super) store: Store,
    pub(super) listing: ListFilter,
    /// Starts without an execution, newest first.
    pub(super) open: Vec<Listed>,
}

impl StoredListing {
    /// Yields one entry after another, newest first, without holding more than one part in memory.
    pub(super) async fn each(
        &self,
        reads_payloads: bool,
        mut take: impl FnMut(&Listed) -> anyhow::Result<Reader>,
    ) -> Result<Reader, ListError> {
        let (mut open, mut left) = (self.open.iter().peekable(), self.listing.limit);
        let mut give = |listed: &Listed| -> Result<ControlFlow<Reader>, ListError> {
            if left == 0 {
                return Ok(ControlFlow::Break(Reader::There));
            }
            left -= 1;
            Ok(match take(listed)? {
                Reader::There => ControlFlow::Continue(()),
                Reader::Gone => ControlFlow::Break(Reader::Gone),
            })
        };
        let mut from = None;
        loop {
            let (records, next) = self.store.list(self.listing.clone(), from, reads_payloads).await?;
            for (record, payloads) in records {
                let listed = Listed::Execution(Box::new(with_payloads(record, payloads)));
                while let Some(start) = open.next_if(|start| start.moment() >= listed.moment()) {
                    if let ControlFlow::Break(reader) = give(start)? {
                        return Ok(reader);
                    }
                }
                if let ControlFlow::Break(reader) = give(&listed)? {
                    return Ok(reader);
                }
            }
            if next.is_none() {
                break;
            }
            from = next;
        }
        for start in open {
            if let ControlFlow::Break(reader) = give(start)? {
                return Ok(reader);
            }
        }
        Ok(Reader::There)
    }
}
