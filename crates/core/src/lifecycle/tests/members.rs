//! Members of responses: a later response replaces the members it has, and erases none.

use proptest::prelude::*;

use super::*;
use crate::domain::OtherMembers;
use crate::lifecycle::control;

const ALIAS: (&str, &str) = ("stateMachineAliasArn", "\"alias\"");
const DETAILS: (&str, &str) = ("outputDetails", "{\"included\":true}");

/// With all members that `DescribeExecution` returns.
fn described(seen: &Observation) -> Observation {
    let reason = Some(format!("Execution is {} and cannot be redriven", seen.status.as_str()));
    Observation {
        subject: Subject { machine_arn: Some("machine".into()), name: Some("run-1".into()), ..Subject::default() },
        redrive: Redrive { status: Some("NOT_REDRIVABLE".into()), status_reason: reason, ..seen.redrive.clone() },
        others: OtherMembers::received([ALIAS, DETAILS]),
        ..seen.clone()
    }
}

#[test]
fn a_response_with_fewer_members_erases_none() {
    for seen in history(true, true) {
        let known = described(&seen);
        // As of `ListExecutions`.
        assert_eq!(merge::combined(&known, seen.clone()), known, "{:?}", seen.status);
        let newer = Observation { others: OtherMembers::received([("outputDetails", "{}")]), ..seen.clone() };
        let combined = merge::combined(&known, newer);
        assert_eq!(combined.others, OtherMembers::received([ALIAS, ("outputDetails", "{}")]));
        assert_eq!(combined.redrive, known.redrive);
    }
}

#[test]
fn members_of_another_status_are_not_kept() {
    let [running, failed, redriven, _] = history(true, true);
    let known = described(&running);
    let ended = merge::combined(&known, failed.clone());
    assert_eq!((ended.redrive.status, ended.redrive.status_reason), (None, None));
    assert_eq!(ended.subject, known.subject);
    // A redrive removes the members of the end, but not those that never change.
    let again = merge::combined(&described(&failed), redriven);
    assert_eq!(again.others, OtherMembers::received([ALIAS]));
    let order = order(NameOrigin::Generated, MachineType::Standard);
    let started = Started::new(order.machine.execution(&order.name), Some(NOW));
    let record =
        execution::with_observation(execution::new_record(&order, &started, NOW), described(&failed), None, NOW);
    let redriven = control::after_redrive(record, at(10)).seen.expect("it runs");
    assert_eq!(
        (redriven.others, redriven.subject.machine_arn.as_deref()),
        (OtherMembers::received([ALIAS]), Some("machine"))
    );
}

proptest! {
    #[test]
    fn fixed_members_survive_responses_in_any_order(order in Just(vec![0, 1, 2, 3, 0, 1, 2, 3]).prop_shuffle(), rich in 0usize..8) {
        let all = history(true, true);
        let mut known: Option<Observation> = None;
        let mut was_told = false;
        for (number, index) in order.into_iter().enumerate() {
            let seen = if number == rich { described(&all[index]) } else { all[index].clone() };
            if known.as_ref().is_none_or(|known| merge::replaces(known, &seen)) {
                was_told |= number == rich;
                known = Some(known.as_ref().map_or_else(|| seen.clone(), |known| merge::combined(known, seen.clone())));
            }
            let has_alias = known.iter().any(|known| known.others.iter().any(|member| member == ALIAS));
            prop_assert_eq!(has_alias, was_told);
        }
    }
}
