//! The transition function: one message in, effects out. The only code that changes a [`Model`].

mod completing;
mod mouse;
mod panes;
mod routing;
mod typing;
mod waiting;

use ratatui::layout::Size;

use crate::app::effect::Effect;
use crate::app::model::Model;
use crate::app::msg::Msg;
use crate::app::shell::overlay::Overlay;
use crate::app::shell::pane::Pane;
use crate::app::start::form::Field;
use crate::app::{batch, control, copy, list, reader, shell, start, timeline};

/// Handles a message and returns the effects to run.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    if matches!(msg, Msg::Key(_) | Msg::Typed(_) | Msg::Paste(_) | Msg::Mouse(..)) {
        model.shell.on_input();
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

/// Handles a message that is a single event, and updates what depends on the changed state.
fn step(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let selected = model.selected().map(|row| row.id);
    let updated = match &msg {
        Msg::StatusReceived(answer) => Some(answer.id),
        Msg::PayloadsRead(id, _) => Some(*id),
        _ => None,
    };
    let had_focus = model.shell.has_terminal_focus();
    match msg {
        Msg::Focused(is_focused) => model.shell.set_terminal_focus(is_focused),
        // Not every terminal reports that it has regained focus.
        Msg::Key(_) | Msg::Typed(_) | Msg::Paste(_) | Msg::Mouse(..) => model.shell.set_terminal_focus(true),
        _ => {}
    }
    let mut effects = match waiting::admit(model, msg) {
        Some(msg) => receive(model, msg),
        None => Vec::new(),
    };
    model.list.executions_mut().remove_overdue();
    effects.extend(list::stored::due_reads(model));
    list::memory::release(model);
    let now_selected = model.selected().map(|row| row.id);
    if selected != now_selected {
        if let Some(id) = selected {
            list::stored::retry_later(model, id);
            effects.extend(list::everyone::stop_describing(model, id));
        }
        effects.extend(now_selected.map(|id| list::changes::take_over(model, id)).into_iter().flatten());
        effects.push(Effect::Select(now_selected));
    }
    if model.shell.has_terminal_focus() != had_focus {
        effects.push(Effect::Focus(!had_focus));
    }
    effects.extend(list::everyone::due_listing(model));
    model.list.refresh_groups_if_stale(model.shell.now());
    effects.extend(model.list.set_visible_running(model.visible_running()).map(Effect::Show));
    if updated.is_some_and(|id| model.reader.compares(id)) {
        reader::compare::refresh(model);
    }
    let may_differ = updated.is_some() && updated == now_selected;
    model.reader.payloads_mut().open(model.list.executions().selected(), may_differ);
    // The widths do not depend on the rows, but the heights do.
    let widths = model.geometry();
    let cells = |pane| widths.text_size(pane).0;
    model.reader.payloads_mut().measure((cells(Pane::Input), cells(Pane::Output)));
    let geometry = model.geometry();
    if let Overlay::Start(form) = model.shell.overlay_mut() {
        form.fit(geometry.overlay());
    }
    model.reader.payloads_mut().fit(geometry.text_size(Pane::Input), geometry.text_size(Pane::Output));
    if let Some(definition) = model.reader.definition_mut() {
        let (cells, height) = geometry.text_size_in(geometry.overlay());
        definition.document_mut().fit(cells, height);
    }
    effects.extend(timeline::update::due_request(model));
    if let Some(timeline) = &mut model.timeline {
        let (steps, text) = geometry.timeline_areas();
        let (cells, height) = geometry.text_size_in(text.unwrap_or(steps));
        timeline.fit(cells, height);
    }
    effects.extend(batch::update::due_read(model));
    effects.extend(reader::search::due_filters(model));
    shell::notice_cause::settle(model);
    for msg in waiting::due(model) {
        effects.extend(update(model, msg));
    }
    effects
}

