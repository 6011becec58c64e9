//! Single questions to a gateway, for the doctor. None of them starts or changes anything.

use std::time::{Duration, SystemTime};

use serde::Serialize;

use crate::domain::{ExecutionArn, Failure, FailureKind, Route, StateMachineArn, Timestamp};
use crate::gateway::auth::Credentials;
use crate::gateway::client::{Client, body};
use crate::gateway::probe::nowhere::NOWHERE;

/// What came of a single question.
#[derive(Debug, Clone)]
pub struct Probe {
    /// Why there was no good answer; a question about what cannot exist has none.
    pub failure: Option<Failure>,
    /// The gateway's own clock, from the header `Date`.
    pub date: Option<Timestamp>,
}

/// What is asked about.
#[derive(Debug, Clone, Copy)]
pub enum Question<'a> {
    /// An execution that cannot exist, by the route's action.
    Execution(Route, &'a ExecutionArn),
    /// The executions of a machine.
    Machine(&'a StateMachineArn),
    /// A route that is not there.
    UnknownRoute,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Input<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    execution_arn: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_machine_arn: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_results: Option<usize>,
}

impl Client {
    /// Asks once. Only for routes that cannot start anything, and that the endpoint declares.
    pub async fn probe(&self, question: Question<'_>) -> Probe {
        let asked = match question {
            // No body makes a start harmless behind every mapping template.
            Question::Execution(Route::Start, _) => {
                Err(Failure::without_response(FailureKind::Client, "only a start proves this route"))
            }
            Question::Execution(route, _) => self.declared(route).map(str::to_owned),
            Question::Machine(_) => self.declared(Route::List).map(str::to_owned),
            Question::UnknownRoute => Ok(NOWHERE.to_owned()),
        };
        let (execution, machine) = match question {
            Question::Execution(_, arn) => (Some(arn.as_str()), None),
            Question::Machine(arn) => (None, Some(arn.as_str())),
            Question::UnknownRoute => (None, None),
        };
        let most = matches!(question, Question::Execution(Route::History, _) | Question::Machine(_)).then_some(1);
        let input = Input { execution_arn: execution, state_machine_arn: machine, max_results: most };
        let asked = async {
            let (route, body) = (asked?, body(&input)?);
            let credentials = self.credentials().await?;
            Ok(self.exchange(&route, &body, &credentials, |_| Ok(())).await)
        };
        match asked.await {
            Ok((head, result)) => Probe { failure: result.err(), date: head.date() },
            Err(failure) => Probe { failure: Some(failure), date: None },
        }
    }

    /// Learns the gateway's time from the `Date` of its response to a route that no gateway has. Sends no credentials, whose
    /// look-up may ask a person.
    pub async fn ask_the_time(&self) {
        let _ = self.exchange(NOWHERE, b"{}", &Credentials::none(), |_| Ok(())).await;
    }

    /// Looks the credentials up, and says for how long they are good if they tell; zero when they have expired.
    pub async fn prove_credentials(&self) -> Result<Option<Duration>, Failure> {
        let expires = self.credentials().await?.expires();
        Ok(expires.map(|expires| expires.duration_since(SystemTime::now()).unwrap_or_default()))
    }
}
