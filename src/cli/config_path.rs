//! The path of the configuration file, as a result.

use std::path::Path;

use serde_json::json;

use crate::cli::Common;
use crate::cli::console::{Console, Reader, print_path};
use crate::cli::report::Output;

/// Prints where a configuration is.
pub(super) fn print(path: &Path, common: &Common) -> anyhow::Result<Reader> {
    match common.output {
        Output::Text => print_path(path),
        Output::Json => {
            let object = json!({ "path": path.to_string_lossy(), "exists": path.exists() });
            Console::plain(common).result(object.to_string())
        }
    }
}
