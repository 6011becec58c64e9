//! What every command works with: the configuration, or the local gateway where there is none; the
//! clients; the store.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use tokio::net::TcpListener;

use crate::app::Action;
use crate::app::keymap::{KeyProblem, Keymap};
use crate::cli::say;
use crate::config::fault::{Fault, Faults, nearest};
use crate::config::find::{Found, data_folder, find, platform_data_folder, platform_folder};
use crate::config::{self, KeyChoice, Settings};
use crate::domain::Remembered;
use crate::local::{Gateway, Options, machines};
use crate::runtime;
use crate::store::{Keep, Store, private_folder};

/// What a command works with.
pub(super) struct Opened {
    pub(super) settings: Settings,
    pub(super) keymap: Keymap,
    pub(super) greeting: Option<String>,
}

/// The folder for what is kept, or why there is none.
fn kept_folder() -> Result<PathBuf, String> {
    let platform = platform_data_folder();
    let folder = data_folder(|name| std::env::var_os(name), platform.as_deref());
    folder.ok_or_else(|| "this platform has no folder for it (no home)".to_owned())
}

/// A local gateway whose executions go on over a restart, where they can be kept.
pub(super) fn local_gateway(options: Options) -> Arc<Gateway> {
    let path = kept_folder().ok().filter(|folder| private_folder(folder).is_ok());
    let kept = path.and_then(|folder| Gateway::kept(options.clone(), &folder.join("local-gateway.jsonl")).ok());
    kept.unwrap_or_else(|| Gateway::new(options))
}

/// The store with what it remembers, or why there is none.
pub(super) type Kept = Result<(Store, Remembered), String>;

/// Opens the store as the configuration wants it.
pub(super) fn open_store(settings: &Settings) -> Kept {
    let folder = kept_folder()?;
    let keep = Keep { payloads: settings.store.payloads, retain: settings.store.retain };
    Store::open(&folder, keep, runtime::now()).map_err(|error| error.to_string())
}

/// Reads the configuration, or begins a local gateway where there is none.
pub(super) async fn open(config: Option<&Path>, endpoint: Option<&str>) -> anyhow::Result<Result<Opened, Faults>> {
    let platform = platform_folder();
    let usual = match find(config, |name| std::env::var_os(name), platform.as_deref()) {
        Found::Named(path) => return Ok(read(&path, endpoint)),
        Found::Usual(path) if path.exists() => return Ok(read(&path, endpoint)),
        Found::Usual(path) => Some(path),
        Found::Nowhere => None,
    };
    if let Some(name) = endpoint {
        let path = usual.unwrap_or_else(|| "config.toml".into());
        return Ok(Err(no_such_endpoint(&path, name, &[])));
    }
    Ok(Ok(on_local_gateway(usual).await?))
}

/// The same for commands: what is wrong goes to standard error, and then there is nothing.
pub(super) async fn open_or_say(config: Option<&Path>, endpoint: Option<&str>) -> anyhow::Result<Option<Opened>> {
    let opened = open(config, endpoint).await?;
    Ok(opened.map_err(|faults| faults.lines().for_each(|line| say(&line))).ok())
}

fn read(path: &Path, endpoint: Option<&str>) -> Result<Opened, Faults> {
    let mut settings = config::load(path, &|keys| keymap(keys).1)?;
    let (keymap, _) = keymap(&settings.keys);
    if let Some(name) = endpoint {
        let names: Vec<&str> = settings.endpoints.iter().map(|endpoint| endpoint.name.as_str()).collect();
        if !names.contains(&name) {
            return Err(no_such_endpoint(path, name, &names));
        }
        settings.machines.retain(|machine| machine.endpoint.as_str() == name);
    }
    Ok(Opened { settings, keymap, greeting: None })
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
        KeyProblem::Taken(other) => (format!("`{}` is the key for `{}` already", choice.key, other.name()), None),
        KeyProblem::Typed => (
            format!("`{}` types a character there; take one with ctrl, such as `ctrl-{}`", choice.key, choice.key),
            None,
        ),
    };
    Fault { line: Some(choice.line), key: format!("keys.{}", choice.action), message, suggestion }
}

/// No configuration: a gateway in this very process, so that everything works at once.
async fn on_local_gateway(would_be_read: Option<PathBuf>) -> anyhow::Result<Opened> {
    let gateway = local_gateway(Options::default());
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.context("the local gateway")?;
    let url = gateway.url(listener.local_addr()?);
    tokio::spawn(crate::local::run(listener, gateway, std::future::pending()));
    let (endpoint, machines) = machines::profiles(&url);
    let file = would_be_read.map_or_else(String::new, |path| format!(" Yours belongs into {}", short(&path)));
    Ok(Opened {
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
        greeting: Some(format!("No configuration: trying out on a local gateway at {url}.{file}")),
    })
}

/// The path as people write it, with `~` for their home.
fn short(path: &Path) -> String {
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
    (0..13).map(|place| digit(place * 5)).collect()
}
