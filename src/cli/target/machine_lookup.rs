//! Finds machines of the configuration by name or ARN. A machine may be on several endpoints, so neither of them alone
//! identifies an entry.

use crate::config::Settings;
use stepgate_core::domain::Machine;

/// Returns the entries with this name or ARN: one for each endpoint of the machine.
pub(in crate::cli) fn named<'s>(text: &str, settings: &'s Settings) -> Vec<&'s Machine> {
    settings.machines.iter().filter(|machine| &*machine.name == text || machine.arn.as_str() == text).collect()
}

/// Returns the entry with this name or ARN, if there is one; an error if it is on several endpoints.
pub(in crate::cli) fn only<'s>(text: &str, settings: &'s Settings) -> Result<Option<&'s Machine>, String> {
    let found = named(text, settings);
    let endpoints = endpoints(&found);
    if endpoints.len() > 1 {
        let endpoints = endpoints.join(", ");
        return Err(format!("`{text}` is on several endpoints: {endpoints}; choose one with --endpoint"));
    }
    Ok(found.first().copied())
}

/// Returns the names of these machines' endpoints, each once.
pub(in crate::cli) fn endpoints<'m>(machines: &[&'m Machine]) -> Vec<&'m str> {
    let mut found: Vec<&str> = Vec::new();
    for machine in machines {
        if !found.contains(&machine.endpoint.as_str()) {
            found.push(machine.endpoint.as_str());
        }
    }
    found
}
