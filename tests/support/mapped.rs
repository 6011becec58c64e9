//! Gateways with mappings of their own, one for each recipe of docs/gateways.md, in front of a tiny Step Functions.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::support::odd::{Fate, ORDER, OddGateway, Request, Service, Shape};

/// The headings of the recipes.
pub const RECIPES: [&str; 10] = [
    "The article's gateway",
    "AWS tutorial",
    "Serverless plug-in",
    "SAM event",
    "HTTP API, Input=$request.body",
    "HTTP API, Input=$request.body.input",
    "statusCode and body",
    "job_id",
    "202 with a status URL",
    "ARN in the query",
];

/// A gateway on a port of its own.
pub struct MappedGateway {
    gateway: OddGateway,
    mapping: Arc<Mapping>,
}

struct Mapping {
    recipe: &'static str,
    service: Mutex<Service>,
    starts: AtomicUsize,
    loses_starts: AtomicBool,
    hangs_after_starts: AtomicBool,
    requests: Mutex<Vec<Request>>,
}

impl MappedGateway {
    /// Serves the gateway of this recipe; executions end after `lasts`.
    pub async fn serve(recipe: &'static str, lasts: Duration) -> Self {
        let service = Mutex::new(Service::lasting(lasts));
        let mapping = Arc::new(Mapping {
            recipe,
            service,
            starts: AtomicUsize::new(0),
            loses_starts: AtomicBool::new(false),
            hangs_after_starts: AtomicBool::new(false),
            requests: Mutex::default(),
        });
        let inner = Arc::clone(&mapping);
        let answer = move |request: &Request| Some(inner.answer(request));
        Self { gateway: OddGateway::serve_before(Shape::Documented, lasts, answer).await, mapping }
    }

    pub fn url(&self) -> String {
        self.gateway.url()
    }

    /// The ARN and the input of everything that was started, oldest first.
    pub fn executions(&self) -> Vec<(String, String)> {
        self.mapping.service().executions()
    }

    /// How many requests there were to the start route.
    pub fn starts(&self) -> usize {
        self.mapping.starts.load(Ordering::SeqCst)
    }

    /// Everything that has arrived.
    pub fn requests(&self) -> Vec<Request> {
        self.mapping.requests.lock().expect("the requests").clone()
    }

    /// From now on starts are carried out, and their responses lost.
    pub fn lose_starts(&self, is_so: bool) {
        self.mapping.loses_starts.store(is_so, Ordering::SeqCst);
    }

    /// From now on starts are carried out and never answered.
    pub fn hang_after_starts(&self, is_so: bool) {
        self.mapping.hangs_after_starts.store(is_so, Ordering::SeqCst);
    }
}

