//! From keys to actions: the keymap, the command palette, text fields, and deferred keys.

pub(crate) mod action;
mod built_in_keys;
pub(crate) mod commands;
pub(crate) mod deferred;
pub(crate) mod editor;
pub(crate) mod key;
pub(crate) mod keymap;
pub(crate) mod palette;
pub(crate) mod prompt;

use crate::app::msg::Msg;
use deferred::Deferred;
use keymap::Keymap;

/// The meaning of keys, and keys that wait.
#[derive(Debug, Clone)]
pub struct Keys {
    keymap: Keymap,
    /// Keys that wait for the input and output of an execution.
    deferred: Option<Deferred>,
}

impl Keys {
    /// Returns the keys, of which none waits.
    pub(in crate::app) fn new(keymap: Keymap) -> Self {
        Self { keymap, deferred: None }
    }

    /// Returns what each key means.
    pub fn keymap(&self) -> &Keymap {
        &self.keymap
    }

    /// Returns the keys that wait.
    pub fn deferred(&self) -> Option<&Deferred> {
        self.deferred.as_ref()
    }

    /// Makes what was typed after a waiting key wait, too.
    pub(in crate::app) fn wait_too(&mut self, msg: Msg) {
        if let Some(deferred) = &mut self.deferred {
            deferred.add(msg);
        }
    }

    /// Makes a key wait.
    pub(in crate::app) fn defer(&mut self, deferred: Deferred) {
        self.deferred = Some(deferred);
    }

    /// Removes and returns the keys that wait.
    pub(in crate::app) fn take_deferred(&mut self) -> Option<Deferred> {
        self.deferred.take()
    }
}
