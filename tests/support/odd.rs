//! A gateway in front of a minimal Step Functions, in the forms that real gateways have.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::{SignedDuration, Timestamp};
use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;

/// The state machine of the gateways that choose it themselves.
pub const ORDER: &str = "arn:aws:states:us-east-1:123456789012:stateMachine:Order";

/// Another state machine.
pub const REFUND: &str = "arn:aws:states:us-east-1:123456789012:stateMachine:Refund";

const PAGE: &str =
    "<HTML><HEAD><TITLE>ERROR: The request could not be satisfied</TITLE></HEAD><BODY>Request blocked.</BODY></HTML>";

/// What is odd about a gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Documented,  // Nothing: the three members of a start are passed on.
    Unnamed,     // The mapping forgets `name`, so Step Functions makes one up.
    UnnamedMute, // The same, and no answer to a start ever arrives.
    RequestId,   // Executions are named after the gateway's own request, and the body is the input.
    Job,         // The same, and a start is answered with {"job_id": NAME} only.
    Fixed,       // Whatever is request for, `ORDER` is started.
    Late,        // The first answer that says SUCCEEDED has neither output nor end yet.
    Iso,         // Dates are RFC 3339 texts.
    StatusOnly,  // A status is answered with {"status": ..} and nothing else.
    Objects,     // Input and output are JSON values, in requests and in answers.
    Sync,        // Express: a start is answered with its end; an input with "fail" in it fails.
    Waf,         // Starts get a firewall's page.
    Moved,       // Everything is redirected to another host.
    External,    // Every start gets the answer to the first one, as from a cache.
}

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub body: String,
}

/// What goes back. Headers that every answer has are added unless they are given here.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Such as "200 OK".
    pub status: &'static str,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

/// What becomes of a request.
#[derive(Debug, Clone)]
pub enum Fate {
    Reply(Reply),
    /// The connection is closed without a response.
    Close,
    /// No response ever comes; the connection stays open.
    Hang,
}

type Before = Box<dyn Fn(&Request) -> Option<Fate> + Send + Sync>;
type Hook = Box<dyn Fn(&Request, Fate) -> Fate + Send + Sync>;

/// The gateway, on a port of its own.
pub struct OddGateway {
    address: SocketAddr,
    inner: Arc<Inner>,
}

impl OddGateway {
    /// Serves this shape; executions end after `lasts`.
    pub async fn serve(shape: Shape, lasts: Duration) -> Self {
        Self::open(shape, lasts, Box::new(|_: &Request| None), Box::new(|_: &Request, fate: Fate| fate)).await
    }

    /// The same, but once the work is done `hook` may change what becomes of the request.
    pub async fn serve_with(
        shape: Shape,
        lasts: Duration,
        hook: impl Fn(&Request, Fate) -> Fate + Send + Sync + 'static,
    ) -> Self {
        Self::open(shape, lasts, Box::new(|_: &Request| None), Box::new(hook)).await
    }

    /// The same, but `before` may answer instead, so that nothing is done.
    pub async fn serve_before(
        shape: Shape,
        lasts: Duration,
        before: impl Fn(&Request) -> Option<Fate> + Send + Sync + 'static,
    ) -> Self {
        Self::open(shape, lasts, Box::new(before), Box::new(|_: &Request, fate: Fate| fate)).await
    }

    async fn open(shape: Shape, lasts: Duration, before: Before, hook: Hook) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let service = Mutex::new(Service::lasting(lasts));
        let inner = Arc::new(Inner { shape, lasts, before, hook, service });
        let gateway = Arc::clone(&inner);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(talk(stream, Arc::clone(&gateway)));
            }
        });
        Self { address, inner }
    }

    pub fn url(&self) -> String {
        format!("http://{}/dev", self.address)
    }

    /// The ARN and the input of everything that was started, oldest first.
    pub fn executions(&self) -> Vec<(String, String)> {
        self.inner.service().executions()
    }

    /// How many requests there were to the start route.
    pub fn starts(&self) -> usize {
        self.inner.service().starts
    }

    /// How many requests there were at all.
    pub fn requests(&self) -> usize {
        self.inner.service().requests
    }
}

