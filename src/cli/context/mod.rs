//! What commands work with: the configuration, or the local gateway without one; clients; the store.
//!
//! - `store_folder`: where the store is. `closing`: closes it.
//! - `ui_settings`: the parts of the configuration that only the UI understands.
//! - `name_suffix`: makes the generated names of this run unique.

pub(super) mod closing;
pub(super) mod name_suffix;
pub(super) mod store_folder;
pub(super) mod ui_settings;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use tokio::net::TcpListener;

use crate::app::keys::keymap::Keymap;
use crate::app::shell::setup::option;
use crate::cli::Common;
pub(in crate::cli) use crate::cli::context::store_folder::{LOCAL, data_folder};
use crate::cli::context::store_folder::{local_journal, store_folder};
use crate::cli::report::console::say;
use crate::config::error::{ConfigError, ConfigErrors, nearest};
use crate::config::find::{Found, find, platform_folder};
use crate::config::{self, NO_ENDPOINT, Settings};
use crate::runtime;
use stepgate_core::domain::{Endpoint, GatewayId, Remembered, toml_key};
use stepgate_core::gateway::{Clients, file_errors};
use stepgate_core::store::{Retention, Store, StoreError, StoreErrorKind};
use stepgate_core::task;
use stepgate_local::{Gateway, Options};

/// The configuration of a command.
pub(in crate::cli) struct CommandContext {
    pub(in crate::cli) settings: Settings,
    pub(in crate::cli) keymap: Keymap,
    /// Explains that commands use the local gateway, if they do.
    pub(in crate::cli) greeting: Option<String>,
}

impl CommandContext {
    /// Whether commands use the local gateway.
    pub(in crate::cli) fn uses_local_gateway(&self) -> bool {
        self.greeting.is_some()
    }

    /// Returns clients of all endpoints, with the stored facts about their gateways.
    pub(in crate::cli) fn clients(&self, kept: &OpenedStore) -> Clients {
        let clients = Clients::new(self.settings.endpoints.iter().cloned());
        if let Ok((_, remembered)) = kept {
            clients.remember(&remembered.gateways);
        }
        clients
    }
}

/// Returns the gateway id of an endpoint.
pub(in crate::cli) fn gateway_id(settings: &Settings, endpoint: &str) -> Option<GatewayId> {
    settings.endpoints.iter().find(|known| known.name.as_str() == endpoint).map(Endpoint::gateway)
}

/// Returns a local gateway that keeps its executions across restarts, if there is a folder for them.
pub(in crate::cli) fn local_gateway(options: Options) -> Arc<Gateway> {
    let persistent = local_journal().and_then(|journal| Gateway::open(options.clone(), &journal).ok());
    persistent.unwrap_or_else(|| Gateway::new(options))
}

/// The store and what it remembers, or why there is none.
pub(in crate::cli) type OpenedStore = Result<(Store, Remembered), NoStore>;

/// Why the store is unavailable.
#[derive(Debug, thiserror::Error)]
pub(in crate::cli) enum NoStore {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0}")]
    Other(String),
}

impl NoStore {
    /// Whether another process holds the lock, which is temporary.
    pub(in crate::cli) fn is_locked(&self) -> bool {
        matches!(self, Self::Store(error) if error.kind == StoreErrorKind::Locked)
    }
}

/// Opens the store with the settings of `[store]`. May wait for a lock held by another process.
pub(in crate::cli) async fn open_store(settings: &Settings) -> OpenedStore {
    open_store_in(store_folder(settings), settings).await
}

/// Opens the store in this folder.
pub(in crate::cli) async fn open_store_in(folder: Result<PathBuf, String>, settings: &Settings) -> OpenedStore {
    let folder = folder.map_err(NoStore::Other)?;
    let retention = Retention { payloads: settings.store.payloads, retain: settings.store.retain };
    let store = task::run_blocking(move || Store::open(&folder, retention, runtime::now())).await;
    Ok(store.map_err(|error| NoStore::Other(error.to_string()))??)
}

