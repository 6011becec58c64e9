//! The state of the terminal UI: one part for each feature, whose fields only that feature sees.

use crate::app::batch::batches::Batches;
use crate::app::control::Control;
use crate::app::keys::Keys;
use crate::app::keys::action::Context;
use crate::app::list::lists::Lists;
use crate::app::list::machines::Machines;
use crate::app::list::row::{Group, Row, RowState};
use crate::app::msg::TICK;
use crate::app::reader::definition::{Definition, DefinitionStage};
use crate::app::reader::document::Document;
use crate::app::reader::open_texts::OpenTexts;
use crate::app::shell::Shell;
use crate::app::shell::geometry::{Arrangement, Geometry, first_visible};
use crate::app::shell::help::Help;
use crate::app::shell::pane::Pane;
use crate::app::shell::setup::Setup;
use crate::app::start::starts::Starts;
use crate::app::timeline::{Timeline, TimelineFocus};
use stepgate_core::domain::{EndpointName, ExecutionId, Route, StartOrder, Timestamp};

/// The state of the terminal UI. Only `update` changes it: outside of `app` it can only be read.
#[derive(Debug, Clone)]
pub struct Model {
    pub(in crate::app) shell: Shell,
    pub(in crate::app) keys: Keys,
    pub(in crate::app) list: Lists,
    pub(in crate::app) starts: Starts,
    pub(in crate::app) batches: Batches,
    pub(in crate::app) control: Control,
    pub(in crate::app) reader: OpenTexts,
    /// The timeline of an execution, shown instead of the panes.
    pub(in crate::app) timeline: Option<Box<Timeline>>,
}

impl Model {
    /// Returns the initial model.
    pub fn new(setup: Setup) -> Self {
        let endpoint = setup.endpoint.clone();
        let mut model = Self {
            shell: Shell::new(&setup),
            keys: Keys::new(setup.keymap),
            list: Lists::new(Machines::new(setup.machines, &setup.endpoints), setup.store_error),
            starts: Starts::new(&setup.name_suffix),
            batches: Batches::default(),
            control: Control::default(),
            reader: OpenTexts::default(),
            timeline: None,
        };
        model.show_endpoint(endpoint);
        model
    }

    /// Shows the machines and executions of an endpoint, or of all.
    pub(in crate::app) fn show_endpoint(&mut self, endpoint: Option<EndpointName>) {
        // With a single endpoint there is nothing to choose.
        let endpoint = endpoint.filter(|_| self.shell.endpoints().list().len() > 1);
        let gateway = endpoint.as_ref().and_then(|name| self.shell.endpoints().gateway_of(name)).cloned();
        self.shell.endpoints_mut().select(endpoint.clone());
        self.list.set_scope(endpoint, gateway, self.shell.now());
        self.reader.close_definition();
    }

    /// Returns what no other feature owns: panes, overlays, messages, endpoints.
    pub fn shell(&self) -> &Shell {
        &self.shell
    }

    /// Returns the meaning of keys, and keys that wait.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Returns the machines and executions.
    pub fn list(&self) -> &Lists {
        &self.list
    }

    /// Returns the latest batch.
    pub(crate) fn batches(&self) -> &Batches {
        &self.batches
    }

    /// Returns the open texts.
    pub(crate) fn reader(&self) -> &OpenTexts {
        &self.reader
    }

    /// Returns the timeline of an execution, if it is shown.
    pub(crate) fn timeline(&self) -> Option<&Timeline> {
        self.timeline.as_deref()
    }

    /// Returns whether an endpoint declares a route.
    pub(crate) fn has_route(&self, endpoint: &EndpointName, route: Route) -> bool {
        self.shell.endpoints().find(endpoint).is_some_and(|endpoint| endpoint.endpoint.route(route).is_some())
    }

    /// Returns the current time.
    pub fn now(&self) -> Timestamp {
        self.shell.now()
    }

    /// Returns the key contexts in order of precedence.
    pub fn contexts(&self) -> Vec<Context> {
        let help = self.shell.help().map(Help::context);
        if let Some(context) = help.or(self.shell.overlay().context()) {
            return vec![context];
        }
        if let Some(definition) = self.reader.definition() {
            let is_read = matches!(definition.stage(), DefinitionStage::Here);
            return if is_read { vec![Context::Text, Context::Definition] } else { vec![Context::Definition] };
        }
        match self.timeline.as_ref().map(|timeline| timeline.focus()) {
            Some(TimelineFocus::Text) => return vec![Context::Text, Context::Timeline],
            Some(TimelineFocus::Steps) => return vec![Context::Timeline],
            None => {}
        }
        match self.shell.focus() {
            pane if self.document(pane).is_some() || self.awaits_text() => vec![Context::Text, Context::Browse],
            Pane::Executions if self.list.groups().is_none() => vec![Context::List, Context::Browse],
            _ => vec![Context::Browse],
        }
    }

