//! A filter over executions that are mostly only in the store, and the counts that the screen shows.

use std::time::Duration;

use crate::support::render;
use crate::support::scene::{self, NOW, press};
use stepgate::app::{Effect, Model, Msg, Older, Pane, update};
use stepgate::ui::Theme;
use stepgate_core::domain::{
    Cursor, EndpointName, ExecutionArn, ExecutionRecord, GatewayId, GatewayTotals, Observation, OtherMembers, Page,
    Remembered, Status, Timestamp, Totals,
};

const PAGE: usize = 500;

/// A store with this many executions, the newest first, and the pages read from it.
struct Store {
    records: Vec<ExecutionRecord>,
    pages: usize,
}

fn started(index: usize) -> Timestamp {
    Timestamp::from_millis(NOW.as_millis() - i64::try_from(index).expect("small") * 1_000)
}

impl Store {
    fn new(count: usize, gateway: &GatewayId) -> Self {
        let record = |index: usize| {
            // The oldest three have names that match the filter.
            let name = if index + 3 >= count { format!("zebra-{index}") } else { format!("run-{index}") };
            let arn = format!("arn:aws:states:ap-northeast-1:111122223333:execution:OrderPipeline:{name}");
            let arn = ExecutionArn::parse(&arn).expect("an ARN");
            ExecutionRecord {
                gateway: gateway.clone(),
                endpoint: EndpointName::new("dev"),
                machine_name: "order-pipeline".into(),
                machine: arn.machine(),
                arn,
                started: started(index),
                last_response: Some(started(index)),
                seen: Some(Observation {
                    stop_date: Some(started(index).plus(Duration::from_millis(500))),
                    ..Observation::new(Status::Succeeded, started(index))
                }),
                given_up: None,
                input_digest: None,
                warning: None,
                is_others: false,
                start_members: OtherMembers::default(),
            }
        };
        Self { records: (0..count).map(record).collect(), pages: 0 }
    }

    fn page(&self, from: Option<Cursor>, count: usize) -> Page {
        // A cursor without a number of the store stands before all that began then.
        let is_behind = |record: &&ExecutionRecord| {
            from.is_none_or(|from| record.started < from.started || (record.started == from.started && from.id > 0))
        };
        let records: Vec<ExecutionRecord> = self.records.iter().filter(is_behind).take(count).cloned().collect();
        let next =
            records.last().filter(|_| records.len() == count).map(|last| Cursor { started: last.started, id: 0 });
        Page { records, next }
    }

    /// Answers until nothing more is read.
    fn serve(&mut self, model: &mut Model, mut effects: Vec<Effect>) {
        let began = self.pages;
        while let Some(cursor) = effects.iter().find_map(|effect| match effect {
            Effect::ReadPage(cursor) => Some(*cursor),
            _ => None,
        }) {
            self.pages += 1;
            assert!(self.pages - began < 200, "it reads without end");
            effects = update(model, Msg::PageRead(Ok(self.page(Some(cursor), PAGE))));
            assert!(
                model.list().executions().len() < 7_000 || model.list().executions().filter().is_none(),
                "{}",
                model.list().executions().len()
            );
            let now = model.now();
            effects.extend(update(model, Msg::Clock(now)));
        }
    }
}

fn opened(count: usize) -> (Model, Store) {
    let mut model = scene::opened(120, 30);
    let store = Store::new(count, &model.shell().endpoints().first().expect("an endpoint").gateway.clone());
    let page = store.page(None, 100);
    let gateway = model.shell().endpoints().first().expect("an endpoint").gateway.clone();
    let totals = GatewayTotals::from(vec![(gateway, Totals { succeeded: count, ..Totals::default() })]);
    update(&mut model, Msg::StoreLoaded(Box::new(Remembered { page, totals, ..Remembered::default() })));
    assert_eq!(model.shell().focus(), Pane::Executions);
    (model, store)
}

fn screen(model: &Model) -> String {
    render::text_of(&render::drawn(model, &Theme::dark()))
}