/// A configuration with the machines `order` and `refund` at this gateway, and more lines for the endpoint and `order`.
pub fn config(gateway: &OddGateway, endpoint: &str, machine: &str) -> String {
    let url = gateway.url();
    format!(
        "[endpoints.e]\nurl = \"{url}\"\n{endpoint}\n[endpoints.e.watch]\nrequests-per-second = 50\n\
         [machines.order]\narn = \"{ORDER}\"\n{machine}\n[machines.refund]\narn = \"{REFUND}\"\n"
    )
}

impl Fate {
    /// A reply with this body and only the usual headers.
    pub fn reply(status: &'static str, body: impl Into<String>) -> Self {
        Self::Reply(Reply { status, headers: Vec::new(), body: body.into() })
    }
}

impl Reply {
    fn to_http(&self) -> String {
        let given = |name: &str| self.headers.iter().any(|(own, _)| own.eq_ignore_ascii_case(name));
        let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&Timestamp::now()).expect("a date of today");
        let usual = [
            ("content-type", "application/json".to_owned()),
            ("x-amzn-requestid", Uuid::new_v4().to_string()),
            ("date", date),
            ("content-length", self.body.len().to_string()),
        ];
        let usual = usual.iter().filter(|(name, _)| !given(name)).map(|(name, value)| (*name, value.as_str()));
        let own = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let lines: Vec<String> = own.chain(usual).map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        format!("HTTP/1.1 {}\r\n{}\r\n{}", self.status, lines.concat(), self.body)
    }
}

struct Inner {
    shape: Shape,
    lasts: Duration,
    before: Before,
    hook: Hook,
    service: Mutex<Service>,
}