/// Whether to start the local gateway if there is no configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum LocalGateway {
    /// For the terminal UI.
    Start,
    /// Only with `--endpoint local`: a script with a wrong HOME must not appear to work.
    OnRequest,
    /// The command sends no requests.
    Skip,
}

/// Returns the path of the configuration.
pub(in crate::cli) fn find_config(common: &Common) -> Found {
    find(common.config.as_deref(), |name| std::env::var_os(name), platform_folder().as_deref())
}

/// Reads the configuration, or starts the local gateway if there is no configuration or it has no endpoint.
pub(in crate::cli) async fn load_context(
    common: &Common,
    local: LocalGateway,
) -> anyhow::Result<Result<CommandContext, ConfigErrors>> {
    let endpoint = common.endpoint.as_deref();
    let file = match find_config(common) {
        Found::Named(path) => Ok(path),
        Found::Default(path) if path.exists() => Ok(path),
        Found::Default(path) => Err(Some(path)),
        Found::Nowhere => Err(None),
    };
    let settings = match &file {
        Ok(path) => match load_blocking(path.clone()).await? {
            Ok(settings) => Some(settings),
            Err(errors) => return Ok(Err(errors)),
        },
        Err(_) => None,
    };
    let is_found = file.is_ok();
    let default = file.map_or_else(|default| default, Some);
    let path = default.clone().unwrap_or_else(|| "config.toml".into());
    // Available with any configuration, so that commands copied from a session without one still work.
    let is_chosen = endpoint == Some(LOCAL) && !settings.as_ref().is_some_and(|settings| has_endpoint(settings, LOCAL));
    let settings = match settings {
        Some(settings) if !settings.endpoints.is_empty() && !is_chosen => {
            return Ok(for_endpoint(settings, &path, endpoint, local));
        }
        settings => settings,
    };
    if let Some(name) = endpoint.filter(|name| *name != LOCAL) {
        return Ok(Err(no_such_endpoint(&path, name, &[LOCAL])));
    }
    let url = match local {
        LocalGateway::OnRequest if endpoint.is_none() => return Ok(Err(no_gateway(&path, is_found))),
        LocalGateway::Start | LocalGateway::OnRequest => start_local_gateway().await?,
        LocalGateway::Skip => String::new(),
    };
    let shown = default.as_deref().map(abbreviate);
    let greeting = match (&settings, shown) {
        (Some(settings), _) if !settings.endpoints.is_empty() => format!("Running on a local trial gateway at {url}."),
        (Some(_), Some(file)) => {
            format!("No endpoint: running on a local trial gateway at {url}. To use your own gateway, add it to {file}")
        }
        (_, Some(file)) => {
            format!(
                "No configuration: running on a local trial gateway at {url}. To use your own gateway, create {file}"
            )
        }
        (_, None) => format!("No configuration: running on a local trial gateway at {url}."),
    };
    Ok(Ok(local_context(&url, greeting, settings)))
}

fn has_endpoint(settings: &Settings, name: &str) -> bool {
    settings.endpoints.iter().any(|endpoint| endpoint.name.as_str() == name)
}

/// Reads the configuration on a blocking thread, so that a signal can interrupt waiting for a pipe.
async fn load_blocking(path: PathBuf) -> anyhow::Result<Result<Settings, ConfigErrors>> {
    task::run_blocking(move || load(&path)).await.context("reading the configuration")
}

fn no_gateway(path: &Path, is_found: bool) -> ConfigErrors {
    let message = if is_found {
        format!(
            "{NO_ENDPOINT}, or `stepgate config init URL --write` adds one; `--endpoint local` tries the command on a local \
             gateway"
        )
    } else {
        "there is no configuration. `stepgate config init` writes one for your gateway; `--endpoint local` tries the command \
         on a local gateway"
            .to_owned()
    };
    ConfigErrors::of_file(path, message, None)
}

/// Like [`load_context`], but prints the errors to standard error.
pub(in crate::cli) async fn load_or_report(
    common: &Common,
    local: LocalGateway,
) -> anyhow::Result<Option<CommandContext>> {
    let context = load_context(common, local).await?;
    Ok(context.map_err(|errors| errors.lines().for_each(|line| say(&line))).ok())
}

