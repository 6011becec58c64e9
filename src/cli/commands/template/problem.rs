//! Problems that keep the machines of an endpoint from sharing one stack, and their solutions. Pure.

use crate::cli::commands::template::arn;
use crate::cli::commands::template::log_groups::LogGroups;
use crate::cli::commands::template::plan::{Plan, Stack, common_prefix};
use stepgate_core::domain::{Auth, Endpoint, StateMachineArn, counted};

/// A problem: a word for scripts, and a message.
pub(super) struct Problem {
    pub(super) word: &'static str,
    pub(super) message: String,
}

pub(super) fn machines(count: usize) -> String {
    counted(count, "machine")
}

pub(super) fn problems(endpoint: &Endpoint, plan: &Plan) -> Vec<Problem> {
    let found = [
        other_region(endpoint, plan),
        several_places(plan),
        too_many(plan),
        unnameable(plan),
        no_authorizer(endpoint, plan),
        log_groups_elsewhere(plan),
        log_groups_mismatch(plan),
    ];
    let problem = |(word, message)| Problem { word, message };
    found.into_iter().flatten().map(problem).collect()
}

type Found = Option<(&'static str, String)>;

fn names<'a>(machines: impl Iterator<Item = &'a StateMachineArn>) -> String {
    machines.map(StateMachineArn::name).collect::<Vec<_>>().join(", ")
}

fn other_region(endpoint: &Endpoint, plan: &Plan) -> Found {
    let region = endpoint.region.as_deref()?;
    let elsewhere = plan.stacks.iter().filter(|stack| stack.location().region != region);
    let names = names(elsewhere.flat_map(|stack| &stack.machines));
    let message = format!(
        "the gateway is in {region} and can never start these machines of other regions: {names}. Give them an endpoint \
         whose stack is in their region"
    );
    (!names.is_empty()).then_some(("other-region", message))
}

fn several_places(plan: &Plan) -> Found {
    let places = plan.locations().len();
    let message = format!(
        "the machines are in {places} regions or accounts, and a stack can only start those of its own. Deploy one stack \
         in each, and give each an endpoint"
    );
    (places > 1).then_some(("several-places", message))
}

fn too_many(plan: &Plan) -> Found {
    let too_many = plan.locations().into_iter().find_map(|location| {
        let stacks: Vec<&Stack> = plan.stacks.iter().filter(|stack| stack.location() == location).collect();
        (stacks.len() > 1).then_some((location, stacks))
    });
    let (location, stacks) = too_many?;
    let names: Vec<&str> = stacks.iter().flat_map(|stack| &stack.machines).map(StateMachineArn::name).collect();
    let prefix = common_prefix(names.iter().copied());
    let alike = if prefix.is_empty() { String::new() } else { format!(" (all of these begin with `{prefix}`)") };
    let message = format!(
        "{} in {} do not fit into one stack. Deploy {} stacks as shown, and give each an endpoint; or write one ARN with \
         * at its end for all machines with a common prefix{alike}, which includes every other machine with that \
         prefix. See docs/template.md",
        machines(names.len()),
        location.region,
        stacks.len()
    );
    Some(("too-many-machines", message))
}

fn unnameable(plan: &Plan) -> Found {
    let names = names(plan.unnameable.iter());
    let message = format!(
        "an IAM policy cannot name these machines, because its characters end at U+00FF: {names}. Write the ARN up to the \
         first such character followed by *, or rename them"
    );
    (!names.is_empty()).then_some(("unnameable-machine", message))
}

fn no_authorizer(endpoint: &Endpoint, plan: &Plan) -> Found {
    let is_bearer = matches!(endpoint.auth, Auth::Bearer(_)) && !plan.stacks.is_empty();
    let message =
        "the template has no authorizer for tokens. Deploy it with Auth=API_KEY or Auth=AWS_IAM, and change `auth`";
    is_bearer.then(|| ("no-authorizer", message.to_owned()))
}

fn log_groups_elsewhere(plan: &Plan) -> Found {
    let is_elsewhere = |stack: &Stack| {
        let location = stack.location();
        stack.log_groups.iter().any(|group| !arn::is_in(group, location.region, location.account))
    };
    let message = "a stack can only read log groups of its own region and account. Use log groups from there";
    plan.stacks.iter().any(is_elsewhere).then(|| ("other-log-groups", message.to_owned()))
}

fn log_groups_mismatch(plan: &Plan) -> Found {
    let LogGroups::Mismatched(groups) = plan.log_groups else { return None };
    let count: usize = plan.stacks.iter().map(|stack| stack.machines.len()).sum();
    let message = format!(
        "{groups} log groups do not match {}. Give one log group for all machines, or one for each in the order of the \
         configuration; for STANDARD machines, repeat any of them",
        machines(count)
    );
    Some(("log-groups", message))
}
