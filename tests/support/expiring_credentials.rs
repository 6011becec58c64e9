//! A gateway that accepts requests until their credentials expire, and sources of such credentials with a cache.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio::runtime::Runtime;

use crate::support::cli::Home;
use crate::support::gateway::{http, replying};

pub const MACHINE: &str = "arn:aws:states:us-east-1:111122223333:stateMachine:M";
pub const EXECUTION: &str = "arn:aws:states:us-east-1:111122223333:execution:M:run-1";

/// Every planted secret contains it.
pub const CANARY: &str = "canary";

/// How the gateway is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    Bearer,
    Iam,
}

/// What came to the gateway.
#[derive(Debug, Default)]
pub struct Seen {
    /// When requests were accepted.
    pub accepted: Vec<SystemTime>,
    pub starts: usize,
    /// The requests that were not.
    pub refused: usize,
    /// Whether all requests are refused.
    pub is_closed: bool,
}

impl Seen {
    /// The most requests accepted within a second.
    pub fn most_in_a_second(&self) -> usize {
        let until = |at: SystemTime| {
            self.accepted.iter().filter(move |other| **other >= at && **other < at + Duration::from_secs(1)).count()
        };
        self.accepted.iter().map(|at| until(*at)).max().unwrap_or_default()
    }

    /// The longest time between two accepted requests.
    pub fn longest_gap(&self) -> Duration {
        let between = |pair: &[SystemTime]| pair[1].duration_since(pair[0]).unwrap_or_default();
        self.accepted.windows(2).map(between).max().unwrap_or_default()
    }
}

/// The gateway.
pub struct Locked {
    _runtime: Runtime,
    pub url: String,
    pub seen: Arc<Mutex<Seen>>,
}

impl Locked {
    pub fn new(lock: Lock) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let seen = Arc::new(Mutex::new(Seen::default()));
        let witness = Arc::clone(&seen);
        let url = runtime.block_on(replying(move |request| {
            let now = SystemTime::now();
            let mut seen = witness.lock().expect("what was seen");
            if seen.is_closed || expiry(lock, request).is_none_or(|expires| now >= expires) {
                seen.refused += 1;
                return refusal(lock);
            }
            seen.accepted.push(now);
            if !request.starts_with("POST /dev/execution") {
                let headers = "x-amzn-errortype: MissingAuthenticationTokenException\r\n";
                return http("403 Forbidden", headers, "{\"message\":\"Missing Authentication Token\"}");
            }
            if request.contains("execution:M:") && request.contains("doctor") {
                let body = "{\"__type\":\"ExecutionDoesNotExist\",\"message\":\"Execution Does Not Exist\"}";
                return http("400 Bad Request", "", body);
            }
            if request.starts_with("POST /dev/execution/status") {
                return http("200 OK", "", "{\"status\":\"RUNNING\",\"startDate\":1.7E9}");
            }
            seen.starts += 1;
            let name = request.split("\"name\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or("none");
            let arn = format!("{}:{name}", EXECUTION.trim_end_matches(":run-1"));
            http("200 OK", "", &format!("{{\"executionArn\":\"{arn}\",\"startDate\":1.7E9}}"))
        }));
        Self { _runtime: runtime, url, seen }
    }

    pub fn seen<T>(&self, look: impl FnOnce(&Seen) -> T) -> T {
        look(&self.seen.lock().expect("what was seen"))
    }
}

fn refusal(lock: Lock) -> String {
    match lock {
        Lock::Bearer => http(
            "401 Unauthorized",
            "x-amzn-errortype: UnauthorizedException\r\n",
            "{\"message\":\"The incoming token has expired\"}",
        ),
        Lock::Iam => http(
            "403 Forbidden",
            "x-amzn-errortype: ExpiredTokenException\r\n",
            "{\"message\":\"The security token included in the request is expired\"}",
        ),
    }
}

/// When the credentials of a request expire.
fn expiry(lock: Lock, request: &str) -> Option<SystemTime> {
    let header = request
        .lines()
        .find_map(|line| line.split_once(": ").filter(|(name, _)| name.eq_ignore_ascii_case("authorization")));
    let value = header?.1;
    let seconds = match lock {
        Lock::Bearer => {
            let claims = URL_SAFE_NO_PAD.decode(value.strip_prefix("Bearer ")?.split('.').nth(1)?).ok()?;
            serde_json::from_slice::<serde_json::Value>(&claims).ok()?.get("exp")?.as_u64()?
        }
        Lock::Iam => value.split("Credential=canary").nth(1)?.split('/').next()?.parse().ok()?,
    };
    Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
}

/// A token that expires then.
pub fn token(expires: SystemTime) -> String {
    let seconds = expires.duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs();
    format!("e30.{}.{CANARY}", URL_SAFE_NO_PAD.encode(format!("{{\"exp\":{seconds}}}")))
}

/// A source that takes 1.5 s, and returns the same credentials until they expire.
const CACHING: &str = "#!/bin/sh
PATH=/usr/local/bin:/usr/bin:/bin
now=$(date +%s)
sleep 1.5
echo >>runs
if [ ! -e expiry ] || [ \"$now\" -ge \"$(cat expiry)\" ]; then echo $(($(date +%s) + SECONDS_OF_LIFE)) >expiry; fi
expiry=$(cat expiry)
";
const BEARER: &str = "claims=$(printf '{\"exp\":%s}' \"$expiry\" | base64 | tr -d '=\\n' | tr '+/' '-_')\nprintf 'e30.%s.canary' \"$claims\"\n";
const IAM: &str = "printf '{\"Version\": 1, \"AccessKeyId\": \"canary%s\", \"SecretAccessKey\": \"canary-secret\", \"SessionToken\": \"canary-token\", \
                   \"Expiration\": \"%s\"}' \"$expiry\" \"$(date -u -d \"@$expiry\" +%Y-%m-%dT%H:%M:%SZ)\"\n";

/// A home with this gateway, whose credentials have this lifetime; with more keys of the endpoint.
pub fn home(locked: &Locked, lock: Lock, lifetime: Duration, keys: &str) -> Home {
    let (auth, end) = match lock {
        Lock::Bearer => ("{ type = \"bearer\", command = [\"sh\", \"source.sh\"] }", BEARER),
        Lock::Iam => ("{ type = \"iam\", profile = \"p\" }", IAM),
    };
    let script = CACHING.replace("SECONDS_OF_LIFE", &lifetime.as_secs().to_string());
    let home = at(locked, auth, keys);
    home.write("source.sh", &format!("{script}{end}"));
    home.write("aws-config", "[profile p]\ncredential_process = sh source.sh\n");
    home
}

/// A home with this gateway.
pub fn at(locked: &Locked, auth: &str, keys: &str) -> Home {
    let home = Home::empty();
    let url = &locked.url;
    home.write(
        "config.toml",
        &format!("[endpoints.e]\nurl = \"{url}\"\nregion = \"us-east-1\"\nauth = {auth}\n{keys}\n[machines.m]\narn = \"{MACHINE}\"\ntype = \"standard\"\n"),
    );
    home
}
