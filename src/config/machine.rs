//! `[machines.NAME]`: the state machines that can be started.

use std::path::Path;

use crate::config::machine_arn::{self, Endpoints};
use crate::config::path;
use crate::config::section::{Located, Section};
use stepgate_core::bounded::{self, Limits};
use stepgate_core::domain::{Machine, MachineType, Payload, Preset};

/// Returns the machine on each of its endpoints.
pub(super) fn read(section: &Section<'_>, folder: &Path, endpoints: &Endpoints<'_>) -> Vec<Machine> {
    let arns = machine_arn::read(section, endpoints);
    let types = [("standard", MachineType::Standard), ("express", MachineType::Express)];
    let machine_type = section.choice("type", &types).unwrap_or_default();
    let input = input(section, folder);
    let presets = presets(section);
    section.finish();
    let on_endpoint = |(endpoint, arn)| Machine {
        name: section.name().into(),
        endpoint,
        arn,
        machine_type,
        input: input.clone(),
        presets: presets.clone(),
    };
    arns.into_iter().map(on_endpoint).collect()
}

/// Returns the default input, from `input` or `input-file`.
fn input(section: &Section<'_>, folder: &Path) -> Payload {
    let text = section.payload("input");
    let file = section.text("input-file");
    let found = match (text, file) {
        (Some(_), Some(file)) => {
            section.error("input-file", file.line, "set either `input` or `input-file`, not both", None);
            return Payload::empty_object();
        }
        (Some(text), None) => Some(("input", text)),
        (None, Some(file)) => {
            let Some(path) = path::path(section, "input-file", folder) else { return Payload::empty_object() };
            match bounded::text_file(&path, Limits::FILE) {
                Ok(value) => Some(("input-file", Located { value, line: file.line })),
                Err(error) => {
                    let message = format!("{} cannot be read: {error}", path.display());
                    section.error("input-file", file.line, message, None);
                    None
                }
            }
        }
        (None, None) => None,
    };
    found.and_then(|(key, text)| parse_input(section, key, &text)).unwrap_or_else(Payload::empty_object)
}

fn presets(section: &Section<'_>) -> Vec<Preset> {
    let Some(presets) = section.table("presets") else { return Vec::new() };
    presets
        .all_texts()
        .into_iter()
        .filter_map(|(name, text)| {
            presets.check_name(&name);
            let input = parse_input(&presets, &name, &text)?;
            Some(Preset { name: name.into(), input })
        })
        .collect()
}

fn parse_input(section: &Section<'_>, key: &str, text: &Located<String>) -> Option<Payload> {
    Payload::input(&text.value)
        .map_err(|error| section.error(key, text.line, format!("invalid input: {error}"), None))
        .ok()
}
