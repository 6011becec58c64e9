//! The whole program on a simulated terminal, driven by key scripts: `n order enter ctrl-s`.

use std::time::Duration;

use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Size;
use stepgate::app::{EndpointInfo, Key, KeyCode, Keymap, MouseOwner, Msg, Setup};
use stepgate::runtime::{Clipboard, Environment, Notification, Session, TerminalRequest, now};
use stepgate::ui::{Theme, view};
use stepgate_core::domain::{Endpoint, Machine, Remembered};
use stepgate_core::gateway::Clients;
use stepgate_core::store::Store;

use crate::support::render::text_of;

/// How long a condition may take to come true, on the slowest machine.
const DEADLINE: Duration = Duration::from_secs(60);

pub struct Player {
    program: Session,
    terminal: Terminal<TestBackend>,
    /// What the program wanted from the terminal so far.
    pub wishes: Vec<TerminalRequest>,
}

impl Player {
    /// The program with these profiles on a screen of this size.
    pub async fn new(endpoint: Endpoint, machines: Vec<Machine>, width: u16, height: u16) -> Self {
        Self::with(endpoint, machines, width, height, None, |_| {}).await
    }

    /// The same with a store and a change to its setup.
    pub async fn with(
        endpoint: Endpoint,
        machines: Vec<Machine>,
        width: u16,
        height: u16,
        kept: Option<(Store, Remembered)>,
        change: impl FnOnce(&mut Setup),
    ) -> Self {
        let mut setup = Setup {
            machines,
            endpoints: vec![EndpointInfo::from(&endpoint)],
            endpoint: None,
            read_only: false,
            mouse: MouseOwner::Terminal,
            keymap: Keymap::default(),
            name_suffix: format!("{:x}", fastrand::u64(..)),
            zone: TimeZone::UTC,
            now: now(),
            size: Size::new(width, height),
            greeting: None,
            store_error: None,
            config_errors: Vec::new(),
        };
        change(&mut setup);
        let clients = Clients::new([endpoint]);
        let program = env!("CARGO_BIN_EXE_stepgate").into();
        let outside = Environment { notification: Notification::Bell, clipboard: Clipboard::default(), program };
        let program = Session::start(setup, clients, kept, outside).await;
        let terminal = Terminal::new(TestBackend::new(width, height)).expect("a made-up terminal");
        Self { program, terminal, wishes: Vec::new() }
    }

    /// Presses keys; a word that is no key is typed.
    pub async fn keys(&mut self, script: &str) {
        for word in script.split_whitespace() {
            let keys = match Key::parse(word) {
                Some(key) => vec![key],
                None => word.chars().map(|c| Key::plain(KeyCode::Char(c))).collect(),
            };
            for key in keys {
                self.take(Msg::Key(key)).await;
            }
        }
    }

    /// Pastes.
    pub async fn paste(&mut self, text: &str) {
        self.take(Msg::Paste(text.to_owned())).await;
    }

    async fn take(&mut self, message: Msg) {
        let wishes = self.program.handle(now(), [message]).await;
        self.wishes.extend(wishes);
    }

    /// Lets the program run until the screen is as wanted.
    pub async fn until(&mut self, what: &str, wanted: impl Fn(&str) -> bool) {
        let end = tokio::time::Instant::now() + DEADLINE;
        loop {
            let screen = self.screen();
            if wanted(&screen) {
                return;
            }
            let wake = self.program.model().next_wake().map_or(DEADLINE, |wake| wake.since(now()));
            let messages = tokio::select! {
                message = self.program.next() => vec![message],
                () = tokio::time::sleep(wake) => Vec::new(),
                () = tokio::time::sleep_until(end) => panic!("{what} did not come:\n{screen}"),
            };
            let wishes = self.program.handle(now(), messages).await;
            self.wishes.extend(wishes);
        }
    }

    /// Lets the program run until a text is on the screen.
    pub async fn until_text(&mut self, text: &str) {
        self.until(text, |screen| screen.contains(text)).await;
    }

    /// What is on the screen now.
    pub fn screen(&mut self) -> String {
        let model = self.program.model();
        self.terminal.draw(|frame| view(model, &Theme::dark(), frame)).expect("drawn");
        text_of(self.terminal.backend().buffer())
    }

    /// Ends as a quit does, and returns the last words.
    pub async fn quit(self) -> Vec<String> {
        self.program.end().await
    }

    /// The program's model.
    pub fn model(&self) -> &stepgate::app::Model {
        self.program.model()
    }
}
