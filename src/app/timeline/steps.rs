//! The steps of an execution as a tree.
//!
//! The `previousEventId` of an event identifies its predecessor, which is not always in the same step. So each event
//! records a position, the innermost step it is about, and each kind of event has its own rule to find its step from
//! there: by name, type or index, among the open steps.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use crate::app::timeline::step::{Attempt, Step, StepKind, StepPosition, StepStatus};
use stepgate_core::domain::{HistoryEvent, Timestamp};

/// Limit for open steps searched for one event.
const MOST_VISITED: usize = 2_000;

/// Limit for nesting levels; deeper steps are placed beside their container.
const DEEPEST: usize = 255;

/// All steps, and the state for applying further events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Steps {
    pub(in crate::app) list: Vec<Step>,
    /// The execution itself.
    pub(in crate::app) top: Attempt,
    /// By event id: the innermost step of the event. A map, since ids can be arbitrarily large.
    positions: BTreeMap<u64, Option<StepPosition>>,
    /// States by predecessor event and name.
    pub(in crate::app) entered_after: HashMap<(u64, String), usize>,
    pub(in crate::app) iterations: HashMap<(StepPosition, u64), usize>,
    /// The number of redrives.
    pub(in crate::app) run: u64,
    pub(in crate::app) redrives: BTreeSet<u64>,
    /// Where the execution ended, and a redrive continues.
    pub(in crate::app) stopped_in: Option<StepPosition>,
    pub(in crate::app) has_ended: bool,
    /// The predecessor of the event being applied.
    pub(in crate::app) predecessor: u64,
    /// States cancelled along with their container, by failure event and type: their own events may follow.
    pub(in crate::app) cancelled: HashMap<(u64, String), VecDeque<usize>>,
    began: Option<Timestamp>,
    last: Timestamp,
    last_event: Option<u64>,
    /// Events whose `previousEventId` is missing, or names no earlier event.
    unlinked: usize,
}

impl Default for Steps {
    fn default() -> Self {
        Self {
            list: Vec::new(),
            top: Attempt::new(Timestamp::default()),
            positions: BTreeMap::new(),
            entered_after: HashMap::new(),
            iterations: HashMap::new(),
            run: 0,
            redrives: BTreeSet::new(),
            stopped_in: None,
            has_ended: false,
            predecessor: 0,
            cancelled: HashMap::new(),
            began: None,
            last: Timestamp::default(),
            last_event: None,
            unlinked: 0,
        }
    }
}

impl Steps {
    /// Returns the steps by number.
    pub fn all(&self) -> &[Step] {
        &self.list
    }

    /// Returns a step.
    pub fn get(&self, step: usize) -> Option<&Step> {
        self.list.get(step)
    }

    /// Returns the outermost states.
    pub fn outermost(&self) -> &[usize] {
        &self.top.children
    }

    /// Returns the times of the first and the last event.
    pub fn span(&self) -> (Timestamp, Timestamp) {
        (self.began.unwrap_or(self.last), self.last)
    }

    /// Returns the id of the last event, or 0.
    pub fn last_event(&self) -> u64 {
        self.last_event.unwrap_or(0)
    }

    /// Returns whether the events so far include the end of the execution.
    pub fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// Applies the next event. Events must be in the order of their ids: an earlier one is ignored.
    pub(in crate::app) fn push(&mut self, event: &HistoryEvent) {
        if self.last_event.is_some_and(|last| event.id <= last) {
            return;
        }
        let linked = self.linked(event);
        let event = linked.as_ref().unwrap_or(event);
        self.last_event = Some(event.id);
        self.began.get_or_insert(event.at);
        self.last = self.last.max(event.at);
        self.predecessor = event.previous;
        let position = self.apply(event);
        self.positions.insert(event.id, position);
    }

    /// Returns the number of events without a valid link that may have misplaced steps. Without branches and iterations,
    /// none can.
    pub fn misplaced(&self) -> usize {
        if self.list.iter().any(Step::is_container) { self.unlinked } else { 0 }
    }

    /// Returns the event linked to the one before it, if its own link is not valid.
    fn linked(&mut self, event: &HistoryEvent) -> Option<HistoryEvent> {
        let is_followed = match event.previous {
            0 => self.may_be_first(&event.event_type),
            previous => self.has(previous),
        };
        if is_followed {
            return None;
        }
        self.unlinked += 1;
        let before = self.last_event.filter(|_| event.previous == 0 || event.previous >= event.id)?;
        Some(HistoryEvent { previous: before, ..event.clone() })
    }

    /// Returns whether an event of this type may have no predecessor.
    fn may_be_first(&self, event_type: &str) -> bool {
        let is_first_state = self.list.is_empty() && event_type.ends_with("StateEntered");
        is_first_state || event_type.starts_with("Execution") || event_type == "EvaluationFailed"
    }

    /// Returns the innermost step of an event, or of the last event before it if the event is missing.
    pub(in crate::app) fn position(&self, event: u64) -> Option<StepPosition> {
        if event == 0 {
            return None;
        }
        self.positions.range(..=event).next_back().and_then(|(_, place)| *place)
    }

    /// Returns whether an event has been applied.
    pub(in crate::app) fn has(&self, event: u64) -> bool {
        self.positions.contains_key(&event)
    }

