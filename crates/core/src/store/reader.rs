//! Reading: through a separate connection, without blocking other tasks.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;

use crate::domain::{Remembered, Scope};
use crate::store::error::{StoreError, StoreErrorKind};
use crate::store::{batches, change_log, executions, gateways, starts, ui_choices};
use crate::task;

/// The reading connection.
pub(super) struct Reader {
    connection: Arc<Mutex<Connection>>,
    path: PathBuf,
}

impl Reader {
    pub(super) fn new(connection: Connection, path: PathBuf) -> Self {
        Self { connection: Arc::new(Mutex::new(connection)), path }
    }

    /// Reads on a thread that may block.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (connection, path) = (Arc::clone(&self.connection), self.path.clone());
        let reading = task::run_blocking(move || {
            let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            // A transaction, for a consistent state.
            let read = connection.unchecked_transaction().and_then(|work| read(&work));
            // Here, since finding the cause of an error may access the disk as well.
            read.map_err(|error| StoreError::from_sqlite(&path, &error))
        });
        match reading.await {
            Ok(result) => result,
            Err(error) => Err(StoreError::new(StoreErrorKind::Other, &self.path, format!("reading failed: {error}"))),
        }
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Returns the state left by earlier launches.
pub(super) fn remembered(work: &Connection, page: usize) -> rusqlite::Result<Remembered> {
    let ui_choices = ui_choices::all(work)?;
    let scope = Scope::from_choices(&ui_choices);
    Ok(Remembered {
        page: executions::page(work, scope, None, page)?,
        running: executions::running(work, scope)?,
        unresolved: starts::in_state(work, "unresolved")?,
        never_started: starts::in_state(work, "never-started")?,
        batches: batches::left(work)?,
        totals: executions::totals(work, scope)?,
        scope,
        revision: change_log::latest(work)?,
        gateways: gateways::all(work)?,
        ui_choices,
        last_launch: gateways::last_launch(work)?,
    })
}
