//! How changes in the store, and lists of others' executions, become rows of a model.

use std::time::Duration;

use crate::support::render;
use crate::support::scene::{self, NOW, press};
use proptest::prelude::*;
use stepgate::app::{Effect, Model, Msg, update};
use stepgate::ui::Theme;
use stepgate_core::domain::{
    EndpointName, ExecutionArn, ExecutionName, ExecutionRecord, GatewayId, GatewayTotals, ListedExecution, NameOrigin,
    Observation, OpenStart, OtherMembers, Payload, Remembered, Scope, StartOrder, StartRequestId, Status, StoreChanges,
    Totals, UnresolvedStart, WatchedBy,
};

fn gateway(model: &Model) -> GatewayId {
    model.shell().endpoints().first().expect("an endpoint").gateway.clone()
}

fn arn(name: &str) -> ExecutionArn {
    let arn = format!("arn:aws:states:ap-northeast-1:111122223333:execution:OrderPipeline:{name}");
    ExecutionArn::parse(&arn).expect("an ARN")
}

fn record(model: &Model, name: &str, status: Status) -> ExecutionRecord {
    let is_ended = status.outcome().is_some();
    let seen =
        Observation { stop_date: is_ended.then(|| NOW.plus(Duration::from_secs(1))), ..Observation::new(status, NOW) };
    ExecutionRecord {
        gateway: gateway(model),
        endpoint: EndpointName::new("dev"),
        machine_name: "order-pipeline".into(),
        machine: arn(name).machine(),
        arn: arn(name),
        started: NOW,
        last_response: Some(NOW),
        seen: Some(seen),
        given_up: None,
        input_digest: None,
        warning: None,
        is_others: false,
        start_members: OtherMembers::default(),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "a message may have none")]
fn totals(running: usize, succeeded: usize) -> Option<GatewayTotals> {
    let gateway = gateway(&scene::opened(80, 24));
    Some(vec![(gateway, Totals { running, succeeded, ..Totals::default() })].into())
}

fn change(model: &mut Model, changed: Vec<(ExecutionRecord, WatchedBy)>, totals: Option<GatewayTotals>) -> Vec<Effect> {
    update(model, Msg::StoreChanged(Box::new(StoreChanges { changed, totals, ..StoreChanges::default() })))
}

fn watched(effects: &[Effect]) -> usize {
    effects.iter().map(|effect| if let Effect::Watch(watched) = effect { watched.len() } else { 0 }).sum()
}

fn forgotten(effects: &[Effect]) -> usize {
    effects.iter().filter(|effect| matches!(effect, Effect::Forget(_))).count()
}

fn statuses(model: &Model) -> Vec<(String, String)> {
    let executions = model.list().executions();
    let row = |row: &stepgate::app::Row| (row.arn.name().to_owned(), row.status_text().into_owned());
    let mut rows: Vec<_> = executions.window(0, executions.shown()).map(row).collect();
    rows.sort();
    rows
}

fn shown(model: &Model) -> (usize, usize) {
    let counts = model.list().executions().counts();
    (counts.running, counts.done)
}

fn screen(model: &Model) -> String {
    render::text_of(&render::drawn(model, &Theme::dark()))
}

/// A model that keeps another execution selected, since the selected one is always watched.
fn opened() -> Model {
    let mut model = scene::opened(120, 30);
    update(&mut model, Msg::StoreLoaded(Box::default()));
    let own = record(&model, "own", Status::Succeeded);
    change(&mut model, vec![(own, WatchedBy::Unknown)], totals(0, 1));
    model
}

