//! The steps of an execution as a tree: what it holds, and how it grows.
//!
//! An event says with `previousEventId` what led to it, which is not always where it belongs. So each event leaves a
//! position behind, the innermost step that it is about, and each kind of event has a rule of its own that finds its
//! step from there: by name, by type, by index, among what is still open.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use crate::app::timeline::step::{Attempt, Step, StepKind, StepPosition, StepStatus};
use stepgate_core::domain::{HistoryEvent, Timestamp};

/// Open steps that are looked at for one event.
const MOST_VISITED: usize = 2_000;

/// Levels of nesting; what is deeper stands beside what it is in. Paths of thousands of names help nobody.
const DEEPEST: usize = 255;

/// All steps, and what the next events need to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Steps {
    pub(in crate::app) list: Vec<Step>,
    /// The execution itself.
    pub(in crate::app) top: Attempt,
    /// By event: the innermost step behind it. Ids may be anything, so nothing is as large as one.
    positions: BTreeMap<u64, Option<StepPosition>>,
    /// States by the event that led to them and their name.
    pub(in crate::app) entered_after: HashMap<(u64, String), usize>,
    pub(in crate::app) iterations: HashMap<(StepPosition, u64), usize>,
    /// How often the execution was redriven.
    pub(in crate::app) run: u64,
    pub(in crate::app) redrives: BTreeSet<u64>,
    /// Where the execution ended; a redrive continues there.
    pub(in crate::app) stopped_in: Option<StepPosition>,
    pub(in crate::app) has_ended: bool,
    /// The event that led to the one that is being applied.
    pub(in crate::app) led_by: u64,
    /// States that were cancelled with what they are in, by the failure and the type: their own events may follow.
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
            led_by: 0,
            cancelled: HashMap::new(),
            began: None,
            last: Timestamp::default(),
            last_event: None,
            unlinked: 0,
        }
    }
}

impl Steps {
    /// The steps, by number.
    pub fn all(&self) -> &[Step] {
        &self.list
    }

    /// One of them.
    pub fn get(&self, step: usize) -> Option<&Step> {
        self.list.get(step)
    }

    /// The outermost states.
    pub fn outermost(&self) -> &[usize] {
        &self.top.children
    }

    /// The times of the first and the last event.
    pub fn span(&self) -> (Timestamp, Timestamp) {
        (self.began.unwrap_or(self.last), self.last)
    }

    /// The id of the last event, or 0.
    pub fn last_event(&self) -> u64 {
        self.last_event.unwrap_or(0)
    }

    /// Whether the execution has ended, as far as the events tell.
    pub fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// Takes the next event. They must come in the order of their ids: an earlier one is ignored.
    pub fn push(&mut self, event: &HistoryEvent) {
        if self.last_event.is_some_and(|last| event.id <= last) {
            return;
        }
        let linked = self.linked(event);
        let event = linked.as_ref().unwrap_or(event);
        self.last_event = Some(event.id);
        self.began.get_or_insert(event.at);
        self.last = self.last.max(event.at);
        self.led_by = event.previous;
        let position = self.apply(event);
        self.positions.insert(event.id, position);
    }

    /// Returns how many events without a valid link may have put steps in the wrong place: without branches and
    /// iterations there is only one place.
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

    /// The innermost step behind an event; where that event is missing, behind the last one before it.
    pub(in crate::app) fn position(&self, event: u64) -> Option<StepPosition> {
        if event == 0 {
            return None;
        }
        self.positions.range(..=event).next_back().and_then(|(_, place)| *place)
    }

    /// Whether an event is known.
    pub(in crate::app) fn has(&self, event: u64) -> bool {
        self.positions.contains_key(&event)
    }

