//! Rows and payloads that leave.

use super::*;

fn ended(executions: &mut Executions, index: u64, at: i64) {
    executions.change(ExecutionId(index), |row| {
        let seen = Observation::new(Status::Succeeded, row.started);
        row.state = RowState::Seen(Observation { stop_date: Some(Timestamp::from_millis(at)), ..seen });
    });
}

#[test]
fn rows_of_deleted_executions_leave_completely() {
    let mut executions = filled(6);
    for (index, at) in [(0, 10), (1, 90), (2, 20), (3, 30), (4, 40)] {
        ended(&mut executions, index, at);
    }
    executions.select(Some(ExecutionId(3)));
    executions.set_filter("run");
    let (held, revision) = (executions.held(), executions.revision());
    executions.set_totals(totals(Totals { succeeded: 20, failed: 2, ..Totals::default() }));
    let left = Totals { running: 1, succeeded: 7, failed: 2, ..Totals::default() };
    executions.prune(Timestamp::from_millis(50), totals(left));
    assert_eq!(names(&executions), ["run-5", "run-3", "run-1"], "the selected one stays");
    assert_eq!((executions.len(), executions.selected_place()), (3, Some(1)));
    assert_eq!(executions.counts(), Counts { running: 1, done: 7, failed: 2, ..Counts::default() });
    // Its group no longer counts it, although the row is still there.
    executions.prune(Timestamp::from_millis(50), totals(Totals { running: 1, succeeded: 1, ..Totals::default() }));
    assert_eq!((executions.len(), executions.counts().done), (3, 1));
    // Executions of other processes are not counted: their ends would not be noticed here.
    executions.prune(Timestamp::from_millis(50), totals(Totals { running: 9, ..left }));
    assert_eq!(executions.counts(), Counts { running: 1, done: 1, ..Counts::default() });
    assert_eq!(executions.held(), held / 2);
    assert_ne!(executions.revision(), revision);
    let again = row(0, 5);
    assert_eq!(executions.find(&again.gateway, &again.arn), None);
    assert_eq!(executions.add(again), ExecutionId(6), "its number is not given twice");
    // A response that was in flight.
    executions.change(ExecutionId(0), |_| unreachable!("no such row"));
}

#[test]
fn the_least_recently_viewed_are_released_first_and_only_as_needed() {
    const MOST: usize = 4_000;
    let mut executions = filled(0);
    let quarter = Payload::received(format!("\"{}\"", "x".repeat(MOST / 4 - 2)));
    for index in 0..6 {
        executions.add(Row { input: Some(quarter.clone()), ..row(index, 0) });
    }
    executions.look_at(ExecutionId(0));
    assert_eq!(executions.surplus(MOST, |_| true), [ExecutionId(1), ExecutionId(2)]);
    assert_eq!(executions.surplus(MOST, |id| id.0 > 1), [ExecutionId(2), ExecutionId(3)]);
    for id in executions.surplus(MOST, |_| true) {
        executions.change(id, |row| row.release(PayloadLocation::InStore));
    }
    assert_eq!((executions.held(), executions.surplus(MOST, |_| true)), (MOST, vec![]));
    let released = executions.get(ExecutionId(1)).expect("a row");
    assert_eq!((released.held(), released.payloads), (0, PayloadLocation::InStore));
}

