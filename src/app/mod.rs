//! The core of the terminal UI: its state (`Model`), events (`Msg`), the meaning of a key (`Action`), side effects
//! (`Effect`), and the transition function (`update`).
//!
//! Pure: no clock, disk, network or randomness. Time, ids and responses come in as data, so a recorded list of `Msg`
//! replays to the same model. One folder per feature, with its part of the model and of `update`.

pub(crate) mod effect;
pub(crate) mod model;
pub(crate) mod msg;
pub(crate) mod update;

pub(crate) mod batch;
pub(crate) mod control;
pub(crate) mod copy;
pub(crate) mod guard;
pub(crate) mod keys;
pub(crate) mod list;
pub mod reader;
pub(crate) mod shell;
pub(crate) mod start;
pub mod timeline;

pub use effect::Effect;
pub(crate) use keys::action::Action;
pub use keys::key::{Key, KeyCode};
pub use keys::keymap::Keymap;
pub use list::executions::Older;
pub use list::row::{Group, PayloadLocation, Row, RowState};
pub use model::Model;
pub use msg::{Click, Folder, Msg};
pub use reader::document::FilterId;
pub use shell::overlay::Overlay;
pub use shell::pane::{Pane, Step};
pub use shell::setup::{EndpointInfo, MouseOwner, Setup};
pub use update::update;