/// Reads and checks a configuration.
pub(in crate::cli) fn load(path: &Path) -> Result<Settings, ConfigErrors> {
    config::load(path, &ui_settings::errors)
}

/// Checks the certificate files that the configuration names.
pub(in crate::cli) async fn check_files(path: &Path, endpoints: &[Endpoint]) -> Result<(), ConfigErrors> {
    let mut errors = Vec::new();
    for endpoint in endpoints {
        for error in file_errors(endpoint).await {
            let key = format!("endpoints.{}.{}", toml_key(endpoint.name.as_str()), error.key);
            let message = format!("{} {}; {}", error.path.display(), error.what, error.fix);
            errors.push(ConfigError { line: None, key, message, suggestion: None });
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(config::with_lines(path, errors)) }
}

/// Applies `--endpoint` to the settings.
fn for_endpoint(
    mut settings: Settings,
    path: &Path,
    endpoint: Option<&str>,
    local: LocalGateway,
) -> Result<CommandContext, ConfigErrors> {
    let (keymap, _) = ui_settings::keymap(&settings.keys);
    if let Some(name) = endpoint {
        if !has_endpoint(&settings, name) {
            let names: Vec<&str> = settings.endpoints.iter().map(|endpoint| endpoint.name.as_str()).collect();
            return Err(no_such_endpoint(path, name, &names));
        }
        // The terminal UI begins with this endpoint and can show the others.
        if local != LocalGateway::Start {
            settings.machines.retain(|machine| machine.endpoint.as_str() == name);
        }
    }
    Ok(CommandContext { settings, keymap, greeting: None })
}

fn no_such_endpoint(path: &Path, name: &str, names: &[&str]) -> ConfigErrors {
    let message = format!("--endpoint (or STEPGATE_ENDPOINT) names `{name}`, which is not in this file");
    let suggestion = nearest(name, names.iter().copied());
    ConfigErrors::of_file(path, message, suggestion)
}

/// Starts the local gateway in this process and returns its URL.
async fn start_local_gateway() -> anyhow::Result<String> {
    let gateway = local_gateway(Options::default());
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.context("the local gateway")?;
    let url = gateway.url(listener.local_addr()?);
    task::spawn(async move { drop(stepgate_local::run(listener, gateway, std::future::pending()).await) });
    Ok(url)
}

/// Returns a context with the local gateway only, and the settings of the program.
fn local_context(url: &str, greeting: String, settings: Option<Settings>) -> CommandContext {
    let (endpoint, machines) = crate::config::local_gateway::endpoint_and_machines(url);
    let settings = settings.unwrap_or_default();
    let (keymap, _) = ui_settings::keymap(&settings.keys);
    CommandContext {
        settings: Settings {
            default_endpoint: Some(endpoint.name.clone()),
            endpoints: vec![endpoint],
            endpoint_colors: Vec::new(),
            machines,
            ..settings
        },
        keymap,
        greeting: Some(greeting),
    }
}

/// Returns the beginning of a command line that runs this program on this endpoint, from any folder.
pub(in crate::cli) fn command_for(endpoint: &Endpoint, common: &Common) -> Vec<String> {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string();
    let called = std::env::args_os().next().map(PathBuf::from).filter(|path| !path.as_os_str().is_empty());
    // A bare name was found in PATH.
    let program = called.map_or_else(
        || env!("CARGO_PKG_NAME").to_owned(),
        |path| if path.components().count() > 1 { absolute(&path) } else { path.display().to_string() },
    );
    let mut arguments = vec![program];
    if let Found::Named(path) = find_config(common) {
        arguments.extend(option("--config", &absolute(&path)));
    }
    arguments.extend(option("--endpoint", endpoint.name.as_str()));
    arguments
}

/// Returns the path with `~` for the home folder.
pub(in crate::cli) fn abbreviate(path: &Path) -> String {
    let home = directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned());
    match home.as_deref().and_then(|home| path.strip_prefix(home).ok()) {
        Some(rest) => format!("~/{}", rest.display()),
        None => path.display().to_string(),
    }
}
