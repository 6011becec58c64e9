//! What is written to the terminal, for any keys and responses.
//!
//! A line is a word and what belongs to it: `size W H`, `key KEYS`, `paste TEXT`, `mouse X Y`, `after SECONDS`, or a
//! response: `start`, `status`, `history`, `definition` with a RESPONSE (see `support/response.rs`), `filtered TEXT`,
//! `edited TEXT`, `failed TEXT`, `folder NAMES`. In TEXT, `\n` is a line break.
#![cfg_attr(fuzzing, no_main)]

#[path = "support/numbers.rs"]
mod numbers;
#[path = "support/picture.rs"]
mod picture;
#[path = "support/response.rs"]
mod response;
#[path = "../../tests/support/scene.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod scene;

use std::time::Duration;

use stepgate::app::{Click, Effect, FilterId, Folder, Model, Msg, update};
use stepgate::ui::Theme;
use stepgate_core::domain::{ExecutionId, Settled, StartId, StartOrder, Started, Verdict};

/// A model draws at every size, and only a picture is written.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut session = Session::new();
    session.draw();
    for line in text.lines().take(60) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        if session.take(word, rest) {
            session.draw();
        }
    }
}

struct Session {
    model: Model,
    starts: Vec<(StartId, StartOrder)>,
    history: Option<u64>,
    definition: Option<u64>,
    filter: Option<FilterId>,
    folder: Option<u64>,
    theme: Theme,
}

impl Session {
    fn new() -> Self {
        let model = Model::new(scene::setup_with_routes(120, 40));
        Self {
            model,
            starts: Vec::new(),
            history: None,
            definition: None,
            filter: None,
            folder: None,
            theme: Theme::dark(),
        }
    }

    fn draw(&self) {
        picture::check(&picture::written(&self.model, &self.theme));
    }

    fn update(&mut self, msg: Msg) {
        let effects = update(&mut self.model, msg);
        self.remember(effects);
    }

    fn remember(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Start(id, order, ..) => self.starts.push((id, order)),
                Effect::ReadHistory(number, ..) => self.history = Some(number),
                Effect::ReadDefinition(number, ..) => self.definition = Some(number),
                Effect::Filter { id, .. } => self.filter = Some(id),
                Effect::ReadFolder(number, ..) => self.folder = Some(number),
                _ => {}
            }
        }
    }

    /// Does what a line says; `false` if it says nothing.
    fn take(&mut self, word: &str, rest: &str) -> bool {
        let text = || rest.replace("\\n", "\n");
        match word {
            "size" => {
                let (width, height) = numbers::pair(rest);
                self.update(Msg::Resized(width % 240, height % 80));
            }
            "key" => {
                let keys = rest.split_whitespace().take(30).collect::<Vec<_>>().join(" ");
                let effects = scene::press(&mut self.model, &keys);
                self.remember(effects);
            }
            "paste" => self.update(Msg::Paste(text())),
            "mouse" => {
                let (x, y) = numbers::pair(rest);
                self.update(Msg::Mouse(Click::Press, x % 240, y % 80));
            }
            "after" => {
                let now = self.model.now().plus(Duration::from_secs(numbers::pair(rest).0.into()));
                self.update(Msg::Clock(now));
                assert!(self.model.next_wake().is_none_or(|wake| wake > self.model.now()), "it would wake at once");
            }
            "start" => self.start(rest.as_bytes()),
            "status" => self.status(rest.as_bytes()),
            "history" => {
                let Some(number) = self.history.take() else { return false };
                let (head, body) = response::split(rest.as_bytes());
                self.update(Msg::HistoryRead(number, head.history(body).map(Box::new)));
            }
            "definition" => {
                let Some(number) = self.definition.take() else { return false };
                let (head, body) = response::split(rest.as_bytes());
                self.update(Msg::DefinitionRead(number, head.definition(body)));
            }
            "filtered" => {
                let Some(id) = self.filter.take() else { return false };
                self.update(Msg::Filtered(id, Ok(text())));
            }
            "folder" => {
                let Some(number) = self.folder.take() else { return false };
                let names = rest.split_whitespace().map(str::to_owned).collect();
                self.update(Msg::FolderRead(number, Ok(Folder { names, is_cut: false })));
            }
            "edited" => self.update(Msg::Edited(Ok(text()))),
            "failed" => self.update(Msg::Copied(Err(text()))),
            _ => return false,
        }
        true
    }

    fn start(&mut self, line: &[u8]) {
        let Some((id, order)) = self.starts.pop() else { return };
        let (head, body) = response::split(line);
        let settled = match head.start(body) {
            Ok(response) => {
                let arn = response.execution_arn.unwrap_or_else(|| order.machine.execution(&order.name));
                Settled::Confirmed(Started::new(arn, response.start_date))
            }
            Err(failure) => Settled::Refused(failure),
        };
        self.update(Msg::StartFinished(id, None, settled));
    }

    fn status(&mut self, line: &[u8]) {
        let Some(id) = self.selected() else { return };
        let (head, body) = response::split(line);
        let answer = head.status(body);
        let verdict = match &answer {
            Ok(seen) if seen.is_ended() => Verdict::Ended,
            Ok(_) => Verdict::Watching(Duration::from_secs(1)),
            Err(_) => Verdict::BackingOff(Duration::from_secs(1)),
        };
        scene::answered(&mut self.model, id, answer, verdict);
    }

    fn selected(&self) -> Option<ExecutionId> {
        self.model.selected().map(|row| row.id)
    }
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));
