//! The configuration: a TOML file read into [`Settings`], with every fault of the file told at once.
//!
//! One function a rule. What a file may hold is told by `config.example.toml`; a test says that it
//! parses and equals the defaults where it shows them.

pub mod fault;
pub mod find;
pub mod local_gateway;

mod access;
mod endpoint;
mod lines;
mod machine;
mod path;
mod section;
mod source;
mod store;
mod ui;
mod url;

use std::path::Path;

use stepgate_core::bounded::{self, Limits, ReadError};
use stepgate_core::domain::{Endpoint, EndpointName, Machine};

pub use fault::{Fault, Faults};
pub use lines::located;
pub use store::StoreSettings;
pub use ui::{ColorChoice, KeyChoice, Notify, ThemeChoice, UiSettings};

use section::{Reader, Section};

/// Everything that the configuration says.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The endpoint of machines that name none.
    pub default_endpoint: Option<EndpointName>,
    /// Look, but start and change nothing.
    pub read_only: bool,
    /// In the order of the file.
    pub endpoints: Vec<Endpoint>,
    /// In the order of the file.
    pub machines: Vec<Machine>,
    /// How the terminal UI looks and sounds.
    pub ui: UiSettings,
    /// Keys that differ from the built-in ones.
    pub keys: Vec<KeyChoice>,
    /// What is kept on disk.
    pub store: StoreSettings,
}

/// Says what is wrong with `[keys]` and `[ui.colors]`: only the screen knows its actions and colours.
pub type Check<'c> = &'c dyn Fn(&Settings) -> Vec<Fault>;

/// Reads the configuration at `path`.
pub fn load(path: &Path, check: Check<'_>) -> Result<Settings, Faults> {
    let text = bounded::text_file(path, Limits::FILE).map_err(|error| {
        let message = match error {
            ReadError::Io(error) if error.kind() == std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
            ReadError::OtherEncoding(_) | ReadError::NotText(_) => error.to_string(),
            _ => format!("it cannot be read: {error}"),
        };
        Faults::one(path, Fault { line: None, key: String::new(), message, suggestion: None })
    })?;
    // Copied commands name the files too, and run in other folders.
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    parse_in(whole.parent().unwrap_or(Path::new("")), path, &text, check)
}

/// Reads the text of a configuration that stands at `path`, from which relative paths count.
pub fn parse(path: &Path, text: &str, check: Check<'_>) -> Result<Settings, Faults> {
    parse_in(path.parent().unwrap_or(Path::new("")), path, text, check)
}

fn parse_in(folder: &Path, path: &Path, text: &str, check: Check<'_>) -> Result<Settings, Faults> {
    let reader = Reader::new(text);
    let (table, syntax) = toml::de::DeTable::parse_recoverable(text);
    if !syntax.is_empty() {
        // With broken syntax the rest is guesswork, and would bury the real faults under others.
        return Err(Faults::new(path, syntax.iter().map(|error| reader.syntax_fault(error)).collect()));
    }
    // Copied commands name the files too, and run in other folders.
    let settings = read(&Section::root(&reader, table.get_ref()), folder);
    let mut faults = reader.into_faults();
    faults.extend(check(&settings));
    if faults.is_empty() { Ok(settings) } else { Err(Faults::new(path, faults)) }
}

fn read(root: &Section<'_>, folder: &Path) -> Settings {
    let chosen = root.text("default-endpoint");
    let read_only = root.boolean("read-only").unwrap_or(false);
    let sections = root.tables("endpoints");
    let endpoints: Vec<Endpoint> = sections.iter().map(|section| endpoint::read(section, folder)).collect();
    let names: Vec<&str> = endpoints.iter().map(|endpoint| endpoint.name.as_str()).collect();
    let told = sections.iter().zip(&endpoints).map(|(section, endpoint)| endpoint::told_region(section, endpoint));
    let regions: Vec<(&str, Option<String>)> = names.iter().copied().zip(told).collect();
    if let Some(chosen) = &chosen {
        endpoint::must_exist(root, "default-endpoint", chosen, &names);
    }
    let default_endpoint = chosen
        .map(|chosen| EndpointName::new(&chosen.value))
        .or_else(|| (endpoints.len() == 1).then(|| endpoints[0].name.clone()));
    let machines = root
        .tables("machines")
        .iter()
        .filter_map(|section| machine::read(section, folder, default_endpoint.as_ref(), &regions))
        .collect();
    let ui = root.table("ui").map(|section| ui::read(&section)).unwrap_or_default();
    let keys = root.table("keys").map(|section| ui::read_keys(&section)).unwrap_or_default();
    let store = root.table("store").map(|section| store::read(&section)).unwrap_or_default();
    if endpoints.is_empty() {
        root.fault_here("endpoints", "there is no endpoint: add a table `[endpoints.NAME]` with a `url`");
    }
    root.finish();
    Settings { default_endpoint, read_only, endpoints, machines, ui, keys, store }
}

#[cfg(test)]
mod tests;
