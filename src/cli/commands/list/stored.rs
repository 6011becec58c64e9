//! Reads the stored executions of a listing in parts: there may be more than fit into memory.

use std::ops::ControlFlow;

use crate::cli::commands::list::listed::Listed;
use crate::cli::report::console::Pipe;
use crate::cli::report::execution::with_payloads;
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
    /// Visits the entries, newest first, holding one part in memory at a time.
    pub(super) async fn each(
        &self,
        reads_payloads: bool,
        mut visit: impl FnMut(&Listed) -> anyhow::Result<Pipe>,
    ) -> Result<Pipe, ListError> {
        let (mut open, mut remaining) = (self.open.iter().peekable(), self.listing.limit);
        let mut limited = |listed: &Listed| -> Result<ControlFlow<Pipe>, ListError> {
            if remaining == 0 {
                return Ok(ControlFlow::Break(Pipe::Open));
            }
            remaining -= 1;
            Ok(match visit(listed)? {
                Pipe::Open => ControlFlow::Continue(()),
                Pipe::Closed => ControlFlow::Break(Pipe::Closed),
            })
        };
        let mut from = None;
        loop {
            let (records, next) = self.store.list(self.listing.clone(), from, reads_payloads).await?;
            for (record, payloads) in records {
                let listed = Listed::Execution(Box::new(with_payloads(record, payloads)));
                while let Some(start) = open.next_if(|start| start.moment() >= listed.moment()) {
                    if let ControlFlow::Break(pipe) = limited(start)? {
                        return Ok(pipe);
                    }
                }
                if let ControlFlow::Break(pipe) = limited(&listed)? {
                    return Ok(pipe);
                }
            }
            if next.is_none() {
                break;
            }
            from = next;
        }
        for start in open {
            if let ControlFlow::Break(pipe) = limited(start)? {
                return Ok(pipe);
            }
        }
        Ok(Pipe::Open)
    }
}