#[test]
fn new_running_executions_are_watched_unless_another_process_does() {
    for (watched_by, expected) in
        [(WatchedBy::Unknown, 1), (WatchedBy::Another("1-2-3".into()), 0), (WatchedBy::This, 0)]
    {
        let mut model = opened();
        let running = record(&model, "a", Status::Running);
        let effects = change(&mut model, vec![(running.clone(), watched_by.clone())], totals(1, 1));
        assert_eq!(watched(&effects), expected, "{watched_by:?}");
        if watched_by == WatchedBy::This {
            assert_eq!((statuses(&model).len(), shown(&model)), (1, (0, 1)), "the response to the start adds it");
            assert!(effects.contains(&Effect::CheckStore), "then the totals are right");
            continue;
        }
        assert_eq!(shown(&model), (1, 1));
        let again = change(&mut model, vec![(running.clone(), watched_by.clone())], totals(1, 1));
        assert_eq!((watched(&again), shown(&model)), (0, (1, 1)), "it is known");
        // Its process has ended.
        let effects = change(&mut model, vec![(running, WatchedBy::Unknown)], None);
        assert_eq!(watched(&effects), 1 - expected);
        let ended = record(&model, "a", Status::Succeeded);
        let effects = change(&mut model, vec![(ended, watched_by)], totals(0, 2));
        assert_eq!((forgotten(&effects), shown(&model)), (1, (0, 2)));
    }
}

#[test]
fn a_selected_execution_is_watched_even_if_another_process_does() {
    let mut model = opened();
    let running = record(&model, "a", Status::Running);
    change(&mut model, vec![(running, WatchedBy::Another("1-2-3".into()))], totals(1, 1));
    assert_eq!(watched(&press(&mut model, "tab down up G g")), 1, "once");
}

#[test]
fn an_older_state_never_replaces_a_newer_one() {
    let (ended, running) = (Status::Succeeded, Status::Running);
    for (first, second, expected) in
        [(&running, &ended, "SUCCEEDED"), (&ended, &running, "SUCCEEDED"), (&running, &running, "RUNNING")]
    {
        let mut model = opened();
        for status in [first, second] {
            let record = record(&model, "a", status.clone());
            change(&mut model, vec![(record, WatchedBy::Unknown)], None);
        }
        assert!(statuses(&model).contains(&("a".into(), expected.into())), "{first:?} {second:?}");
    }
}

#[test]
fn selection_marks_sorting_and_filter_stay_and_removed_rows_leave() {
    let mut model = opened();
    let records = ["a", "b", "c", "d"].map(|name| (record(&model, name, Status::Succeeded), WatchedBy::Unknown));
    change(&mut model, records.to_vec(), totals(0, 5));
    press(&mut model, "tab : sort enter g down space");
    let selected = model.selected().map(|row| row.id);
    let marked: Vec<_> = model.list().executions().marked().collect();
    assert_eq!(marked.len(), 1);
    let more = vec![(record(&model, "aa", Status::Failed), WatchedBy::Unknown)];
    change(&mut model, more, totals(0, 5));
    assert_eq!(model.selected().map(|row| row.id), selected);
    assert_eq!(model.list().executions().marked().collect::<Vec<_>>(), marked);
    let names: Vec<_> = model.list().executions().window(0, 9).map(|row| row.arn.name().to_owned()).collect();
    assert_eq!(names, ["a", "aa", "b", "c", "d", "own"], "sorted by name");
    press(&mut model, "/ status:succeeded enter");
    assert_eq!(model.list().executions().shown(), 5);
    let name = model.selected().map(|row| row.arn.name().to_owned()).expect("selected");
    let removed = vec![(gateway(&model), arn(&name)), (gateway(&model), arn("unknown"))];
    update(&mut model, Msg::StoreChanged(Box::new(StoreChanges { removed, ..StoreChanges::default() })));
    assert_eq!(model.list().executions().shown(), 4);
    assert!(model.selected().is_some_and(|row| row.arn.name() != name), "the next one is selected");
}

