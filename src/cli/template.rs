//! `stepgate template`: the CloudFormation template of a gateway, and what of a configuration it would deploy.

use clap::Args;
use serde_json::json;

use crate::cli::console::{Console, Reader, print, say};
use crate::cli::opened::{Gate, open_or_say};
use crate::cli::report::Output;
use crate::cli::{Common, Exit};
use crate::domain::Route;

/// The template, byte for byte.
const TEMPLATE: &str = include_str!("../../infra/gateway.yaml");

/// Print the CloudFormation template of a gateway.
///
/// The template is for the AWS CLI: it makes a REST API with the routes that stepgate uses, and a role that may
/// do their actions on your state machines and nothing else.
#[derive(Debug, Args)]
pub(super) struct TemplateArguments {
    /// Tell instead which routes the configuration uses, and which of them the template would not deploy.
    #[arg(long)]
    check_config: bool,
}

/// Whether the template has a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deployed {
    Always,
    /// With this parameter.
    With(&'static str),
    /// Not under this path.
    Never,
}

/// The parameter that switches an optional route on.
fn parameter(route: Route) -> Option<&'static str> {
    match route {
        Route::Start | Route::Status => None,
        Route::Stop => Some("StopRoute=true"),
        Route::Redrive => Some("RedriveRoute=true"),
        Route::History => Some("HistoryRoute=true"),
        Route::List => Some("ListRoute=true"),
        Route::Definition => Some("DefinitionRoute=true"),
    }
}

fn deployed(route: Route, path: &str) -> Deployed {
    if path != route.usual_path() {
        return Deployed::Never;
    }
    parameter(route).map_or(Deployed::Always, Deployed::With)
}

/// Prints it, or checks.
pub(super) async fn run(arguments: TemplateArguments, common: &Common) -> anyhow::Result<Exit> {
    if arguments.check_config {
        return check(common).await;
    }
    print(TEMPLATE.as_bytes())?;
    Ok(Exit::Done)
}

async fn check(common: &Common) -> anyhow::Result<Exit> {
    let Some(opened) = open_or_say(common, Gate::Shut).await? else { return Ok(Exit::Usage) };
    let mut console = Console::plain(common);
    let mut missing = 0;
    let wanted = common.endpoint.as_deref();
    for endpoint in &opened.settings.endpoints {
        if wanted.is_some_and(|name| endpoint.name.as_str() != name) {
            continue;
        }
        for route in Route::ALL {
            let Some(path) = endpoint.route(route) else { continue };
            let found = deployed(route, path);
            missing += usize::from(found == Deployed::Never);
            let (name, action) = (endpoint.name.as_str(), route.action());
            let line = match common.output {
                Output::Text => {
                    let said = match found {
                        Deployed::Always => "deployed".to_owned(),
                        Deployed::With(parameter) => format!("deployed with {parameter}"),
                        Deployed::Never => format!("not deployed: the template has it as {}", route.usual_path()),
                    };
                    format!("{name}  {:<10} {path}  {action}: {said}", route.key())
                }
                Output::Json => json!({
                    "endpoint": name,
                    "route": route.key(),
                    "path": path,
                    "action": action,
                    "deployed": found != Deployed::Never,
                    "parameter": if let Deployed::With(parameter) = found { Some(parameter) } else { None },
                })
                .to_string(),
            };
            if console.result(line)? == Reader::Gone {
                return Ok(Exit::Done);
            }
        }
    }
    if missing == 0 {
        return Ok(Exit::Done);
    }
    say(&format!("{missing} of these the template would not deploy"));
    Ok(Exit::Usage)
}
