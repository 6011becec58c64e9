//! Any observation, failure and knowledge of a gateway.

use super::*;

pub(super) fn any_status() -> impl Strategy<Value = Status> {
    prop_oneof![
        Just(Status::Running),
        Just(Status::Succeeded),
        Just(Status::Failed),
        Just(Status::TimedOut),
        Just(Status::Aborted),
        Just(Status::Unknown("PAUSED".into())),
    ]
}

pub(super) fn any_observation() -> impl Strategy<Value = Observation> {
    (
        any_status(),
        proptest::option::of(-100_i64..100),
        proptest::option::of(-100_i64..100),
        proptest::option::of(0_u32..3),
        proptest::option::of(-100_i64..100),
        any::<bool>(),
        0_u8..4,
    )
        .prop_map(|(status, start, stop, count, redriven, has_output, subject)| Observation {
            subject: Subject {
                execution_arn: match subject {
                    0 => Some("arn:aws:states:us-east-1:111122223333:execution:M:other".into()),
                    1 => Some("arn:aws:states:us-east-1:111122223333:execution:M:run-1".into()),
                    _ => None,
                },
                name: (subject == 2).then(|| "run-1".into()),
                machine_arn: None,
            },
            start_date: start.map(at),
            stop_date: stop.map(at),
            output: has_output.then(Payload::empty_object),
            redrive: Redrive { count, date: redriven.map(at), ..Redrive::default() },
            ..Observation::new(status, None)
        })
}

pub(super) fn any_failure() -> impl Strategy<Value = Failure> {
    let kinds = [
        LOST,
        FailureKind::Throttled,
        FailureKind::GatewayTimedOut,
        FailureKind::Unreadable,
        FailureKind::Undecodable,
        FailureKind::Forbidden,
        FailureKind::Redirected,
        FailureKind::Rejected,
        FailureKind::ExecutionDoesNotExist,
        FailureKind::ExecutionAlreadyExists,
        FailureKind::MachineDoesNotExist,
        FailureKind::Unreachable(Unreachable::Refused),
    ];
    (prop::sample::select(kinds.to_vec()), any::<bool>())
        .prop_map(|(kind, is_ok)| Failure { http_status: is_ok.then_some(200), ..failure(kind) })
}

pub(super) fn any_knowledge() -> impl Strategy<Value = Knowledge> {
    use MachineType::{Express, Standard, Unknown};
    use NameHandling::{Ignored, PassedOn};
    let names = prop::sample::select(vec![NameHandling::Unknown, PassedOn, Ignored]);
    let configured = prop::sample::select(vec![None, Some(PassedOn), Some(Ignored)]);
    let machine = prop::sample::select(vec![Unknown, Standard, Express]);
    (names, configured, machine)
        .prop_map(|(names, configured, machine)| Knowledge { configured, ..knowledge(names, machine) })
}
