//! Everything that goes to standard output and standard error, and to the log: text for people is escaped here,
//! right before it is written, and colours are added behind that. The screen of the terminal UI is `runtime`'s.

mod log;
mod panics;
mod streams;
mod text;

pub use log::LogWriter;
pub use panics::report_panics;
pub use streams::{Stream, ask, draw, filtered, is_terminal, pass_on, raw, result, say};
pub use text::{Notation, Text};
