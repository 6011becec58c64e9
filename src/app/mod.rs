//! The core of the terminal UI: all that it knows (`Model`), what can happen (`Msg`), what a key
//! means (`Action`), what it asks of the outside (`Effect`), and how one leads to the other
//! (`update`).
//!
//! Pure: no clock, disk, network or randomness. Time, ids and answers come in as data, so a recorded
//! list of `Msg` replays to the same model.

pub mod action;
mod banner;
pub mod batch;
pub mod clock;
pub mod compare;
pub mod copy;
pub mod deferred;
pub mod definition;
pub mod document;
pub mod editor;
pub mod ends;
pub mod executions;
pub mod form;
pub mod geometry;
pub mod groups;
pub mod inputs;
pub mod json;
pub mod key;
pub mod keymap;
pub mod machines;
pub mod model;
pub mod msg;
pub mod notice;
pub mod overlay;
pub mod page;
pub mod palette;
pub mod pane;
pub mod payloads;
pub mod prompt;
pub mod reader;
pub mod row;
pub mod setup;
pub mod steer;
pub mod text;
pub mod timeline;
pub mod traffic;
pub mod update;
pub mod usual;

pub use action::{Action, Context};
pub use executions::{Executions, Older};
pub use key::{Key, KeyCode};
pub use keymap::Keymap;
pub use model::Model;
pub use msg::{Effect, Msg};
pub use overlay::Overlay;
pub use pane::Pane;
pub use row::{Row, Standing};
pub use setup::{EndpointInfo, MouseOwner, Setup};
pub use update::update;
