//! From keys to actions: the keymap, the command palette, text fields, and deferred keys.

pub mod action;
mod built_in_keys;
pub mod commands;
pub mod deferred;
pub mod editor;
pub mod key;
pub mod keymap;
pub mod palette;
pub mod prompt;
