//! The lines above the footer: what holds as long as it is so, and the last message.

use std::time::Duration;

use crate::app::model::Model;
use crate::app::shell::notice::Level;
use crate::app::shell::overlay::Overlay;
use crate::app::start::form::Stage;
use crate::format::text;
use crate::format::wrap::wrap;
use stepgate_core::domain::EndpointName;

/// How long keys wait before the screen says so.
const NOTICEABLE: Duration = Duration::from_millis(300);

impl Model {
    /// The lines above the footer: endpoints that are being left alone, then the last message.
    pub fn banner(&self) -> Vec<(Level, String)> {
        let cells = usize::from(self.size.width.saturating_sub(1));
        let outages = self.endpoint_stats.outages().map(|(endpoint, outage)| {
            let seconds = outage.until.since(self.now).as_millis().div_ceil(1_000);
            let next = match self.command_of(endpoint) {
                Some(program) => format!("waiting for `{program}`"),
                None if seconds == 0 => "retrying now".to_owned(),
                None => format!("next attempt in {seconds} s"),
            };
            (Level::Error, format!("{endpoint}: {next} · {}", outage.failure.summary()))
        });
        let backlogs =
            self.endpoint_stats.backlogs().map(|(endpoint, text)| (Level::Info, format!("{endpoint}: {text}")));
        let not_kept = self.not_kept.iter().map(|why| (Level::Error, format!("History is not kept: {why}")));
        let open = match &self.overlay {
            Overlay::Start(form) => Some(&form.stage),
            _ => None,
        };
        let away = self.starts.iter().filter(|start| open != Some(&Stage::Sent(start.id))).count();
        let (programs, unsaid) = self.waited_for();
        let away = (away > 0).then(|| {
            let awaited = programs.clone().unwrap_or_else(|| "the response".to_owned());
            (Level::Info, format!("{away} started, waiting for {awaited}"))
        });
        let programs =
            unsaid.filter(|_| away.is_none()).map(|programs| (Level::Info, format!("Waiting for {programs}")));
        let deferred = self.deferred_message().map(|text| (Level::Info, text));
        let batch = self.batch.iter().filter(|batch| batch.is_active());
        let batch = batch.map(|batch| (Level::Info, format!("{} {}", batch.progress(20), batch.file)));
        let fault = match &self.overlay {
            Overlay::Prompt(prompt) => prompt.fault.clone().map(|fault| (Level::Error, fault)),
            _ => None,
        };
        let notice = self.notices.current().map(|notice| (notice.level, notice.text.clone()));
        let mut lines = Vec::new();
        let lasting = not_kept.chain(outages).chain(backlogs).chain(batch).chain(deferred);
        for (level, text) in lasting.chain(away).chain(programs).chain(notice).chain(fault) {
            let sign = match level {
                Level::Info => " ℹ ",
                Level::Error => " ✖ ",
            };
            let wrapped = wrap(&text::visible(&text), cells.saturating_sub(3));
            lines.extend(
                wrapped
                    .into_iter()
                    .enumerate()
                    .map(|(index, line)| (level, format!("{}{line}", if index == 0 { sign } else { "   " }))),
            );
        }
        lines
    }

    /// Returns the program that is looking up the credentials of an endpoint, if requests wait for it.
    pub fn command_of(&self, endpoint: &EndpointName) -> Option<&str> {
        self.commands.iter().find(|(of, _)| of == endpoint).map(|(_, program)| &**program)
    }

    /// Returns the programs that requests wait for, and those of them that no line about an outage names.
    fn waited_for(&self) -> (Option<String>, Option<String>) {
        let named = |is_named: &dyn Fn(&EndpointName) -> bool| {
            let mut names: Vec<String> = Vec::new();
            for (endpoint, program) in &self.commands {
                let name = format!("`{program}`");
                if is_named(endpoint) && !names.contains(&name) {
                    names.push(name);
                }
            }
            (!names.is_empty()).then(|| names.join(", "))
        };
        (named(&|_| true), named(&|endpoint| self.endpoint_stats.outages().all(|(other, _)| other != endpoint)))
    }

    /// Returns what to say about keys that have been waiting for a while.
    fn deferred_message(&self) -> Option<String> {
        let deferred = self.deferred.as_ref().filter(|deferred| self.now.since(deferred.since) >= NOTICEABLE)?;
        let name = self.executions.get(deferred.of)?.arn.name();
        Some(format!("Reading the input and output of {name}. Esc cancels."))
    }
}
