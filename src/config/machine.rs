//! `[machines.NAME]`: what can be started.

use std::path::Path;

use crate::config::endpoint;
use crate::config::section::{Located, Section};
use crate::domain::{EndpointName, Machine, MachineType, Payload, Preset, StateMachineArn};

pub(super) fn read(
    section: &Section<'_>,
    folder: &Path,
    default_endpoint: Option<&EndpointName>,
    endpoints: &[&str],
) -> Option<Machine> {
    let endpoint = endpoint::of_machine(section, default_endpoint, endpoints);
    let arn = arn(section);
    let types = [("standard", MachineType::Standard), ("express", MachineType::Express)];
    let machine_type = section.choice("type", &types).unwrap_or_default();
    let input = input(section, folder);
    let presets = presets(section);
    section.finish();
    Some(Machine { name: section.name().into(), endpoint: endpoint?, arn: arn?, machine_type, input, presets })
}

fn arn(section: &Section<'_>) -> Option<StateMachineArn> {
    let Some(text) = section.text("arn") else {
        if !section.has("arn") {
            section.fault_here("arn", "it is missing: the state machine's ARN");
        }
        return None;
    };
    StateMachineArn::parse_startable(&text.value)
        .map_err(|error| section.fault("arn", text.line, error.to_string(), None))
        .ok()
}

/// `input` or `input-file`; the start form opens with it.
fn input(section: &Section<'_>, folder: &Path) -> Payload {
    let text = section.text("input");
    let file = section.text("input-file");
    let found = match (text, file) {
        (Some(_), Some(file)) => {
            section.fault("input-file", file.line, "`input` is there too; only one of them can be", None);
            return Payload::empty_object();
        }
        (Some(text), None) => Some(("input", text)),
        (None, Some(file)) => {
            let path = folder.join(&file.value);
            match std::fs::read_to_string(&path) {
                Ok(value) => Some(("input-file", Located { value, line: file.line })),
                Err(error) => {
                    let message = format!("{} cannot be read: {error}", path.display());
                    section.fault("input-file", file.line, message, None);
                    None
                }
            }
        }
        (None, None) => None,
    };
    found.and_then(|(key, text)| checked(section, key, &text)).unwrap_or_else(Payload::empty_object)
}

fn presets(section: &Section<'_>) -> Vec<Preset> {
    let Some(presets) = section.table("presets") else { return Vec::new() };
    presets
        .every_text()
        .into_iter()
        .filter_map(|(name, text)| {
            let input = checked(&presets, &name, &text)?;
            Some(Preset { name: name.into(), input })
        })
        .collect()
}

fn checked(section: &Section<'_>, key: &str, text: &Located<String>) -> Option<Payload> {
    Payload::input(&text.value)
        .map_err(|error| section.fault(key, text.line, format!("this is no input: {error}"), None))
        .ok()
}