/// Passes a message to the feature that handles it.
fn receive(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Clock(now) => model.shell.set_time(now).map(Effect::Notify).into_iter().collect(),
        Msg::Key(key) => routing::press(model, key),
        Msg::Typed(text) => {
            typing::change_field(model, |editor| editor.insert(&text));
            Vec::new()
        }
        Msg::Paste(text) => paste(model, &text),
        Msg::Mouse(click, x, y) => mouse::clicked(model, click, x, y),
        Msg::Resized(width, height) => {
            model.shell.resize(Size::new(width, height));
            Vec::new()
        }
        Msg::Focused(_) => Vec::new(),
        Msg::StoreLoaded(remembered) => list::stored::on_loaded(model, *remembered),
        Msg::Pruned(before, totals) => {
            list::stored::on_pruned(model, before, totals);
            Vec::new()
        }
        Msg::ExecutionsFound(text, found) => list::open::on_found(model, &text, found),
        Msg::Listed(endpoint, listed) => list::everyone::on_listed(model, &endpoint, listed),
        Msg::StoreChanged(changes) => list::changes::on_changed(model, *changes),
        Msg::PageRead(result) => {
            list::stored::on_page(model, result);
            Vec::new()
        }
        Msg::PayloadsRead(id, result) => {
            list::stored::on_payloads(model, id, result);
            list::everyone::describe_if_unknown(model, id)
        }
        Msg::InputsRead(inputs) => {
            start::input_choice::on_inputs_read(model, inputs);
            Vec::new()
        }
        Msg::StoreHealth(store_error) => {
            list::stored::on_store_health(model, store_error);
            Vec::new()
        }
        Msg::StartFinished(id, record, settled) => start::update::on_finished(model, id, record, settled),
        Msg::LinesRead(path, result) => {
            batch::update::on_lines_read(model, &path, result);
            Vec::new()
        }
        Msg::BatchRecorded(result) => batch::update::on_recorded(model, result),
        Msg::BatchLinesRead(query, result) => {
            batch::update::on_batch_lines(model, query, result);
            Vec::new()
        }
        Msg::BatchLineFinished(order, record, settled) => {
            batch::update::on_line_finished(model, *order, record, settled)
        }
        Msg::BatchStopped(why) => batch::update::on_stopped(model, why),
        Msg::BatchLockedOut(why) => {
            batch::update::on_locked_out(model, why);
            Vec::new()
        }
        Msg::CredentialCommand(endpoint, program) => {
            model.shell.endpoints_mut().set_credential_command(endpoint, program);
            Vec::new()
        }
        Msg::StatusRequested(endpoint, at) => {
            model.shell.endpoints_mut().stats_mut().count_request(&endpoint, at);
            Vec::new()
        }
        Msg::StatusReceived(answer) => list::responses::on_status(model, *answer),
        Msg::DefinitionRead(number, answer) => {
            model.reader.on_definition_read(number, answer);
            Vec::new()
        }
        Msg::MachinesListed(endpoint, result) => start::pick::on_listed(model, endpoint, result),
        Msg::HistoryRead(number, page) => {
            timeline::update::on_page(model, number, page);
            Vec::new()
        }
        Msg::DurationsChanged(endpoint, machine, durations) => {
            model.list.set_durations(endpoint, machine, *durations);
            Vec::new()
        }
        Msg::Filtered(id, result) => {
            reader::search::on_filtered(model, id, &result);
            Vec::new()
        }
        Msg::Controlled(id, result) => control::update::on_controlled(model, id, result),
        Msg::Copied(result) => {
            copy::update::on_copied(model, result);
            Vec::new()
        }
        Msg::UrlOpened(url, result) => copy::pages::on_opened(model, url, result),
        Msg::Saved(result) => {
            copy::update::on_saved(model, result);
            Vec::new()
        }
        Msg::FolderRead(number, result) => {
            completing::on_folder_read(model, number, result);
            Vec::new()
        }
        Msg::Edited(result) => start::edit::on_edited(model, result),
    }
}

fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    let is_help_open = model.shell.help().is_some();
    // A pasted text of several lines is almost certainly an input: a name has one line.
    if let Overlay::Start(form) = model.shell.overlay_mut()
        && text.trim().contains('\n')
        && !is_help_open
    {
        form.field = Field::Input;
    }
    typing::change_field(model, |editor| editor.insert(text));
    Vec::new()
}
