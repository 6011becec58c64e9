//! No command: the terminal UI, on the configuration or on a local gateway.

use anyhow::Context as _;
use jiff::tz::TimeZone;
use ratatui::layout::Size;

use crate::app::{EndpointInfo, MouseOwner, Setup};
use crate::cli::color::Color;
use crate::cli::console::say;
use crate::cli::context::{
    CommandContext, LocalGateway, check_files, command_for, found, name_suffix, open, open_store, recolored,
};
use crate::cli::{Common, Exit};
use crate::config::fault::Faults;
use crate::config::find::Found;
use crate::config::{Notify, ThemeChoice};
use crate::output::{Stream, is_terminal};
use crate::runtime::{self, Clipboard, Notification, SessionSetup, Signals};
use crate::ui::Theme;
use stepgate_core::domain::{Endpoint, Timestamp};
use stepgate_core::gateway::Clients;

/// Runs the terminal UI, again after each change of a faulty configuration.
pub(super) async fn run(common: &Common) -> anyhow::Result<Exit> {
    if !is_terminal(Stream::Input) || !is_terminal(Stream::Output) {
        say("the terminal UI needs a terminal; see `stepgate --help` for what goes without one");
        return Ok(Exit::Usage);
    }
    if let Some(why) = runtime::unfit_terminal() {
        say(&format!(
            "the terminal UI needs a terminal that can place text, but {why}; set TERM to what the terminal is, such as \
             xterm-256color, or see `stepgate --help` for what goes without"
        ));
        return Ok(Exit::Usage);
    }
    let mut signals = Signals::listen_for_terminal().context("the signals")?;
    loop {
        let prepared = async {
            let opened = with_files(open(common, LocalGateway::Start).await?, common).await;
            let was_faulty = opened.is_err();
            anyhow::Ok((session(opened, common).await, was_faulty))
        };
        let (session, was_faulty) = tokio::select! {
            prepared = prepared => prepared?,
            number = signals.next() => return Ok(Exit::Signal(number)),
        };
        let ended = Box::pin(runtime::run(session, &mut signals)).await.context("the terminal")?;
        for words in ended.last_words.iter().chain(&runtime::background_panics()) {
            say(words);
        }
        match ended.exit.context("the terminal")? {
            runtime::Exit::Reload => {}
            runtime::Exit::Signal(number) => return Ok(Exit::Signal(number)),
            runtime::Exit::Quit => return Ok(if was_faulty { Exit::Usage } else { Exit::Done }),
        }
    }
}

/// Refuses a configuration that names unusable certificate files.
async fn with_files(opened: Result<CommandContext, Faults>, common: &Common) -> Result<CommandContext, Faults> {
    let opened = opened?;
    if let Found::Named(path) | Found::ExpectedDurations(path) = found(common) {
        check_files(&path, &opened.settings.endpoints).await?;
    }
    Ok(opened)
}

async fn session(opened: Result<CommandContext, Faults>, common: &Common) -> SessionSetup {
    let color = common.color;
    let info =
        |endpoint: &Endpoint| EndpointInfo { command: command_for(endpoint, common), ..EndpointInfo::from(endpoint) };
    let (opened, faults) = match opened {
        Ok(opened) => (Some(opened), Vec::new()),
        Err(faults) => (None, faults.lines().collect()),
    };
    let settings = opened.as_ref().map(|opened| &opened.settings);
    let ui = settings.map(|settings| settings.ui.clone()).unwrap_or_default();
    let endpoints = settings.map(|settings| settings.endpoints.clone()).unwrap_or_default();
    // With a faulty configuration nothing is started, and the store stays closed.
    let kept = match settings {
        Some(settings) => Some(open_store(settings).await),
        None => None,
    };
    let (kept, store_error) = match kept {
        Some(Ok(kept)) => (Some(kept), None),
        Some(Err(why)) => (None, Some(format!("{why} Then launch again."))),
        None => (None, None),
    };
    let colors = if color.is_wanted(true) { &ui.colors[..] } else { &[] };
    SessionSetup {
        setup: Setup {
            machines: settings.map(|settings| settings.machines.clone()).unwrap_or_default(),
            endpoints: endpoints.iter().map(info).collect(),
            read_only: settings.is_some_and(|settings| settings.read_only),
            keymap: opened.as_ref().map(|opened| opened.keymap.clone()).unwrap_or_default(),
            mouse: if ui.mouse { MouseOwner::Program } else { MouseOwner::Terminal },
            name_suffix: name_suffix(),
            zone: TimeZone::system(),
            now: Timestamp::default(),
            size: Size::default(),
            store_error,
            greeting: opened.and_then(|opened| opened.greeting),
            config_errors: faults,
        },
        theme: recolored(&theme(ui.theme, color), colors).0,
        light_theme: light_theme(ui.theme, color).map(|theme| recolored(&theme, colors).0),
        notification: match ui.notify {
            Notify::Off => Notification::Off,
            Notify::Bell => Notification::Bell,
            Notify::Desktop => Notification::Desktop,
        },
        clipboard: Clipboard::here(),
        clients: Clients::new(endpoints),
        kept,
        panic_key: std::env::var_os("STEPGATE_TEST_PANIC_KEY").is_some(),
    }
}

/// The colours, on a dark background where that makes a difference.
fn theme(choice: ThemeChoice, color: Color) -> Theme {
    if !color.is_wanted(true) {
        return Theme::plain();
    }
    match choice {
        ThemeChoice::Light => Theme::light(),
        ThemeChoice::HighContrast => Theme::high_contrast_on_dark(),
        ThemeChoice::Dark | ThemeChoice::Auto => Theme::dark(),
    }
}

/// The colours on a light background, where that makes a difference.
fn light_theme(choice: ThemeChoice, color: Color) -> Option<Theme> {
    match choice {
        _ if !color.is_wanted(true) => None,
        ThemeChoice::HighContrast => Some(Theme::high_contrast_on_light()),
        ThemeChoice::Auto => Some(Theme::light()),
        ThemeChoice::Light | ThemeChoice::Dark => None,
    }
}