#[test]
fn a_filter_searches_the_whole_store_and_shows_the_total() {
    let (mut model, mut store) = opened(20_000);
    let effects = press(&mut model, "/ z e b r");
    assert!(screen(&model).contains("0 of the loaded 100"), "{}", screen(&model));
    assert!(screen(&model).contains("No executions match `zebr` so far."), "{}", screen(&model));
    store.serve(&mut model, effects);
    assert!(screen(&model).contains("3 of 20000"), "{}", screen(&model));
    assert_eq!((model.list().executions().shown(), model.list().executions().counts().done), (3, 20_000));
    assert!(
        model.list().executions().len() < 200,
        "what does not pass is not kept: {}",
        model.list().executions().len()
    );
    let pages = store.pages;
    // More of the same word needs no second look.
    let effects = press(&mut model, "a");
    store.serve(&mut model, effects);
    assert_eq!((store.pages, model.list().executions().shown()), (pages, 3));
    // Another filter does.
    let effects = press(&mut model, "enter esc / r u n - 1 9 9 9 0 enter");
    store.serve(&mut model, effects);
    assert!(screen(&model).contains("1 of 20000"), "{}", screen(&model));
    // Without a filter the list is whole again.
    let effects = press(&mut model, "esc esc G");
    store.serve(&mut model, effects);
    assert_eq!((model.list().executions().filter(), model.list().executions().shown()), (None, 20_000));
    assert_eq!(model.list().executions().counts().done, 20_000);
    let names: Vec<&str> = model.list().executions().window(0, 20_000).map(|row| row.arn.name()).collect();
    assert_eq!((names[0], names[10_000], names[19_999]), ("run-0", "run-10000", "zebra-19999"));
}

#[test]
fn a_filter_that_is_changed_while_a_page_is_on_its_way_misses_nothing() {
    let (mut model, mut store) = opened(3_000);
    let mut effects = press(&mut model, "/ z e b r a");
    for _ in 0..3 {
        let cursor = effects
            .iter()
            .find_map(|effect| match effect {
                Effect::ReadPage(cursor) => Some(*cursor),
                _ => None,
            })
            .expect("a page is read");
        effects = update(&mut model, Msg::PageRead(Ok(store.page(Some(cursor), PAGE))));
    }
    assert_eq!(model.list().executions().older(), Older::Reading);
    let cursor = effects.iter().find_map(|effect| match effect {
        Effect::ReadPage(cursor) => Some(*cursor),
        _ => None,
    });
    let late = store.page(cursor, PAGE);
    press(&mut model, "ctrl-a ctrl-k ^ r u n - 2 0 1 $");
    let effects = update(&mut model, Msg::PageRead(Ok(late)));
    store.serve(&mut model, effects);
    let names: Vec<&str> = model.list().executions().window(0, 9).map(|row| row.arn.name()).collect();
    assert_eq!(names, ["run-201"], "it was left out by the filter before");
    assert!(screen(&model).contains("1 of 3000"), "{}", screen(&model));
}

#[test]
fn what_unloading_leaves_behind_does_not_count_as_searched_by_another_filter() {
    let (mut model, mut store) = opened(9_000);
    let effects = press(&mut model, "G");
    store.serve(&mut model, effects);
    assert_eq!(model.list().executions().len(), 9_000);
    let effects = press(&mut model, "g");
    store.serve(&mut model, effects);
    for _ in 0..9 {
        let now = model.now();
        let effects = update(&mut model, Msg::Clock(now));
        store.serve(&mut model, effects);
    }
    assert!(model.list().executions().len() < 7_000, "{}", model.list().executions().len());
    let effects = press(&mut model, "/ z e b r a");
    store.serve(&mut model, effects);
    assert!(screen(&model).contains("3 of 9000"), "{}", screen(&model));
}

#[test]
fn what_cannot_be_read_does_not_count_as_searched() {
    let (mut model, _) = opened(9_000);
    press(&mut model, "/ z e b r a");
    update(&mut model, Msg::PageRead(Err("the disk is gone".into())));
    assert!(screen(&model).contains("0 of the loaded 100"), "{}", screen(&model));
}

#[test]
fn figures_by_machine_and_sorting_say_of_how_many() {
    let (mut model, mut store) = opened(9_000);
    let mut effects = press(&mut model, "u");
    assert!(screen(&model).contains("by machine of the loaded 100"), "{}", screen(&model));
    effects.extend(press(&mut model, "u S"));
    assert!(screen(&model).contains("by name ▴ of the loaded 100"), "{}", screen(&model));
    effects.extend(press(&mut model, "S S S S G"));
    store.serve(&mut model, effects);
    press(&mut model, "u");
    assert!(!screen(&model).contains("loaded"), "{}", screen(&model));
}
