//! The state of the terminal UI.

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
use crate::app::shell::geometry::{Geometry, PaneLayout, first_visible};
use crate::app::shell::notice::{Level, Notices};
use crate::app::shell::overlay::Overlay;
use crate::app::shell::pane::Pane;
use crate::app::shell::setup::{EndpointInfo, MouseOwner, Setup};
use crate::app::start::form::Form;
use crate::app::timeline::{Timeline, TimelineFocus};
use stepgate_core::domain::endpoint::at_gateway;
use stepgate_core::domain::{
    EndpointName, ExecutionId, ExecutionName, GatewayId, StartId, StartOrder, Timestamp, UnsentBatch,
};

/// A start request whose response has not arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingStart {
    /// Identifies the reply.
    pub id: StartId,
    /// What to start.
    pub order: StartOrder,
}

/// The state of the terminal UI. Only `update` changes it.
#[derive(Debug, Clone)]
pub struct Model {
    /// The time of the last [`crate::app::Msg::Clock`].
    pub now: Timestamp,
    /// The terminal's size.
    pub size: Size,
    /// The time zone for display.
    pub zone: TimeZone,
    /// The keys.
    pub keymap: Keymap,
    /// Whether starting, stopping and redriving are disabled.
    pub read_only: bool,
    /// The endpoints.
    pub endpoints: Vec<EndpointInfo>,
    /// The machines in the configuration.
    pub machines: Machines,
    /// The executions.
    pub executions: Executions,
    /// When the user last pressed a key, pasted or used the mouse.
    pub last_input: Timestamp,
    /// The input and output of the selected execution.
    pub payloads: Payloads,
    /// The executions grouped by machine, if shown that way.
    pub groups: Option<Groups>,
    /// Duration statistics of the machines.
    pub expected_durations: ExpectedDurations,
    /// Whether the terminal has focus; true until it reports otherwise.
    pub has_focus: bool,
    /// Who handles the mouse.
    pub mouse: MouseOwner,
    /// The running executions in view, as last reported to the watcher.
    pub visible_running: Vec<ExecutionId>,
    /// Ended executions to notify of.
    pub end_notifier: EndNotifier,
    /// The running credential commands, by the endpoint whose requests wait for them.
    pub credential_commands: Vec<(EndpointName, Box<str>)>,
    /// Request rates and outages of the endpoints.
    pub endpoint_stats: EndpointStats,
    /// Messages to the user.
    pub notices: Notices,
    /// The focused pane.
    pub focus: Pane,
    /// How the panes share the screen.
    pub pane_layout: PaneLayout,
    /// jq filters used so far, the newest last.
    pub filters: Vec<String>,
    /// What covers the panes.
    pub overlay: Overlay,
    /// Keys that wait for the input and output of an execution.
    pub deferred: Option<Deferred>,
    /// Start requests without a response.
    pub starts: Vec<PendingStart>,
    /// The latest batch.
    pub batch: Option<Batch>,
    /// Unfinished batches of earlier runs, the newest last.
    pub unfinished_batches: Vec<UnsentBatch>,
    /// The timeline of an execution, shown instead of the panes.
    pub timeline: Option<Box<Timeline>>,
    /// The definition of an execution, shown instead of the panes.
    pub definition: Option<Box<Definition>>,
    /// The number of the last page or filter request, which identifies its reply.
    pub requests: u64,
    /// The latest comparison of two executions.
    pub comparison: Option<Comparison>,
    /// The latest stops or redrives.
    pub interventions: Option<Interventions>,
    /// The location of payloads that rows have released: the store, unless there is none.
    pub released_to: PayloadLocation,
    /// Why nothing can be stored at the moment.
    pub store_error: Option<String>,
    /// Whether to select the end of the list once it has been read from the store.
    pub seeks_end: bool,
    /// Start forms that were closed unfinished, the latest last.
    pub drafts: Vec<Form>,
    name_suffix: String,
    names: u64,
    start_ids: u64,
}

