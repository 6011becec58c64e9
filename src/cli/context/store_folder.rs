//! Where the store is. The local gateway has its own: its executions are never listed among real ones, and are
//! deleted with the gateway's file.

use std::path::PathBuf;

use crate::config::Settings;
use crate::config::find::{self, platform_data_folder};
use stepgate_core::domain::GatewayId;
use stepgate_core::folder;
use stepgate_core::store;

/// The name of the local gateway's endpoint.
pub(in crate::cli) const LOCAL: &str = "local";
/// The file of the local gateway's executions.
const JOURNAL: &str = "local-gateway.jsonl";

/// Returns the folder for the program's data, or why there is none.
pub(in crate::cli) fn data_folder() -> Result<PathBuf, String> {
    let platform = platform_data_folder();
    let folder = find::data_folder(|name| std::env::var_os(name), platform.as_deref());
    folder.ok_or_else(|| "this platform has no folder for it (no home)".to_owned())
}

/// Returns the folder of the store for these settings: that of real gateways or that of the local one.
pub(in crate::cli) fn store_folder(settings: &Settings) -> Result<PathBuf, String> {
    let is_local = settings.endpoints.iter().any(|endpoint| endpoint.gateway() == GatewayId::new(LOCAL));
    if is_local { local_store() } else { data_folder() }
}

/// Returns the folder of the store, if there is one.
pub(in crate::cli) fn existing_store(settings: &Settings) -> Option<PathBuf> {
    store_folder(settings).ok().filter(|folder| folder.is_dir())
}

/// Returns the folder of the local gateway's store.
pub(in crate::cli) fn local_store() -> Result<PathBuf, String> {
    data_folder().map(|folder| folder.join(LOCAL))
}

/// Returns the file for the local gateway's executions, if there is a folder for it. Without the file, the gateway has no
/// executions, so its store is deleted.
pub(in crate::cli) fn local_journal() -> Option<PathBuf> {
    let folder = data_folder().ok().filter(|folder| folder::create_private(folder).is_ok())?;
    let journal = folder.join(JOURNAL);
    if !journal.exists() {
        store::discard(&folder.join(LOCAL));
    }
    Some(journal)
}
