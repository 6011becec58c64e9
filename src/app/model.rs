//! All that the terminal UI knows.

use jiff::tz::TimeZone;
use ratatui::layout::Size;

use crate::app::batch::Batch;
use crate::app::control::Interventions;
use crate::app::input::action::Context;
use crate::app::input::deferred::Deferred;
use crate::app::input::keymap::Keymap;
use crate::app::list::executions::Executions;
use crate::app::list::expected_duration::ExpectedDurations;
use crate::app::list::groups::Groups;
use crate::app::list::machines::Machines;
use crate::app::list::row::{Group, PayloadLocation, Row, RowState};
use crate::app::msg::TICK;
use crate::app::reader::comparison::Comparison;
use crate::app::reader::definition::Definition;
use crate::app::reader::document::Document;
use crate::app::reader::payloads::Payloads;
use crate::app::shell::end_notifier::EndNotifier;
use crate::app::shell::endpoint_stats::EndpointStats;
use crate::app::shell::geometry::{Geometry, Spread, first_in_sight};
use crate::app::shell::notice::{Level, Notices};
use crate::app::shell::overlay::Overlay;
use crate::app::shell::pane::Pane;
use crate::app::shell::setup::{EndpointInfo, MouseOwner, Setup};
use crate::app::start::form::Form;
use crate::app::timeline::{Attention, Timeline};
use stepgate_core::domain::endpoint::at_gateway;
use stepgate_core::domain::{
    EndpointName, ExecutionId, ExecutionName, GatewayId, StartId, StartOrder, Timestamp, UnsentBatch,
};

/// A start that is on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingStart {
    /// Its number.
    pub id: StartId,
    /// What was ordered.
    pub order: StartOrder,
}

/// All that the terminal UI knows. Only `update` changes it.
#[derive(Debug, Clone)]
pub struct Model {
    /// The time as of the last message.
    pub now: Timestamp,
    /// The terminal's size.
    pub size: Size,
    /// The zone in which times are shown.
    pub zone: TimeZone,
    /// The keys.
    pub keymap: Keymap,
    /// Whether nothing may be started.
    pub read_only: bool,
    /// The endpoints.
    pub endpoints: Vec<EndpointInfo>,
    /// What can be started.
    pub machines: Machines,
    /// What was started.
    pub executions: Executions,
    /// When a key, a paste or the mouse was used last.
    pub touched: Timestamp,
    /// The documents of the selected execution.
    pub payloads: Payloads,
    /// The executions by machine, where they are shown so.
    pub groups: Option<Groups>,
    /// How long executions usually take.
    pub expected_durations: ExpectedDurations,
    /// Whether the terminal has the focus, as far as it tells.
    pub has_focus: bool,
    /// Whose the mouse is.
    pub mouse: MouseOwner,
    /// Those in the list's window that run, as the watcher was told.
    pub in_sight: Vec<ExecutionId>,
    /// Ends that have not been told of.
    pub end_notifier: EndNotifier,
    /// The running programs that look up credentials, by the endpoint whose requests wait for them.
    pub commands: Vec<(EndpointName, Box<str>)>,
    /// What goes over the wire.
    pub endpoint_stats: EndpointStats,
    /// The messages.
    pub notices: Notices,
    /// The pane that keys go to.
    pub focus: Pane,
    /// Whether that one has the screen for itself.
    pub spread: Spread,
    /// Filters of jq that were used, the newest last.
    pub filters: Vec<String>,
    /// What lies over the panes.
    pub overlay: Overlay,
    /// Keys that wait for the texts of an execution.
    pub deferred: Option<Deferred>,
    /// Starts without an answer.
    pub starts: Vec<PendingStart>,
    /// Many starts from one file, the last ones.
    pub batch: Option<Batch>,
    /// Batches of earlier launches that wait, the newest last.
    pub batches_left: Vec<UnsentBatch>,
    /// The steps of an execution, in the place of the panes.
    pub timeline: Option<Box<Timeline>>,
    /// The definition of an execution, in the place of the panes.
    pub definition: Option<Box<Definition>>,
    /// How many pages and filters were asked for; tells their answers from each other.
    pub requests: u64,
    /// Two executions beside each other, the last ones.
    pub comparison: Option<Comparison>,
    /// What is being stopped or redriven, or was the last time.
    pub interventions: Option<Interventions>,
    /// Where inputs and outputs are once their rows have released them: in the store, unless there is none.
    pub released: PayloadLocation,
    /// Why nothing is kept on the disk just now.
    pub not_kept: Option<String>,
    /// Whether the end of the list is wanted, which is still coming from the store.
    pub seeks_end: bool,
    /// Forms that were left, the latest last.
    pub drafts: Vec<Form>,
    name_suffix: String,
    names: u64,
    start_ids: u64,
}

