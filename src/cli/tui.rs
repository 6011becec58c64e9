//! No command: the terminal UI, on the configuration or on a local gateway.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use jiff::tz::TimeZone;
use ratatui::layout::Size;
use tokio::net::TcpListener;

use crate::app::keymap::{KeyProblem, Keymap};
use crate::app::{Action, EndpointInfo, Setup};
use crate::cli::Exit;
use crate::config::fault::{Fault, Faults, nearest};
use crate::config::find::{Found, find, platform_folder};
use crate::config::{self, KeyChoice, Notify, Settings, ThemeChoice};
use crate::domain::{Endpoint, Timestamp};
use crate::gateway::Client;
use crate::local::{Gateway, Options, machines};
use crate::runtime::{self, Clients, Notification, Session, Signals};
use crate::ui::Theme;

/// What the terminal UI opens on.
struct Opened {
    settings: Settings,
    keymap: Keymap,
    greeting: Option<String>,
}

/// Runs the terminal UI, again after each change of a faulty configuration.
pub(super) async fn run(config: Option<&Path>, endpoint: Option<&str>) -> anyhow::Result<Exit> {
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        eprintln!("stepgate: the terminal UI needs a terminal; see `stepgate --help` for what goes without one");
        return Ok(Exit::Usage);
    }
    let mut signals = Signals::listen().context("the signals")?;
    loop {
        let opened = open(config, endpoint).await?;
        let was_faulty = opened.is_err();
        let ended = runtime::run(session(opened), &mut signals).await.context("the terminal")?;
        for words in ended.last_words.iter().chain(&runtime::background_panics()) {
            eprintln!("stepgate: {words}");
        }
        match ended.exit.context("the terminal")? {
            runtime::Exit::Reload => {}
            runtime::Exit::Signal(number) => return Ok(Exit::Signal(number)),
            runtime::Exit::Quit => return Ok(if was_faulty { Exit::Usage } else { Exit::Done }),
        }
    }
}

async fn open(config: Option<&Path>, endpoint: Option<&str>) -> anyhow::Result<Result<Opened, Faults>> {
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
    let gateway = Gateway::new(Options::default());
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

fn session(opened: Result<Opened, Faults>) -> Session {
    let (opened, faults) = match opened {
        Ok(opened) => (Some(opened), Vec::new()),
        Err(faults) => (None, faults.lines().collect()),
    };
    let settings = opened.as_ref().map(|opened| &opened.settings);
    let ui = settings.map(|settings| settings.ui).unwrap_or_default();
    let endpoints = settings.map(|settings| settings.endpoints.clone()).unwrap_or_default();
    Session {
        setup: Setup {
            machines: settings.map(|settings| settings.machines.clone()).unwrap_or_default(),
            endpoints: endpoints.iter().map(EndpointInfo::from).collect(),
            read_only: settings.is_some_and(|settings| settings.read_only),
            keymap: opened.as_ref().map(|opened| opened.keymap.clone()).unwrap_or_default(),
            name_suffix: name_suffix(),
            zone: TimeZone::system(),
            now: Timestamp::default(),
            size: Size::default(),
            greeting: opened.and_then(|opened| opened.greeting),
            faults,
        },
        theme: theme(ui.theme),
        notification: match ui.notify {
            Notify::Off => Notification::Off,
            Notify::Bell => Notification::Bell,
            Notify::Desktop => Notification::Desktop,
        },
        clients: clients(endpoints),
        panic_key: std::env::var_os("STEPGATE_TEST_PANIC_KEY").is_some(),
    }
}

fn clients(endpoints: Vec<Endpoint>) -> Clients {
    let client = |endpoint: Endpoint| (endpoint.name.clone(), Client::new(endpoint).map(Arc::new));
    endpoints.into_iter().map(client).collect()
}

fn theme(choice: ThemeChoice) -> Theme {
    if std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) {
        return Theme::plain();
    }
    match choice {
        ThemeChoice::Light => Theme::light(),
        ThemeChoice::Auto if runtime::is_light_background() => Theme::light(),
        ThemeChoice::Dark | ThemeChoice::Auto => Theme::dark(),
    }
}

/// What the names of this launch end with: 64 random bits, short enough to be read in a list.
fn name_suffix() -> String {
    const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let (mut random, _) = uuid::Uuid::new_v4().as_u64_pair();
    // Six bits of a version 4 UUID are fixed; the other half replaces them.
    random ^= uuid::Uuid::new_v4().as_u64_pair().1.rotate_left(32);
    let digit = |shift: u32| char::from(DIGITS[usize::try_from(random >> shift & 31).unwrap_or(0)]);
    (0..13).map(|place| digit(place * 5)).collect()
}