#[test]
fn the_oldest_leave_when_there_are_too_many_and_return_when_the_selection_reaches_them() {
    let mut executions = Executions::default();
    executions.set_totals(totals(Totals { failed: 3, ..Totals::default() }));
    for index in 0..9_000_usize {
        let id = executions.add(row(index, i64::try_from(index).expect("small") * 10));
        // One in a thousand keeps running.
        if index % 1_000 > 0 {
            ended(&mut executions, id.0, 1_000_000);
        }
        executions.select_place(0);
        executions.unload(|_| true);
    }
    assert!(executions.len() <= 6_001, "{}", executions.len());
    assert_eq!(executions.counts(), Counts { running: 9, done: 8_991, failed: 3, ..Counts::default() });
    let running = executions.rows().filter(|row| row.group() == Group::Running).count();
    assert_eq!(running, 9, "what runs stays");
    // Rows around the selection stay.
    let Older::From(cursor) = executions.older else { panic!("{:?}", executions.older) };
    let missing = (0..9_000_usize).filter(|index| {
        let row = row(*index, 0);
        executions.find(&row.gateway, &row.arn).is_none()
    });
    let missing: Vec<usize> = missing.collect();
    assert!(missing.iter().all(|index| cursor.started.as_millis() >= i64::try_from(*index).expect("small") * 10));
    let page: Vec<_> = (0..=*missing.last().expect("some"))
        .map(|index| {
            let mut row = row(index, i64::try_from(index).expect("small") * 10);
            if index % 1_000 > 0 {
                end(&mut row, Status::Succeeded);
            }
            (row.group(), row)
        })
        .collect();
    executions.add_stored(page);
    executions.select_place(8_000);
    executions.unload(|_| true);
    assert_eq!((executions.len(), executions.selected_place()), (9_000, Some(8_000)));
    assert_eq!(executions.counts(), Counts { running: 9, done: 8_991, failed: 3, ..Counts::default() });
    executions.select_place(0);
    executions.set_filter("run-1");
    let found = executions.shown();
    for _ in 0..9 {
        executions.unload(|_| true);
    }
    assert_eq!((executions.shown(), executions.len() < 9_000), (found, true), "what a filter has found stays");
}

proptest! {
    #[test]
    fn the_bytes_that_rows_hold_are_always_known(
        steps in proptest::collection::vec((0_u64..12, 0_usize..4, 0_usize..50), 0..80),
    ) {
        let mut executions = filled(10);
        for (id, what, size) in steps {
            let payload = Payload::received("x".repeat(size));
            match what {
                0 => executions.change(ExecutionId(id), |row| row.input = Some(payload)),
                1 => executions.change(ExecutionId(id), |row| {
                    let seen = Observation::new(Status::Succeeded, row.started);
                    row.state = RowState::Seen(Observation { output: Some(payload), ..seen });
                }),
                2 => executions.change(ExecutionId(id), |row| row.release(PayloadLocation::InStore)),
                _ => executions.prune(Timestamp::from_millis(i64::try_from(size).expect("small") * 100), GatewayTotals::default()),
            }
            prop_assert_eq!(executions.held(), executions.rows().map(Row::held).sum::<usize>());
            prop_assert_eq!(executions.len(), executions.rows().count());
            prop_assert_eq!(executions.shown(), executions.len());
        }
    }
}

#[test]
fn a_deleted_row_leaves_when_it_is_no_longer_selected_or_marked() {
    let mut executions = filled(3);
    (0..3).for_each(|index| ended(&mut executions, index, 10));
    executions.select(Some(ExecutionId(0)));
    executions.toggle_mark();
    executions.select(Some(ExecutionId(1)));
    executions.prune(Timestamp::from_millis(50), GatewayTotals::default());
    assert_eq!((names(&executions), executions.counts().sum()), (vec!["run-1".to_owned(), "run-0".to_owned()], 0));
    executions.select(Some(ExecutionId(0)));
    executions.remove_overdue();
    assert_eq!((names(&executions), executions.counts().sum()), (vec!["run-0".to_owned()], 0));
    executions.toggle_mark();
    executions.remove_overdue();
    assert_eq!(executions.len(), 1, "it is selected");
    // A redriven one runs again, and is stored again.
    executions.change(ExecutionId(0), |row| row.state = RowState::Started);
    executions.select(None);
    executions.remove_overdue();
    assert_eq!((executions.len(), executions.counts().running), (1, 1));
}

#[test]
fn a_list_that_was_long_becomes_short_again() {
    let mut executions = filled(40_000);
    for index in 0..40_000 {
        ended(&mut executions, index, 10);
    }
    let mut before = usize::MAX;
    while executions.len() < before {
        before = executions.len();
        executions.unload(|_| true);
    }
    assert!(before <= 6_000 && executions.by_arn.len() == before, "{before} rows");
    assert!(executions.order.capacity() <= 2 * before, "{}", executions.order.capacity());
}
