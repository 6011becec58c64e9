//! What the program tells of its own work: to a file with `--log`, to standard error with `-v`.

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

/// Begins to tell, if anybody wants to hear it. Where it cannot be written, the layers would tell that on standard
/// error, and panic if that is closed.
pub(super) fn begin(common: &Common, is_screen: bool) -> anyhow::Result<()> {
    let open =
        |path: &Path| Rotation::append(path, rotation::MOST).with_context(|| format!("--log {}", path.display()));
    let file = common.log.as_deref().map(open);
    let file = file.transpose()?.map(|file| Mutex::new(LogWriter::File(Box::new(file))));
    let to_file = file.map(|file| fmt::layer().with_ansi(false).log_internal_errors(false).with_writer(file));
    // On the screen it would be drawn over.
    let is_heard = common.verbose > 0 && !is_screen;
    let stderr = || LogWriter::StandardError;
    let to_error = is_heard.then(|| fmt::layer().with_ansi(false).log_internal_errors(false).with_writer(stderr));
    // What is wrong is told in any case.
    let is_warned = !is_heard && !is_screen;
    let warnings = is_warned.then(|| {
        let layer = fmt::layer().with_ansi(false).without_time().with_target(false).log_internal_errors(false);
        layer.with_writer(stderr).with_filter(LevelFilter::WARN)
    });
    // Only our own words: those of the HTTP crates hold headers.
    let ours = Targets::new().with_target(env!("CARGO_PKG_NAME"), LevelFilter::DEBUG);
    tracing_subscriber::registry().with(ours).with(to_file).with(to_error).with(warnings).init();
    Ok(())
}
