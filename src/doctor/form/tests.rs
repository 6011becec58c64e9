//! Each form of a response, and its findings.

use super::*;
use stepgate_core::domain::{Payload, Timestamp};

const ARN: &str = "arn:aws:states:us-east-1:123456789012:execution:Order:run-1";

fn requested() -> ExecutionArn {
    ExecutionArn::parse(ARN).expect("an ARN")
}

fn complete() -> Observation {
    Observation {
        start_date: Some(Timestamp::from_millis(1)),
        stop_date: Some(Timestamp::from_millis(2)),
        output: Some(Payload::empty_object()),
        ..Observation::new(Status::Succeeded, Timestamp::from_millis(1))
    }
}

fn form(seen: Option<Observation>) -> StatusForm {
    StatusForm {
        members: vec!["status".into(), "output".into()],
        received: None,
        seen: seen.map(Box::new),
        is_enveloped: false,
        is_error: false,
        unreadable_dates: Vec::new(),
        not_texts: Vec::new(),
    }
}

fn found(form: &StatusForm, filter: Option<&str>) -> Vec<Finding> {
    findings(form, &requested(), StatusRoute { path: "/execution/status", filter })
}

fn names(form: &StatusForm) -> Vec<&'static str> {
    found(form, None).iter().map(|finding| finding.name).collect()
}

#[test]
fn each_missing_or_unusual_member_is_a_finding() {
    let with = |change: &dyn Fn(&mut StatusForm, &mut Observation)| {
        let (mut changed, mut seen) = (form(None), complete());
        change(&mut changed, &mut seen);
        StatusForm { seen: Some(Box::new(seen)), ..changed }
    };
    for (form, expected) in [
        (with(&|_, _| {}), &["ok"][..]),
        (with(&|_, seen| seen.output = None), &["ok", "no-output"]),
        (with(&|_, seen| seen.stop_date = None), &["ok", "no-stop-date"]),
        (
            with(&|form, seen| {
                seen.stop_date = None;
                form.unreadable_dates = vec!["stopDate"];
            }),
            &["ok", "unreadable-date"],
        ),
        (with(&|form, _| form.not_texts = vec!["input", "output"]), &["ok", "not-a-string"]),
        (
            with(&|_, seen| {
                seen.status = Status::Running;
                seen.output = None;
                seen.stop_date = None;
            }),
            &["ok"],
        ),
        (with(&|_, seen| seen.status = Status::from_wire("DONE")), &["ok", "unknown-status"]),
        (with(&|_, seen| seen.subject.execution_arn = Some(ARN.replace("run-1", "run-2"))), &["other-execution"]),
        (with(&|_, seen| seen.subject.name = Some("run-2".into())), &["other-execution"]),
        (form(None), &["no-status"]),
        (StatusForm { is_error: true, ..form(None) }, &["error-as-success"]),
        (StatusForm { is_enveloped: true, ..form(None) }, &["enveloped"]),
    ] {
        assert_eq!(names(&form), expected, "{form:?}");
    }
}

#[test]
fn with_a_filter_the_advice_is_about_the_filter() {
    let filter = "`status.answer` in [endpoints.e.routes]";
    let other = Observation {
        subject: stepgate_core::domain::Subject { name: Some("x".into()), ..Default::default() },
        ..complete()
    };
    let incomplete = Observation { output: None, stop_date: None, ..complete() };
    for form in [
        form(None),
        StatusForm { is_error: true, ..form(None) },
        StatusForm { is_enveloped: true, ..form(None) },
        form(Some(other)),
        form(Some(incomplete)),
    ] {
        for finding in found(&form, Some(filter)).iter().filter(|finding| finding.name != "ok") {
            assert!(finding.advice.starts_with(&format!("Check {filter}")), "{finding:?}");
        }
        for finding in found(&form, None).iter().filter(|finding| finding.name != "ok") {
            assert!(!finding.advice.contains("status.answer") && !finding.advice.is_empty(), "{finding:?}");
        }
    }
}

#[test]
fn members_are_named_without_values() {
    let received = Some(vec!["state".to_owned(), "result".to_owned()]);
    let message = &found(&StatusForm { received, ..form(Some(complete())) }, Some("x"))[0].message;
    assert_eq!(
        message,
        "`run-1` in the store can be described: SUCCEEDED; members received: state, result; members of the filter's result: \
         status, output"
    );
    let long = Observation { status: Status::from_wire(&"secret ".repeat(9)), ..complete() };
    assert!(found(&form(Some(long)), None).iter().all(|finding| !finding.message.contains("secret")));
}
