//! How the model changes: one message in, effects out. The only code that changes a [`Model`].

mod keys;
mod mouse;
mod panes;
mod typing;
mod waiting;

use ratatui::layout::Size;

use crate::app::effect::Effect;
use crate::app::model::Model;
use crate::app::msg::Msg;
use crate::app::shell::overlay::Overlay;
use crate::app::shell::pane::Pane;
use crate::app::start::form::Field;
use crate::app::{batch, control, copy, list, reader, start, timeline};

/// Takes a message and says what is to be done outside.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    if matches!(msg, Msg::Key(_) | Msg::Typed(_) | Msg::Paste(_) | Msg::Mouse(..)) {
        model.touched = model.now;
    }
    match msg {
        Msg::Typed(text) => {
            let (mut effects, mut rest) = (Vec::new(), text.as_str());
            while let Some((msg, bytes)) = typing::next(model, rest) {
                effects.extend(step(model, msg));
                rest = &rest[bytes..];
            }
            effects
        }
        msg => step(model, msg),
    }
}

/// Takes a message that is one fact.
fn step(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let selected = model.executions.selected().map(|row| row.id);
    let answered = match &msg {
        Msg::Answered(answer) => Some(answer.id),
        Msg::PayloadsRead(id, _) => Some(*id),
        _ => None,
    };
    let was_looked_at = model.has_focus;
    match msg {
        Msg::Focused(has_focus) => model.has_focus = has_focus,
        // Not every terminal tells after another program has had it.
        Msg::Key(_) | Msg::Typed(_) | Msg::Paste(_) | Msg::Mouse(..) => model.has_focus = true,
        _ => {}
    }
    let mut effects = match waiting::admit(model, msg) {
        Some(msg) => receive(model, msg),
        None => Vec::new(),
    };
    model.executions.leave();
    effects.extend(list::stored::wanted(model));
    list::memory::release(model);
    let now_selected = model.executions.selected().map(|row| row.id);
    if selected != now_selected {
        if let Some(id) = selected {
            list::stored::retry_later(model, id);
        }
        effects.push(Effect::Select(now_selected));
    }
    if model.has_focus != was_looked_at {
        effects.push(Effect::Focus(model.has_focus));
    }
    if let Some(groups) = &mut model.groups {
        groups.renew(&model.executions, model.now);
    }
    let in_sight = model.running_in_sight();
    if in_sight != model.in_sight {
        model.in_sight.clone_from(&in_sight);
        effects.push(Effect::Show(in_sight));
    }
    if answered.is_some_and(|id| model.comparison.as_ref().is_some_and(|comparison| comparison.is_of(id))) {
        reader::compare::renew(model);
    }
    let may_differ = answered.is_some() && answered == now_selected;
    model.payloads.open(model.executions.selected(), may_differ);
    let geometry = model.geometry();
    model.payloads.fit(geometry.text_size(Pane::Input), geometry.text_size(Pane::Output));
    if let Some(definition) = &mut model.definition {
        let area = geometry.overlay();
        definition.document.fit(usize::from(area.width.saturating_sub(4)), usize::from(area.height.saturating_sub(2)));
    }
    effects.extend(timeline::update::wanted(model));
    if let Some(timeline) = &mut model.timeline {
        let (steps, text) = geometry.timeline_areas();
        let area = text.unwrap_or(steps);
        timeline.fit(area.width, area.height);
    }
    effects.extend(reader::search::wanted(model));
    for msg in waiting::due(model) {
        effects.extend(update(model, msg));
    }
    effects
}

/// What a message means by itself.
fn receive(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Clock(now) => {
            model.now = now;
            model.endpoint_stats.forget(now);
            model.notices.expire(now);
            model.end_notifier.due(now).map(Effect::Notify).into_iter().collect()
        }
        Msg::Key(key) => keys::press(model, key),
        Msg::Typed(text) => {
            typing::change_field(model, |editor| editor.insert(&text));
            Vec::new()
        }
        Msg::Paste(text) => {
            paste(model, &text);
            Vec::new()
        }
        Msg::Mouse(click, x, y) => mouse::clicked(model, click, x, y),
        Msg::Resized(width, height) => {
            model.size = Size::new(width, height);
            Vec::new()
        }
        Msg::Focused(_) => Vec::new(),
        Msg::Remembered(remembered) => list::stored::remembered(model, *remembered),
        Msg::Pruned(before, totals) => {
            list::stored::pruned(model, before, totals);
            Vec::new()
        }
        Msg::PageRead(result) => {
            list::stored::page(model, result);
            Vec::new()
        }
        Msg::PayloadsRead(id, result) => {
            list::stored::payloads(model, id, result);
            Vec::new()
        }
        Msg::InputsRead(inputs) => {
            start::earlier::read(model, inputs);
            Vec::new()
        }
        Msg::StoreHealth(not_kept) => {
            list::stored::health(model, not_kept, model.now);
            Vec::new()
        }
        Msg::StartAnswered(id, record, settled) => start::update::answered(model, id, record, settled),
        Msg::LinesRead(path, result) => {
            batch::update::lines(model, &path, result);
            Vec::new()
        }
        Msg::BatchBegun(result) => batch::update::begun(model, result),
        Msg::BatchAnswered(order, record, settled) => batch::update::answered(model, *order, record, settled),
        Msg::BatchOver(why) => {
            batch::update::over(model, why);
            Vec::new()
        }
        Msg::BatchWaits(why) => {
            batch::update::waits(model, why);
            Vec::new()
        }
        Msg::CommandRuns(endpoint, program) => {
            model.commands.retain(|(other, _)| *other != endpoint);
            model.commands.extend(program.map(|program| (endpoint, program)));
            Vec::new()
        }
        Msg::Asked(endpoint, at) => {
            model.endpoint_stats.sent(&endpoint, at);
            Vec::new()
        }
        Msg::Answered(answer) => list::responses::status(model, *answer),
        Msg::DefinitionRead(number, answer) => {
            if let Some(definition) = &mut model.definition {
                definition.take(number, answer);
            }
            Vec::new()
        }
        Msg::HistoryRead(number, page) => {
            timeline::update::page(model, number, page);
            Vec::new()
        }
        Msg::Learned(endpoint, machine, durations) => {
            model.expected_durations.learned(endpoint, machine, *durations);
            Vec::new()
        }
        Msg::Filtered(id, result) => {
            reader::search::filtered(model, id, &result);
            Vec::new()
        }
        Msg::Controlled(id, result) => control::update::controlled(model, id, result),
        Msg::Copied(result) => {
            copy::update::copied(model, result);
            Vec::new()
        }
        Msg::Saved(result) => {
            copy::update::saved(model, result);
            Vec::new()
        }
        Msg::Edited(result) => start::edit::edited(model, result),
    }
}

fn paste(model: &mut Model, text: &str) {
    // What is pasted without looking is nearly always an input, and a name has one line.
    if let Overlay::Start(form) = &mut model.overlay
        && text.trim().contains('\n')
    {
        form.field = Field::Input;
    }
    typing::change_field(model, |editor| editor.paste(text));
}
