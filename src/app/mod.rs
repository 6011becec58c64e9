//! The core of the terminal UI: its state (`Model`), events (`Msg`), the meaning of a key (`Action`), side effects
//! (`Effect`), and the transition function (`update`).
//!
//! Pure: no clock, disk, network or randomness. Time, ids and responses come in as data, so a recorded list of `Msg`
//! replays to the same model. One folder per feature, with its part of the model and of `update`.

pub mod effect;
pub mod model;
pub mod msg;
pub mod update;

pub mod batch;
pub mod control;
pub mod copy;
pub mod keys;
pub mod list;
pub mod reader;
pub mod shell;
pub mod start;
pub mod timeline;

pub use effect::Effect;
pub use keys::action::{Action, Context};
pub use keys::key::{Key, KeyCode};
pub use keys::keymap::Keymap;
pub use list::executions::{Executions, Older};
pub use list::row::{Row, RowState};
pub use model::Model;
pub use msg::Msg;
pub use shell::overlay::Overlay;
pub use shell::pane::Pane;
pub use shell::setup::{EndpointInfo, MouseOwner, Setup};
pub use update::update;
