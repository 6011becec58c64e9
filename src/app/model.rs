//! All that the terminal UI knows.

use jiff::tz::TimeZone;
use ratatui::layout::Size;

use crate::app::action::Context;
use crate::app::batch::{Batch, FileForm};
use crate::app::editor::Editor;
use crate::app::executions::Executions;
use crate::app::form::Form;
use crate::app::geometry::{Geometry, first_in_sight};
use crate::app::keymap::Keymap;
use crate::app::machines::{Machines, Picker};
use crate::app::msg::TICK;
use crate::app::notice::{Level, Notices};
use crate::app::pane::Pane;
use crate::app::payloads::Payloads;
use crate::app::row::{Group, Row, Standing};
use crate::app::traffic::Traffic;
use crate::app::usual::Usual;
use crate::domain::endpoint::at_place;
use crate::domain::{
    BatchLeft, Endpoint, EndpointName, ExecutionId, ExecutionName, Machine, Place, StartId, StartOrder, Timestamp,
};

/// What lies over the panes.
#[derive(Debug, Clone)]
pub enum Overlay {
    /// Nothing.
    None,
    /// The choice of a machine.
    Pick(Picker),
    /// The start form.
    Start(Box<Form>),
    /// The line in which a filter is typed, and what there was before.
    Filter(Editor, Before),
    /// The form that asks for a file of inputs.
    File(Box<FileForm>),
    /// The batch, from this line on.
    Batch(usize),
    /// The keys, from this line on.
    Help(usize),
    /// The messages, from this line on.
    Messages(usize),
    /// What is wrong in the configuration, from this line on. There is nothing below it.
    Faults(Vec<String>, usize),
}

/// What a filter that is being typed can be taken back to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Before {
    /// The filter.
    pub filter: String,
    /// The selected execution.
    pub selected: Option<ExecutionId>,
}

/// An endpoint, as far as the screen shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct EndpointInfo {
    /// Its name.
    pub name: EndpointName,
    /// Where it is.
    pub place: Place,
    /// `region · auth`, as far as there is such.
    pub summary: String,
    /// Its budget in requests a second.
    pub budget: f64,
}

impl From<&Endpoint> for EndpointInfo {
    fn from(endpoint: &Endpoint) -> Self {
        let parts = [endpoint.region.clone(), Some(endpoint.auth.word().to_owned()).filter(|word| word != "none")];
        Self {
            name: endpoint.name.clone(),
            place: endpoint.place(),
            summary: parts.into_iter().flatten().collect::<Vec<_>>().join(" · "),
            budget: endpoint.watch.requests_per_second,
        }
    }
}

/// What the model begins with.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The machines of the configuration.
    pub machines: Vec<Machine>,
    /// The endpoints of the configuration.
    pub endpoints: Vec<EndpointInfo>,
    /// Whether nothing may be started.
    pub read_only: bool,
    /// The keys.
    pub keymap: Keymap,
    /// What every generated name ends with; different for every launch of the program.
    pub name_suffix: String,
    /// The zone in which times are shown.
    pub zone: TimeZone,
    /// The time at the beginning.
    pub now: Timestamp,
    /// The terminal's size.
    pub size: Size,
    /// Something to say at once.
    pub greeting: Option<String>,
    /// Why nothing is kept, if that is so from the beginning.
    pub not_kept: Option<String>,
    /// What is wrong in the configuration; shown instead of everything else.
    pub faults: Vec<String>,
}

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
    /// The documents of the selected execution.
    pub payloads: Payloads,
    /// How long executions usually take.
    pub usual: Usual,
    /// Whether the terminal has the focus, as far as it tells.
    pub has_focus: bool,
    /// Those in the list's window that run, as the watcher was told.
    pub in_sight: Vec<ExecutionId>,
    /// What goes over the wire.
    pub traffic: Traffic,
    /// The messages.
    pub notices: Notices,
    /// The pane that keys go to.
    pub focus: Pane,
    /// What lies over the panes.
    pub overlay: Overlay,
    /// Starts without an answer.
    pub starts: Vec<PendingStart>,
    /// Many starts from one file, the last ones.
    pub batch: Option<Batch>,
    /// Batches of earlier launches that wait, the newest last.
    pub batches_left: Vec<BatchLeft>,
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
            payloads: Payloads::default(),
            usual: Usual::default(),
            has_focus: true,
            in_sight: Vec::new(),
            traffic: Traffic::default(),
            notices: Notices::default(),
            focus: Pane::Machines,
            overlay: if setup.faults.is_empty() { Overlay::None } else { Overlay::Faults(setup.faults, 0) },
            starts: Vec::new(),
            batch: None,
            batches_left: Vec::new(),
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

    /// Where keys go to.
    pub fn context(&self) -> Context {
        match self.overlay {
            Overlay::None => Context::Browse,
            Overlay::Pick(_) => Context::Pick,
            Overlay::Start(_) => Context::Form,
            Overlay::Filter(..) => Context::Filter,
            Overlay::File(_) => Context::File,
            Overlay::Batch(_) => Context::Batch,
            Overlay::Help(_) | Overlay::Messages(_) => Context::Page,
            Overlay::Faults(..) => Context::Faults,
        }
    }

    /// Where everything is on the screen.
    pub fn geometry(&self) -> Geometry {
        let lines = u16::try_from(self.banner().len()).unwrap_or(u16::MAX);
        Geometry::new(self.size, self.focus, lines)
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
    pub fn endpoint_at(&self, place: &Place, name: &EndpointName) -> Option<&EndpointName> {
        at_place(self.endpoints.iter().map(|endpoint| (&endpoint.name, &endpoint.place)), place, name)
    }

    /// The place of the endpoint with this name.
    pub fn place_of(&self, name: &EndpointName) -> Option<&Place> {
        self.endpoints.iter().find(|endpoint| endpoint.name == *name).map(|endpoint| &endpoint.place)
    }

    /// Those in the list's window that run.
    pub(super) fn running_in_sight(&self) -> Vec<ExecutionId> {
        // A message may hide a row or two of them. Making its lines for each change would cost more than asking.
        let geometry = Geometry::new(self.size, self.focus, 0);
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
            || self.traffic.is_lively()
            || self.traffic.outages().next().is_some()
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
        let in_doubt = self.executions.rows().iter().filter_map(|row| match &row.standing {
            Standing::Unresolved(doubt) => Some(&doubt.order),
            _ => None,
        });
        on_their_way.chain(in_doubt)
    }

    /// The number of the next start.
    pub(super) fn next_start(&mut self) -> StartId {
        self.start_ids += 1;
        StartId(self.start_ids)
    }
}
