//! Choosing an input for the start form by typing: the presets of the machine, then what its executions were
//! started with, the newest first.

use crate::app::clock;
use crate::app::editor::{Editor, Lines};
use crate::app::form::Form;
use crate::app::model::Model;
use crate::app::reader::contains;
use crate::domain::{EarlierInput, Payload};

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
    found: Vec<usize>,
    selected: usize,
}

impl InputPicker {
    /// With the machine's default, its presets, and what is known of its executions without the store.
    pub fn new(form: Box<Form>, model: &Model) -> Self {
        let mut choices = Vec::new();
        if let Some(machine) = model.machines.get(form.machine) {
            choices.push(Choice { origin: "default".to_owned(), input: machine.input.clone() });
            let preset = |preset: &crate::domain::Preset| Choice {
                origin: format!("preset {}", preset.name),
                input: preset.input.clone(),
            };
            choices.extend(machine.presets.iter().map(preset));
        }
        let mut picker = Self { form, field: Editor::new("", Lines::One), choices, found: Vec::new(), selected: 0 };
        let machine = model.machines.get(picker.form.machine);
        let rows = model.executions.rows().filter(|row| {
            machine.is_some_and(|machine| machine.arn == row.machine && machine.endpoint == row.endpoint)
        });
        let earlier = |row: &crate::app::Row| {
            Some(EarlierInput { arn: row.arn.clone(), started: row.started, input: row.input_to_send()?.clone() })
        };
        let mut known: Vec<EarlierInput> = rows.filter_map(earlier).collect();
        known.sort_by_key(|input| std::cmp::Reverse(input.started));
        picker.add(known, model);
        picker
    }

    /// Adds inputs of earlier executions, each once.
    pub fn add(&mut self, inputs: Vec<EarlierInput>, model: &Model) {
        let presets = 1 + model.machines.get(self.form.machine).map_or(0, |machine| machine.presets.len());
        for earlier in inputs {
            let is_known =
                self.choices.get(presets..).unwrap_or_default().iter().any(|known| known.input == earlier.input);
            if !is_known {
                let when = clock::moment(earlier.started, model.now, &model.zone);
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
