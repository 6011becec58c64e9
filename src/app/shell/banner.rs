//! The lines above the footer: ongoing conditions and the last message.

use std::time::Duration;

use crate::app::control::Intervention;
use crate::app::keys::deferred::Awaited;
use crate::app::model::Model;
use crate::app::shell::notice::Level;
use crate::app::shell::overlay::Overlay;
use crate::app::start::form::Stage;
use crate::format::text;
use crate::format::wrap::wrap;
use stepgate_core::domain::{EndpointName, counted};

/// How long keys wait before the screen shows it.
const NOTICEABLE: Duration = Duration::from_millis(300);

impl Model {
    /// Returns the lines above the footer: outages and other conditions, then the last message.
    pub fn banner(&self) -> Vec<(Level, String)> {
        let cells = usize::from(self.shell.size().width.saturating_sub(1));
        let stats = self.shell.endpoints.stats();
        let outages = stats.outages().map(|(endpoint, outage)| {
            let seconds = outage.until.since(self.shell.now()).as_millis().div_ceil(1_000);
            let next = match self.shell.endpoints.credential_command(endpoint) {
                Some(program) => format!("waiting for `{program}`"),
                None if seconds == 0 => "retrying now".to_owned(),
                None => format!("next attempt in {seconds} s"),
            };
            (Level::Error, format!("{endpoint}: {next} · {}", outage.failure.summary()))
        });
        let backlogs = stats.backlogs().map(|(endpoint, text)| (Level::Info, format!("{endpoint}: {text}")));
        let store_error = self
            .list
            .store_error()
            .into_iter()
            .map(|error| (Level::Error, format!("The store cannot be used: {error}")));
        let form_stage = match self.shell.overlay() {
            Overlay::Start(form) => Some(&form.stage),
            _ => None,
        };
        let count = self.starts.pending().iter().filter(|start| form_stage != Some(&Stage::Sent(start.id))).count();
        let (programs, not_in_outages) = self.awaited_programs();
        let pending = (count > 0).then(|| {
            let awaited = programs.clone().unwrap_or_else(|| "the response".to_owned());
            (Level::Info, format!("{count} started, waiting for {awaited}"))
        });
        let programs = not_in_outages
            .filter(|_| pending.is_none())
            .map(|programs| (Level::Info, format!("Waiting for {programs}")));
        let deferred = self.deferred_message().map(|text| (Level::Info, text));
        let batch = self.batches.latest().into_iter().filter(|batch| batch.is_active());
        let batch = batch.map(|batch| (Level::Info, format!("{} {}", batch.progress(20), batch.file())));
        let control = self.control_message().map(|text| (Level::Info, text));
        let prompt_error = match self.shell.overlay() {
            Overlay::Prompt(prompt) => prompt.error.clone().map(|error| (Level::Error, error)),
            _ => None,
        };
        let notice = self.shell.notices().current().map(|notice| (notice.level, notice.text.clone()));
        let mut lines = Vec::new();
        let conditions = store_error.chain(outages).chain(backlogs).chain(batch).chain(control).chain(deferred);
        for (level, text) in conditions.chain(pending).chain(programs).chain(notice).chain(prompt_error) {
            let symbol = match level {
                Level::Info => " ℹ ",
                Level::Error => " ✖ ",
            };
            let wrapped = wrap(&text::visible(&text), cells.saturating_sub(3));
            lines.extend(
                wrapped
                    .into_iter()
                    .enumerate()
                    .map(|(index, line)| (level, format!("{}{line}", if index == 0 { symbol } else { "   " }))),
            );
        }
        lines
    }

    /// Returns the programs that requests wait for, and those of them that no outage line names.
    fn awaited_programs(&self) -> (Option<String>, Option<String>) {
        let named = |is_named: &dyn Fn(&EndpointName) -> bool| {
            let mut names: Vec<String> = Vec::new();
            for (endpoint, program) in self.shell.endpoints.credential_commands() {
                let name = format!("`{program}`");
                if is_named(endpoint) && !names.contains(&name) {
                    names.push(name);
                }
            }
            (!names.is_empty()).then(|| names.join(", "))
        };
        let has_outage =
            |endpoint: &EndpointName| self.shell.endpoints.stats().outages().any(|(other, _)| other == endpoint);
        (named(&|_| true), named(&|endpoint| !has_outage(endpoint)))
    }

    /// Returns the message about stops or redrives in flight, which are retried for a while, unless their page is open.
    fn control_message(&self) -> Option<String> {
        let interventions = self.control.latest()?;
        let (done, failed, remaining) = interventions.counts();
        if remaining == 0 || matches!(self.shell.overlay(), Overlay::Controlled(_)) {
            return None;
        }
        let verb = match interventions.intervention() {
            Intervention::Stop => "Stopping",
            Intervention::Redrive => "Redriving",
        };
        let all = counted(done + failed + remaining, "execution");
        Some(match interventions.only().and_then(|id| self.list.executions().get(id)) {
            Some(row) => format!("{verb} {}", row.arn.name()),
            None => format!("{verb} {all}: {remaining} remaining"),
        })
    }

    /// Returns the message about keys that have been waiting for a while.
    fn deferred_message(&self) -> Option<String> {
        let deferred = self.keys.deferred().filter(|deferred| self.now().since(deferred.since()) >= NOTICEABLE)?;
        Some(match deferred.awaited() {
            Awaited::Payloads(id) => {
                let name = self.list.executions().get(id)?.arn.name();
                format!("Reading the input and output of {name}. Esc cancels.")
            }
            Awaited::Folder(..) | Awaited::Nothing => "Reading the folder. Esc cancels.".to_owned(),
        })
    }
}
