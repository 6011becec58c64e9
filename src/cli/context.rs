//! What every command works with: the configuration, or the local gateway where there is none; the
//! clients; the store.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use tokio::net::TcpListener;

use crate::app::Action;
use crate::app::input::keymap::{KeyProblem, Keymap};
use crate::app::shell::setup::option;
use crate::cli::Common;
use crate::cli::console::say;
use crate::config::fault::{Fault, Faults, nearest};
use crate::config::find::{Found, data_folder, find, platform_data_folder, platform_folder};
use crate::config::{self, ColorChoice, KeyChoice, Settings};
use crate::runtime;
use crate::ui::Theme;
use crate::ui::theme::ColorProblem;
use stepgate_core::domain::{Endpoint, GatewayId, Remembered};
use stepgate_core::folder;
use stepgate_core::gateway::{Clients, file_faults};
use stepgate_core::store::{Keep, Store, StoreError, StoreErrorKind};
use stepgate_local::{Gateway, Options};

/// What a command works with.
pub(super) struct CommandContext {
    pub(super) settings: Settings,
    pub(super) keymap: Keymap,
    /// Said when there is no configuration.
    pub(super) greeting: Option<String>,
}

impl CommandContext {
    /// Whether there is no configuration, so that everything happens on a local gateway.
    pub(super) fn is_trying_out(&self) -> bool {
        self.greeting.is_some()
    }

    /// The clients of all endpoints, with what the store remembers of their gateways.
    pub(super) fn clients(&self, kept: &OpenedStore) -> Clients {
        let clients = Clients::new(self.settings.endpoints.iter().cloned());
        if let Ok((_, remembered)) = kept {
            clients.remember(&remembered.gateways);
        }
        clients
    }
}

/// What the store knows the endpoint of this name by.
pub(super) fn gateway_of(settings: &Settings, endpoint: &str) -> Option<GatewayId> {
    settings.endpoints.iter().find(|known| known.name.as_str() == endpoint).map(Endpoint::gateway)
}

/// The folder for what is kept, or why there is none.
pub(super) fn kept_folder() -> Result<PathBuf, String> {
    let platform = platform_data_folder();
    let folder = data_folder(|name| std::env::var_os(name), platform.as_deref());
    folder.ok_or_else(|| "this platform has no folder for it (no home)".to_owned())
}

/// A local gateway whose executions go on over a restart, where they can be kept.
pub(super) fn local_gateway(options: Options) -> Arc<Gateway> {
    let path = kept_folder().ok().filter(|folder| folder::create_private(folder).is_ok());
    let kept = path.and_then(|folder| Gateway::kept(options.clone(), &folder.join("local-gateway.jsonl")).ok());
    kept.unwrap_or_else(|| Gateway::new(options))
}

/// The store with what it remembers, or why there is none.
pub(super) type OpenedStore = Result<(Store, Remembered), NoHistory>;

/// Why the store cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoHistory {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0}")]
    Other(String),
}

impl NoHistory {
    /// Whether another program only has it locked for now.
    pub(super) fn is_locked(&self) -> bool {
        matches!(self, Self::Store(error) if error.kind == StoreErrorKind::Locked)
    }
}

/// Opens the store as the configuration wants it. It may wait for another process, for a while.
pub(super) async fn open_store(settings: &Settings) -> OpenedStore {
    let folder = kept_folder().map_err(NoHistory::Other)?;
    let keep = Keep { payloads: settings.store.payloads, retain: settings.store.retain };
    let opened = tokio::task::spawn_blocking(move || Store::open(&folder, keep, runtime::now())).await;
    Ok(opened.map_err(|error| NoHistory::Other(error.to_string()))??)
}

/// The endpoint that stands for the local gateway where there is no configuration.
const LOCAL: &str = "local";

/// What happens where there is no configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LocalGateway {
    /// A local gateway is served.
    Start,
    /// It is served only if `--endpoint local` asks for it: a script whose home is wrong must not look healthy.
    OnRequest,
    /// No gateway is asked anything.
    Skip,
}

/// Where the configuration is looked for.
pub(super) fn found(common: &Common) -> Found {
    find(common.config.as_deref(), |name| std::env::var_os(name), platform_folder().as_deref())
}

