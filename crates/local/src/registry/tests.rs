//! Restarts, several processes, and limits.

use super::*;
use crate::engine::Timeline;

const PASS: &str = r#"{"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 60, "End": true}}}"#;

fn start(registry: &Registry, name: &str, input: &str, now: i64) -> Result<(String, i64), String> {
    let machine = "arn:aws:states:us-east-1:000000000000:stateMachine:M";
    let machine = StateMachineArn::parse(machine).expect("an ARN");
    let loaded = Arc::new(Loaded::load(PASS).expect("a definition"));
    let name = ExecutionName::parse(name).expect("a name");
    let outcome = registry.start(machine, loaded, &name, input, Timestamp::from_millis(now));
    match outcome {
        StartOutcome::Running(entry) => Ok((entry.arn.name().to_owned(), entry.start.as_millis())),
        StartOutcome::NameTaken(entry) => Err(entry.arn.name().to_owned()),
    }
}

#[test]
fn executions_survive_restarts_and_are_shared_by_processes() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("journal.jsonl");
    let (first, second) = (Registry::open(&path).expect("opened"), Registry::open(&path).expect("opened"));
    assert_eq!(start(&first, "a", "{ \"n\":1.0 }", 1_000), Ok(("a".into(), 1_000)));
    assert_eq!(start(&second, "a", "{ \"n\":1.0 }", 2_000), Ok(("a".into(), 1_000)), "the same, while it runs");
    assert_eq!(start(&second, "a", "{}", 2_000), Err("a".into()));
    assert_eq!(start(&second, "b", "{}", 3_000), Ok(("b".into(), 3_000)));
    let arn = ExecutionArn::parse("arn:aws:states:us-east-1:000000000000:execution:M:a").expect("an ARN");
    let b = ExecutionArn::parse(&arn.as_str().replace(":M:a", ":M:b")).expect("an ARN");
    assert_eq!(first.find(&b).expect("the other's").start.as_millis(), 3_000);
    // Each process sees the other's changes.
    let (stop, redrive) = (Timestamp::from_millis(5_000), Timestamp::from_millis(9_000));
    assert_eq!(second.stop(&arn, Some("E".into()), None, stop), Some(stop));
    assert!(!first.find(&arn).expect("known").is_running(stop));
    let token = Some("t".to_owned());
    assert!(matches!(first.redrive(&arn, token.clone(), redrive), Some(RedriveOutcome::Redriven(at)) if at == redrive));
    assert!(matches!(second.redrive(&arn, token, stop), Some(RedriveOutcome::Redriven(at)) if at == redrive));
    assert!(
        matches!(second.redrive(&arn, None, redrive), Some(RedriveOutcome::Refused(why)) if why.contains("RUNNING"))
    );
    drop((first, second));
    // A crash in the middle of a line loses only that line.
    let mut text = std::fs::read_to_string(&path).expect("read");
    text.push_str("{\"execution\":\"arn:aws:st");
    std::fs::write(&path, text).expect("written");
    let third = Registry::open(&path).expect("opened");
    assert_eq!(start(&third, "c", "{}", 4_000), Ok(("c".into(), 4_000)));
    let fourth = Registry::open(&path).expect("opened");
    assert_eq!(fourth.all().len(), 3);
    let entry = fourth.find(&arn).expect("kept");
    let Timeline { stop, redrives, .. } = entry.timeline();
    assert_eq!((entry.input.as_str(), stop.as_millis() > 69_000, *redrives), ("{ \"n\":1.0 }", true, 1));
}

fn arn_of(name: &str) -> ExecutionArn {
    ExecutionArn::parse(&format!("arn:aws:states:us-east-1:000000000000:execution:M:{name}")).expect("an ARN")
}

#[test]
fn a_large_journal_is_compacted_for_all_processes() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("journal.jsonl");
    let (first, second) = (Registry::open(&path).expect("opened"), Registry::open(&path).expect("opened"));
    let input = format!("\"{}\"", "x".repeat(200_000));
    for number in 0..200 {
        let registry = if number % 2 == 0 { &first } else { &second };
        start(registry, &format!("n{number}"), &input, number).expect("started");
        assert!(std::fs::metadata(&path).expect("a file").len() < 18 * 1024 * 1024);
    }
    // Other processes see changes to executions that were kept.
    let last = arn_of("n199");
    first.stop(&last, Some("E".into()), None, Timestamp::from_millis(300)).expect("stopped");
    for registry in [&first, &second, &Registry::open(&path).expect("opened")] {
        assert!(registry.find(&arn_of("n0")).is_none(), "the oldest is gone");
        let entry = registry.find(&last).expect("the latest is there");
        assert!(!entry.is_running(Timestamp::from_millis(400)));
        assert_eq!(entry.input, input);
    }
}

#[test]
fn an_invalid_journal_is_ignored() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("journal.jsonl");
    let line = format!("{{\"execution\": \"{}\n", "x".repeat(5 * 1024 * 1024));
    for text in ["\0\0\0\n\n{}\n[1,2]\nnull\n{\"execution\":1}\n".to_owned(), line.clone(), line.repeat(6)] {
        std::fs::write(&path, &text).expect("written");
        let registry = Registry::open(&path).expect("opened");
        assert_eq!(registry.all().len(), 0);
        start(&registry, "a", "{}", 1_000).expect("started");
        assert!(Registry::open(&path).expect("opened").find(&arn_of("a")).is_some(), "{}", text.len());
    }
    assert!(folder.path().join("journal.jsonl.aside").exists(), "the huge file is renamed");
}

#[test]
fn executions_in_memory_are_limited_and_ended_ones_go_first() {
    let registry = Registry::default();
    let input = format!("\"{}\"", "x".repeat(250_000));
    // Each runs for a minute: the second one has ended when the others start.
    start(&registry, "running", &input, 100_000).expect("started");
    start(&registry, "over", &input, 1_000).expect("started");
    for number in 0..133 {
        start(&registry, &format!("n{number}"), &input, 100_000 + number).expect("started");
    }
    assert!(registry.find(&arn_of("over")).is_none() && registry.find(&arn_of("running")).is_some());
    for number in 200..400 {
        start(&registry, &format!("n{number}"), &input, 100_000 + number).expect("started");
    }
    let bytes: usize = registry.all().iter().map(|entry| entry.input.len()).sum();
    assert!(bytes <= MAX_BYTES && bytes > MAX_BYTES / 2, "{bytes}");
}