impl Inner {
    fn service(&self) -> MutexGuard<'_, Service> {
        self.service.lock().expect("nothing panics with the service in hand")
    }

    async fn answer(&self, request: &Request) -> Fate {
        let is_start = request.path.ends_with("/execution");
        self.service().requests += 1;
        self.service().starts += usize::from(is_start);
        if let Some(fate) = (self.before)(request) {
            return fate;
        }
        let fate = match self.shape {
            Shape::Moved => {
                let location = format!("https://gateway.example{}", request.path);
                let headers = vec![("location".to_owned(), location)];
                Fate::Reply(Reply { status: "301 Moved Permanently", headers, body: String::new() })
            }
            Shape::Waf if is_start => {
                let headers = vec![("content-type".to_owned(), "text/html".to_owned())];
                Fate::Reply(Reply { status: "403 Forbidden", headers, body: PAGE.to_owned() })
            }
            _ => {
                let answer = if is_start { self.start(&request.body).await } else { self.status(&request.body) };
                answer.map_or(Fate::Close, |answer| Fate::reply("200 OK", answer.to_string()))
            }
        };
        (self.hook)(request, fate)
    }

    /// Nothing where no answer arrives, and for what is not a start at all.
    async fn start(&self, body: &str) -> Option<Value> {
        if matches!(self.shape, Shape::RequestId | Shape::Job) {
            let made = self.service().start(ORDER, None, &Value::from(body));
            if self.shape == Shape::RequestId {
                return Some(made);
            }
            let job = made["executionArn"].as_str().and_then(|arn| arn.rsplit(':').next()).unwrap_or_default();
            return Some(json!({ "job_id": job }));
        }
        let request: Map<String, Value> = serde_json::from_str(body).ok()?;
        let machine = if self.shape == Shape::Fixed { ORDER } else { request.get("stateMachineArn")?.as_str()? };
        let name = request.get("name").and_then(Value::as_str);
        let input = request.get("input").cloned();
        if self.shape == Shape::Sync {
            return Some(self.run(machine, name, input?.as_str()?).await);
        }
        let input = match (self.shape, input) {
            (Shape::Objects, input) => Value::from(input.unwrap_or_else(|| json!({})).to_string()),
            (_, input) => input.unwrap_or_else(|| Value::from("{}")),
        };
        let name = name.filter(|_| !matches!(self.shape, Shape::Unnamed | Shape::UnnamedMute));
        let mut service = self.service();
        let mut made = service.start(machine, name, &input);
        match self.shape {
            Shape::UnnamedMute => return None,
            Shape::External => return Some(service.first.get_or_insert(made).clone()),
            Shape::Iso => write_dates(&mut made),
            _ => {}
        }
        Some(made)
    }

    /// An express execution, from its start to its end.
    async fn run(&self, machine: &str, name: Option<&str>, input: &str) -> Value {
        let (at, name) = (now(), name_or_new(name));
        tokio::time::sleep(self.lasts.min(Duration::from_secs(1))).await;
        let arn = format!("{}:{name}:{}", machine.replace(":stateMachine:", ":express:"), Uuid::new_v4());
        let mut answer = json!({
            "executionArn": arn, "stateMachineArn": machine, "name": name, "startDate": at, "stopDate": now(),
            "input": input,
            "billingDetails": { "billedMemoryUsedInMB": 64, "billedDurationInMilliseconds": 1000 },
        });
        if input.contains("fail") {
            answer["status"] = json!("FAILED");
            answer["error"] = json!("Boom");
            answer["cause"] = json!("asked to");
        } else {
            answer["status"] = json!("SUCCEEDED");
            answer["output"] = json!("{\"total\":12}");
        }
        self.service().known.push(Execution { arn, machine: machine.to_owned(), name, input: input.to_owned(), at });
        answer
    }

    fn status(&self, body: &str) -> Option<Value> {
        let request: Value = serde_json::from_str(body).ok()?;
        let request = request["executionArn"].as_str()?;
        let mut service = self.service();
        // Only a stranger keeps the first answer.
        let arn = match &service.first {
            Some(first) => first["executionArn"].as_str()?.to_owned(),
            None => request.to_owned(),
        };
        let mut answer = service.describe(&arn);
        let Some(status) = answer.get("status").cloned() else { return Some(answer) };
        match self.shape {
            Shape::Late if status == "SUCCEEDED" && service.told_early.insert(arn.clone()) => {
                let members = answer.as_object_mut().expect("an execution is an object");
                members.retain(|member, _| !matches!(member.as_str(), "output" | "outputDetails" | "stopDate"));
            }
            Shape::Iso => write_dates(&mut answer),
            Shape::StatusOnly => return Some(json!({ "status": status })),
            Shape::Objects => {
                for member in ["input", "output"] {
                    if let Some(value) = answer.get_mut(member) {
                        *value = serde_json::from_str(value.as_str()?).ok()?;
                    }
                }
            }
            _ => {}
        }
        Some(answer)
    }
}

/// Executions that each last as long and give their input back, or fail if it has a member `fail`.
#[derive(Default)]
pub struct Service {
    lasts: f64,
    starts: usize,
    requests: usize,
    known: Vec<Execution>,
    /// The first answer to a start, where every start gets it.
    first: Option<Value>,
    /// Executions whose end was returned before their output.
    told_early: HashSet<String>,
}

struct Execution {
    arn: String,
    machine: String,
    name: String,
    input: String,
    at: f64,
}

impl Service {
    /// Whose executions last so long.
    pub fn lasting(lasts: Duration) -> Self {
        Self { lasts: lasts.as_secs_f64(), ..Self::default() }
    }

    /// Once for a name: the same start again gets the same answer while the execution runs, any other is refused.
    pub fn start(&mut self, machine: &str, name: Option<&str>, input: &Value) -> Value {
        let Some(input) = input.as_str() else {
            return json!({
                "__type": "com.amazon.coral.service#SerializationException", "message": "Expected a string",
            });
        };
        if serde_json::from_str::<IgnoredAny>(input).is_err() {
            return refusal("InvalidExecutionInput", "Invalid State Machine Execution Input");
        }
        let (now, name) = (now(), name_or_new(name));
        let arn = format!("{}:{name}", machine.replace(":stateMachine:", ":execution:"));
        let old = self.known.iter().find(|one| one.arn == arn);
        let at = match old {
            Some(old) if old.input != input || now - old.at > self.lasts => {
                return refusal("ExecutionAlreadyExists", &format!("Execution Already Exists: '{arn}'"));
            }
            Some(old) => old.at,
            None => {
                let (arn, machine, input) = (arn.clone(), machine.to_owned(), input.to_owned());
                self.known.push(Execution { arn, machine, name, input, at: now });
                now
            }
        };
        json!({ "executionArn": arn, "startDate": at })
    }