impl Model {
    /// The model at the beginning.
    pub fn new(setup: Setup) -> Self {
        let mut model = Self {
            now: setup.now,
            size: setup.size,
            zone: setup.zone,
            keymap: setup.keymap,
            read_only: setup.read_only,
            endpoints: setup.endpoints,
            machines: Machines::new(setup.machines),
            executions: Executions::default(),
            touched: setup.now,
            payloads: Payloads::default(),
            groups: None,
            expected_durations: ExpectedDurations::default(),
            has_focus: true,
            mouse: setup.mouse,
            in_sight: Vec::new(),
            end_notifier: EndNotifier::default(),
            commands: Vec::new(),
            endpoint_stats: EndpointStats::default(),
            notices: Notices::default(),
            focus: Pane::Machines,
            spread: Spread::Side,
            filters: Vec::new(),
            overlay: if setup.faults.is_empty() { Overlay::None } else { Overlay::Faults(setup.faults, 0) },
            deferred: None,
            starts: Vec::new(),
            batch: None,
            batches_left: Vec::new(),
            timeline: None,
            definition: None,
            requests: 0,
            comparison: None,
            interventions: None,
            released: if setup.not_kept.is_none() { PayloadLocation::InStore } else { PayloadLocation::Dropped },
            not_kept: setup.not_kept,
            seeks_end: false,
            drafts: Vec::new(),
            name_suffix: setup.name_suffix,
            names: 0,
            start_ids: 0,
        };
        if let Some(greeting) = setup.greeting {
            model.notices.say(Level::Info, greeting, setup.now);
        }
        model
    }

    /// Where keys go to: what stands first goes before the others.
    pub fn contexts(&self) -> Vec<Context> {
        let (overlay, attention) = (self.overlay.context(), self.timeline.as_ref().map(|timeline| timeline.attention));
        match (overlay.is_none() && self.definition.is_none(), attention) {
            (true, Some(Attention::Text)) => return vec![Context::Text, Context::Timeline, Context::Browse],
            (true, Some(Attention::Steps)) => return vec![Context::Timeline, Context::Browse],
            _ => {}
        }
        match (overlay, self.focus) {
            (Some(context), _) => vec![context],
            (None, _) if self.definition.is_some() => vec![Context::Text, Context::Browse],
            (None, pane) if self.document(pane).is_some() || self.awaits_text() => vec![Context::Text, Context::Browse],
            (None, Pane::Executions) if self.groups.is_none() => vec![Context::List, Context::Browse],
            (None, _) => vec![Context::Browse],
        }
    }

    /// Returns whether the pane with the keys is about to show a text that is being read.
    fn awaits_text(&self) -> bool {
        self.has_text_focus() && self.selected().is_some_and(|row| row.kept.is_coming())
    }

    /// Returns whether the keys go to the pane of an input or output.
    pub(in crate::app) fn has_text_focus(&self) -> bool {
        !self.is_covered() && matches!(self.focus, Pane::Input | Pane::Output)
    }

    /// Whether something stands in the place of the panes.
    pub fn is_covered(&self) -> bool {
        self.timeline.is_some() || self.definition.is_some()
    }

    /// The text that keys for reading go to: that of the timeline, or of a pane.
    pub fn document(&self, pane: Pane) -> Option<&Document> {
        match (&self.definition, &self.timeline) {
            (Some(definition), _) => Some(&definition.document),
            (None, Some(timeline)) => timeline.document(),
            (None, None) => self.payloads.document(pane),
        }
    }

    /// The same, to move about in.
    pub(super) fn document_mut(&mut self, pane: Pane) -> Option<&mut Document> {
        match (&mut self.definition, &mut self.timeline) {
            (Some(definition), _) => Some(&mut definition.document),
            (None, Some(timeline)) => timeline.document_mut(),
            (None, None) => self.payloads.document_mut(pane),
        }
    }