impl Mapping {
    fn service(&self) -> MutexGuard<'_, Service> {
        self.service.lock().expect("nothing panics with the service in hand")
    }

    fn answer(&self, request: &Request) -> Fate {
        self.requests.lock().expect("the requests").push(request.clone());
        let path = request.path.strip_prefix("/dev").unwrap_or(&request.path);
        if let Some(started) = self.start(&request.method, path, &request.body) {
            self.starts.fetch_add(1, Ordering::SeqCst);
            if self.loses_starts.load(Ordering::SeqCst) {
                return Fate::Close;
            }
            return if self.hangs_after_starts.load(Ordering::SeqCst) { Fate::Hang } else { started };
        }
        let Some(arn) = self.subject(&request.method, path, &request.body) else {
            let body = json!({ "message": "Missing Authentication Token" }).to_string();
            return Fate::reply("403 Forbidden", body);
        };
        self.described(&self.service().describe(&arn))
    }

    /// Starts something, if the request is for that, and returns the response.
    fn start(&self, method: &str, path: &str, body: &str) -> Option<Fate> {
        let (route, expects_input) = match self.recipe {
            "AWS tutorial" => ("/execution", true),
            "Serverless plug-in" => ("/orders", true),
            "SAM event" => ("/order", true),
            "HTTP API, Input=$request.body" => ("/start", true),
            "HTTP API, Input=$request.body.input" | "202 with a status URL" => ("/start", false),
            "job_id" => ("/jobs", true),
            _ => ("/execution", false),
        };
        if (method, path) != ("POST", route) {
            return None;
        }
        let request: Value = serde_json::from_str(body).unwrap_or_default();
        let (name, input) = match self.recipe {
            _ if expects_input => (None, Value::from(body)),
            "HTTP API, Input=$request.body.input" => {
                let members: HashMap<&str, &RawValue> = serde_json::from_str(body).expect("an object");
                assert!(members.len() == 2 && members["input"].get().starts_with('{'), "{body}");
                (serde_json::from_str(members["name"].get()).ok(), Value::from(members["input"].get()))
            }
            _ => (request["name"].as_str(), request["input"].clone()),
        };
        let made = self.service().start(ORDER, name, &input);
        let arn = made["executionArn"].as_str().unwrap_or_default();
        Some(match self.recipe {
            _ if arn.is_empty() && self.recipe != "statusCode and body" => {
                Fate::reply("400 Bad Request", made.to_string())
            }
            "statusCode and body" => proxied(&made),
            "job_id" => {
                let name = arn.rsplit(':').next().unwrap_or_default();
                Fate::reply("200 OK", json!({ "job_id": name }).to_string())
            }
            "202 with a status URL" => {
                let url = format!("https://api.example.com/dev/status/{}", arn.replace(':', "%3A"));
                Fate::reply("202 Accepted", json!({ "statusUrl": url }).to_string())
            }
            _ => Fate::reply("200 OK", made.to_string()),
        })
    }

    /// Returns the ARN of the execution that a request is about.
    fn subject(&self, method: &str, path: &str, body: &str) -> Option<String> {
        let route = match self.recipe {
            "AWS tutorial" => "/status",
            "Serverless plug-in" => "/orders/status",
            "SAM event" => "/order/status",
            "HTTP API, Input=$request.body" | "HTTP API, Input=$request.body.input" | "202 with a status URL" => {
                "/status/"
            }
            "job_id" => "/jobs/",
            "ARN in the query" => "/status?arn=",
            _ => "/execution/status",
        };
        let rest = path.strip_prefix(route)?;
        if route.ends_with(['/', '=']) {
            if (method, body) != ("GET", "") {
                return None;
            }
            assert!(!rest.contains([':', '/']), "{rest}");
            let value = rest.replace("%3A", ":");
            let of_name = format!("{}:{value}", ORDER.replace(":stateMachine:", ":execution:"));
            return Some(if self.recipe == "job_id" { of_name } else { value });
        }
        let request: Value = serde_json::from_str(body).ok()?;
        (rest.is_empty() && method == "POST").then(|| request["executionArn"].as_str().map(str::to_owned))?
    }

    fn described(&self, described: &Value) -> Fate {
        let status = described["status"].as_str();
        match self.recipe {
            "statusCode and body" => proxied(described),
            _ if status.is_none() => Fate::reply("400 Bad Request", described.to_string()),
            "job_id" => {
                let state = match status {
                    Some("SUCCEEDED") => "done",
                    Some("FAILED") => "failed",
                    _ => "working",
                };
                let result = described["output"].as_str().map(|output| format!(",\"result\":{output}"));
                let reason = described.get("error").map(|error| format!(",\"reason\":{error}"));
                let (result, reason) = (result.unwrap_or_default(), reason.unwrap_or_default());
                Fate::reply("200 OK", format!("{{\"state\":\"{state}\"{result}{reason}}}"))
            }
            "ARN in the query" => {
                let all = json!({ "status": described["status"], "output": described.get("output"), "all": described });
                Fate::reply("200 OK", all.to_string())
            }
            _ => Fate::reply("200 OK", described.to_string()),
        }
    }
}

/// The response of a Lambda function that nothing unwraps.
fn proxied(body: &Value) -> Fate {
    let status = if body.get("__type").is_some() { 400 } else { 200 };
    Fate::reply("200 OK", json!({ "statusCode": status, "headers": {}, "body": body.to_string() }).to_string())
}