    /// The ARN and the input of everything that was started, oldest first.
    pub fn executions(&self) -> Vec<(String, String)> {
        self.known.iter().map(|one| (one.arn.clone(), one.input.clone())).collect()
    }

    pub fn describe(&self, arn: &str) -> Value {
        if arn.contains(":express:") {
            return refusal("InvalidArn", "Invalid Arn: 'Resource type not valid in this context: express'");
        }
        let Some(one) = self.known.iter().find(|one| one.arn == arn) else {
            return refusal("ExecutionDoesNotExist", &format!("Execution Does Not Exist: '{arn}'"));
        };
        let over = now() - one.at >= self.lasts;
        let mut answer = json!({
            "executionArn": arn, "stateMachineArn": one.machine, "name": one.name, "startDate": one.at,
            "status": if over { "SUCCEEDED" } else { "RUNNING" },
            "input": one.input, "inputDetails": { "included": true },
        });
        if over {
            answer["stopDate"] = json!(one.at + self.lasts);
        }
        if over && one.input.contains("\"fail\"") {
            answer["status"] = json!("FAILED");
            answer["error"] = json!("Boom");
            answer["cause"] = json!("asked to");
        } else if over {
            answer["output"] = json!(one.input);
            answer["outputDetails"] = json!({ "included": true });
        }
        answer
    }
}

fn refusal(kind: &str, message: &str) -> Value {
    json!({ "__type": format!("com.amazonaws.swf.service.v2.model#{kind}"), "message": message })
}

fn name_or_new(name: Option<&str>) -> String {
    name.filter(|name| !name.is_empty()).map_or_else(|| Uuid::new_v4().to_string(), str::to_owned)
}

/// Seconds since 1970.
fn now() -> f64 {
    Timestamp::now().as_duration().as_secs_f64()
}

/// Writes the dates of an answer as RFC 3339 texts with milliseconds.
fn write_dates(answer: &mut Value) {
    let dates = answer.as_object_mut().into_iter().flatten().filter(|(member, _)| member.ends_with("Date"));
    for (_, value) in dates {
        if let Some(seconds) = value.as_f64() {
            let date = Timestamp::from_duration(SignedDuration::from_secs_f64(seconds)).expect("a date of today");
            *value = Value::from(date.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string());
        }
    }
}

async fn talk(mut stream: TcpStream, gateway: Arc<Inner>) {
    while let Some(request) = next_request(&mut stream).await {
        match gateway.answer(&request).await {
            Fate::Reply(reply) => {
                // The client may have been killed.
                let _ = stream.write_all(reply.to_http().as_bytes()).await;
            }
            Fate::Close => return,
            Fate::Hang => std::future::pending::<()>().await,
        }
    }
}

/// The next request of a client that waits for each answer.
async fn next_request(stream: &mut TcpStream) -> Option<Request> {
    let mut received = Vec::new();
    let mut buffer = [0; 8192];
    loop {
        let read = stream.read(&mut buffer).await.ok().filter(|read| *read > 0)?;
        received.extend_from_slice(&buffer[..read]);
        // A TLS handshake never becomes a request.
        if received.first() == Some(&0x16) {
            return None;
        }
        let text = String::from_utf8_lossy(&received);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let fields = head.lines().filter_map(|line| line.split_once(':'));
        let length = fields
            .filter(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .find_map(|(_, value)| value.trim().parse::<usize>().ok());
        if received.len() >= head.len() + 4 + length.unwrap_or(0) {
            let mut words = head.split(' ').map(str::to_owned);
            let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            return Some(Request { method, path, body: body.to_owned() });
        }
    }
}