    /// Where everything is on the screen.
    pub fn geometry(&self) -> Geometry {
        let lines = u16::try_from(self.banner().len()).unwrap_or(u16::MAX);
        self.geometry_below(lines)
    }

    fn geometry_below(&self, notice_lines: u16) -> Geometry {
        Geometry::new(self.size, self.focus, self.spread, notice_lines)
    }

    /// The endpoint that the header speaks of: that of the selected execution or machine.
    pub fn endpoint(&self) -> Option<&EndpointInfo> {
        let of_machine = || self.machines.selected().and_then(|index| self.machines.get(index)).map(|m| &m.endpoint);
        let of_execution = || self.executions.selected().map(|row| &row.endpoint);
        let name = if self.focus == Pane::Machines {
            of_machine().or_else(of_execution)
        } else {
            of_execution().or_else(of_machine)
        };
        self.endpoints.iter().find(|endpoint| Some(&endpoint.name) == name).or(self.endpoints.first())
    }

    /// What the endpoint at a place is called now; `None` when it is not in the configuration. Where there
    /// are several, the one that was called so before goes before the others.
    pub fn endpoint_at(&self, gateway: &GatewayId, name: &EndpointName) -> Option<&EndpointName> {
        at_gateway(self.endpoints.iter().map(|endpoint| (&endpoint.name, &endpoint.gateway)), gateway, name)
    }

    /// The place of the endpoint with this name.
    pub fn gateway_of(&self, name: &EndpointName) -> Option<&GatewayId> {
        self.endpoints.iter().find(|endpoint| endpoint.name == *name).map(|endpoint| &endpoint.gateway)
    }

    /// Those in the list's window that run.
    pub(super) fn running_in_sight(&self) -> Vec<ExecutionId> {
        // A message may hide a row or two of them. Making its lines for each change would cost more than asking.
        let geometry = self.geometry_below(0);
        let Some(pane) = geometry.pane(Pane::Executions) else { return Vec::new() };
        let height = usize::from(pane.height.saturating_sub(2));
        let top = first_in_sight(self.executions.selected_place().unwrap_or(0), self.executions.shown(), height);
        let window = self.executions.window(top, height);
        window.filter(|row| row.group() == Group::Running).map(|row| row.id).collect()
    }

    /// The selected execution.
    pub fn selected(&self) -> Option<&Row> {
        self.executions.selected()
    }

    /// When the screen changes by itself: on the next full second while something runs, counts down
    /// or goes away. `None` when nothing will change before somebody does something.
    pub fn next_wake(&self) -> Option<Timestamp> {
        let moves = self.executions.counts().running > 0
            || !self.starts.is_empty()
            || self.deferred.is_some()
            || self.endpoint_stats.is_lively()
            || self.endpoint_stats.outages().next().is_some()
            || self.groups.as_ref().is_some_and(|groups| groups.is_stale(&self.executions))
            || self.timeline.as_ref().is_some_and(|timeline| timeline.is_live())
            || self.end_notifier.are_waiting()
            || self.notices.is_expiring();
        let past = self.now.as_millis().rem_euclid(1_000);
        let second = i64::try_from(TICK.as_millis()).unwrap_or(1_000);
        moves.then(|| Timestamp::from_millis(self.now.as_millis() - past + second))
    }

    /// A new name for an execution. Never the same twice, also not in another launch.
    pub(super) fn generate_name(&mut self) -> Option<ExecutionName> {
        self.names += 1;
        ExecutionName::parse(&format!("sg-{}-{}", self.names, self.name_suffix)).ok()
    }

    /// Starts that may have begun although no good answer has come: those in doubt, and those on their
    /// way.
    pub fn unsettled(&self) -> impl Iterator<Item = &StartOrder> {
        let on_their_way = self.starts.iter().map(|start| &start.order);
        let unresolved = self.executions.rows().filter_map(|row| match &row.standing {
            RowState::Unresolved(unresolved) => Some(&unresolved.order),
            _ => None,
        });
        on_their_way.chain(unresolved)
    }

    /// The number of the next start.
    pub(super) fn next_start(&mut self) -> StartId {
        self.start_ids += 1;
        StartId(self.start_ids)
    }
}
