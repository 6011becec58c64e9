//! Opening and closing the timeline, its keys, and reading its history.

use crate::app::effect::Effect;
use crate::app::keys::action::Action;
use crate::app::list::row::Group;
use crate::app::model::Model;
use crate::app::shell::notice::Level;
use crate::app::shell::pane::Step;
use crate::app::timeline::{Timeline, TimelineFocus};
use stepgate_core::domain::{Failure, HistoryEvent, Paged, Route};

impl Model {
    /// Returns why the selected execution has no timeline.
    pub(crate) fn timeline_objection(&self) -> Option<String> {
        let Some(row) = self.selected() else { return Some("No execution selected.".to_owned()) };
        let is_logged = !row.arn.is_describable();
        let (name, route) = (&row.endpoint, if is_logged { Route::Logs } else { Route::History });
        let (why, key) =
            (if is_logged { "Step Functions keeps no history of an EXPRESS execution. " } else { "" }, route.key());
        (!self.has_route(name, route)).then(|| {
            format!(
                "{why}The timeline needs the route `{key}`, which the endpoint `{name}` does not declare. If the gateway \
                 has one, set {key} = \"{}\" in {}; `stepgate template` includes it.",
                route.default_path(),
                name.header_of("routes")
            )
        })
    }
}

/// Opens the timeline of the selected execution.
pub(in crate::app) fn open(model: &mut Model) {
    match (model.timeline_objection(), model.selected()) {
        (None, Some(row)) => {
            let timeline = Timeline::new(row.id, row.endpoint.clone(), row.arn.clone()).started_at(row.started);
            model.timeline = Some(Box::new(timeline));
        }
        (why, _) => model.shell.reply(Level::Info, why.unwrap_or_default()),
    }
}

/// Handles an action of the timeline itself; `false` if it is not one.
pub(in crate::app) fn act(model: &mut Model, action: Action) -> bool {
    let height = {
        let geometry = model.geometry();
        usize::from(geometry.inner(geometry.timeline_areas().0).height)
    };
    let Some(timeline) = &mut model.timeline else { return false };
    let in_text = timeline.focus == TimelineFocus::Text;
    let step = match action {
        Action::Up => Some(Step::By(-1)),
        Action::Down => Some(Step::By(1)),
        Action::PageUp => Some(Step::Pages(-1)),
        Action::PageDown => Some(Step::Pages(1)),
        Action::Top => Some(Step::First),
        Action::Bottom => Some(Step::Last),
        _ => None,
    };
    if let Some(step) = step {
        match timeline.document_mut().filter(|_| in_text) {
            Some(document) => document.go(step),
            None => timeline.go(step, height),
        }
        return true;
    }
    match action {
        Action::Cancel if in_text => timeline.focus = TimelineFocus::Steps,
        Action::Cancel => model.timeline = None,
        Action::Open if timeline.document().is_some() => timeline.focus = TimelineFocus::Text,
        Action::Open => {}
        Action::NextText | Action::PreviousText => timeline.step_text(action == Action::NextText),
        Action::FoldStep => timeline.toggle_fold(),
        Action::FoldAll if !in_text => timeline.fold_all(true),
        Action::UnfoldAll if !in_text => timeline.fold_all(false),
        Action::NextFailure | Action::PreviousFailure => {
            if !timeline.go_to_failure(action == Action::NextFailure) {
                model.shell.reply(Level::Info, "No step has failed.");
            }
        }
        _ => return false,
    }
    true
}

/// Handles a page of the history.
pub(in crate::app) fn on_page(model: &mut Model, number: u64, page: Result<Box<Paged<HistoryEvent>>, Failure>) {
    if let Some(timeline) = &mut model.timeline {
        timeline.on_page(number, page.map(|page| *page), model.shell.now());
    }
}

/// Returns the request to send now. Without focus there is none.
pub(in crate::app) fn due_request(model: &mut Model) -> Option<Effect> {
    let row = model.timeline.as_ref().and_then(|timeline| model.list.executions().get(timeline.of));
    let runs = row.is_some_and(|row| row.group() == Group::Running);
    // A log may have no end of the execution.
    let is_final = row.is_some_and(|row| row.group() == Group::Lost && !row.arn.is_describable());
    let timeline = model.timeline.as_mut()?;
    timeline.is_final = is_final;
    timeline.open();
    if !model.shell.has_terminal_focus() {
        return None;
    }
    let number = model.shell.next_request();
    let query = timeline.next_query(number, model.shell.now(), runs)?;
    model.shell.count_request();
    Some(Effect::ReadHistory(number, timeline.endpoint.clone(), query))
}
