//! Choosing an input for the start form by typing: the presets of the machine, then what its executions were
//! started with, the newest first.

use crate::app::input::editor::{Editor, Lines};
use crate::app::reader::contains;
use crate::app::start::form::Form;
use crate::format::clock;
use jiff::tz::TimeZone;
use stepgate_core::domain::{EarlierInput, Machine, Payload, Preset, Timestamp};

/// An input to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Where it is from: a preset, or an execution and when that began.
    pub origin: String,
    /// What it is.
    pub input: Payload,
}

/// The choice, and the form that waits for it.
#[derive(Debug, Clone)]
pub struct InputPicker {
    /// The form below.
    pub form: Box<Form>,
    /// What has been typed.
    pub field: Editor,
    choices: Vec<Choice>,
    /// How many of the choices are of the configuration.
    presets: usize,
    found: Vec<usize>,
    selected: usize,
}

impl InputPicker {
    /// With the default and the presets of the form's machine, where it is in the configuration.
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

    /// Adds inputs of earlier executions, each once.
    pub fn add(&mut self, inputs: Vec<EarlierInput>, now: Timestamp, zone: &TimeZone) {
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

    /// Finds those that have each of the typed words in their origin or input.
    pub fn search(&mut self) {
        let typed = self.field.text();
        let has = |choice: &Choice, word: &str| contains(&choice.origin, word) || contains(choice.input.as_str(), word);
        let is_found = |choice: &Choice| typed.split_whitespace().all(|word| has(choice, word));
        self.found = (0..self.choices.len()).filter(|index| is_found(&self.choices[*index])).collect();
        self.selected = self.selected.min(self.found.len().saturating_sub(1));
    }

    /// Those found, in order.
    pub fn found(&self) -> impl Iterator<Item = &Choice> {
        self.found.iter().filter_map(|index| self.choices.get(*index))
    }

    /// How many are found.
    pub fn count(&self) -> usize {
        self.found.len()
    }

    /// Which of those found is chosen.
    pub fn selected_place(&self) -> usize {
        self.selected
    }

    /// The chosen one.
    pub fn selected(&self) -> Option<&Choice> {
        self.choices.get(*self.found.get(self.selected)?)
    }

    /// Goes up or down.
    pub fn step(&mut self, by: isize) {
        self.selected = self.selected.saturating_add_signed(by).min(self.found.len().saturating_sub(1));
    }
}
