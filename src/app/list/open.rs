//! Adding an execution to the list by its ARN or name.

use crate::app::effect::Effect;
use crate::app::keys::action::Action;
use crate::app::keys::key::Key;
use crate::app::list::forms::OpenForm;
use crate::app::list::row::{Group, Row};
use crate::app::list::stored;
use crate::app::model::Model;
use crate::app::shell::overlay::Overlay;
use crate::app::shell::pane::Pane;
use crate::app::start;
use stepgate_core::domain::{EndpointName, ExecutionArn, ExecutionId, ExecutionName, ExecutionRecord, Machine};

/// What was typed: an ARN or a name, and possibly an endpoint.
struct Typed {
    text: String,
    endpoint: Option<EndpointName>,
}

impl Typed {
    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let text = words.next()?.to_owned();
        Some(Self { text, endpoint: words.next().map(EndpointName::new) })
    }
}

/// Opens the prompt.
pub(in crate::app) fn open(model: &mut Model) {
    model.shell.open(Overlay::Open(Box::new(OpenForm::new(""))));
}

/// Opens the execution with this ARN or name. The prompt stays open while the history is searched, and if that fails.
pub(in crate::app) fn open_typed(model: &mut Model, text: &str) -> Vec<Effect> {
    model.shell.open(Overlay::Open(Box::new(OpenForm::new(text))));
    submit(model)
}

/// Handles a key in the prompt.
pub(in crate::app) fn press(model: &mut Model, key: Key, action: Option<Action>) -> Vec<Effect> {
    let Overlay::Open(form) = model.shell.overlay_mut() else { return Vec::new() };
    match action {
        Some(Action::Cancel) => model.shell.close_overlay(),
        Some(Action::Accept) => return submit(model),
        _ => {
            form.error = None;
            form.editor.press(key);
        }
    }
    Vec::new()
}

/// Opens what was typed: a row, or else an execution in the store.
fn submit(model: &mut Model) -> Vec<Effect> {
    let Overlay::Open(form) = model.shell.overlay_mut() else { return Vec::new() };
    let Some(typed) = Typed::parse(form.editor.text()) else {
        form.error = Some("Type the ARN or the name of an execution.".to_owned());
        return Vec::new();
    };
    form.error = None;
    form.is_searching = true;
    match find_row(model, &typed) {
        Some(id) => {
            let adopted = adopt(model, id);
            show(model, id);
            adopted
        }
        None if model.list.store_error().is_none() => vec![Effect::FindExecution(typed.text)],
        None => on_found(model, &typed.text, Ok(Vec::new())),
    }
}

/// Returns the only row with this ARN or name.
fn find_row(model: &Model, typed: &Typed) -> Option<ExecutionId> {
    let matches = |row: &&Row| {
        (row.arn.as_str() == typed.text || row.arn.name() == typed.text)
            && typed.endpoint.as_ref().is_none_or(|endpoint| row.endpoint == *endpoint)
    };
    let mut found = model.list.executions().rows().filter(matches);
    found.next().filter(|_| found.next().is_none()).map(|row| row.id)
}

/// Handles the executions in the store with the ARN or name that was typed.
pub(in crate::app) fn on_found(
    model: &mut Model,
    text: &str,
    found: Result<Vec<ExecutionRecord>, String>,
) -> Vec<Effect> {
    let Overlay::Open(form) = model.shell.overlay_mut() else { return Vec::new() };
    let Some(typed) = Typed::parse(form.editor.text()).filter(|typed| form.is_searching && typed.text == text) else {
        return Vec::new();
    };
    form.is_searching = false;
    let record = match found {
        Ok(found) => choose(model, &typed, found),
        Err(message) => Err(format!("The history cannot be searched: {message}")),
    };
    match record {
        Ok(record) => add(model, record),
        Err(message) => {
            if let Overlay::Open(form) = model.shell.overlay_mut() {
                form.error = Some(message);
            }
            Vec::new()
        }
    }
}

