//! The log: to a file with `--log`, to standard error with `-v`.

mod rotation;

use std::path::Path;
use std::sync::Mutex;

use anyhow::Context as _;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::cli::Common;
use crate::cli::log::rotation::Rotation;
use crate::output::LogWriter;

/// Sets up logging. Internal errors are not logged: the layers would write them to standard error, and panic if it is
/// closed.
pub(super) fn init(common: &Common, is_screen: bool) -> anyhow::Result<()> {
    let open =
        |path: &Path| Rotation::append(path, rotation::MAX_BYTES).with_context(|| format!("--log {}", path.display()));
    let file = common.log.as_deref().map(open);
    let file = file.transpose()?.map(|file| Mutex::new(LogWriter::File(Box::new(file))));
    let to_file = file.map(|file| fmt::layer().with_ansi(false).log_internal_errors(false).with_writer(file));
    // In the terminal UI, the screen would overwrite it.
    let is_verbose = common.verbose > 0 && !is_screen;
    let stderr = || LogWriter::StandardError;
    let to_error = is_verbose.then(|| fmt::layer().with_ansi(false).log_internal_errors(false).with_writer(stderr));
    // Warnings are printed in any case.
    let has_warnings = !is_verbose && !is_screen;
    let warnings = has_warnings.then(|| {
        let layer = fmt::layer().with_ansi(false).without_time().with_target(false).log_internal_errors(false);
        layer.with_writer(stderr).with_filter(LevelFilter::WARN)
    });
    // Only this program's events: those of the HTTP crates contain headers.
    let ours = Targets::new().with_target(env!("CARGO_PKG_NAME"), LevelFilter::DEBUG);
    tracing_subscriber::registry().with(ours).with(to_file).with(to_error).with(warnings).init();
    Ok(())
}
