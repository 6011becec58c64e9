//! From keys to actions: the key map, the command palette, text fields, and keys that wait for a text.

pub mod action;
mod built_in_keys;
pub mod commands;
pub mod deferred;
pub mod editor;
pub mod key;
pub mod keymap;
pub mod palette;
pub mod prompt;
