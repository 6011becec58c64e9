//! The permission to start, stop or redrive at an endpoint with `confirm = "name"`: its name, from `--yes-to` or typed at a
//! prompt. Without a terminal to ask on, only `--yes-to` grants it.

use clap::Args;
use clap_complete::engine::ArgValueCompleter;

use crate::app::copy::word;
use crate::app::shell::setup::option;
use crate::cli::Exit;
use crate::cli::complete::candidates;
use crate::cli::report::confirm::ask;
use crate::cli::report::console::is_interactive;
use crate::cli::report::refusal::refuse;
use stepgate_core::domain::{Endpoint, Guard, Permit};
use stepgate_core::task;

/// The option of commands that start, stop or redrive.
#[derive(Debug, Args)]
pub(in crate::cli) struct YesTo {
    /// Confirm the endpoint by its name, which `confirm = "name"` in its configuration requires. Without this option, a
    /// prompt on the terminal asks for the name.
    #[arg(long, value_name = "NAME", add = ArgValueCompleter::new(candidates::configured_endpoints))]
    yes_to: Option<String>,
}

/// Returns the permission, or reports why nothing is sent.
pub(in crate::cli) async fn permit(
    endpoint: &Endpoint,
    yes_to: &YesTo,
    verb: &'static str,
) -> anyhow::Result<Result<Permit, Exit>> {
    let (guard, name) = (Guard::of([endpoint]), endpoint.name.as_str());
    let required = || {
        let words: Vec<String> = option("--yes-to", name).iter().map(|text| word(text)).collect();
        words.join(" ")
    };
    let message = match &yes_to.yes_to {
        // Also without a guard: the user means another endpoint.
        Some(other) if other != name => {
            format!("--yes-to names `{other}`, but the endpoint is `{name}`: use {}", required())
        }
        Some(typed) => {
            if let Some(permit) = guard.permit(typed) {
                return Ok(Ok(permit));
            }
            format!("the endpoint `{name}` is not confirmed")
        }
        None => {
            if let Some(permit) = guard.permit("") {
                return Ok(Ok(permit));
            }
            if is_interactive() {
                let question = format!("Type {} to {verb} there: ", guard.text());
                // Waiting for the user must not delay a timeout.
                let typed = task::run_blocking(move || ask(&question)).await??;
                if let Some(permit) = guard.permit(&typed) {
                    return Ok(Ok(permit));
                }
                format!("that is not the name of the endpoint, `{name}`")
            } else {
                format!("the endpoint `{name}` sets confirm = \"name\": add {}", required())
            }
        }
    };
    Ok(Err(refuse(&message)))
}
