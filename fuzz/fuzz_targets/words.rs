//! Small values that are read in many places: ARNs, names, statuses, dates, keys, inputs.
#![cfg_attr(fuzzing, no_main)]

use stepgate::app::Key;
use stepgate_core::domain::payload::check_input;
use stepgate_core::domain::{ExecutionArn, ExecutionName, InputError, Payload, StateMachineArn, Status, Timestamp};

/// What is read is written the same, and its parts are parts of it.
pub fn run(data: &[u8]) {
    let text = &*String::from_utf8_lossy(data);
    if let Ok(arn) = ExecutionArn::parse(text) {
        assert_eq!(arn.as_str(), text);
        assert!(text.contains(arn.name()) && text.contains(arn.machine().name()));
        assert!(StateMachineArn::parse(arn.machine().as_str()).is_ok(), "{}", arn.machine());
    }
    if let Ok(arn) = StateMachineArn::parse(text) {
        assert_eq!(arn.as_str(), text);
        assert_eq!(arn.unqualified().unqualified(), arn.unqualified());
        let name = ExecutionName::parse("run-1").expect("a name");
        assert_eq!(arn.execution(&name).machine(), arn.unqualified());
    }
    if let Ok(name) = ExecutionName::parse(text) {
        assert!(name.as_str() == text && (1..=80).contains(&text.chars().count()));
    }
    assert!(
        Status::from_wire(text).as_str().eq_ignore_ascii_case(text.trim()) || Status::from_wire(text).as_str() == text
    );
    if let Some(moment) = Timestamp::from_text(text) {
        let written = moment.to_string();
        assert_eq!(Timestamp::from_text(&written), Some(Timestamp::from_millis(moment.to_jiff().as_millisecond())));
    }
    if let Some(key) = Key::parse(text) {
        assert!(!key.to_string().is_empty());
    }
    check_place(text);
    let _ = Payload::received(text).digest();
}

/// An error of an input is at a place of the text.
fn check_place(text: &str) {
    let Err(InputError::NotJson { line, column, message }) = check_input(text) else { return };
    let lines = text.lines().count().max(1);
    assert!((1..=lines + 1).contains(&line) && !message.is_empty(), "{line} of {lines}");
    let chars = text.lines().nth(line - 1).unwrap_or_default().chars().count();
    assert!((1..=chars + 1).contains(&column), "{column} of {chars}");
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));
