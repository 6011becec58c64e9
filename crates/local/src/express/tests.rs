//! Limits of what is kept.

use super::*;

const PASS: &str = r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}"#;

fn start(executions: &ExpressExecutions, loaded: &Arc<Loaded>, input: &str, now: i64) {
    let machine = StateMachineArn::parse("arn:aws:states:us-east-1:000000000000:stateMachine:M").expect("an ARN");
    let name = ExecutionName::parse("same").expect("a name");
    executions.start(machine, Arc::clone(loaded), name, input.to_owned(), Timestamp::from_millis(now));
}

#[test]
fn the_oldest_executions_are_dropped_with_their_log() {
    let loaded = Arc::new(Loaded::load(PASS).expect("a definition"));
    let many = ExpressExecutions::default();
    for number in 0..10_001 {
        start(&many, &loaded, "{}", number);
    }
    let kept = many.all();
    assert_eq!((kept.len(), kept[0].start.as_millis()), (MAX_EXECUTIONS, 1));
    let large = ExpressExecutions::default();
    let input = format!("\"{}\"", "x".repeat(250_000));
    for number in 0..100 {
        start(&large, &loaded, &input, number);
    }
    // Each has its input and the same output.
    let kept = large.all();
    assert_eq!(kept.len(), MAX_BYTES / (2 * input.len()));
    assert_eq!(kept.last().map(|execution| execution.start.as_millis()), Some(99));
}
