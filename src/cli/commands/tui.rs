//! The terminal UI, which runs if there is no command.

use anyhow::Context as _;
use ratatui::layout::Size;

use crate::app::{EndpointInfo, MouseOwner, Setup};
use crate::cli::context::name_suffix::name_suffix;
use crate::cli::context::ui_settings::apply_colors;
use crate::cli::context::{
    CommandContext, LocalGateway, check_files, command_for, find_config, load_context, open_store,
};
use crate::cli::report::color::Color;
use crate::cli::report::console::say;
use crate::cli::{Common, Exit};
use crate::config::error::ConfigErrors;
use crate::config::find::Found;
use crate::config::{Notify, ThemeChoice};
use crate::output::{Stream, is_terminal};
use crate::runtime::{self, Clipboard, Features, Notification, SessionSetup, Signals, local_zone};
use crate::ui::color::{self, Depth};
use crate::ui::{Symbols, Theme};
use stepgate_core::domain::{Endpoint, EndpointName, Timestamp};
use stepgate_core::gateway::Clients;

/// Runs the terminal UI; restarts it on reload.
pub(in crate::cli) async fn run(common: &Common) -> anyhow::Result<Exit> {
    if !is_terminal(Stream::Input) || !is_terminal(Stream::Output) {
        say("the terminal UI needs a terminal; `stepgate --help` lists commands that work without one");
        return Ok(Exit::Usage);
    }
    if let Some(why) = runtime::unsupported_terminal() {
        say(&format!(
            "the terminal UI needs a terminal that can position text, but {why}; set TERM correctly, for example to \
             xterm-256color. `stepgate --help` lists commands that work without one"
        ));
        return Ok(Exit::Usage);
    }
    let mut signals = Signals::listen_for_terminal().context("the signals")?;
    loop {
        let prepared = async {
            let context = with_files(load_context(common, LocalGateway::Start).await?, common).await;
            let was_invalid = context.is_err();
            anyhow::Ok((session(context, common).await, was_invalid))
        };
        let (session, was_invalid) = tokio::select! {
            prepared = prepared => prepared?,
            number = signals.next() => return Ok(Exit::Signal(number)),
        };
        let ended = Box::pin(runtime::run(session, &mut signals)).await.context("the terminal")?;
        for message in ended.final_messages.iter().chain(&runtime::background_panics()) {
            say(message);
        }
        match ended.exit.context("the terminal")? {
            runtime::Exit::Reload => {}
            runtime::Exit::Signal(number) => return Ok(Exit::Signal(number)),
            runtime::Exit::Quit => return Ok(if was_invalid { Exit::Usage } else { Exit::Done }),
        }
    }
}

/// Refuses a configuration that names unusable certificate files.
async fn with_files(
    context: Result<CommandContext, ConfigErrors>,
    common: &Common,
) -> Result<CommandContext, ConfigErrors> {
    let context = context?;
    if let Found::Named(path) | Found::Default(path) = find_config(common) {
        check_files(&path, &context.settings.endpoints).await?;
    }
    Ok(context)
}

async fn session(context: Result<CommandContext, ConfigErrors>, common: &Common) -> SessionSetup {
    let color = common.color;
    let variable = |name: &str| std::env::var(name).ok();
    let depth = Depth::from_variables(variable("COLORTERM").as_deref(), variable("TERM").as_deref());
    let (context, errors) = match context {
        Ok(context) => (Some(context), Vec::new()),
        Err(errors) => (None, errors.lines().collect()),
    };
    let settings = context.as_ref().map(|context| &context.settings);
    let marks = settings.map(|settings| &settings.endpoint_colors[..]).filter(|_| color.is_enabled(true));
    let mark = |endpoint: &Endpoint| {
        let choice = marks?.iter().find(|choice| choice.endpoint == endpoint.name)?;
        color::parse(&choice.color).map(|color| color::shown(color, depth))
    };
    let info = |endpoint: &Endpoint| {
        let info = EndpointInfo::from(endpoint);
        let color = mark(endpoint).or(info.color.filter(|_| color.is_enabled(true)));
        EndpointInfo { command: command_for(endpoint, common), color, ..info }
    };
    let ui = settings.map(|settings| settings.ui.clone()).unwrap_or_default();
    let endpoints = settings.map(|settings| settings.endpoints.clone()).unwrap_or_default();
    // With an invalid configuration, the store stays closed.
    let open = async {
        match settings {
            Some(settings) => Some(open_store(settings).await),
            None => None,
        }
    };
    // Read while another thread opens the store.
    let (kept, zone) = tokio::join!(open, async { local_zone() });
    let (kept, store_error) = match kept {
        Some(Ok(kept)) => (Some(kept), None),
        Some(Err(why)) => (None, Some(format!("{why} Then launch again."))),
        None => (None, None),
    };
    let features = Features::detect(|name| std::env::var(name).ok());
    let symbols = symbols();
    let colors = if color.is_enabled(true) { &ui.colors[..] } else { &[] };
    SessionSetup {
        setup: Setup {
            machines: settings.map(|settings| settings.machines.clone()).unwrap_or_default(),
            endpoints: endpoints.iter().map(info).collect(),
            endpoint: common.endpoint.as_deref().map(EndpointName::new),
            read_only: settings.is_some_and(|settings| settings.read_only),
            keymap: context.as_ref().map(|context| context.keymap.clone()).unwrap_or_default(),
            mouse: if ui.mouse { MouseOwner::Program } else { MouseOwner::Terminal },
            name_suffix: name_suffix(),
            zone,
            now: Timestamp::default(),
            size: Size::default(),
            store_error,
            greeting: context.and_then(|context| context.greeting),
            config_errors: errors,
        },
        theme: apply_colors(&theme(ui.theme, color), colors).0.with_symbols(symbols),
        light_theme: light_theme(ui.theme, color).map(|theme| apply_colors(&theme, colors).0.with_symbols(symbols)),
        notification: match ui.notify {
            Notify::Off => Notification::Off,
            Notify::Bell => Notification::Bell,
            Notify::Desktop => Notification::Desktop(features),
        },
        features,
        clipboard: Clipboard::detect(),
        clients: Clients::new(endpoints),
        kept,
        panic_key: std::env::var_os("STEPGATE_TEST_PANIC_KEY").is_some(),
    }
}

/// Returns the symbols that the terminal can show, by the locale.
fn symbols() -> Symbols {
    let variables = ["LC_ALL", "LC_CTYPE", "LANG"].map(|name| std::env::var(name).ok());
    Symbols::for_locale([0, 1, 2].map(|index: usize| variables[index].as_deref()))
}

/// Returns the theme, for a dark background if it depends on the background.
fn theme(choice: ThemeChoice, color: Color) -> Theme {
    if !color.is_enabled(true) {
        return Theme::plain();
    }
    match choice {
        ThemeChoice::Light => Theme::light(),
        ThemeChoice::HighContrast => Theme::high_contrast_on_dark(),
        ThemeChoice::Dark | ThemeChoice::Auto => Theme::dark(),
    }
}

/// Returns the theme for a light background, if it depends on the background.
fn light_theme(choice: ThemeChoice, color: Color) -> Option<Theme> {
    match choice {
        _ if !color.is_enabled(true) => None,
        ThemeChoice::HighContrast => Some(Theme::high_contrast_on_light()),
        ThemeChoice::Auto => Some(Theme::light()),
        ThemeChoice::Light | ThemeChoice::Dark => None,
    }
}
