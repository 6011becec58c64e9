//! The terminal UI at run time, and what commands share with it.
//!
//! Only for the terminal UI:
//! - `main_loop`: turns events into messages, runs effects, draws.
//! - `session`: the model with its effects, without a terminal.
//! - `terminal`: screen, keyboard, clipboard, editor.
//!
//! For commands, too:
//! - `process`: signals, clock, time zone, home folder, browser.
//! - `batch_inputs`: reads the lines of a batch.
//! - `retention`: deletes old executions. `watcher_store`: what the watcher reads and writes in the store.
//!
//! Only for commands: `live_lines`, the lines of a waiting command.

pub(crate) mod batch_inputs;
mod live_lines;
mod main_loop;
mod process;
pub(crate) mod retention;
mod session;
mod terminal;
mod watcher_store;

pub(crate) use live_lines::LiveLines;
pub(crate) use main_loop::{Exit, SessionSetup, run};
pub(crate) use process::browser::open_url;
pub use process::clock::now;
pub(crate) use process::signals::Signals;
pub(crate) use process::zone::local_zone;
pub use session::Session;
pub use session::effect_runner::{Environment, Notification, TerminalRequest};
pub use session::event_batch::{Events, event_batch};
pub(crate) use session::jq_filters::JQ_CHILD;
pub use terminal::clipboard::Clipboard;
pub(crate) use terminal::features::Features;
#[cfg(unix)]
pub use terminal::keyboard::decoded;
pub(crate) use terminal::screen::{background_panics, stdout_columns, unsupported_terminal};
pub(crate) use watcher_store::WatcherStore;
