//! `[machines.NAME]`: the state machines that can be started.

use std::path::Path;

use crate::config::endpoint;
use crate::config::path;
use crate::config::section::{Located, Section};
use stepgate_core::bounded::{self, Limits};
use stepgate_core::domain::{EndpointName, Machine, MachineType, Payload, Preset, StateMachineArn, toml_header};

pub(super) fn read(
    section: &Section<'_>,
    folder: &Path,
    default_endpoint: Option<&EndpointName>,
    regions: &[(&str, Option<String>)],
) -> Option<Machine> {
    let names: Vec<&str> = regions.iter().map(|(name, _)| *name).collect();
    let endpoint = endpoint::for_machine(section, default_endpoint, &names);
    let region = regions.iter().find(|(name, _)| endpoint.as_ref().is_some_and(|chosen| chosen.as_str() == *name));
    let arn = arn(section, region.and_then(|(name, region)| Some((*name, region.as_deref()?))));
    let types = [("standard", MachineType::Standard), ("express", MachineType::Express)];
    let machine_type = section.choice("type", &types).unwrap_or_default();
    let input = input(section, folder);
    let presets = presets(section);
    section.finish();
    Some(Machine { name: section.name().into(), endpoint: endpoint?, arn: arn?, machine_type, input, presets })
}

/// Returns the ARN. `region` is the endpoint's name and the region in its URL.
fn arn(section: &Section<'_>, region: Option<(&str, &str)>) -> Option<StateMachineArn> {
    // `parse_startable` reports invisible characters.
    let Some(text) = section.payload("arn") else {
        if !section.has("arn") {
            section.table_error("arn", "missing: the state machine's ARN");
        }
        return None;
    };
    let arn = StateMachineArn::parse_startable(&text.value)
        .map_err(|error| section.error("arn", text.line, error.to_string(), None))
        .ok()?;
    if let Some((name, region)) = region.filter(|(_, region)| *region != arn.region()) {
        let message = format!(
            "this state machine is in `{}`, and the url of its endpoint in `{region}`; if that gateway calls another \
             region, set region = \"{region}\" in {}",
            arn.region(),
            toml_header(&["endpoints", name])
        );
        section.error("arn", text.line, message, None);
    }
    Some(arn)
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