impl Model {
    /// Returns the initial model.
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
            last_input: setup.now,
            payloads: Payloads::default(),
            groups: None,
            expected_durations: ExpectedDurations::default(),
            has_focus: true,
            mouse: setup.mouse,
            visible_running: Vec::new(),
            end_notifier: EndNotifier::default(),
            credential_commands: Vec::new(),
            endpoint_stats: EndpointStats::default(),
            notices: Notices::default(),
            focus: Pane::Machines,
            pane_layout: PaneLayout::Split,
            filters: Vec::new(),
            overlay: if setup.config_errors.is_empty() {
                Overlay::None
            } else {
                Overlay::ConfigErrors(setup.config_errors, 0)
            },
            deferred: None,
            starts: Vec::new(),
            batch: None,
            unfinished_batches: Vec::new(),
            timeline: None,
            definition: None,
            requests: 0,
            comparison: None,
            interventions: None,
            released_to: if setup.store_error.is_none() { PayloadLocation::InStore } else { PayloadLocation::Dropped },
            store_error: setup.store_error,
            seeks_end: false,
            drafts: Vec::new(),
            name_suffix: setup.name_suffix,
            names: 0,
            start_ids: 0,
        };
        if let Some(greeting) = setup.greeting {
            model.notices.show(Level::Info, greeting, setup.now);
        }
        model
    }

    /// Returns the key contexts in order of precedence.
    pub fn contexts(&self) -> Vec<Context> {
        let (overlay, attention) = (self.overlay.context(), self.timeline.as_ref().map(|timeline| timeline.focus));
        match (overlay.is_none() && self.definition.is_none(), attention) {
            (true, Some(TimelineFocus::Text)) => return vec![Context::Text, Context::Timeline, Context::Browse],
            (true, Some(TimelineFocus::Steps)) => return vec![Context::Timeline, Context::Browse],
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

    /// Returns whether the focused pane is about to show a text that is being read.
    fn awaits_text(&self) -> bool {
        self.has_text_focus() && self.selected().is_some_and(|row| row.payloads.is_coming())
    }

    /// Returns whether the input or output pane has the focus.
    pub(in crate::app) fn has_text_focus(&self) -> bool {
        !self.is_covered() && matches!(self.focus, Pane::Input | Pane::Output)
    }

    /// Returns whether the timeline or a definition is shown instead of the panes.
    pub fn is_covered(&self) -> bool {
        self.timeline.is_some() || self.definition.is_some()
    }

    /// Returns the text that reading keys apply to: that of the definition, the timeline or a pane.
    pub fn document(&self, pane: Pane) -> Option<&Document> {
        match (&self.definition, &self.timeline) {
            (Some(definition), _) => Some(&definition.document),
            (None, Some(timeline)) => timeline.document(),
            (None, None) => self.payloads.document(pane),
        }
    }

    /// Returns the same text, mutably.
    pub(super) fn document_mut(&mut self, pane: Pane) -> Option<&mut Document> {
        match (&mut self.definition, &mut self.timeline) {
            (Some(definition), _) => Some(&mut definition.document),
            (None, Some(timeline)) => timeline.document_mut(),
            (None, None) => self.payloads.document_mut(pane),
        }
    }

    /// Returns the layout of the screen.
    pub fn geometry(&self) -> Geometry {
        let lines = u16::try_from(self.banner().len()).unwrap_or(u16::MAX);
        self.geometry_below(lines)
    }

    fn geometry_below(&self, notice_lines: u16) -> Geometry {
        Geometry::new(self.size, self.focus, self.pane_layout, notice_lines)
    }

    /// Returns the endpoint that the header shows: that of the selected execution or machine.
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

    /// Returns the current name of the endpoint with this gateway; `None` if it is not in the configuration. If there
    /// are several, prefers the one with the former name.
    pub fn endpoint_at(&self, gateway: &GatewayId, name: &EndpointName) -> Option<&EndpointName> {
        at_gateway(self.endpoints.iter().map(|endpoint| (&endpoint.name, &endpoint.gateway)), gateway, name)
    }

    /// Returns the gateway of the endpoint with this name.
    pub fn gateway_of(&self, name: &EndpointName) -> Option<&GatewayId> {
        self.endpoints.iter().find(|endpoint| endpoint.name == *name).map(|endpoint| &endpoint.gateway)
    }

    /// Returns the running executions in view.
    pub(super) fn visible_running(&self) -> Vec<ExecutionId> {
        // Messages may hide a row or two of them, but laying out the messages on each change costs more than polling those.
        let geometry = self.geometry_below(0);
        let Some(pane) = geometry.pane(Pane::Executions) else { return Vec::new() };
        let height = usize::from(pane.height.saturating_sub(2));
        let top = first_visible(self.executions.selected_place().unwrap_or(0), self.executions.shown(), height);
        let window = self.executions.window(top, height);
        window.filter(|row| row.group() == Group::Running).map(|row| row.id).collect()
    }

    /// Returns the selected execution.
    pub fn selected(&self) -> Option<&Row> {
        self.executions.selected()
    }

    /// Returns when the screen next changes without an event: at the next full second while something runs, counts down
    /// or expires.
    pub fn next_wake(&self) -> Option<Timestamp> {
        let moves = self.executions.counts().running > 0
            || !self.starts.is_empty()
            || self.deferred.is_some()
            || self.endpoint_stats.has_traffic()
            || self.endpoint_stats.outages().next().is_some()
            || self.groups.as_ref().is_some_and(|groups| groups.is_stale(&self.executions))
            || self.timeline.as_ref().is_some_and(|timeline| timeline.is_live())
            || self.end_notifier.is_pending()
            || self.notices.is_expiring();
        let past = self.now.as_millis().rem_euclid(1_000);
        let second = i64::try_from(TICK.as_millis()).unwrap_or(1_000);
        moves.then(|| Timestamp::from_millis(self.now.as_millis() - past + second))
    }

    /// Generates an execution name that is unique across runs of the program.
    pub(super) fn generate_name(&mut self) -> Option<ExecutionName> {
        self.names += 1;
        ExecutionName::parse(&format!("sg-{}-{}", self.names, self.name_suffix)).ok()
    }

    /// Returns the start requests that may have led to an execution: those in flight and those unresolved.
    pub fn unsettled(&self) -> impl Iterator<Item = &StartOrder> {
        let in_flight = self.starts.iter().map(|start| &start.order);
        let unresolved = self.executions.rows().filter_map(|row| match &row.state {
            RowState::Unresolved(unresolved) => Some(&unresolved.order),
            _ => None,
        });
        in_flight.chain(unresolved)
    }

    /// Returns a new start id.
    pub(super) fn next_start_id(&mut self) -> StartId {
        self.start_ids += 1;
        StartId(self.start_ids)
    }
}
