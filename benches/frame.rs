//! The cost of one update and of one frame, with 10, 1,000 and 100,000 executions in the model. That of a frame
//! depends only on the visible rows. `cargo bench --bench frame`

#[path = "../tests/support/render.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod render;
#[path = "../tests/support/scene.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod scene;

use std::hint::black_box;
use std::time::Duration;

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use stepgate::app::{Key, KeyCode, Model, Msg, Row, update};
use stepgate::ui::{Theme, view};
use stepgate_core::domain::{ExecutionArn, ExecutionId, ExecutionRecord, Remembered, Status, Timestamp, Verdict};
use stepgate_core::lifecycle::backlog::Backlog;
use stepgate_core::lifecycle::{Change, StatusReport};

/// A model with this many running executions, the newest selected.
fn filled(count: u64) -> Model {
    let mut model = scene::opened(120, 40);
    let first = scene::started(&mut model, "order-pipeline", "order-0", count);
    let record = model.list().executions().get(first).and_then(Row::record).expect("a record");
    let running = (1..count).map(|index| {
        let arn = format!("arn:aws:states:ap-northeast-1:111122223333:execution:OrderPipeline:order-{index}");
        let age = i64::try_from(count - index).expect("small");
        let started = Timestamp::from_millis(scene::NOW.as_millis() - 1_000 * age);
        ExecutionRecord { arn: ExecutionArn::parse(&arn).expect("an ARN"), started, ..record.clone() }
    });
    let remembered = Remembered { running: running.collect(), ..Remembered::default() };
    update(&mut model, Msg::StoreLoaded(Box::new(remembered)));
    update(&mut model, Msg::Key(Key::plain(KeyCode::Tab)));
    model
}

fn frame(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("frame");
    for count in [10, 1_000, 100_000] {
        let model = filled(count);
        let mut terminal = Terminal::new(TestBackend::new(120, 40)).expect("a made-up terminal");
        group.bench_with_input(BenchmarkId::from_parameter(count), &model, |bencher, model| {
            bencher.iter(|| {
                terminal.draw(|frame| view(black_box(model), &Theme::dark(), frame)).map(|done| done.count).ok()
            });
        });
    }
    group.finish();
}

fn updates(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("update");
    for count in [10, 1_000, 100_000] {
        let mut model = filled(count);
        let mut id = 0;
        let seen = scene::seen(&model, ExecutionId(0), Status::Running, Duration::ZERO);
        group.bench_function(BenchmarkId::new("answer", count), |bencher| {
            bencher.iter_batched(
                || {
                    id = (id + 1) % count;
                    Msg::StatusReceived(Box::new(StatusReport {
                        endpoint: scene::endpoint(),
                        id: ExecutionId(id),
                        change: Change::Seen(Box::new(seen.clone()), None),
                        verdict: Verdict::Watching(Duration::from_secs(1)),
                        is_paused: false,
                        rate: 5.0,
                        backlog: Backlog::default(),
                    }))
                },
                |message| update(&mut model, message),
                BatchSize::SmallInput,
            );
        });
        group.bench_function(BenchmarkId::new("key", count), |bencher| {
            bencher.iter(|| update(&mut model, Msg::Key(Key::plain(KeyCode::Down))));
        });
    }
    group.finish();
}

fn payload(criterion: &mut Criterion) {
    let item = r#"{"order":4711,"name":"注文番号","tags":["a","b"],"weight":1.0,"note":"as it came"},"#;
    let text = format!("[{}0]", item.repeat(256 * 1024 / item.len()));
    assert!(text.len() > 255 * 1024);
    criterion.bench_function("open a payload of 256 KiB", |bencher| {
        bencher.iter(|| stepgate::app::reader::Reader::new(black_box(text.as_str()).into()).rows().len());
    });
}

/// A key typed into a large input, and the frame after it.
fn typing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("type into an input of 200 KiB");
    for (name, line) in
        [("lines", "{\"order\": 4711, \"weight\": 1.0},\n"), ("one line", "{\"order\": 4711, \"weight\": 1.0},")]
    {
        let mut model = scene::opened(120, 40);
        scene::press(&mut model, "n order enter ctrl-a");
        update(&mut model, Msg::Paste(line.repeat(200 * 1024 / line.len())));
        let mut terminal = Terminal::new(TestBackend::new(120, 40)).expect("a made-up terminal");
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                update(&mut model, Msg::Key(Key::plain(KeyCode::Char('1'))));
                terminal.draw(|frame| view(&model, &Theme::dark(), frame)).map(|done| done.count).ok()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, frame, updates, payload, typing);
criterion_main!(benches);
