//! The configuration: a TOML file read into [`Settings`]; all its errors are reported at once.
//!
//! One function per rule. `config.example.toml` documents every key; a test checks that it parses and shows the defaults.

pub(crate) mod error;
pub(crate) mod find;
pub mod local_gateway;
pub(crate) mod names;

mod access;
mod duplicate;
mod endpoint;
mod lines;
mod machine;
mod machine_arn;
mod path;
mod routes;
mod section;
mod source;
mod store;
mod ui;
mod url;

use std::path::Path;

use stepgate_core::bounded::{self, Limits, ReadError};
use stepgate_core::domain::{Endpoint, EndpointName, Machine};

pub(crate) use endpoint::EndpointColor;
pub(crate) use error::{ConfigError, ConfigErrors};
pub(crate) use lines::with_lines;
pub(crate) use store::StoreSettings;
pub(crate) use ui::{ColorChoice, KeyChoice, Notify, ThemeChoice, UiSettings};
pub(crate) use url::region as region_of_url;

use machine_arn::Endpoints;
use section::{Reader, Section};

/// What a configuration without an endpoint needs.
pub(crate) const NO_ENDPOINT: &str = "no endpoint: add a table `[endpoints.NAME]` with a `url`";

/// The contents of the configuration.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Settings {
    /// The endpoint of machines without `endpoint`.
    pub default_endpoint: Option<EndpointName>,
    /// Disables everything that starts or changes executions.
    pub read_only: bool,
    /// In the order of the file.
    pub endpoints: Vec<Endpoint>,
    /// The colours that mark endpoints.
    pub endpoint_colors: Vec<EndpointColor>,
    /// Each on each of its endpoints, in the order of the file.
    pub machines: Vec<Machine>,
    /// `[ui]`.
    pub ui: UiSettings,
    /// `[keys]`: changes to the built-in keys.
    pub keys: Vec<KeyChoice>,
    /// `[store]`.
    pub store: StoreSettings,
}

/// Checks `[keys]` and colours: only the UI knows the actions and colours.
pub(crate) type Check<'c> = &'c dyn Fn(&Settings) -> Vec<ConfigError>;

/// Reads the configuration at `path`.
pub(crate) fn load(path: &Path, check: Check<'_>) -> Result<Settings, ConfigErrors> {
    let text = bounded::text_file(path, Limits::FILE).map_err(|error| {
        let message = match error {
            ReadError::Io(error) if error.kind() == std::io::ErrorKind::NotFound => "no such file".to_owned(),
            ReadError::OtherEncoding(_) | ReadError::NotText(_) => error.to_string(),
            _ => format!("cannot be read: {error}"),
        };
        ConfigErrors::of_file(path, message, None)
    })?;
    // Absolute, because copied commands contain these paths and run in other folders.
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    parse_in(absolute.parent().unwrap_or(Path::new("")), path, &text, check)
}

/// Parses the text of the configuration at `path`, whose folder relative paths start from.
pub fn parse(path: &Path, text: &str, check: Check<'_>) -> Result<Settings, ConfigErrors> {
    parse_in(path.parent().unwrap_or(Path::new("")), path, text, check)
}

fn parse_in(folder: &Path, path: &Path, text: &str, check: Check<'_>) -> Result<Settings, ConfigErrors> {
    let reader = Reader::new(text);
    let (table, syntax) = toml::de::DeTable::parse_recoverable(text);
    if !syntax.is_empty() {
        // After a syntax error, further errors would be guesswork.
        let explained = |error| {
            duplicate::named(&reader, table.get_ref(), text, error).unwrap_or_else(|| reader.syntax_error(error))
        };
        return Err(ConfigErrors::new(path, syntax.iter().map(explained).collect()));
    }
    let settings = read(&Section::root(&reader, table.get_ref()), folder);
    let mut errors = reader.into_errors();
    errors.extend(check(&settings));
    if errors.is_empty() { Ok(settings) } else { Err(ConfigErrors::new(path, errors)) }
}

fn read(root: &Section<'_>, folder: &Path) -> Settings {
    let chosen = root.text("default-endpoint");
    let read_only = root.boolean("read-only").unwrap_or(false);
    let sections = root.tables("endpoints");
    let endpoint_colors = sections.iter().filter_map(endpoint::color).collect();
    let endpoints: Vec<Endpoint> = sections.iter().map(|section| endpoint::read(section, folder)).collect();
    let names: Vec<&str> = endpoints.iter().map(|endpoint| endpoint.name.as_str()).collect();
    let url_regions =
        sections.iter().zip(&endpoints).map(|(section, endpoint)| endpoint::url_region(section, endpoint));
    let with_regions: Vec<(&Endpoint, Option<String>)> = endpoints.iter().zip(url_regions).collect();
    if let Some(chosen) = &chosen {
        endpoint::must_exist(root, "default-endpoint", chosen, &names);
    }
    let default_endpoint = chosen
        .map(|chosen| EndpointName::new(&chosen.value))
        .or_else(|| (endpoints.len() == 1).then(|| endpoints[0].name.clone()));
    let known = Endpoints { default: default_endpoint.as_ref(), all: &with_regions };
    let machines = root.tables("machines").iter().flat_map(|section| machine::read(section, folder, &known)).collect();
    let ui = root.table("ui").map(|section| ui::read(&section)).unwrap_or_default();
    let keys = root.table("keys").map(|section| ui::read_keys(&section)).unwrap_or_default();
    let store = root.table("store").map(|section| store::read(&section)).unwrap_or_default();
    // Without both, the file only has settings of the program.
    if endpoints.is_empty() && root.has("machines") {
        root.table_error("endpoints", NO_ENDPOINT);
    }
    root.finish();
    Settings { default_endpoint, read_only, endpoints, endpoint_colors, machines, ui, keys, store }
}

#[cfg(test)]
mod tests;
