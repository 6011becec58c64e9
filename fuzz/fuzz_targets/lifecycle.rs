//! What the responses to one start request and to its status requests mean, in any order.
//!
//! A line is `after SECONDS`, `start RESPONSE` or `status RESPONSE`; see `support/response.rs` for a response.
#![cfg_attr(fuzzing, no_main)]

#[path = "support/response.rs"]
mod response;

use std::time::Duration;

use stepgate_core::domain::{
    ClockOffset, EndpointName, ExecutionName, Failure, FailureKind, GatewayFacts, GatewayId, MachineType, NameHandling,
    NameOrigin, Observation, Payload, StartOrder, StateMachineArn, Timestamp, UnresolvedStart, Verdict,
};
use stepgate_core::lifecycle::attempts::{Attempts, Next};
use stepgate_core::lifecycle::attribution::Evidence;
use stepgate_core::lifecycle::execution::{merged, new_record, with_observation};
use stepgate_core::lifecycle::start_outcome::Outcome;
use stepgate_core::lifecycle::tracked::PollResult;
use stepgate_core::lifecycle::{Change, Context, Knowledge, Tracked};

const BEGIN: Timestamp = Timestamp::from_millis(1_701_838_931_000);

/// The rules of ARCHITECTURE.md, "Invariants", hold for every sequence.
pub fn run(data: &[u8]) {
    let mut course = Course::new();
    for line in data.split(|byte| *byte == b'\n').take(200) {
        let (word, rest) = line.split_at(line.iter().position(|byte| *byte == b' ').unwrap_or(line.len()));
        let rest = rest.trim_ascii();
        match word {
            b"after" => course.wait(rest),
            b"start" => course.start(rest),
            b"status" => course.status(rest),
            _ => {}
        }
    }
}

struct Course {
    order: StartOrder,
    attempts: Attempts,
    tracked: Tracked,
    facts: GatewayFacts,
    now: Timestamp,
    last: Option<Observation>,
}

impl Course {
    fn new() -> Self {
        let order = StartOrder {
            endpoint: EndpointName::new("e"),
            gateway: GatewayId::new("https://example.com/dev"),
            machine_name: "m".into(),
            machine: StateMachineArn::parse("arn:aws:states:us-east-1:111122223333:stateMachine:M").expect("an ARN"),
            machine_type: MachineType::Unknown,
            name: ExecutionName::parse("run-1").expect("a name"),
            origin: NameOrigin::Generated,
            input: Payload::empty_object(),
        };
        let unresolved =
            UnresolvedStart { order: order.clone(), request_id: None, first_sent: BEGIN, sent: BEGIN, reason: None };
        Self {
            order,
            attempts: Attempts::default(),
            tracked: Tracked::from_start(unresolved),
            facts: GatewayFacts::default(),
            now: BEGIN,
            last: None,
        }
    }

    fn context(&self) -> Context {
        let offset = Some(ClockOffset::between(BEGIN, BEGIN));
        Context { now: self.now, offset, facts: self.facts, ..Context::default() }
    }

    fn wait(&mut self, seconds: &[u8]) {
        let seconds = std::str::from_utf8(seconds).ok().and_then(|text| text.parse().ok()).unwrap_or(1);
        self.now = self.now.plus(Duration::from_secs(seconds % 1_000_000));
        let context = self.context();
        let _ = (self.tracked.begin(Duration::ZERO, &context), self.tracked.objection(&context));
    }

    fn start(&mut self, line: &[u8]) {
        let (head, body) = response::split(line);
        let response = head.start(body);
        let leaves_outcome_open = response.as_ref().is_err_and(Failure::leaves_outcome_open);
        let named = response.as_ref().ok().and_then(|response| response.execution_arn.clone());
        let known = Knowledge { facts: self.facts, configured: None, machine: MachineType::Unknown, has_list: false };
        let spent = self.now.since(BEGIN);
        match self.attempts.on_response(&self.order, response, (known, Evidence::default()), spent, 0.5) {
            Next::RetryAfter(_) => {
                assert_eq!(known.names(), NameHandling::PassedOn, "sent again where that may start twice");
            }
            Next::Done(Outcome::Confirmed(started)) => {
                assert_eq!(started.execution_arn.machine(), self.order.machine.unqualified());
                assert!(named.is_none_or(|named| named == started.execution_arn));
            }
            Next::Done(Outcome::Refused(failure)) => assert!(!leaves_outcome_open, "{failure}"),
            Next::Done(Outcome::Unresolved(_)) => {}
        }
    }

    fn status(&mut self, line: &[u8]) {
        let (head, body) = response::split(line);
        let response = head.status(body);
        let absent = response.as_ref().is_err_and(|failure| failure.kind == FailureKind::ExecutionDoesNotExist);
        let asked = self.tracked.arn();
        let named = response.as_ref().ok().and_then(|seen| seen.subject.execution_arn.clone());
        let is_foreign = named.is_some_and(|named| named != asked.as_str());
        let context = self.context();
        let (meaning, facts) = self.tracked.on_response(response, &context);
        assert!(!is_foreign || matches!(meaning, PollResult::Failed(_)), "a foreign response was taken: {meaning:?}");
        self.facts = facts;
        if let PollResult::Seen { seen, .. } = &meaning {
            self.stands(seen);
            self.last = Some((**seen).clone());
        }
        for verdict in [Verdict::GivenUp, Verdict::Ended] {
            let change = self.tracked.change(meaning.clone(), &verdict, &self.context());
            assert!(change != Change::NotStarted || absent, "only the service can say so");
        }
    }

    /// An outcome is only replaced after a redrive.
    fn stands(&self, seen: &Observation) {
        let Some(last) = self.last.as_ref().filter(|last| last.is_ended() && last.status != seen.status) else {
            return;
        };
        let was_redriven = seen.redrive.count > last.redrive.count
            || seen.redrive.date > last.redrive.date
            || seen.stop_date > last.stop_date;
        assert!(was_redriven, "{last:?} became {seen:?}");
        let started = stepgate_core::domain::Started::new(self.tracked.arn(), None);
        let record = with_observation(new_record(&self.order, &started, BEGIN), last.clone(), None, self.now);
        let newer = with_observation(record.clone(), seen.clone(), None, self.now);
        let written = merged(&record, newer).expect("what is newer is written");
        assert_eq!(written.seen.map(|kept| kept.status), Some(seen.status.clone()));
    }
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));
