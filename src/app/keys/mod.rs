//! From keys to actions: the keymap, the command palette, text fields with their histories, and deferred keys.

pub(crate) mod action;
mod built_in_keys;
pub(crate) mod commands;
pub(crate) mod deferred;
pub(crate) mod editor;
pub(crate) mod file_path;
pub(crate) mod histories;
pub(crate) mod key;
pub(crate) mod keymap;
pub(crate) mod palette;
pub(crate) mod prompt;
mod ranking;

use std::time::Duration;

use crate::app::msg::Msg;
use deferred::Deferred;
use histories::Histories;
use key::Key;
use keymap::Keymap;
use stepgate_core::domain::Timestamp;

/// How soon after a confirmation the same key counts as typed by mistake.
const REPEATED: Duration = Duration::from_millis(500);

/// The meaning of keys, keys that wait, and the lines entered so far.
#[derive(Debug, Clone)]
pub struct Keys {
    keymap: Keymap,
    /// Keys that wait.
    deferred: Option<Deferred>,
    histories: Histories,
    /// The key that confirmed a removal, and when it was last pressed.
    confirmed: Option<(Key, Timestamp)>,
}

impl Keys {
    /// Returns the keys, of which none waits.
    pub(in crate::app) fn new(keymap: Keymap) -> Self {
        Self { keymap, deferred: None, histories: Histories::default(), confirmed: None }
    }

    /// Returns what each key means.
    pub fn keymap(&self) -> &Keymap {
        &self.keymap
    }

    /// Returns the keys that wait.
    pub fn deferred(&self) -> Option<&Deferred> {
        self.deferred.as_ref()
    }

    /// Returns the lines entered in prompts.
    pub(in crate::app) fn histories(&self) -> &Histories {
        &self.histories
    }

    /// Returns the lines entered in prompts, mutably.
    pub(in crate::app) fn histories_mut(&mut self) -> &mut Histories {
        &mut self.histories
    }

    /// Notes the key that has confirmed something.
    pub(in crate::app) fn note_confirmation(&mut self, key: Key, now: Timestamp) {
        self.confirmed = Some((key, now));
    }

    /// Returns whether a key only repeats the one that has just confirmed something: it must not act on what was below.
    pub(in crate::app) fn repeats_confirmation(&mut self, key: Key, now: Timestamp) -> bool {
        self.confirmed =
            self.confirmed.filter(|(last, at)| *last == key && now.since(*at) < REPEATED).map(|_| (key, now));
        self.confirmed.is_some()
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

    /// Ends the wait for the names in a folder, if it is for this request; returns whether the first one completes the line.
    pub(in crate::app) fn folder_has_arrived(&mut self, number: u64) -> Option<bool> {
        self.deferred.as_mut()?.folder_has_arrived(number)
    }

    /// Removes and returns the keys that wait.
    pub(in crate::app) fn take_deferred(&mut self) -> Option<Deferred> {
        self.deferred.take()
    }
}
