//! The configuration file that an endpoint is added to. What is in it stays as it is.

use std::path::Path;

use crate::cli::commands::config::draft::Draft;
use crate::cli::commands::config::written::{self, quoted};
use crate::cli::context::{abbreviate, ui_settings};
use crate::config::{self, Settings};
use stepgate_core::bounded::{self, Limits};

/// The configuration that a new endpoint is appended to.
pub(super) struct Existing {
    text: String,
    pub(super) settings: Settings,
}

impl Existing {
    pub(super) fn has_machine(&self, name: &str) -> bool {
        self.settings.machines.iter().any(|machine| &*machine.name == name)
    }
}

/// Reads the configuration, if there is one and it will be written to.
pub(super) async fn existing(path: &Path, is_written: bool) -> Result<Option<Existing>, String> {
    if !is_written || !path.exists() {
        return Ok(None);
    }
    let read = bounded::text_file_async(path, Limits::FILE).await;
    let text = read.map_err(|error| format!("{} cannot be read: {error}", abbreviate(path)))?;
    let settings = config::parse(path, &text, &ui_settings::errors);
    let settings = settings.map_err(|errors| errors.lines().collect::<Vec<_>>().join("\n"))?;
    Ok(Some(Existing { text, settings }))
}

/// Checks that the existing configuration stays valid with this text at its end.
pub(super) fn fits(existing: Option<&Existing>, draft: &Draft, text: &str) -> Result<(), String> {
    let Some(existing) = existing else { return Ok(()) };
    if existing.settings.endpoints.iter().any(|endpoint| endpoint.name.as_str() == draft.name) {
        let name = &draft.name;
        return Err(format!(
            "the configuration has an endpoint `{name}` already; --name adds this one under another name"
        ));
    }
    match config::parse(Path::new("config.toml"), &joined(existing, text), &ui_settings::errors) {
        Ok(_) => Ok(()),
        Err(_) if existing.settings.endpoints.len() == 1 && !existing.text.contains("default-endpoint") => {
            let name = quoted(existing.settings.endpoints[0].name.as_str());
            Err(format!(
                "with a second endpoint, the machines need to name theirs: set default-endpoint = {name} at the beginning \
                 of the file first"
            ))
        }
        Err(errors) => Err(errors.errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")),
    }
}

fn addition(existing: &Existing, block: &str) -> String {
    format!("{}\n{block}", if existing.text.ends_with('\n') || existing.text.is_empty() { "" } else { "\n" })
}

fn joined(existing: &Existing, block: &str) -> String {
    format!("{}{}", existing.text, addition(existing, block))
}

/// Writes a new configuration, or appends to the existing one.
pub(super) fn write(path: &Path, block: &str, existing: Option<&Existing>, draft: &Draft) -> Result<(), String> {
    fits(existing, draft, block)?;
    let written = match existing {
        Some(existing) => written::append(path, &addition(existing, block)),
        None => written::write(path, block),
    };
    written.map_err(|error| format!("{} cannot be written: {error}", path.display()))
}
