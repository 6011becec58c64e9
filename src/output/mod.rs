//! Standard output, standard error and the log. Text for people is escaped here, right before it is written; colours are
//! added afterwards. `runtime` writes the screen of the terminal UI.

mod log;
mod panics;
mod streams;
mod text;

pub(crate) use log::LogWriter;
pub(crate) use panics::report_panics;
pub(crate) use streams::{Stream, draw, filtered, forward_stderr, is_terminal, prompt, raw, result, say};
pub(crate) use text::{Notation, Text};
