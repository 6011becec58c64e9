//! `stepgate machines`: lists the machines in the configuration.

use clap::Args;
use serde_json::{Map, Value};

use crate::cli::context::{LocalGateway, load_or_report};
use crate::cli::report::columns::{Column, cell};
use crate::cli::report::console::{Pipe, say};
use crate::cli::report::execution::Output;
use crate::cli::report::table::{Table, TableArguments};
use crate::cli::{Common, Exit};
use crate::output::Text;
use stepgate_core::domain::{Machine, MachineType, Preset};

const COLUMNS: [Column; 5] = [
    Column::name("NAME"),
    Column::name("ENDPOINT"),
    Column::short("TYPE"),
    Column::name("PRESETS"),
    Column::name("ARN"),
];

/// List the machines in the configuration.
///
/// Sends no requests.
#[derive(Debug, Args)]
pub(in crate::cli) struct MachinesArguments {
    #[command(flatten)]
    table: TableArguments,
}

/// Prints the machines in the order of the configuration.
pub(in crate::cli) async fn run(arguments: MachinesArguments, common: &Common) -> anyhow::Result<Exit> {
    let Some(context) = load_or_report(common, LocalGateway::OnRequest).await? else { return Ok(Exit::Usage) };
    let mut table = Table::new(&COLUMNS, arguments.table, common);
    let machines = &context.settings.machines;
    if machines.is_empty() {
        say("no machines found");
    }
    for machine in machines {
        table.widen(&row(machine));
    }
    for machine in machines {
        let pipe = match common.output {
            Output::Text => table.print(row(machine))?,
            Output::Json => table.console.result(object(machine))?,
        };
        if pipe == Pipe::Closed {
            break;
        }
    }
    Ok(Exit::Done)
}

fn row(machine: &Machine) -> Vec<Text> {
    let presets: Vec<&str> = machine.presets.iter().map(|preset| &*preset.name).collect();
    vec![
        cell(&machine.name),
        cell(machine.endpoint.as_str()),
        cell(word(machine.machine_type).unwrap_or_default()),
        cell(&presets.join(", ")),
        machine.arn.as_str().into(),
    ]
}

/// Returns the word of the AWS API; `None` if the type is not configured.
fn word(machine_type: MachineType) -> Option<&'static str> {
    match machine_type {
        MachineType::Unknown => None,
        MachineType::Standard => Some("STANDARD"),
        MachineType::Express => Some("EXPRESS"),
    }
}

fn object(machine: &Machine) -> String {
    let mut members = Map::new();
    members.insert("name".into(), (&*machine.name).into());
    members.insert("endpoint".into(), machine.endpoint.as_str().into());
    members.insert("stateMachineArn".into(), machine.arn.as_str().into());
    members.extend(word(machine.machine_type).map(|word| ("type".to_owned(), word.into())));
    members.insert("input".into(), machine.input.as_str().into());
    let preset = |preset: &Preset| Value::from(&*preset.name);
    members.insert("presets".into(), machine.presets.iter().map(preset).collect());
    Value::Object(members).to_string()
}
