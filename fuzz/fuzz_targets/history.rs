//! Responses to `GetExecutionHistory`.
#![cfg_attr(fuzzing, no_main)]

#[path = "support/failure.rs"]
mod failure;
#[path = "support/limited.rs"]
mod limited;
#[path = "support/response.rs"]
mod response;

use serde_json::Value;

/// Every event of the body is read, in its order, with its id and type as they were received.
pub fn run(data: &[u8]) {
    let (head, body) = response::split(data);
    match head.history(body) {
        Err(failure) => failure::check(&failure, body),
        Ok(page) => {
            let Ok(members) = serde_json::from_slice::<Value>(body) else { return };
            let Some(events) = members["events"].as_array() else { panic!("there are no events") };
            assert_eq!(events.len(), page.items.len());
            for (event, received) in page.items.iter().zip(events) {
                let event_type = received["type"].as_str().unwrap_or_default();
                assert!(limited::is_of(&event.event_type, event_type), "{event_type}");
                assert!(received["id"].as_u64().is_none_or(|id| id == event.id), "{received}");
                let _ = (event.detail("name"), event.detail_number("index"), event.at.to_string());
            }
        }
    }
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));