/// Reads the configuration, or begins a local gateway where there is none.
pub(super) async fn open(common: &Common, gate: LocalGateway) -> anyhow::Result<Result<CommandContext, Faults>> {
    let endpoint = common.endpoint.as_deref();
    let file = match found(common) {
        Found::Named(path) => Ok(path),
        Found::ExpectedDurations(path) if path.exists() => Ok(path),
        Found::ExpectedDurations(path) => Err(Some(path)),
        Found::Nowhere => Err(None),
    };
    let usual = match file {
        Ok(path) => match load_beside(path.clone()).await? {
            // It is there with any configuration: commands that were copied without one still work.
            Ok(settings) if endpoint == Some(LOCAL) && !has_endpoint(&settings, LOCAL) => {
                let url = if gate == LocalGateway::Skip { String::new() } else { serve().await? };
                let greeting = format!("Running on a local trial gateway at {url}.");
                return Ok(Ok(on_local_gateway(&url, greeting)));
            }
            settings => return Ok(settings.and_then(|settings| with(settings, &path, endpoint))),
        },
        Err(usual) => usual,
    };
    let path = usual.clone().unwrap_or_else(|| "config.toml".into());
    if let Some(name) = endpoint.filter(|name| *name != LOCAL) {
        return Ok(Err(no_such_endpoint(&path, name, &[LOCAL])));
    }
    let url = match gate {
        LocalGateway::OnRequest if endpoint.is_none() => return Ok(Err(no_configuration(&path))),
        LocalGateway::Start | LocalGateway::OnRequest => serve().await?,
        LocalGateway::Skip => String::new(),
    };
    let file = usual.map_or_else(String::new, |path| format!(" To use your own gateway, create {}", short(&path)));
    let greeting = format!("No configuration: running on a local trial gateway at {url}.{file}");
    Ok(Ok(on_local_gateway(&url, greeting)))
}

fn has_endpoint(settings: &Settings, name: &str) -> bool {
    settings.endpoints.iter().any(|endpoint| endpoint.name.as_str() == name)
}

/// Reads beside the workers of the runtime, so that a signal ends the wait for a pipe.
async fn load_beside(path: PathBuf) -> anyhow::Result<Result<Settings, Faults>> {
    tokio::task::spawn_blocking(move || load(&path)).await.context("reading the configuration")
}

fn no_configuration(path: &Path) -> Faults {
    let message = "there is no configuration. `stepgate config init` writes one for your gateway; `--endpoint local` tries \
                   the command on a local gateway";
    Faults::one(path, Fault { line: None, key: String::new(), message: message.to_owned(), suggestion: None })
}

/// The same for commands: what is wrong goes to standard error, and then there is nothing.
pub(super) async fn open_or_say(common: &Common, gate: LocalGateway) -> anyhow::Result<Option<CommandContext>> {
    let opened = open(common, gate).await?;
    Ok(opened.map_err(|faults| faults.lines().for_each(|line| say(&line))).ok())
}

/// Reads a configuration; all of it must be right.
pub(super) fn load(path: &Path) -> Result<Settings, Faults> {
    config::load(path, &|settings| {
        let mut faults = keymap(&settings.keys).1;
        faults.extend(recolored(&Theme::dark(), &settings.ui.colors).1);
        faults
    })
}

