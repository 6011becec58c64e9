//! The list of one of several gateways.

use super::*;

/// Even rows are at the gateway `e`, odd ones at `other`.
fn mixed(count: usize) -> Executions {
    let mut executions = Executions::default();
    for index in 0..count {
        executions.add(at(index));
    }
    executions
}

fn at(index: usize) -> Row {
    let gateway = GatewayId::new(if index.is_multiple_of(2) { "e" } else { "other" });
    Row { gateway, ..row(index, i64::try_from(index).expect("small") * 10) }
}

fn other() -> GatewayId {
    GatewayId::new("other")
}

#[test]
fn list_counts_and_latest_follow_the_gateway_that_is_shown() {
    let mut executions = mixed(6);
    executions.set_totals(GatewayTotals::from(vec![
        (GatewayId::new("e"), Totals { succeeded: 7, ..Totals::default() }),
        (GatewayId::new("other"), Totals { failed: 2, ..Totals::default() }),
    ]));
    executions.change(ExecutionId(1), |row| end(row, Status::TimedOut));
    executions.set_scope(Some(other()));
    assert_eq!(names(&executions), ["run-5", "run-3", "run-1"]);
    assert_eq!(executions.counts(), Counts { running: 2, failed: 2, timed_out: 1, ..Counts::default() });
    assert_eq!(executions.all_counts(), Counts { running: 5, done: 7, failed: 2, timed_out: 1, ..Counts::default() });
    let latest: Vec<&str> = executions.latest(2).map(|row| row.arn.name()).collect();
    assert_eq!(latest, ["run-3", "run-5"]);
    // New rows and ends, too.
    executions.add(at(6));
    executions.add(at(7));
    executions.change(ExecutionId(3), |row| end(row, Status::Succeeded));
    assert_eq!(names(&executions), ["run-7", "run-5", "run-3", "run-1"]);
    assert_eq!((executions.counts().running, executions.counts().done), (2, 1));
    executions.set_filter("run-3");
    assert_eq!(names(&executions), ["run-3"]);
    executions.set_scope(None);
    assert_eq!(
        (names(&executions), executions.filter()),
        (vec!["run-3".to_owned()], Some("run-3")),
        "the filter stays"
    );
    executions.set_filter("");
    assert_eq!(executions.shown(), 8);
}

#[test]
fn another_gateway_keeps_the_selection_and_marks_only_if_they_are_shown() {
    let mut executions = mixed(6);
    executions.select(Some(ExecutionId(3)));
    executions.toggle_mark();
    executions.select(Some(ExecutionId(2)));
    executions.toggle_mark();
    executions.set_scope(Some(other()));
    assert_eq!(executions.marked().collect::<Vec<_>>(), [ExecutionId(3)]);
    assert_eq!(executions.selected().map(|row| row.id), Some(ExecutionId(5)), "the first one shown");
    executions.select(Some(ExecutionId(1)));
    executions.set_scope(None);
    assert_eq!(executions.selected().map(|row| row.id), Some(ExecutionId(1)));
}

#[test]
fn pages_of_the_store_become_rows_of_the_shown_gateway_and_the_others_are_read_again() {
    let mut executions = Executions::default();
    executions.set_totals(GatewayTotals::from(vec![
        (GatewayId::new("e"), Totals { running: 4, ..Totals::default() }),
        (GatewayId::new("other"), Totals { running: 4, ..Totals::default() }),
    ]));
    executions.set_scope(Some(other()));
    executions.add_page((0..8).rev().map(|index| (Group::Running, at(index))).collect(), None);
    assert_eq!(names(&executions), ["run-7", "run-5", "run-3", "run-1"]);
    assert_eq!((executions.counts().running, executions.all_counts().running), (4, 8));
    assert_eq!((executions.searched(), executions.is_complete()), ((4, false), false));
    executions.set_filter("run-3");
    executions.add_page((0..7).rev().map(|index| (Group::Running, at(index))).collect(), None);
    assert_eq!((names(&executions), executions.searched()), (vec!["run-3".to_owned()], (4, false)));
    executions.set_filter("");
    executions.set_scope(None);
    // The rows of the other gateway are in the store, below the newest that was left out.
    assert!(matches!(executions.older(), Older::From(cursor) if cursor.started == Timestamp::from_millis(60)));
    executions.add_page((0..7).rev().map(|index| (Group::Running, at(index))).collect(), None);
    assert_eq!((executions.shown(), executions.counts().running), (8, 8));
    assert!(executions.is_complete());
}

proptest! {
    #[test]
    fn any_scope_shows_the_rows_of_its_gateway(steps in prop::collection::vec((0_u64..20, 0_usize..5), 0..40)) {
        let mut executions = mixed(20);
        for (id, what) in steps {
            match what {
                0 => executions.set_scope(None),
                1 => executions.set_scope(Some(other())),
                2 => executions.set_scope(Some(GatewayId::new("e"))),
                3 => executions.change(ExecutionId(id), |row| end(row, Status::Succeeded)),
                _ => executions.set_filter(if id % 2 == 0 { "" } else { "run-1" }),
            }
            let shown: Vec<&Row> = executions.window(0, 100).collect();
            let has_text = |row: &Row| executions.filter().is_none() || row.arn.name().contains("run-1");
            let expected = executions.rows().filter(|row| executions.is_in_scope(row) && has_text(row)).count();
            prop_assert_eq!(shown.len(), expected);
            let of_scope = executions.rows().filter(|row| executions.is_in_scope(row));
            prop_assert_eq!(executions.counts().sum(), of_scope.count());
            prop_assert_eq!(executions.all_counts().sum(), 20);
            prop_assert!(executions.selected().is_none_or(|_| executions.selected_place().is_some() || shown.is_empty()));
        }
    }
}
