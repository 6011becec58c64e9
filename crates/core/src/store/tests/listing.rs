//! Reading executions in parts.

use super::*;

#[tokio::test]
async fn pages_continue_where_the_last_one_ended() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, _) = open(folder.path());
    let count = PAGE * 2 + 7;
    for index in 0..count {
        // Many have the same start date.
        let millis = NOW.as_millis() + i64::try_from(index / 300).expect("small");
        let order = order(&format!("run-{index}"), MachineType::Standard);
        store.keep(record(&order, Observation::new(Status::Succeeded, Timestamp::from_millis(millis))));
    }
    store.flush().await;
    let mut page = store.remembered().await.expect("read").page;
    let mut names = Vec::new();
    loop {
        names.extend(page.records.iter().map(|record| record.arn.clone()));
        assert!(page.records.is_sorted_by(|a, b| a.started >= b.started));
        let Some(next) = page.next else { break };
        page = store.page(next).await.expect("read");
    }
    assert_eq!(names.len(), count);
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count, "none twice");
}

#[tokio::test]
async fn a_list_comes_in_small_parts_that_have_everything_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, _) = open(folder.path());
    let output = Payload::received(format!("\"{}\"", "x".repeat(100_000)));
    let count = 1_203;
    for index in 0..count {
        let order = order(&format!("run-{index}"), MachineType::Standard);
        let began = Timestamp::from_millis(NOW.as_millis() + i64::from(index / 7));
        // A part ends by its bytes or its count.
        let output = (index < 40).then(|| output.clone());
        store.keep(record(&order, Observation { output, ..Observation::new(Status::Succeeded, began) }));
    }
    store.flush().await;
    let listing = ListFilter { machines: Vec::new(), statuses: Vec::new(), since: None, gateway: None, limit: 9_999 };
    for with_payloads in [true, false] {
        let (mut names, mut from, mut parts) = (Vec::new(), None, 0);
        loop {
            let (part, next) = store.list(listing.clone(), from, with_payloads).await.expect("read");
            let bytes: usize = part.iter().map(|(_, payloads)| payloads.bytes()).sum();
            assert!(bytes <= 1_200_000 && part.len() <= 500, "{bytes} bytes, {} executions", part.len());
            assert!(with_payloads || bytes == 0);
            names.extend(part.into_iter().map(|(record, _)| record.arn));
            parts += 1;
            if next.is_none() {
                break;
            }
            from = next;
        }
        assert_eq!(names.len(), usize::try_from(count).expect("small"));
        names.sort();
        names.dedup();
        assert_eq!(names.len(), usize::try_from(count).expect("small"), "none twice");
        assert_eq!(parts, if with_payloads { 6 } else { 3 });
    }
}