    /// Returns a position and its ancestors, the innermost first.
    pub(in crate::app) fn ancestors(&self, place: Option<StepPosition>) -> impl Iterator<Item = StepPosition> + '_ {
        std::iter::successors(place, |place| self.list[place.step].parent)
    }

    /// Returns the first position, from this one outwards, whose step passes.
    pub(in crate::app) fn find_ancestor(
        &self,
        place: Option<StepPosition>,
        passes: impl Fn(&Step) -> bool,
    ) -> Option<StepPosition> {
        self.ancestors(place).find(|place| passes(&self.list[place.step]))
    }

    /// Returns the nearest open step that passes: in the position, then in its container, and so on, excluding ancestors of
    /// the position. Gives up if too many steps are open: they all end with their container.
    pub(in crate::app) fn open_near(
        &self,
        place: Option<StepPosition>,
        passes: impl Fn(&Step) -> bool,
    ) -> Option<usize> {
        let (mut inner, mut visited) = (None, 0);
        for scope in self.ancestors(place).map(|place| Some(place.step)).chain([None]) {
            let mut pending = vec![self.inside(scope).open.iter()];
            while let Some(open) = pending.last_mut() {
                visited += 1;
                match open.next() {
                    None => drop(pending.pop()),
                    Some(step) if Some(*step) == inner => {}
                    Some(step) if passes(&self.list[*step]) => return Some(*step),
                    Some(step) => pending.push(self.list[*step].last().open.iter()),
                }
                if visited > MOST_VISITED {
                    return None;
                }
            }
            inner = scope;
        }
        None
    }

    /// Returns the last attempt at a step, or the execution.
    pub(in crate::app) fn inside(&self, step: Option<usize>) -> &Attempt {
        step.map_or(&self.top, |step| self.list[step].last())
    }

    pub(in crate::app) fn attempt_mut(&mut self, place: Option<StepPosition>) -> &mut Attempt {
        match place {
            Some(place) => &mut self.list[place.step].attempts[place.attempt],
            None => &mut self.top,
        }
    }

    /// Returns the position of the last attempt at a step.
    pub(in crate::app) fn position_of(&self, step: usize) -> StepPosition {
        StepPosition { step, attempt: self.list[step].attempts.len() - 1 }
    }

    /// Adds an open step.
    pub(in crate::app) fn add(
        &mut self,
        kind: StepKind,
        name: &str,
        state_type: &str,
        parent: Option<StepPosition>,
        at: Timestamp,
    ) -> usize {
        let number = self.list.len();
        let parent = match parent.map(|place| &self.list[place.step]) {
            Some(deep) if deep.depth >= DEEPEST => deep.parent,
            _ => parent,
        };
        let depth = parent.map_or(0, |place| self.list[place.step].depth + 1);
        self.list.push(Step {
            kind,
            parent,
            depth,
            name: name.to_owned(),
            state_type: state_type.to_owned(),
            status: StepStatus::Running,
            began: at,
            ended: None,
            attempts: vec![Attempt::new(at)],
            entered: None,
            exited: None,
            index: None,
            has_abort: false,
            ended_in_run: 0,
        });
        let attempt = self.attempt_mut(parent);
        attempt.children.push(number);
        attempt.open.insert(number);
        number
    }

    /// Returns whether a step has ended since the last redrive.
    pub(in crate::app) fn is_over(&self, step: usize) -> bool {
        let step = &self.list[step];
        step.ended.is_some() && step.ended_in_run == self.run
    }

    /// Returns whether the last attempt at a state has failed since the last redrive.
    pub(in crate::app) fn is_failing(&self, step: usize) -> bool {
        let last = self.list[step].last();
        last.status == StepStatus::Failed && last.ended_in_run == self.run
    }

    /// Ends a step, or corrects its end. A branch has no events of its own: it ends like its last state.
    pub(in crate::app) fn close(&mut self, number: usize, status: StepStatus, at: Timestamp) {
        let run = self.run;
        let step = &mut self.list[number];
        (step.status, step.ended, step.ended_in_run) = (status, Some(at), run);
        let is_state = step.kind == StepKind::State;
        let last = step.last_mut();
        if last.ended.is_none() || !is_state {
            last.status = if status == StepStatus::Caught { StepStatus::Failed } else { status };
            (last.ended, last.ended_in_run) = (Some(at), run);
        }
        if status == StepStatus::Succeeded {
            (last.error, last.cause) = (None, None);
        }
        let parent = step.parent;
        self.attempt_mut(parent).open.remove(&number);
        let is_done =
            |step: &usize| self.list[*step].kind == StepKind::Branch && self.list[*step].last().open.is_empty();
        let Some(branch) = parent.map(|place| place.step).filter(is_done) else { return };
        let status = if status == StepStatus::Caught { StepStatus::Succeeded } else { status };
        let state = self.list[number].last();
        let (error, cause) = if status.is_bad() { (state.error.clone(), state.cause.clone()) } else { (None, None) };
        let last = self.list[branch].last_mut();
        (last.error, last.cause) = (error, cause);
        last.culprit = status.is_bad().then_some(number);
        self.close(branch, status, at);
    }
}
