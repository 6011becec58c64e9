//! Plans the stacks for the machines of an endpoint: a stack serves a limited number of machines of one region and
//! account. Pure.

use crate::cli::commands::template::log_groups::LogGroups;
use crate::cli::commands::template::role::{Grants, Sizes};
use stepgate_core::domain::{Machine, StateMachineArn};

/// Machines that one stack can serve.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stack {
    /// Distinct, without versions and aliases, in the order of the configuration.
    pub(super) machines: Vec<StateMachineArn>,
    /// Those of its machines, or one for all.
    pub(super) log_groups: Vec<String>,
    pub(super) sizes: Sizes,
}

impl Stack {
    pub(super) fn location(&self) -> Location<'_> {
        Location::new(&self.machines[0])
    }
}

/// A region of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Location<'a> {
    pub(super) region: &'a str,
    pub(super) account: &'a str,
}

impl<'a> Location<'a> {
    fn new(machine: &'a StateMachineArn) -> Self {
        Self { region: machine.region(), account: machine.account() }
    }
}

/// The stacks for the machines of an endpoint.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) stacks: Vec<Stack>,
    /// Machines whose names are not allowed in policies.
    pub(super) unnameable: Vec<StateMachineArn>,
    pub(super) log_groups: LogGroups,
}

impl Plan {
    /// Fills one stack after the other.
    pub(super) fn new<'m>(
        machines: impl Iterator<Item = &'m Machine>,
        log_groups: &[String],
        grants: Grants<'_>,
    ) -> Self {
        let mut distinct: Vec<StateMachineArn> = Vec::new();
        for arn in machines.map(|machine| machine.arn.unqualified()) {
            if !distinct.contains(&arn) {
                distinct.push(arn);
            }
        }
        let (nameable, unnameable): (Vec<_>, Vec<_>) = distinct.into_iter().partition(|arn| is_nameable(arn.name()));
        let log_groups = LogGroups::new(log_groups, &nameable);
        let mut plan = Self { stacks: Vec::new(), unnameable, log_groups };
        for arn in nameable {
            plan.add(arn, grants);
        }
        plan
    }

    fn add(&mut self, arn: StateMachineArn, grants: Grants<'_>) {
        let full = |machines: Vec<StateMachineArn>| {
            let log_groups = self.log_groups.of_machines(&machines);
            Stack { sizes: Sizes::new(&machines, &log_groups, grants), machines, log_groups }
        };
        for stack in self.stacks.iter_mut().filter(|stack| stack.location() == Location::new(&arn)) {
            let larger = full([&stack.machines[..], std::slice::from_ref(&arn)].concat());
            if larger.sizes.fit() {
                *stack = larger;
                return;
            }
        }
        self.stacks.push(full(vec![arn]));
    }

    /// Returns the distinct regions and accounts of the stacks.
    pub(super) fn locations(&self) -> Vec<Location<'_>> {
        let mut locations: Vec<Location<'_>> = Vec::new();
        for location in self.stacks.iter().map(Stack::location) {
            if !locations.contains(&location) {
                locations.push(location);
            }
        }
        locations
    }
}

/// Whether IAM accepts the name in a policy, whose characters end at U+00FF (IAM User Guide, "IAM name requirements").
/// Step Functions accepts nearly all characters.
fn is_nameable(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_alphanumeric() || "_.()+=@!'-".contains(c) || ('\u{A1}'..='\u{FF}').contains(&c))
}