    /// Returns whether the focused pane is about to show a text that is being read.
    fn awaits_text(&self) -> bool {
        self.has_text_focus() && self.selected().is_some_and(|row| row.payloads.is_coming())
    }

    /// Returns whether the input or output pane has the focus.
    pub(in crate::app) fn has_text_focus(&self) -> bool {
        !self.is_covered() && matches!(self.shell.focus(), Pane::Input | Pane::Output)
    }

    /// Returns whether the timeline or a definition is shown instead of the panes.
    pub fn is_covered(&self) -> bool {
        self.timeline.is_some() || self.reader.definition().is_some()
    }

    /// Returns the text that reading keys apply to: that of the definition, the timeline or a pane.
    pub fn document(&self, pane: Pane) -> Option<&Document> {
        match (self.reader.definition(), &self.timeline) {
            (Some(definition), _) => Some(definition.document()),
            (None, Some(timeline)) => timeline.document(),
            (None, None) => self.reader.payloads().document(pane),
        }
    }

    /// Returns the same text, mutably.
    pub(super) fn document_mut(&mut self, pane: Pane) -> Option<&mut Document> {
        if self.reader.definition().is_some() {
            return self.reader.definition_mut().map(Definition::document_mut);
        }
        match &mut self.timeline {
            Some(timeline) => timeline.document_mut(),
            None => self.reader.payloads_mut().document_mut(pane),
        }
    }

    /// Returns whether the key to quit first leaves the groups.
    pub(crate) fn is_in_view(&self) -> bool {
        self.list.groups().is_some()
    }

    /// Returns the layout of the screen.
    pub fn geometry(&self) -> Geometry {
        let lines = u16::try_from(self.banner().len()).unwrap_or(u16::MAX);
        self.geometry_below(lines)
    }

    fn geometry_below(&self, notice_lines: u16) -> Geometry {
        let arrangement = Arrangement {
            focus: self.shell.focus(),
            detail: self.shell.detail(),
            pane_layout: self.shell.pane_layout(),
            notice_lines,
            machine_lines: u16::try_from(self.list.machines().line_count()).unwrap_or(u16::MAX),
            rows: self.content_rows(),
        };
        Geometry::new(self.shell.size(), &arrangement)
    }

    /// Returns the running executions in view.
    pub(super) fn visible_running(&self) -> Vec<ExecutionId> {
        // Messages may hide a row or two of them, but laying out the messages on each change costs more than polling those.
        let geometry = self.geometry_below(0);
        let Some(pane) = geometry.pane(Pane::Executions) else { return Vec::new() };
        let height = usize::from(geometry.list_rows(pane).height);
        let executions = self.list.executions();
        let top = first_visible(executions.selected_place().unwrap_or(0), executions.shown(), height);
        let window = executions.window(top, height);
        window.filter(|row| row.group() == Group::Running).map(|row| row.id).collect()
    }

    /// Returns the selected execution.
    pub fn selected(&self) -> Option<&Row> {
        self.list.executions().selected()
    }

    /// Returns when the screen next changes without an event: at the next full second while something runs, counts down
    /// or expires.
    pub fn next_wake(&self) -> Option<Timestamp> {
        let moves = self.shell.is_live()
            || self.list.is_live()
            || self.batches.lines().is_stale() && self.shell.overlay().is_batch_page()
            || !self.starts.pending().is_empty()
            || self.keys.deferred().is_some()
            || self.timeline.as_ref().is_some_and(|timeline| timeline.is_live());
        let past = self.now().as_millis().rem_euclid(1_000);
        let second = i64::try_from(TICK.as_millis()).unwrap_or(1_000);
        moves.then(|| Timestamp::from_millis(self.now().as_millis() - past + second))
    }

    /// Returns the start requests that may have led to an execution: those in flight and those unresolved.
    pub fn unsettled(&self) -> impl Iterator<Item = &StartOrder> {
        let in_flight = self.starts.pending().iter().map(|start| &start.order);
        let unresolved = self.list.executions().rows().filter_map(|row| match &row.state {
            RowState::Unresolved(unresolved) => Some(&unresolved.order),
            _ => None,
        });
        in_flight.chain(unresolved)
    }
}
