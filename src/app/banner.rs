//! The lines above the footer: what holds as long as it is so, and the last message.

use crate::app::form::Stage;
use crate::app::model::Model;
use crate::app::notice::Level;
use crate::app::overlay::Overlay;
use crate::app::text;

impl Model {
    /// The lines above the footer: endpoints that are being left alone, then the last message.
    pub fn banner(&self) -> Vec<(Level, String)> {
        let cells = usize::from(self.size.width.saturating_sub(1));
        let outages = self.traffic.outages().map(|(endpoint, outage)| {
            let seconds = outage.until.since(self.now).as_millis().div_ceil(1_000);
            let next = if seconds == 0 { "asking again".to_owned() } else { format!("next attempt in {seconds} s") };
            (Level::Error, format!("{endpoint}: {next} · {}", outage.failure.what()))
        });
        let backlogs = self.traffic.backlogs().map(|(endpoint, text)| (Level::Info, format!("{endpoint}: {text}")));
        let not_kept = self.not_kept.iter().map(|why| (Level::Error, format!("History is not kept: {why}")));
        let open = match &self.overlay {
            Overlay::Start(form) => Some(&form.stage),
            _ => None,
        };
        let away = self.starts.iter().filter(|start| open != Some(&Stage::Sent(start.id))).count();
        let away = (away > 0).then(|| (Level::Info, format!("{away} started, waiting for the answer")));
        let batch = self.batch.iter().filter(|batch| batch.is_active());
        let batch = batch.map(|batch| (Level::Info, format!("{} {}", batch.progress(20), batch.file)));
        let fault = match &self.overlay {
            Overlay::Prompt(prompt) => prompt.fault.clone().map(|fault| (Level::Error, fault)),
            _ => None,
        };
        let notice = self.notices.current().map(|notice| (notice.level, notice.text.clone()));
        let mut lines = Vec::new();
        for (level, text) in not_kept.chain(outages).chain(backlogs).chain(batch).chain(away).chain(notice).chain(fault)
        {
            let sign = match level {
                Level::Info => " ℹ ",
                Level::Error => " ✖ ",
            };
            let wrapped = text::wrap(&text::visible(&text), cells.saturating_sub(3));
            lines.extend(
                wrapped
                    .into_iter()
                    .enumerate()
                    .map(|(index, line)| (level, format!("{}{line}", if index == 0 { sign } else { "   " }))),
            );
        }
        lines
    }
}