#[test]
fn unresolved_starts_of_another_process_are_rows_until_they_are_settled() {
    let mut model = opened();
    let machine = model.list().machines().list()[0].clone();
    let order = StartOrder {
        endpoint: machine.endpoint.clone(),
        gateway: gateway(&model),
        machine_name: machine.name.clone(),
        machine: machine.arn.clone(),
        machine_type: machine.machine_type,
        name: ExecutionName::parse("a").expect("a name"),
        origin: NameOrigin::Generated,
        input: Payload::empty_object(),
    };
    let request = StartRequestId(7);
    let start = UnresolvedStart { order, request_id: Some(request), first_sent: NOW, sent: NOW, reason: None };
    let starts =
        |start: OpenStart| Msg::StoreChanged(Box::new(StoreChanges { starts: vec![start], ..StoreChanges::default() }));
    let effects = update(&mut model, starts(OpenStart::Unresolved(start.clone())));
    assert_eq!((watched(&effects), statuses(&model)[0].1.as_str()), (1, "UNRESOLVED"));
    assert_eq!(watched(&update(&mut model, starts(OpenStart::Unresolved(start.clone())))), 0, "it is known");
    // Another process has found out: its execution is the same row.
    let changes = StoreChanges {
        changed: vec![(record(&model, "a", Status::Running), WatchedBy::Unknown)],
        settled: vec![request],
        totals: totals(1, 1),
        ..StoreChanges::default()
    };
    let effects = update(&mut model, Msg::StoreChanged(Box::new(changes)));
    assert_eq!((watched(&effects), forgotten(&effects), shown(&model)), (1, 1, (1, 1)));
    assert_eq!(statuses(&model).len(), 2);
    // One that led to nothing leaves.
    let mut model = opened();
    update(&mut model, starts(OpenStart::Unresolved(start)));
    let changes = StoreChanges { settled: vec![request], ..StoreChanges::default() };
    let effects = update(&mut model, Msg::StoreChanged(Box::new(changes)));
    assert_eq!((forgotten(&effects), statuses(&model).len()), (1, 1));
}

#[test]
fn after_a_gap_everything_is_read_again() {
    let mut model = opened();
    let running = record(&model, "a", Status::Running);
    let changes = StoreChanges {
        changed: vec![(running, WatchedBy::Unknown)],
        has_gap: true,
        totals: totals(1, 9),
        ..StoreChanges::default()
    };
    let effects = update(&mut model, Msg::StoreChanged(Box::new(changes)));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::ReadPage(_))), "{effects:?}");
    assert_eq!((watched(&effects), shown(&model)), (1, (1, 9)));
}

fn listed(name: &str, status: Status) -> ListedExecution {
    ListedExecution {
        arn: arn(name),
        machine: arn(name).machine(),
        status,
        start_date: NOW,
        stop_date: None,
        redrive_count: None,
        redrive_date: None,
        others: OtherMembers::default(),
    }
}

/// A model that shows everyone's executions, on an endpoint with all routes.
fn everyones() -> Model {
    let mut model = Model::new(scene::setup_with_routes(120, 30));
    update(&mut model, Msg::StoreLoaded(Box::default()));
    let effects = press(&mut model, "a");
    assert!(effects.contains(&Effect::ShowScope(Scope::Everyone)), "{effects:?}");
    assert!(effects.iter().any(|effect| matches!(effect, Effect::List(machines) if machines.len() == 3)));
    model
}

#[test]
fn listed_executions_become_rows_of_others_and_leave_with_the_key() {
    let mut model = everyones();
    let dev = EndpointName::new("dev");
    let list = || vec![listed("theirs", Status::Running), listed("done", Status::Succeeded)];
    let effects = update(&mut model, Msg::Listed(dev.clone(), list()));
    assert_eq!((watched(&effects), shown(&model)), (1, (1, 1)));
    let saved = effects.iter().filter(|effect| matches!(effect, Effect::SaveRecord(record) if record.is_others));
    assert_eq!(saved.count(), 2);
    assert!(screen(&model).contains("Executions · everyone's"));
    assert!(update(&mut model, Msg::Listed(dev.clone(), list())).is_empty(), "they are known");
    // The user's own start comes from a list before its response.
    let effects = press(&mut model, "enter ctrl-s");
    let order = effects.iter().find_map(|effect| match effect {
        Effect::Start(id, order, ..) => Some((*id, order.clone())),
        _ => None,
    });
    let (id, order) = order.expect("a start");
    let own = ListedExecution { arn: order.machine.execution(&order.name), ..listed("x", Status::Running) };
    assert!(update(&mut model, Msg::Listed(dev.clone(), vec![own.clone()])).is_empty(), "its response is awaited");
    let settled = stepgate_core::domain::Settled::Confirmed(stepgate_core::domain::Started::new(own.arn, Some(NOW)));
    update(&mut model, Msg::StartFinished(id, None, settled));
    assert_eq!(shown(&model), (2, 1));
    let effects = press(&mut model, "a");
    assert_eq!(statuses(&model).len(), 1, "only the own one");
    assert!(effects.contains(&Effect::List(Vec::new())) && effects.contains(&Effect::ShowScope(Scope::Mine)));
    assert!(update(&mut model, Msg::Listed(dev, list())).is_empty(), "a late list");
    assert_eq!(statuses(&model).len(), 1);
}

