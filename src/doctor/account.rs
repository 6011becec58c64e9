//! Checks the route `machines`, which is about the whole account.

use crate::doctor::context::Context;
use crate::doctor::{Check, Finding};
use stepgate_core::domain::{ListedMachine, Machine, Route, counted};

/// The most machines to read. More are in few accounts.
const MOST: usize = 1_000;

/// Reports whether the route works, and whether it lists the machines of the configuration.
pub(super) async fn check(context: Context<'_>, report: &mut dyn FnMut(Finding)) {
    let Some(settings) = context.target.endpoint.route(Route::Machines) else { return };
    match context.client.first_machines(MOST).await {
        Ok((listed, has_more)) => {
            let found = findings(&settings.path, &context.target.machines, &listed, has_more);
            found.into_iter().for_each(report);
        }
        Err(failure) => {
            let diagnosis = context.diagnose_result(&failure, Route::Machines);
            report(Finding::failed(Check::Route, &*settings.path, &failure, diagnosis));
        }
    }
}

fn findings(path: &str, machines: &[&Machine], listed: &[ListedMachine], has_more: bool) -> Vec<Finding> {
    let is_listed =
        |machine: &Machine| listed.iter().any(|listed| listed.arn.unqualified() == machine.arn.unqualified());
    let missing: Vec<&Machine> = machines.iter().copied().filter(|machine| !is_listed(machine)).collect();
    let machines_listed = counted(listed.len(), "machine");
    let more = if has_more { " and more" } else { "" };
    let all = match (machines.len(), missing.len()) {
        (0, _) | (_, 1..) => "",
        (1, 0) => ", with the one of the configuration",
        (_, 0) => ", with all of the configuration",
    };
    let message = format!("ListStateMachines works, and lists {machines_listed}{more}{all}");
    let mut found = vec![Finding::passed(Check::Route, path, message)];
    found.extend(missing.into_iter().map(|machine| {
        let name = &*machine.name;
        if has_more {
            return Finding::skipped(
                Check::Machine,
                name,
                format!("it is not among the first of the list: {machines_listed}"),
            );
        }
        Finding::warning(
            Check::Machine,
            name,
            "not-listed",
            format!("ListStateMachines does not list it: {}", machine.arn),
            "Check its `arn`: the route lists the machines of one account and region, without deleted ones.",
        )
    }));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use stepgate_core::domain::{EndpointName, MachineType, Payload, StateMachineArn};

    #[test]
    fn each_machine_of_the_configuration_is_looked_for() {
        let arn = |name: &str| {
            let arn = format!("arn:aws:states:us-east-1:123456789012:stateMachine:{name}");
            StateMachineArn::parse(&arn).expect("an ARN")
        };
        let machine = |name: &str| Machine {
            name: name.into(),
            endpoint: EndpointName::new("e"),
            arn: arn(name),
            machine_type: MachineType::Unknown,
            input: Payload::empty_object(),
            presets: Vec::new(),
        };
        let listed = |name: &str| ListedMachine { arn: arn(name), machine_type: MachineType::Standard };
        let (order, refund) = (machine("order:live"), machine("refund"));
        let names = |machines: &[&Machine], listed: &[ListedMachine], has_more| {
            findings("/machines", machines, listed, has_more).iter().map(|found| found.name).collect::<Vec<_>>()
        };
        let both = [listed("order"), listed("refund")];
        assert_eq!(names(&[&order, &refund], &both, false), ["ok"]);
        assert_eq!(names(&[&order, &refund], &both[..1], false), ["ok", "not-listed"]);
        assert_eq!(names(&[&order, &refund], &both[..1], true), ["ok", "not-asked"]);
        assert_eq!(names(&[], &[], false), ["ok"]);
        let message = &findings("/machines", &[&order], &both, false)[0].message;
        assert_eq!(message, "ListStateMachines works, and lists 2 machines, with the one of the configuration");
    }
}
