//! Checks the route `logs`, which reads the log group of EXPRESS machines.

use crate::doctor::context::Context;
use crate::doctor::{Check, Finding};
use stepgate_core::domain::{FailureKind, LogQuery, MachineType, Route};

/// Reports whether the route works. Nothing is in the log from now on, so nothing is read.
pub(super) async fn check(context: Context<'_>, report: &mut dyn FnMut(Finding)) {
    let target = context.target;
    let Some(settings) = target.endpoint.route(Route::Logs) else { return };
    let express = target.machines.iter().find(|machine| machine.machine_type == MachineType::Express);
    let Some(machine) = express.or(target.machines.first()) else {
        let message = "no machine to check with: add one to the configuration";
        return report(Finding::skipped(Check::Route, &*settings.path, message));
    };
    let query = LogQuery {
        machine: machine.arn.unqualified(),
        execution: None,
        since: (target.clock)(),
        until: None,
        token: None,
    };
    target.wait_for_log_turn().await;
    report(match context.client.logs(&query).await {
        Ok(_) => {
            let message = "FilterLogEvents returns events: route, integration and role are correct";
            Finding::passed(Check::Route, &*settings.path, message)
        }
        // Only EXPRESS machines need one.
        Err(failure) if failure.kind == FailureKind::NoLogGroup && express.is_none() => {
            let message =
                "FilterLogEvents works, but no EXPRESS machine is in the configuration to check its log group";
            Finding::skipped(Check::Route, &*settings.path, message)
        }
        Err(failure) => {
            let named = match failure.kind {
                FailureKind::NoLogGroup => ("no-log-group", failure.advice().to_owned()),
                _ => context.diagnose_result(&failure, Route::Logs),
            };
            Finding::failed(Check::Route, &*settings.path, &failure, named)
        }
    });
}
