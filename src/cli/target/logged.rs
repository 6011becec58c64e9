//! Reads the log of an EXPRESS execution: all of its events, up to its end.

use std::collections::BTreeMap;

use crate::cli::target::execution::{TargetExecution, with_retries};
use crate::runtime::now;
use stepgate_core::domain::{ExecutionRecord, Failure, HistoryEvent, HistoryQuery, MAX_HISTORY_EVENTS};
use stepgate_core::lifecycle::execution::{self, KnownExecution};
use stepgate_core::lifecycle::logged::{self, Logged};
use stepgate_core::lifecycle::paging::{self, Next, Pages};

impl TargetExecution {
    /// Returns whether its events are in a log that the endpoint reads.
    pub(in crate::cli) fn is_logged(&self) -> bool {
        !self.record.arn.is_describable() && self.client.endpoint().can_follow(&self.record.arn)
    }

    /// Returns all events in the log, in order; at least one.
    pub(in crate::cli) async fn logged_events(&self, with_data: bool) -> Result<Vec<HistoryEvent>, Failure> {
        let mut query = HistoryQuery {
            execution: self.record.arn.clone(),
            started: self.known_start(),
            with_data,
            newest_first: false,
            page_size: MAX_HISTORY_EVENTS,
            token: None,
        };
        let (mut found, mut pages, mut turns) = (BTreeMap::new(), Pages::of_log(), self.log_turns());
        loop {
            let page = with_retries(async || {
                // Requests that have had their turn and wait for credentials would be sent together.
                self.client.ready().await?;
                turns.wait_for_turn().await;
                self.client.history(&query).await
            })
            .await?;
            let next = pages.add(0, &page.items, query.token.as_deref(), page.next);
            found.extend(page.items.into_iter().map(|event| (event.id, event)));
            match next {
                Next::Page(token) if !logged::is_complete(found.values()) => query.token = Some(token),
                Next::Endless => return Err(paging::endless()),
                _ => break,
            }
        }
        if found.is_empty() {
            return Err(Logged::default().conclusion());
        }
        Ok(found.into_values().collect())
    }

    /// Reads the status from the log and records it.
    pub(in crate::cli) async fn logged_status(&self) -> Result<ExecutionRecord, Failure> {
        let events = self.logged_events(true).await?;
        let mut known = KnownExecution::new(self.record.arn.clone(), self.record.input_digest.clone());
        let (seen, warning) = known.logged_status(&events, self.known_start(), now())?;
        let record = execution::with_observation(self.record.clone(), seen, warning, now());
        self.save(&record).await?;
        Ok(record)
    }
}
