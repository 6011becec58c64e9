//! The list compared with a list computed from scratch.

use super::view::Column;
use super::*;
use crate::app::list::row::{PayloadLocation, RowState};
use proptest::prelude::*;
use stepgate_core::domain::{EndpointName, Observation, Payload, StateMachineArn, Status, Totals};

mod leaving;
mod scope;

/// The totals of the only gateway.
fn totals(totals: Totals) -> GatewayTotals {
    GatewayTotals::from(vec![(GatewayId::new("e"), totals)])
}

fn row(index: usize, started: i64) -> Row {
    let arn = format!("arn:aws:states:us-east-1:111122223333:execution:M:run-{index}");
    let machine = "arn:aws:states:us-east-1:111122223333:stateMachine:M";
    Row {
        id: ExecutionId(0),
        machine_name: if index.is_multiple_of(2) { "even" } else { "odd" }.into(),
        machine: StateMachineArn::parse(machine).expect("an ARN"),
        endpoint: EndpointName::new("e"),
        gateway: GatewayId::new("e"),
        arn: ExecutionArn::parse(&arn).expect("an ARN"),
        input: Some(Payload::empty_object()),
        sent_input: None,
        input_digest: None,
        warning: None,
        is_others: false,
        started: Timestamp::from_millis(started),
        state: RowState::Started,
        payloads: PayloadLocation::Here,
        answered: None,
        next_poll: None,
        poll_failure: None,
    }
}

fn filled(count: usize) -> Executions {
    let mut executions = Executions::default();
    for index in 0..count {
        executions.add(row(index, 0));
    }
    executions
}

fn names(executions: &Executions) -> Vec<String> {
    executions.window(0, 999).map(|row| row.arn.name().to_owned()).collect()
}

fn end(row: &mut Row, status: Status) {
    row.state = RowState::Seen(Observation::new(status, row.started));
}

#[test]
fn rows_share_texts_and_removed_rows_hold_none() {
    let mut executions = filled(0);
    for index in 0..30_000 {
        let id = executions.add(row(index, i64::try_from(index).expect("small")));
        executions.change(id, |changed| {
            end(changed, Status::Succeeded);
            // Received a second time.
            changed.machine = row(index, 0).machine;
        });
        executions.unload(|_| true);
    }
    assert!(executions.rows().count() <= 6_000 && executions.by_arn.len() <= 6_000, "{}", executions.len());
    let texts: BTreeSet<_> = executions
        .rows()
        .flat_map(|row| [row.gateway.as_str(), row.endpoint.as_str(), row.machine.as_str(), &*row.machine_name])
        .map(str::as_ptr)
        .collect();
    assert_eq!(texts.len(), 5, "one place, endpoint and machine, two profiles");
}

#[test]
fn the_newest_is_first_and_the_selection_is_kept_by_id() {
    let mut executions = filled(3);
    assert_eq!(names(&executions), ["run-2", "run-1", "run-0"]);
    executions.select_place(1);
    let selected = executions.selected().map(|row| row.id);
    executions.add(row(3, 0));
    assert_eq!(executions.selected().map(|row| row.id), selected);
    assert_eq!(executions.selected_place(), Some(2));
    // The service's date may differ from the local one.
    executions.change(ExecutionId(0), |row| row.started = Timestamp::from_millis(5));
    assert_eq!(names(&executions), ["run-0", "run-3", "run-2", "run-1"]);
    assert_eq!(executions.selected_place(), Some(3));
}

fn kept(rows: [(usize, i64); 2]) -> [(Group, Row); 2] {
    rows.map(|(index, started)| (Group::Running, row(index, started)))
}

#[test]
fn stored_rows_are_added_behind_and_counted_once() {
    let mut executions = Executions::default();
    executions.set_totals(totals(Totals { running: 4, succeeded: 2, ..Totals::default() }));
    executions.add_stored(kept([(9, 90), (8, 80)]));
    executions.add_stored(kept([(8, 80), (2, 20)]));
    assert_eq!(names(&executions), ["run-9", "run-8", "run-2"]);
    executions.add(row(10, 100));
    executions.set_filter("run-1");
    executions.add_stored(kept([(1, 10), (5, 50)]));
    assert_eq!(names(&executions), ["run-10", "run-1"]);
    executions.set_filter("");
    assert_eq!(names(&executions), ["run-10", "run-9", "run-8", "run-5", "run-2", "run-1"]);
    assert_eq!(executions.counts(), Counts { running: 6, done: 2, ..Counts::default() });
}

#[test]
fn counts_follow_the_rows() {
    let mut executions = filled(4);
    executions.change(ExecutionId(1), |row| end(row, Status::Succeeded));
    executions.change(ExecutionId(2), |row| end(row, Status::TimedOut));
    executions.change(ExecutionId(99), |_| unreachable!("no such row"));
    assert_eq!(executions.counts(), Counts { running: 2, done: 1, timed_out: 1, ..Counts::default() });
}