fn choose(model: &Model, typed: &Typed, mut found: Vec<ExecutionRecord>) -> Result<ExecutionRecord, String> {
    let endpoints = model.shell.endpoints();
    if let Some(endpoint) = &typed.endpoint {
        let gateway = endpoints.gateway_of(endpoint);
        let gateway = gateway.ok_or_else(|| format!("The configuration has no endpoint `{endpoint}`."))?;
        found.retain(|record| record.gateway == *gateway);
    }
    match (found.pop(), found.is_empty()) {
        (Some(record), true) => return Ok(record),
        (Some(_), false) => {
            return Err(format!(
                "Several executions are named `{}`. Type the ARN and the endpoint's name.",
                typed.text
            ));
        }
        (None, _) => {}
    }
    let arn = if typed.text.starts_with("arn:") {
        ExecutionArn::parse_given(&typed.text).map_err(|error| format!("{error}."))?
    } else {
        let name = ExecutionName::chosen(&typed.text)
            .map_err(|error| format!("`{}` is neither an ARN nor a name: {error}.", typed.text))?;
        match model.list.machines().list() {
            [machine] => machine.arn.execution(&name),
            _ => return Err(format!("No execution named `{}` in the store. Type its ARN.", typed.text)),
        }
    };
    let machine_arn = arn.machine();
    let is_of = |machine: &&Machine| machine.arn.unqualified() == machine_arn;
    let machines: Vec<&Machine> = model.list.machines().list().iter().filter(is_of).collect();
    let mut names: Vec<&EndpointName> = machines.iter().map(|machine| &machine.endpoint).collect();
    names.dedup();
    let listed = |names: &[&EndpointName]| names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
    // The shown endpoint decides between several.
    let shown = endpoints.selected().filter(|shown| names.is_empty() || names.contains(shown));
    let endpoint = match (typed.endpoint.as_ref().or(shown), &names[..], endpoints.list()) {
        (Some(endpoint), ..) => endpoint,
        (None, [only], _) => *only,
        (None, [], [only]) => &only.name,
        (None, [], all) => {
            let all: Vec<&EndpointName> = all.iter().map(|endpoint| &endpoint.name).collect();
            return Err(format!(
                "No machine in the configuration has this state machine. Add the endpoint's name after the ARN: {}.",
                listed(&all)
            ));
        }
        (None, several, _) => {
            return Err(format!("Add the endpoint's name after the ARN: {}.", listed(several)));
        }
    };
    let gateway = endpoints.gateway_of(endpoint).ok_or("The configuration has no endpoint.")?;
    let machine = machines.iter().find(|machine| machine.endpoint == *endpoint);
    let machine_name = machine.map_or_else(|| machine_arn.name().into(), |machine| machine.name.clone());
    Ok(ExecutionRecord::unanswered(gateway.clone(), endpoint.clone(), machine_name, arn, model.shell.now()))
}

/// Adds the execution, selects it and watches it unless it has ended.
pub(in crate::app) fn add(model: &mut Model, record: ExecutionRecord) -> Vec<Effect> {
    let record = ExecutionRecord { is_others: false, ..record };
    if let Some(id) = model.list.executions().find(&record.gateway, &record.arn).map(|row| row.id) {
        let adopted = adopt(model, id);
        show(model, id);
        return adopted;
    }
    let (_, row) = stored::row(model, record.clone());
    let id = model.list.executions_mut().add(row);
    show(model, id);
    let is_running = model.list.executions().get(id).is_some_and(|row| row.group() == Group::Running);
    // It may have been removed before. The first response stores it.
    let mut effects = vec![Effect::Restore(record.gateway.clone(), record.arn.clone())];
    effects.extend(if is_running { start::update::start_watching(model, id) } else { Vec::new() });
    effects.push(Effect::CheckStore);
    effects
}

/// Makes an execution that others have started one that the user has named.
fn adopt(model: &mut Model, id: ExecutionId) -> Vec<Effect> {
    if !model.list.executions().get(id).is_some_and(|row| row.is_others) {
        return Vec::new();
    }
    model.list.executions_mut().change(id, |row| row.is_others = false);
    let record = model.list.executions().get(id).and_then(Row::record);
    record.map(|record| Effect::SaveRecord(Box::new(record))).into_iter().collect()
}

/// Selects a row, whatever hides it.
pub(in crate::app) fn show(model: &mut Model, id: ExecutionId) {
    model.shell.close_overlay();
    model.reader.close_definition();
    model.timeline = None;
    model.list.take_groups();
    model.list.executions_mut().select(Some(id));
    let is_hidden = model.selected().is_some_and(|row| !model.list.executions().is_in_scope(row));
    if is_hidden {
        model.show_endpoint(None);
        model.list.executions_mut().select(Some(id));
    }
    if model.list.executions().selected_place().is_none() {
        model.list.executions_mut().set_filter("");
        model.list.executions_mut().select(Some(id));
    }
    model.shell.set_focus(Pane::Executions);
}
