//! Pages of the AWS console for the selection.

use crate::app::copy::CopyItem;
use crate::app::effect::Effect;
use crate::app::list::row::Row;
use crate::app::model::Model;
use crate::app::shell::notice::Level;
use crate::app::shell::pane::Pane;
use stepgate_core::domain::{GatewayId, MachineType, StateMachineArn, console_url};

/// Returns the page of an execution, or why there is none.
pub(crate) fn execution_page(row: &Row) -> Result<String, &'static str> {
    refuse_local(&row.gateway)?;
    if row.start().is_some_and(|start| start.order.machine_type == MachineType::Express) {
        return Err("Its ARN is not known.");
    }
    console_url::execution_url(&row.arn, row.started).ok_or(NO_CONSOLE)
}

/// Returns the page of an X-Ray trace, or why there is none.
pub(super) fn trace_page(row: &Row) -> Result<String, &'static str> {
    refuse_local(&row.gateway)?;
    let members = row.seen().map(|seen| &seen.others);
    let header = members.and_then(|members| members.iter().find(|(name, _)| *name == "traceHeader"));
    // A member is JSON.
    let header = header.and_then(|(_, value)| serde_json::from_str::<String>(value).ok());
    let header = header.ok_or("No response has had a trace header.")?;
    console_url::trace_url(&row.arn, &header).ok_or("The trace header names no trace.")
}

/// Returns the page of a machine, or why there is none.
pub(super) fn machine_page(gateway: &GatewayId, arn: &StateMachineArn) -> Result<String, &'static str> {
    refuse_local(gateway)?;
    console_url::machine_url(arn).ok_or(NO_CONSOLE)
}

const NO_CONSOLE: &str = "The address of the AWS console in its partition is not known.";

/// Executions of the local gateway are not in AWS.
fn refuse_local(gateway: &GatewayId) -> Result<(), &'static str> {
    if gateway.as_str() == "local" { Err("The local gateway has no page in the AWS console.") } else { Ok(()) }
}

/// Opens the page of the selected execution, or of the selected machine in its pane.
pub(in crate::app) fn open(model: &mut Model) -> Vec<Effect> {
    match selected_page(model) {
        Ok(url) => vec![Effect::OpenUrl(url)],
        Err(message) => {
            model.shell.reply(Level::Info, message);
            Vec::new()
        }
    }
}

impl Model {
    /// Returns whether the selection has a page in the AWS console.
    pub(crate) fn has_console_page(&self) -> bool {
        selected_page(self).is_ok()
    }
}

fn selected_page(model: &Model) -> Result<String, &'static str> {
    if model.shell.focus() == Pane::Machines && !model.is_covered() {
        let machines = model.list.machines();
        let machine = machines.selected().and_then(|index| machines.get(index)).ok_or("No machine selected.")?;
        let gateway = model.shell.endpoints().gateway_of(&machine.endpoint).ok_or("Its endpoint is not known.")?;
        return machine_page(gateway, &machine.arn);
    }
    execution_page(model.selected().ok_or("No execution selected.")?)
}

/// Handles that a page was opened. If it could not be, copies its URL.
pub(in crate::app) fn on_opened(model: &mut Model, url: String, result: Result<(), String>) -> Vec<Effect> {
    let Err(why) = result else {
        model.shell.show(Level::Info, format!("Opened {url}"));
        return Vec::new();
    };
    model.shell.log(Level::Info, url.as_str());
    let reason = Some(format!("The page cannot be opened: {why}."));
    vec![Effect::Copy(CopyItem { what: "its URL", file_name: "console-url.txt".into(), text: url.into(), reason })]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_local_gateway_and_unknown_partitions_have_no_pages() {
        let arn = |partition: &str| {
            let text = format!("arn:{partition}:states:eu-west-1:111122223333:stateMachine:Order");
            StateMachineArn::parse(&text).expect("an ARN")
        };
        let dev = GatewayId::new("https://example.com/dev");
        assert!(machine_page(&dev, &arn("aws")).is_ok_and(|url| url.contains("eu-west-1.console.aws.amazon.com")));
        assert_eq!(machine_page(&dev, &arn("aws-new")), Err(NO_CONSOLE));
        let local = machine_page(&GatewayId::new("local"), &arn("aws"));
        assert_eq!(local, Err("The local gateway has no page in the AWS console."));
    }
}