    /// A place and those that it is in, from the inside out.
    pub(in crate::app) fn up(&self, place: Option<StepPosition>) -> impl Iterator<Item = StepPosition> + '_ {
        std::iter::successors(place, |place| self.list[place.step].parent)
    }

    /// The first place, from this one outwards, whose step passes.
    pub(in crate::app) fn above(
        &self,
        place: Option<StepPosition>,
        passes: impl Fn(&Step) -> bool,
    ) -> Option<StepPosition> {
        self.up(place).find(|place| passes(&self.list[place.step]))
    }

    /// The open step that passes and is nearest to a place: in it, in what it is in, and so on. Steps that the place
    /// itself is in are not meant. Where very many are open it gives up: they all end with what they are in.
    pub(in crate::app) fn open_near(
        &self,
        place: Option<StepPosition>,
        passes: impl Fn(&Step) -> bool,
    ) -> Option<usize> {
        let (mut inner, mut visited) = (None, 0);
        for scope in self.up(place).map(|place| Some(place.step)).chain([None]) {
            let mut left = vec![self.inside(scope).open.iter()];
            while let Some(open) = left.last_mut() {
                visited += 1;
                match open.next() {
                    None => drop(left.pop()),
                    Some(step) if Some(*step) == inner => {}
                    Some(step) if passes(&self.list[*step]) => return Some(*step),
                    Some(step) => left.push(self.list[*step].last().open.iter()),
                }
                if visited > MOST_VISITED {
                    return None;
                }
            }
            inner = scope;
        }
        None
    }

    /// The last attempt at a step, or the execution.
    pub(in crate::app) fn inside(&self, step: Option<usize>) -> &Attempt {
        step.map_or(&self.top, |step| self.list[step].last())
    }

    fn attempt_mut(&mut self, place: Option<StepPosition>) -> &mut Attempt {
        match place {
            Some(place) => &mut self.list[place.step].attempts[place.attempt],
            None => &mut self.top,
        }
    }

    /// The last attempt at a step as a place.
    pub(in crate::app) fn place(&self, step: usize) -> StepPosition {
        StepPosition { step, attempt: self.list[step].attempts.len() - 1 }
    }

    /// Adds a step that is open.
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

    /// Whether a step has ended, and no redrive can have brought it back since.
    pub(in crate::app) fn is_over(&self, step: usize) -> bool {
        let step = &self.list[step];
        step.ended.is_some() && step.ended_in_run == self.run
    }

    /// Whether the last attempt at a state has failed.
    pub(in crate::app) fn is_failing(&self, step: usize) -> bool {
        let last = self.list[step].last();
        last.status == StepStatus::Failed && last.ended_in_run == self.run
    }

    /// Ends a step, or corrects how it ended. A branch has no events of its own: it goes as its last state goes.
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

    /// Begins another attempt at a step that ended before a redrive. `false` if it has ended for good.
    pub(in crate::app) fn try_again(&mut self, number: usize, at: Timestamp) -> bool {
        let parent = self.list[number].parent;
        if self.is_over(number) || !self.reopen(parent) {
            return false;
        }
        let step = &mut self.list[number];
        (step.status, step.ended, step.has_abort, step.exited) = (StepStatus::Running, None, false, None);
        step.attempts.push(Attempt::new(at));
        self.attempt_mut(parent).open.insert(number);
        true
    }

    /// Opens what has ended again, from a place outwards: a redrive continues in it, or the next state of a branch
    /// begins. `false` if the place has ended for good: what still happens there was cancelled.
    pub(in crate::app) fn reopen(&mut self, place: Option<StepPosition>) -> bool {
        let closed: Vec<StepPosition> =
            self.up(place).take_while(|place| self.list[place.step].ended.is_some()).collect();
        let first_open = self.up(place).nth(closed.len());
        let is_left = |place: &StepPosition| place.attempt + 1 < self.list[place.step].attempts.len();
        let is_gone = |place: &StepPosition| self.list[place.step].kind != StepKind::Branch && self.is_over(place.step);
        let is_ended = first_open.is_none() && self.has_ended;
        if is_ended || closed.iter().any(is_gone) || closed.iter().chain(&first_open).any(is_left) {
            return false;
        }
        for StepPosition { step: number, .. } in closed.into_iter().rev() {
            let step = &mut self.list[number];
            (step.status, step.ended, step.has_abort, step.exited) = (StepStatus::Running, None, false, None);
            if step.is_container() {
                let last = step.last_mut();
                (last.status, last.ended, last.culprit) = (StepStatus::Running, None, None);
                (last.error, last.cause) = (None, None);
            }
            let parent = step.parent;
            self.attempt_mut(parent).open.insert(number);
        }
        true
    }
}