#[test]
fn a_filter_finds_letters_in_order_and_whole_columns() {
    let mut executions = filled(6);
    executions.change(ExecutionId(1), |row| end(row, Status::TimedOut));
    executions.change(ExecutionId(2), |row| end(row, Status::Succeeded));
    executions.change(ExecutionId(3), |row| {
        end(row, Status::Failed);
        if let RowState::Seen(seen) = &mut row.state {
            seen.error = Some("PaymentRefused".into());
        }
    });
    for (filter, wanted) in [
        ("pmtref", vec!["run-3"]),
        ("status:failed", vec!["run-3"]),
        ("status:failed,timed_out,aborted", vec!["run-3", "run-1"]),
        ("status:timed_out", vec!["run-1"]),
        ("status:succeeded,timed_out", vec!["run-2", "run-1"]),
        ("machine:odd status:started", vec!["run-5"]),
        ("run !succ machine:even", vec!["run-4", "run-0"]),
        ("^run-2", vec!["run-2"]),
        ("nowhere", vec![]),
    ] {
        executions.set_filter(filter);
        assert_eq!(names(&executions), wanted, "{filter}");
    }
    executions.set_filter("r");
    executions.toggle_term("status:failed");
    assert_eq!(executions.filter(), Some("status:failed r"));
    executions.toggle_term("status:failed");
    assert_eq!((executions.filter(), executions.shown()), (Some("r"), 6));
}

#[test]
fn sorting_keeps_the_selection_and_running_counts_as_longest() {
    let mut executions = filled(4);
    let ends = |row: &mut Row, seconds: u64| {
        let stop_date = Some(row.started.plus(std::time::Duration::from_secs(seconds)));
        let seen = Observation { stop_date, ..Observation::new(Status::Succeeded, row.started) };
        row.state = RowState::Seen(seen);
    };
    executions.change(ExecutionId(0), |row| ends(row, 5));
    executions.change(ExecutionId(1), |row| ends(row, 50));
    executions.change(ExecutionId(2), |row| row.started = Timestamp::from_millis(60_000));
    executions.select(Some(ExecutionId(1)));
    executions.sort(Order::by(Column::Duration));
    assert_eq!(names(&executions), ["run-3", "run-2", "run-1", "run-0"]);
    assert_eq!(executions.selected_place(), Some(2));
    executions.sort(executions.order().reversed());
    assert_eq!(names(&executions), ["run-0", "run-1", "run-2", "run-3"]);
    executions.sort(Order::by(Column::Machine));
    assert_eq!(names(&executions), ["run-0", "run-2", "run-1", "run-3"]);
    executions.sort(Order::default());
    assert_eq!(names(&executions), ["run-2", "run-3", "run-1", "run-0"]);
}

#[test]
fn moving_through_failures_wraps_around() {
    let mut executions = filled(5);
    assert_eq!(executions.next_failure(true), None);
    executions.change(ExecutionId(1), |row| end(row, Status::Failed));
    executions.change(ExecutionId(3), |row| end(row, Status::Aborted));
    executions.select(Some(ExecutionId(3)));
    assert_eq!(executions.next_failure(true), Some(ExecutionId(1)));
    assert_eq!(executions.next_failure(false), Some(ExecutionId(1)));
    executions.set_filter("run-3");
    assert_eq!(executions.next_failure(true), Some(ExecutionId(3)));
}

fn ids(executions: &Executions) -> Vec<ExecutionId> {
    executions.window(0, 99).map(|row| row.id).collect()
}

proptest! {
    #[test]
    fn the_list_equals_one_computed_from_scratch(
        steps in proptest::collection::vec((0_u64..20, any::<bool>(), 0_i64..5), 0..60),
        column in 0_usize..5,
        filter in prop::sample::select(vec!["", "SUCC", "status:succeeded", "machine:odd r", "!succ"]),
    ) {
        let mut executions = filled(20);
        executions.set_filter(filter);
        executions.sort(Order::by(Column::ALL[column]));
        for (id, succeeds, started) in steps {
            executions.change(ExecutionId(id), |row| {
                row.started = Timestamp::from_millis(started * 1_000);
                end(row, if succeeds { Status::Succeeded } else { Status::Running });
            });
            let mut fresh = executions.clone();
            fresh.set_filter("");
            fresh.sort(Order::default());
            fresh.sort(executions.order());
            // Letter by letter, as typed.
            filter.char_indices().for_each(|(at, c)| fresh.set_filter(&filter[..at + c.len_utf8()]));
            prop_assert_eq!(ids(&executions), ids(&fresh));
            executions.select(Some(ExecutionId(id)));
            let gateway = ids(&executions).iter().position(|known| *known == ExecutionId(id));
            prop_assert_eq!(executions.selected_place(), gateway);
            prop_assert_eq!(executions.counts().running + executions.counts().done, 20);
        }
    }
}