#[test]
fn lists_are_requested_only_while_the_user_is_there() {
    let mut model = everyones();
    let lists = |effects: Vec<Effect>| {
        effects
            .into_iter()
            .find_map(|effect| if let Effect::List(machines) = effect { Some(machines.len()) } else { None })
    };
    assert_eq!(lists(update(&mut model, Msg::Focused(false))), Some(0));
    assert_eq!(lists(update(&mut model, Msg::Focused(true))), Some(3));
    update(&mut model, Msg::Clock(NOW.plus(Duration::from_secs(599))));
    assert_eq!(
        lists(update(&mut model, Msg::Clock(NOW.plus(Duration::from_secs(601))))),
        Some(0),
        "no key for ten minutes"
    );
    assert_eq!(lists(press(&mut model, "down")), Some(3));
    let mut model = scene::opened(120, 30);
    assert!(press(&mut model, "a").iter().all(|effect| !matches!(effect, Effect::ShowScope(_) | Effect::List(_))));
    assert!(screen(&model).contains("No endpoint declares the route"), "{}", screen(&model));
    // Remembered from the last launch.
    let mut model = Model::new(scene::setup_with_routes(120, 30));
    let remembered = Remembered { scope: Scope::Everyone, ..Remembered::default() };
    assert_eq!(lists(update(&mut model, Msg::StoreLoaded(Box::new(remembered)))), Some(3));
}

#[test]
fn rows_are_removed_after_one_confirmation_and_running_ones_stay() {
    let mut model = opened();
    let records = [("a", Status::Succeeded), ("b", Status::Failed), ("c", Status::Running)];
    let records = records.map(|(name, status)| (record(&model, name, status), WatchedBy::Unknown));
    change(&mut model, records.to_vec(), None);
    let removed = |effects: Vec<Effect>| -> Vec<String> {
        let keys =
            effects.into_iter().filter_map(|effect| if let Effect::Remove(keys) = effect { Some(keys) } else { None });
        keys.flatten().map(|(_, arn)| arn.name().to_owned()).collect()
    };
    press(&mut model, "tab : sort enter g");
    assert!(removed(press(&mut model, "d esc d n d q")).is_empty(), "cancelled");
    press(&mut model, "d");
    let dialog = screen(&model);
    assert!(dialog.contains("Remove a from the list?") && dialog.contains("does not change"), "{dialog}");
    assert_eq!(removed(press(&mut model, "y")), ["a"]);
    assert_eq!(model.selected().map(|row| row.arn.name()), Some("b"));
    press(&mut model, "down d");
    assert!(screen(&model).contains("c stays in the list: it has not ended."), "{}", screen(&model));
    press(&mut model, "* d");
    let dialog = screen(&model);
    assert!(dialog.contains("Remove 2 executions from the list?") && dialog.contains("1 marked"), "{dialog}");
    let mut both = removed(press(&mut model, "enter"));
    both.sort();
    assert_eq!(both, ["b", "own"]);
    assert_eq!(statuses(&model).len(), 1);
}

