//! Prints the path of the configuration file.

use std::path::Path;

use serde_json::json;

use crate::cli::Common;
use crate::cli::report::console::{Console, Pipe, print_path};
use crate::cli::report::execution::Output;

pub(in crate::cli) fn print(path: &Path, common: &Common) -> anyhow::Result<Pipe> {
    match common.output {
        Output::Text => print_path(path),
        Output::Json => {
            let object = json!({ "path": path.to_string_lossy(), "exists": path.exists() });
            Console::plain(common).result(object.to_string())
        }
    }
}
