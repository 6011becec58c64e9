//! The order of the checks: each step only if the steps before it succeeded.

use crate::doctor::{Finding, Target, credentials, known_execution, network, routes, settings};

/// Runs all checks and reports each finding at once.
pub(crate) async fn examine(target: &Target<'_>, report: &mut dyn FnMut(Finding)) {
    let Some(client) = settings::check(target, report).await else { return };
    if network::check(target, report).await
        && credentials::check(target, &client, report).await
        && let Some(of_unknown) = routes::check(target, &client, report).await
    {
        known_execution::check(target, &client, of_unknown, report).await;
    }
}
