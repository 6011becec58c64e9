//! The timeline: opening and leaving it, its keys, and the pages of the history that it is made of.

use crate::app::action::Action;
use crate::app::model::Model;
use crate::app::msg::Effect;
use crate::app::notice::Level;
use crate::app::pane::Step;
use crate::app::row::Group;
use crate::app::timeline::{Attention, Timeline, WITH_TIMELINE};
use crate::app::update::{browse, reading};
use crate::domain::{Failure, HistoryEvent, Paged, Route};

/// Opens the timeline of the selected execution.
pub(super) fn open(model: &mut Model) {
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
            route.usual_path()
        ))
    } else {
        None
    };
    match words {
        Some(words) => model.notices.say(Level::Info, words, model.now),
        None => model.timeline = Some(Box::new(Timeline::new(row.id, row.endpoint.clone(), row.arn.clone()))),
    }
}

/// A key.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let height = usize::from(model.geometry().timeline_areas().0.height.saturating_sub(2));
    let Some(timeline) = &mut model.timeline else { return Vec::new() };
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
        return Vec::new();
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
        action if WITH_TIMELINE.contains(&action) => return browse::act(model, action),
        action => reading::act(model, action),
    }
    Vec::new()
}

/// A page has come.
pub(super) fn page(model: &mut Model, number: u64, page: Result<Box<Paged<HistoryEvent>>, Failure>) {
    if let Some(timeline) = &mut model.timeline {
        timeline.take(number, page.map(|page| *page), model.now);
    }
}

/// What the timeline wants to be read now. Nobody asks while nobody looks.
pub(super) fn wanted(model: &mut Model) -> Option<Effect> {
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
