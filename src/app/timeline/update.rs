//! The timeline: opening and leaving it, its keys, and the pages of the history that it is made of.

use crate::app::effect::Effect;
use crate::app::input::action::Action;
use crate::app::list::row::Group;
use crate::app::model::Model;
use crate::app::reader;
use crate::app::shell::notice::Level;
use crate::app::shell::pane::Step;
use crate::app::timeline::{Attention, Timeline};
use stepgate_core::domain::{Failure, HistoryEvent, Paged, Route};

/// Opens the timeline of the selected execution.
pub(in crate::app) fn open(model: &mut Model) {
    let Some(row) = model.selected() else {
        model.notices.say(Level::Info, "No execution selected.", model.now);
        return;
    };
    let declares = |model: &Model| {
        let endpoint = model.endpoints.iter().find(|endpoint| endpoint.name == row.endpoint)?;
        endpoint.endpoint.route(Route::History).map(drop)
    };
    let words = if !row.arn.is_describable() {
        Some("Step Functions keeps no history of an EXPRESS execution.".to_owned())
    } else if declares(model).is_none() {
        let (name, route) = (&row.endpoint, Route::History);
        Some(format!(
            "The timeline needs the route `history`, which the endpoint `{name}` does not declare. Where the gateway \
             has one, say history = \"{}\" in [endpoints.{name}.routes]; `stepgate template` has it.",
            route.default_path()
        ))
    } else {
        None
    };
    match words {
        Some(words) => model.notices.say(Level::Info, words, model.now),
        None => model.timeline = Some(Box::new(Timeline::new(row.id, row.endpoint.clone(), row.arn.clone()))),
    }
}

/// Handles a key of the timeline itself.
pub(in crate::app) fn act(model: &mut Model, action: Action) {
    let height = usize::from(model.geometry().timeline_areas().0.height.saturating_sub(2));
    let Some(timeline) = &mut model.timeline else { return };
    let in_text = timeline.attention == Attention::Text;
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
        return;
    }
    match action {
        Action::Cancel if in_text => timeline.attention = Attention::Steps,
        Action::Cancel => model.timeline = None,
        Action::Open if timeline.document().is_some() => timeline.attention = Attention::Text,
        Action::NextText | Action::NextPane | Action::PreviousPane => timeline.next_text(),
        Action::FoldStep => timeline.toggle_fold(),
        Action::FoldAll if !in_text => timeline.fold_all(true),
        Action::UnfoldAll if !in_text => timeline.fold_all(false),
        Action::NextFailure | Action::PreviousFailure => {
            if !timeline.go_to_failure(action == Action::NextFailure) {
                model.notices.say(Level::Info, "No step has failed.", model.now);
            }
        }
        action => reader::search::act(model, action),
    }
}

/// A page has come.
pub(in crate::app) fn page(model: &mut Model, number: u64, page: Result<Box<Paged<HistoryEvent>>, Failure>) {
    if let Some(timeline) = &mut model.timeline {
        timeline.take(number, page.map(|page| *page), model.now);
    }
}

/// What the timeline wants to be read now. Nobody asks while nobody looks.
pub(in crate::app) fn wanted(model: &mut Model) -> Option<Effect> {
    let runs = model.timeline.as_ref().and_then(|timeline| model.executions.get(timeline.of));
    let runs = runs.is_some_and(|row| row.group() == Group::Running);
    let timeline = model.timeline.as_mut()?;
    timeline.open();
    if !model.has_focus {
        return None;
    }
    let query = timeline.query(model.requests + 1, model.now, runs)?;
    model.requests += 1;
    Some(Effect::ReadHistory(model.requests, timeline.endpoint.clone(), query))
}