/// Returns what is wrong with the certificate files that the configuration names.
pub(super) async fn check_files(path: &Path, endpoints: &[Endpoint]) -> Result<(), Faults> {
    let mut faults = Vec::new();
    for endpoint in endpoints {
        for fault in file_faults(endpoint).await {
            let key = format!("endpoints.{}.{}", endpoint.name, fault.key);
            let message = format!("{} {}; {}", fault.path.display(), fault.what, fault.fix);
            faults.push(Fault { line: None, key, message, suggestion: None });
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(config::located(path, faults)) }
}

/// What commands work with: the settings, or what `--endpoint` leaves of them.
fn with(mut settings: Settings, path: &Path, endpoint: Option<&str>) -> Result<CommandContext, Faults> {
    let (keymap, _) = keymap(&settings.keys);
    if let Some(name) = endpoint {
        if !has_endpoint(&settings, name) {
            let names: Vec<&str> = settings.endpoints.iter().map(|endpoint| endpoint.name.as_str()).collect();
            return Err(no_such_endpoint(path, name, &names));
        }
        settings.machines.retain(|machine| machine.endpoint.as_str() == name);
    }
    Ok(CommandContext { settings, keymap, greeting: None })
}

fn no_such_endpoint(path: &Path, name: &str, names: &[&str]) -> Faults {
    let message = format!("--endpoint (or STEPGATE_ENDPOINT) names `{name}`, which is not in this file");
    let suggestion = nearest(name, names.iter().copied());
    Faults::one(path, Fault { line: None, key: String::new(), message, suggestion })
}

/// The keys of the configuration, and what is wrong with them.
fn keymap(choices: &[KeyChoice]) -> (Keymap, Vec<Fault>) {
    let pairs: Vec<_> = choices.iter().map(|choice| (choice.action.clone(), choice.key.clone())).collect();
    let (keymap, problems) = Keymap::with(&pairs);
    let faults = problems.into_iter().map(|(index, problem)| key_fault(&choices[index], &problem));
    (keymap, faults.collect())
}

fn key_fault(choice: &KeyChoice, problem: &KeyProblem) -> Fault {
    let (message, suggestion) = match problem {
        KeyProblem::UnknownAction => {
            ("there is no such action".to_owned(), nearest(&choice.action, Action::ALL.iter().map(|a| a.name())))
        }
        KeyProblem::UnknownKey => (format!("`{}` is no key; `n`, `ctrl-s`, `page-down`, `f5` are", choice.key), None),
        KeyProblem::InUse(other) => (format!("`{}` is the key for `{}` already", choice.key, other.name()), None),
        KeyProblem::Typed => (
            format!("`{}` types a character there; take one with ctrl, such as `ctrl-{}`", choice.key, choice.key),
            None,
        ),
    };
    Fault { line: Some(choice.line), key: format!("keys.{}", choice.action), message, suggestion }
}

/// A theme with the colours of the configuration, and what is wrong with them.
pub(super) fn recolored(theme: &Theme, choices: &[ColorChoice]) -> (Theme, Vec<Fault>) {
    let pairs: Vec<_> = choices.iter().map(|choice| (choice.role.as_str(), choice.color.as_str())).collect();
    let (theme, problems) = theme.with(&pairs);
    let fault = |(index, problem): (usize, ColorProblem)| {
        let choice: &ColorChoice = &choices[index];
        let (message, suggestion) = match problem {
            ColorProblem::UnknownRole => {
                ("there is no such place for a colour".to_owned(), nearest(&choice.role, Theme::roles()))
            }
            ColorProblem::UnknownColor => {
                (format!("`{}` is no colour; `light-red`, `#5fffd7` and `86` are", choice.color), None)
            }
        };
        Fault { line: Some(choice.line), key: format!("ui.colors.{}", choice.role), message, suggestion }
    };
    (theme, problems.into_iter().map(fault).collect())
}

/// A gateway in this very process, so that everything works at once; its URL.
async fn serve() -> anyhow::Result<String> {
    let gateway = local_gateway(Options::default());
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.context("the local gateway")?;
    let url = gateway.url(listener.local_addr()?);
    tokio::spawn(stepgate_local::run(listener, gateway, std::future::pending()));
    Ok(url)
}

/// The local gateway and nothing else.
fn on_local_gateway(url: &str, greeting: String) -> CommandContext {
    let (endpoint, machines) = crate::config::local_gateway::profiles(url);
    CommandContext {
        settings: Settings {
            default_endpoint: Some(endpoint.name.clone()),
            read_only: false,
            endpoints: vec![endpoint],
            machines,
            ui: config::UiSettings::default(),
            keys: Vec::new(),
            store: config::StoreSettings::default(),
        },
        keymap: Keymap::default(),
        greeting: Some(greeting),
    }
}

/// The words that a command line begins with to run this program on this endpoint, from any folder.
pub(super) fn command_for(endpoint: &Endpoint, common: &Common) -> Vec<String> {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string();
    let called = std::env::args_os().next().map(PathBuf::from).filter(|path| !path.as_os_str().is_empty());
    // A bare name was found by PATH.
    let program = called.map_or_else(
        || env!("CARGO_PKG_NAME").to_owned(),
        |path| if path.components().count() > 1 { absolute(&path) } else { path.display().to_string() },
    );
    let mut words = vec![program];
    if let Found::Named(path) = found(common) {
        words.extend(option("--config", &absolute(&path)));
    }
    words.extend(option("--endpoint", endpoint.name.as_str()));
    words
}

/// The path as people write it, with `~` for their home.
pub(super) fn short(path: &Path) -> String {
    let home = directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned());
    match home.as_deref().and_then(|home| path.strip_prefix(home).ok()) {
        Some(rest) => format!("~/{}", rest.display()),
        None => path.display().to_string(),
    }
}

/// What the names of this launch end with: 64 random bits, short enough to be read in a list.
pub(super) fn name_suffix() -> String {
    const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let (mut random, _) = uuid::Uuid::new_v4().as_u64_pair();
    // Six bits of a version 4 UUID are fixed; the other half replaces them.
    random ^= uuid::Uuid::new_v4().as_u64_pair().1.rotate_left(32);
    let digit = |shift: u32| char::from(DIGITS[usize::try_from(random >> shift & 31).unwrap_or(0)]);
    (0..13).map(|gateway| digit(gateway * 5)).collect()
}
