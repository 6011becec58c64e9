//! The picker for inputs of the start form: the presets of the machine, then its earlier inputs, the newest first.

use crate::app::keys::editor::{Editor, Lines};
use crate::app::reader::contains;
use crate::app::start::form::Form;
use crate::format::clock;
use jiff::tz::TimeZone;
use stepgate_core::domain::{EarlierInput, Machine, Payload, Preset, Timestamp};

/// An input that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Its source: a preset, or an execution with its start time.
    pub origin: String,
    /// The input.
    pub input: Payload,
}

/// The picker and the form below it.
#[derive(Debug, Clone)]
pub struct InputPicker {
    /// The form below.
    pub form: Box<Form>,
    /// The search field.
    pub field: Editor,
    choices: Vec<Choice>,
    /// The number of choices that come from the configuration.
    presets: usize,
    found: Vec<usize>,
    selected: usize,
}

impl InputPicker {
    /// Returns a picker with the default input and the presets of the form's machine.
    pub fn new(form: Box<Form>, machine: Option<&Machine>) -> Self {
        let mut choices = Vec::new();
        if let Some(machine) = machine {
            choices.push(Choice { origin: "default".to_owned(), input: machine.input.clone() });
            let preset =
                |preset: &Preset| Choice { origin: format!("preset {}", preset.name), input: preset.input.clone() };
            choices.extend(machine.presets.iter().map(preset));
        }
        let presets = choices.len();
        Self { form, field: Editor::new("", Lines::One), choices, presets, found: Vec::new(), selected: 0 }
    }

    /// Adds inputs of earlier executions without duplicates.
    pub(in crate::app) fn add(&mut self, inputs: Vec<EarlierInput>, now: Timestamp, zone: &TimeZone) {
        for earlier in inputs {
            let known = self.choices.get(self.presets..).unwrap_or_default();
            if !known.iter().any(|known| known.input == earlier.input) {
                let when = clock::moment(earlier.started, now, zone);
                let origin = format!("{when} {}", earlier.arn.name());
                self.choices.push(Choice { origin, input: earlier.input });
            }
        }
        self.search();
    }

    /// Finds the choices that contain every typed word in their origin or input.
    pub(in crate::app) fn search(&mut self) {
        let typed = self.field.text();
        let has = |choice: &Choice, word: &str| contains(&choice.origin, word) || contains(choice.input.as_str(), word);
        let is_found = |choice: &Choice| typed.split_whitespace().all(|word| has(choice, word));
        self.found = (0..self.choices.len()).filter(|index| is_found(&self.choices[*index])).collect();
        self.selected = self.selected.min(self.found.len().saturating_sub(1));
    }

    /// Returns the number of all choices.
    pub fn total(&self) -> usize {
        self.choices.len()
    }

    /// Returns the matches in order.
    pub fn found(&self) -> impl Iterator<Item = &Choice> {
        self.found.iter().filter_map(|index| self.choices.get(*index))
    }

    /// Returns the number of matches.
    pub fn count(&self) -> usize {
        self.found.len()
    }

    /// Returns the index of the selected match.
    pub fn selected_place(&self) -> usize {
        self.selected
    }

    /// Returns the selected choice.
    pub fn selected(&self) -> Option<&Choice> {
        self.choices.get(*self.found.get(self.selected)?)
    }

    /// Moves the selection down, or up if negative.
    pub(in crate::app) fn step(&mut self, by: isize) {
        self.selected = self.selected.saturating_add_signed(by).min(self.found.len().saturating_sub(1));
    }
}
