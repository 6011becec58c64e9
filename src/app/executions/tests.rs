//! The list against what it should hold.

use super::*;
use crate::domain::Status;
use proptest::prelude::*;

fn filled(count: usize) -> Executions {
    let mut executions = Executions::default();
    for index in 0..count {
        let arn = format!("arn:aws:states:us-east-1:111122223333:execution:M:run-{index}");
        let arn = ExecutionArn::parse(&arn).expect("an ARN");
        let machine = if index % 2 == 0 { "even" } else { "odd" };
        executions.add(machine.into(), EndpointName::new("e"), arn, Payload::empty_object(), Timestamp::from_millis(0));
    }
    executions
}

fn end(row: &mut Row, status: Status) {
    row.standing = Standing::Seen(Observation::new(status, row.started));
}

#[test]
fn the_newest_is_first_and_selection_goes_by_id() {
    let mut executions = filled(3);
    let names: Vec<_> = executions.window(0, 9).map(|row| row.arn.name().to_owned()).collect();
    assert_eq!(names, ["run-2", "run-1", "run-0"]);
    executions.select_place(1);
    let selected = executions.selected().map(|row| row.id);
    executions.add(
        "x".into(),
        EndpointName::new("e"),
        executions.rows[0].arn.clone(),
        Payload::empty_object(),
        Timestamp::from_millis(0),
    );
    assert_eq!(executions.selected().map(|row| row.id), selected);
    assert_eq!(executions.selected_place(), Some(2));
}

#[test]
fn counts_follow_the_rows() {
    let mut executions = filled(4);
    executions.change(ExecutionId(1), |row| end(row, Status::Succeeded));
    executions.change(ExecutionId(2), |row| end(row, Status::TimedOut));
    executions.change(ExecutionId(99), |_| unreachable!("no such row"));
    assert_eq!(executions.counts(), Counts { running: 2, done: 1, failed: 1, lost: 0 });
}

proptest! {
    #[test]
    fn the_filtered_list_is_what_a_fresh_filter_would_find(steps in proptest::collection::vec((0_u64..20, any::<bool>()), 0..60)) {
        let mut executions = filled(20);
        executions.set_filter("SUCC");
        for (id, succeeds) in steps {
            executions.change(ExecutionId(id), |row| end(row, if succeeds { Status::Succeeded } else { Status::Running }));
            let mut fresh = executions.clone();
            fresh.set_filter("succ");
            prop_assert_eq!(executions.window(0, 99).map(|r| r.id).collect::<Vec<_>>(), fresh.window(0, 99).map(|r| r.id).collect::<Vec<_>>());
            prop_assert_eq!(executions.counts().running + executions.counts().done, 20);
        }
    }
}
