//! Executions found under the name of a start.

use super::*;
use crate::lifecycle::unresolved;

#[test]
fn the_input_identifies_an_execution_with_a_chosen_name_whatever_the_clocks_say() {
    use crate::lifecycle::unresolved::Found;
    use NameOrigin::{Chosen, Generated};
    let seen = |input: Option<&str>, start: i64| Observation {
        input: input.map(Payload::received),
        ..Observation::new(Status::Running, at(start))
    };
    let start = |origin| UnresolvedStart {
        order: order(origin, MachineType::Standard),
        request_id: None,
        first_sent: at(360),
        sent: at(670),
        reason: Some(failure(LOST)),
    };
    // The local clock is six minutes fast, and the laptop slept for 310 s between the attempts.
    let fast = Some(ClockOffset::between(at(0), at(360)));
    let right = Some(ClockOffset::between(at(0), at(0)));
    let found = |origin, seen: &Observation, offset| unresolved::classify_found(&start(origin), seen, offset);
    let is_ours = |found: unresolved::Found| match found {
        unresolved::Found::Ours(_, warning) => Some(warning),
        _ => None,
    };
    for offset in [fast, right, None] {
        let ours = is_ours(found(Chosen, &seen(Some("{ \"order\":1.0 }"), 1), offset));
        assert!(ours.is_some(), "{offset:?}");
        assert!(is_ours(found(Generated, &seen(Some("[]"), 1), offset)).is_some());
    }
    assert_eq!(is_ours(found(Chosen, &seen(Some("{\"order\":1}"), 1), fast)), Some(None));
    assert_eq!(
        is_ours(found(Chosen, &seen(Some("{\"order\":1}"), -9_000), right)),
        Some(Some(Warning::StartedEarlier))
    );
    assert_eq!(is_ours(found(Chosen, &seen(None, 1), fast)), Some(None));
    // With another input: another program's if it began before, and otherwise unclear.
    assert!(matches!(found(Chosen, &seen(Some("[]"), -9_000), fast), Found::Other(_)));
    assert!(matches!(found(Chosen, &seen(Some("[]"), 1), fast), Found::Unclear(_)));
    assert!(matches!(found(Chosen, &seen(Some("[]"), -9_000), None), Found::Unclear(_)));
    assert!(matches!(found(Chosen, &seen(None, -9_000), None), Found::Unclear(_)));
}