/// Returns the longest common prefix of the names.
pub(super) fn common_prefix<'a>(mut names: impl Iterator<Item = &'a str>) -> &'a str {
    let first = names.next().unwrap_or_default();
    names.fold(first, |prefix, name| {
        let same = prefix.char_indices().zip(name.chars()).find(|((_, mine), other)| mine != other);
        let end = same.map_or(prefix.len().min(name.len()), |((at, _), _)| at);
        &prefix[..end]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use stepgate_core::domain::{EndpointName, MachineType, Payload, Route};

    const ALL: Grants<'_> = Grants { keys: &[], routes: &Route::ALL };

    fn machine(place: &str, name: &str) -> Machine {
        Machine {
            name: name.into(),
            endpoint: EndpointName::new("e"),
            arn: StateMachineArn::parse(&format!("arn:aws:states:{place}:stateMachine:{name}")).expect("an ARN"),
            machine_type: MachineType::Unknown,
            input: Payload::empty_object(),
            presets: Vec::new(),
        }
    }

    fn names(stack: &Stack) -> Vec<&str> {
        stack.machines.iter().map(StateMachineArn::name).collect()
    }

    #[test]
    fn machines_of_one_region_and_account_share_a_stack() {
        let (here, there, other) = ("eu-west-1:111122223333", "eu-west-2:111122223333", "eu-west-1:444455556666");
        let machines =
            [machine(here, "a"), machine(there, "a"), machine(here, "b"), machine(other, "a"), machine(here, "注文")];
        let plan = Plan::new(machines.iter(), &[], ALL);
        assert_eq!(plan.stacks.iter().map(names).collect::<Vec<_>>(), [vec!["a", "b"], vec!["a"], vec!["a"]]);
        assert_eq!(plan.locations().len(), 3);
        assert_eq!(plan.unnameable, [machine(here, "注文").arn]);
    }

    #[test]
    fn versions_and_aliases_are_not_separate_machines() {
        let here = "eu-west-1:111122223333";
        let machines = [machine(here, "a:1"), machine(here, "a"), machine(here, "a:live")];
        let plan = Plan::new(machines.iter(), &[], ALL);
        assert_eq!(plan.stacks.len(), 1);
        assert_eq!(plan.stacks[0].machines, [machine(here, "a").arn]);
    }

    #[test]
    fn a_stack_is_filled_to_the_limit() {
        let here = "eu-west-1:111122223333";
        for keys in [vec![], vec!["arn:aws:kms:eu-west-1:111122223333:key/one".to_owned()]] {
            for routes in [&Route::ALL[..2], &Route::ALL[..]] {
                for length in [1, 20, 80] {
                    let machines: Vec<Machine> =
                        (0..150).map(|index| machine(here, &format!("{index:0length$}"))).collect();
                    let grants = Grants { keys: &keys, routes };
                    let plan = Plan::new(machines.iter(), &[], grants);
                    let all: Vec<_> = plan.stacks.iter().flat_map(|stack| &stack.machines).collect();
                    assert_eq!(all, machines.iter().map(|machine| &machine.arn).collect::<Vec<_>>());
                    for stacks in plan.stacks.windows(2) {
                        assert!(stacks[0].sizes.fit() && stacks[1].sizes.fit());
                        let more: Vec<_> = stacks[0].machines.iter().chain(&stacks[1].machines[..1]).cloned().collect();
                        assert!(!Sizes::new(&more, &[], grants).fit());
                    }
                }
            }
        }
    }

    #[test]
    fn each_stack_has_the_log_groups_of_its_machines() {
        let (here, there) = ("eu-west-1:111122223333", "eu-west-2:111122223333");
        let machines = [machine(here, "a"), machine(there, "b"), machine(here, "a:live"), machine(here, "c")];
        let groups = |groups: &[&str]| {
            let groups: Vec<String> = groups.iter().map(|group| (*group).to_owned()).collect();
            let plan = Plan::new(machines.iter(), &groups, ALL);
            plan.stacks.into_iter().map(|stack| stack.log_groups).collect::<Vec<_>>()
        };
        assert_eq!(groups(&["one"]), [vec!["one"], vec!["one"]]);
        assert_eq!(groups(&["for a", "for b", "for c"]), [vec!["for a", "for c"], vec!["for b"]]);
        assert_eq!(groups(&["for a", "for b"]), [Vec::<String>::new(), Vec::new()]);
    }

    #[test]
    fn the_common_prefix_is_what_all_names_begin_with() {
        for (names, prefix) in [
            (&["order-a", "order-b", "order"][..], "order"),
            (&["größe", "größer"], "größe"),
            (&["aé", "aè"], "a"),
            (&["a", "b"], ""),
            (&["a"], "a"),
            (&[], ""),
        ] {
            assert_eq!(common_prefix(names.iter().copied()), prefix);
        }
    }
}