#[test]
fn an_execution_is_opened_by_arn_or_name_or_an_error_says_why_not() {
    let find = |model: &mut Model, text: &str, found: Vec<ExecutionRecord>| {
        press(model, "ctrl-o");
        update(model, Msg::Paste(text.to_owned()));
        let effects = press(model, "enter");
        assert!(effects.iter().any(|effect| matches!(effect, Effect::FindExecution(_))), "{effects:?}");
        let typed = text.split(' ').next().unwrap_or_default().to_owned();
        update(model, Msg::ExecutionsFound(typed, Ok(found)))
    };
    let mut model = opened();
    // In the store, though not among the rows.
    let old = record(&model, "old", Status::Succeeded);
    find(&mut model, "old", vec![old]);
    assert_eq!(model.selected().map(|row| row.arn.name()), Some("old"));
    // Started elsewhere: it is watched, and its first response stores it.
    let effects = find(&mut model, arn("elsewhere").as_str(), Vec::new());
    assert_eq!(watched(&effects), 1);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Restore(_, of) if *of == arn("elsewhere"))));
    assert_eq!(model.selected().map(|row| row.arn.name()), Some("elsewhere"));
    // Already a row.
    press(&mut model, "ctrl-o");
    update(&mut model, Msg::Paste("own".into()));
    press(&mut model, "enter");
    assert_eq!(model.selected().map(|row| row.arn.name()), Some("own"));
    for (text, expected) in [
        ("nothing", "No execution named `nothing` in the store. Type its ARN."),
        ("a/b", "neither an ARN nor a name"),
        ("arn:aws:states:nowhere", "ARN"),
        ("old nowhere", "no endpoint `nowhere`"),
    ] {
        let mut model = opened();
        find(&mut model, text, Vec::new());
        let text = screen(&model);
        assert!(text.contains(expected), "{expected}: {text}");
    }
    let mut model = opened();
    press(&mut model, "ctrl-o enter");
    assert!(screen(&model).contains("Type the ARN or the name"), "{}", screen(&model));
    // The palette's word for it.
    press(&mut model, "esc : open enter");
    assert!(screen(&model).contains("Open an execution"), "{}", screen(&model));
}

#[test]
fn an_arn_that_several_endpoints_know_needs_the_name_of_one() {
    let opened = || {
        let mut setup = scene::setup(120, 30);
        let mut prod = setup.endpoints[0].clone();
        (prod.name, prod.gateway) = (EndpointName::new("prod"), GatewayId::new("https://example.com/prod"));
        prod.endpoint.name = prod.name.clone();
        let machine = setup.machines[0].clone();
        setup.machines.push(stepgate_core::domain::Machine { endpoint: prod.name.clone(), ..machine });
        setup.endpoints.push(prod);
        let mut model = Model::new(setup);
        update(&mut model, Msg::StoreLoaded(Box::default()));
        model
    };
    let find = |model: &mut Model, text: &str| {
        press(model, "ctrl-o");
        update(model, Msg::Paste(text.to_owned()));
        press(model, "enter");
        let typed = text.split(' ').next().unwrap_or_default().to_owned();
        update(model, Msg::ExecutionsFound(typed, Ok(Vec::new())));
    };
    let mut model = opened();
    find(&mut model, arn("a").as_str());
    assert!(screen(&model).contains("Add the endpoint's name after the ARN: dev, prod."), "{}", screen(&model));
    for endpoint in ["dev", "prod"] {
        let mut model = opened();
        find(&mut model, &format!("{} {endpoint}", arn("a")));
        assert_eq!(model.selected().map(|row| row.endpoint.as_str()), Some(endpoint));
    }
    let mut model = opened();
    let foreign = arn("a").as_str().replace("OrderPipeline", "Unknown");
    find(&mut model, &foreign);
    let text = screen(&model);
    assert!(text.contains("No machine in the configuration has this state machine."), "{text}");
}

proptest! {
    /// Whatever order changes arrive in, an ended execution stays ended, and counts equal rows.
    #[test]
    fn rows_and_counts_agree(steps in proptest::collection::vec((0_usize..5, 0_usize..4, 0_usize..3), 1..40)) {
        let mut model = opened();
        let mut ended = std::collections::BTreeSet::new();
        for (name, status, watched_by) in steps {
            let name = format!("run-{name}");
            let key = (gateway(&model), arn(&name));
            if status == 3 {
                let removed = vec![key];
                ended.remove(&name);
                update(&mut model, Msg::StoreChanged(Box::new(StoreChanges { removed, ..StoreChanges::default() })));
            } else {
                let status = [Status::Running, Status::Succeeded, Status::Failed][status].clone();
                let watched_by =
                    [WatchedBy::Unknown, WatchedBy::Another("p".into()), WatchedBy::Unknown][watched_by].clone();
                if status.outcome().is_some() {
                    ended.insert(name.clone());
                }
                let record = record(&model, &name, status);
                change(&mut model, vec![(record, watched_by)], None);
            }
            let rows = statuses(&model);
            for (name, status) in &rows {
                prop_assert!(!ended.contains(name) || status != "RUNNING", "{name} {status}");
            }
            prop_assert_eq!(model.list().executions().counts().sum(), rows.len());
        }
    }
}
