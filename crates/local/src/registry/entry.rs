//! An execution: its definition, input, start and interventions.

use std::sync::{Arc, OnceLock};

use crate::arn::{ExecutionArn, StateMachineArn};
use crate::engine::{End, Event, Intervention, Run, Timeline, history, timeline};
use crate::journal::{Fact, Start};
use crate::machines::Loaded;
use crate::timestamp::Timestamp;

#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) arn: ExecutionArn,
    /// As in the start request: with version or alias.
    pub(crate) machine: StateMachineArn,
    pub(crate) input: String,
    pub(crate) start: Timestamp,
    loaded: Arc<Loaded>,
    interventions: Vec<Intervention>,
    /// The `clientToken` of each redrive, if it had one, with its date.
    tokens: Vec<(String, Timestamp)>,
    /// Computed on first use.
    timeline: OnceLock<Timeline>,
}

impl Entry {
    pub(super) fn new(Start { arn, machine, loaded, input, started }: Start) -> Self {
        let (interventions, tokens) = (Vec::new(), Vec::new());
        Self { arn, machine, input, start: started, loaded, interventions, tokens, timeline: OnceLock::new() }
    }

    /// Returns the execution after an intervention; a redrive may have a `clientToken`.
    pub(super) fn after(&self, intervention: Intervention, token: Option<String>) -> Self {
        let (mut interventions, mut tokens) = (self.interventions.clone(), self.tokens.clone());
        if let (Intervention::Redrive { at }, Some(token)) = (&intervention, token) {
            tokens.push((token, *at));
        }
        interventions.push(intervention);
        Self {
            arn: self.arn.clone(),
            machine: self.machine.clone(),
            input: self.input.clone(),
            start: self.start,
            loaded: Arc::clone(&self.loaded),
            interventions,
            tokens,
            timeline: OnceLock::new(),
        }
    }

    /// Returns the date of the redrive with this `clientToken`.
    pub(super) fn redriven_with(&self, token: Option<&str>) -> Option<Timestamp> {
        self.tokens.iter().find(|(known, _)| Some(known.as_str()) == token).map(|(_, date)| *date)
    }

    pub(crate) fn timeline(&self) -> &Timeline {
        self.timeline.get_or_init(|| timeline(&self.run()))
    }

    /// Returns the source of the definition.
    pub(crate) fn definition(&self) -> &str {
        &self.loaded.text
    }

    /// Returns the events until `now`.
    pub(crate) fn history(&self, now: Timestamp) -> Vec<Event> {
        history(&self.run(), now)
    }

    fn run(&self) -> Run<'_> {
        Run {
            definition: &self.loaded.definition,
            input: &self.input,
            start: self.start,
            machine: self.machine.name(),
            arn: self.arn.as_str(),
            name: self.arn.name(),
            interventions: &self.interventions,
        }
    }

    /// Returns the facts that lead to this execution.
    pub(super) fn facts(&self) -> Vec<Fact> {
        let start = Fact::Start(Start {
            arn: self.arn.clone(),
            machine: self.machine.clone(),
            loaded: Arc::clone(&self.loaded),
            input: self.input.clone(),
            started: self.start,
        });
        let interventions = self.interventions.iter().map(|intervention| {
            let token = match intervention {
                Intervention::Redrive { at } => self.tokens.iter().find(|(_, date)| date == at),
                Intervention::Stop { .. } => None,
            };
            Fact::Intervention(self.arn.clone(), intervention.clone(), token.map(|(token, _)| token.clone()))
        });
        std::iter::once(start).chain(interventions).collect()
    }

    /// Whether it has ended without success.
    pub(super) fn is_redrivable(&self, now: Timestamp) -> bool {
        !self.is_running(now) && !matches!(self.timeline().end, End::Succeeded(_))
    }

    pub(crate) fn is_running(&self, now: Timestamp) -> bool {
        now < self.timeline().stop
    }
}
