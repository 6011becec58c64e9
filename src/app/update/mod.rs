//! How the model changes: one message in, effects out. The only code that changes a [`Model`].

mod answers;
mod batch;
mod browse;
mod compare;
mod copying;
mod deferred;
mod form;
mod history;
mod inputs;
mod memory;
mod mouse;
mod pages;
mod palette;
mod pick;
mod reading;
mod starts;
mod steer;
mod timeline;
mod typing;

use ratatui::layout::Size;

use crate::app::action::{Action, Context};
use crate::app::form::Field;
use crate::app::key::Key;
use crate::app::model::Model;
use crate::app::msg::{Effect, Msg};
use crate::app::overlay::Overlay;
use crate::app::pane::Pane;

/// Takes a message and says what is to be done outside.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    if matches!(msg, Msg::Key(_) | Msg::Typed(_) | Msg::Paste(_) | Msg::Mouse(..)) {
        model.touched = model.now;
    }
    match msg {
        Msg::Typed(text) => typing::typed(model, &text),
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
    let mut effects = match deferred::admit(model, msg) {
        Some(msg) => receive(model, msg),
        None => Vec::new(),
    };
    model.executions.leave();
    effects.extend(history::wanted(model));
    memory::release(model);
    let now_selected = model.executions.selected().map(|row| row.id);
    if selected != now_selected {
        if let Some(id) = selected {
            history::retry_later(model, id);
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
        compare::renew(model);
    }
    let may_differ = answered.is_some() && answered == now_selected;
    model.payloads.open(model.executions.selected(), may_differ);
    let geometry = model.geometry();
    model.payloads.fit(geometry.text_size(Pane::Input), geometry.text_size(Pane::Output));
    if let Some(definition) = &mut model.definition {
        let area = geometry.overlay();
        definition.document.fit(usize::from(area.width.saturating_sub(4)), usize::from(area.height.saturating_sub(2)));
    }
    effects.extend(timeline::wanted(model));
    if let Some(timeline) = &mut model.timeline {
        let (steps, text) = geometry.timeline_areas();
        let area = text.unwrap_or(steps);
        timeline.fit(area.width, area.height);
    }
    effects.extend(reading::wanted(model));
    effects.extend(deferred::resume(model));
    effects
}

/// What a message means by itself.
fn receive(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Clock(now) => {
            model.now = now;
            model.traffic.forget(now);
            model.notices.expire(now);
            model.ends.due(now).into_iter().collect()
        }
        Msg::Key(key) => press(model, key),
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
        Msg::Remembered(remembered) => history::remembered(model, *remembered),
        Msg::Pruned(before, totals) => {
            history::pruned(model, before, totals);
            Vec::new()
        }
        Msg::PageRead(result) => {
            history::page(model, result);
            Vec::new()
        }
        Msg::PayloadsRead(id, result) => {
            history::payloads(model, id, result);
            Vec::new()
        }
        Msg::InputsRead(inputs) => {
            inputs::read(model, inputs);
            Vec::new()
        }
        Msg::Kept(not_kept) => {
            history::health(model, not_kept, model.now);
            Vec::new()
        }
        Msg::StartAnswered(id, record, settled) => starts::answered(model, id, record, settled),
        Msg::LinesRead(path, result) => {
            batch::lines(model, &path, result);
            Vec::new()
        }
        Msg::BatchBegun(result) => batch::begun(model, result),
        Msg::BatchAnswered(order, record, settled) => batch::answered(model, *order, record, settled),
        Msg::BatchOver(why) => {
            batch::over(model, why);
            Vec::new()
        }
        Msg::BatchWaits(why) => {
            batch::waits(model, why);
            Vec::new()
        }
        Msg::CommandRuns(endpoint, program) => {
            model.commands.retain(|(other, _)| *other != endpoint);
            model.commands.extend(program.map(|program| (endpoint, program)));
            Vec::new()
        }
        Msg::Asked(endpoint, at) => {
            model.traffic.sent(&endpoint, at);
            Vec::new()
        }
        Msg::Answered(answer) => answers::status(model, *answer),
        Msg::DefinitionRead(number, answer) => {
            if let Some(definition) = &mut model.definition {
                definition.take(number, answer);
            }
            Vec::new()
        }
        Msg::HistoryRead(number, page) => {
            timeline::page(model, number, page);
            Vec::new()
        }
        Msg::Learned(endpoint, machine, durations) => {
            model.usual.learned(endpoint, machine, *durations);
            Vec::new()
        }
        Msg::Filtered(id, result) => {
            reading::filtered(model, id, &result);
            Vec::new()
        }
        Msg::Steered(id, result) => steer::steered(model, id, result),
        Msg::Copied(result) => {
            copying::copied(model, result);
            Vec::new()
        }
        Msg::Saved(result) => {
            copying::saved(model, result);
            Vec::new()
        }
        Msg::Edited(result) => form::edited(model, result),
    }
}

fn press(model: &mut Model, key: Key) -> Vec<Effect> {
    let contexts = model.contexts();
    let action = model.keymap.action(&contexts, key);
    match action {
        Some(Action::QuitAtOnce) => return vec![Effect::Quit],
        Some(Action::Redraw) => return vec![Effect::Redraw],
        Some(Action::Suspend) => return vec![Effect::Suspend],
        _ if deferred::defer(model, key, action) => return Vec::new(),
        _ => {}
    }
    match contexts[0] {
        _ if model.timeline.is_some() && model.definition.is_none() && model.overlay.context().is_none() => {
            action.map(|action| timeline::act(model, action)).unwrap_or_default()
        }
        Context::Browse | Context::List | Context::Text | Context::Timeline => {
            action.map(|action| browse::act(model, action)).unwrap_or_default()
        }
        Context::Pick if matches!(model.overlay, Overlay::Inputs(_)) => {
            inputs::press(model, key, action);
            Vec::new()
        }
        Context::Pick if matches!(model.overlay, Overlay::Palette(_)) => palette::press(model, key, action),
        Context::Pick => pick::press(model, key, action),
        Context::Form => form::press(model, key, action),
        Context::Filter => {
            pages::type_filter(model, key, action);
            Vec::new()
        }
        Context::Prompt => {
            reading::press(model, key, action);
            Vec::new()
        }
        Context::File if matches!(model.overlay, Overlay::Save(_)) => copying::press_save(model, key, action),
        Context::File => batch::press_file(model, key, action),
        Context::Copy => copying::press(model, action),
        Context::Steer => steer::press(model, key, action),
        Context::Batch => batch::press(model, action).unwrap_or_else(|| pages::press(model, action)),
        Context::Page | Context::Faults => pages::press(model, action),
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
