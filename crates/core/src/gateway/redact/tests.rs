//! Secrets in every disguise, and texts that hold none.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

mod parts;

/// With all that is special in JSON, in URLs and in HTML.
const SECRET: &str = r#"c/N"\a%r+y=&<key>42"#;

fn redactor(secrets: &[&str]) -> Redactor {
    let redactor = Redactor::default();
    let secrets: Vec<SecretString> = secrets.iter().map(|secret| (*secret).into()).collect();
    redactor.add(&secrets);
    redactor
}

fn percent(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02x}") })
        .collect()
}

fn in_json(text: &str) -> String {
    let quoted = serde_json::to_string(text).expect("a text");
    quoted[1..quoted.len() - 1].to_owned()
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// In lines, as `base64` prints it.
fn wrapped(text: &str) -> String {
    text.as_bytes().chunks(13).map(|line| std::str::from_utf8(line).expect("ASCII")).collect::<Vec<_>>().join("\n")
}

fn disguises(secret: &str) -> Vec<(&'static str, String)> {
    let each = |write: &dyn Fn(char) -> String| secret.chars().map(write).collect::<Vec<_>>().concat();
    let unicode = each(&|c| format!("\\u{:04X}", u32::from(c)));
    let html = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&#34;");
    let mut disguises = vec![
        ("as it is", secret.to_owned()),
        ("in capitals", secret.to_uppercase()),
        ("in small letters", secret.to_lowercase()),
        ("percent-encoded", percent(secret)),
        ("percent-encoded as a whole", each(&|c| format!("%{:02X}", u32::from(c)))),
        ("in JSON", in_json(secret)),
        ("in JSON in JSON", in_json(&in_json(secret))),
        ("in JSON in JSON in JSON", in_json(&in_json(&in_json(secret)))),
        ("with escaped slashes", in_json(secret).replace('/', "\\/")),
        ("with code points", unicode.clone()),
        ("with code points in JSON", in_json(&unicode)),
        ("in HTML", html),
        ("in HTML with numbers", each(&|c| format!("&#x{:x};", u32::from(c)))),
    ];
    let double = |text: &str| text.replace('%', "%25");
    disguises.push(("percent-encoded twice", double(&percent(secret))));
    disguises.push(("percent-encoded three times", double(&double(&percent(secret)))));
    disguises.push(("percent-encoded as a whole, twice", double(&each(&|c| format!("%{:02X}", u32::from(c))))));
    disguises
        .push(("with bytes in C", secret.bytes().map(|byte| format!("\\x{byte:02x}")).collect::<Vec<_>>().concat()));
    for (what, before) in [("in hex", ""), ("in hex behind something", "abc")] {
        let hex = hex(&format!("{before}{secret}{{}}"));
        disguises.extend([(what, hex.clone()), (what, hex.to_uppercase()), (what, STANDARD.encode(&hex))]);
    }
    for separator in [":", "-", ",", " ", ", 0x", " 0x", ": "] {
        let bytes: Vec<String> = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
        disguises.push(("in hex with separators", bytes.join(separator)));
        disguises.push(("in capital hex with separators", bytes.join(separator).to_uppercase()));
    }
    for before in ["", "a", "ab", "abc"] {
        let text = format!("{before}{secret}{{}}");
        let once = STANDARD.encode(&text);
        disguises.push(("in Base64 twice", STANDARD.encode(&once)));
        disguises.push(("in Base64 twice, for URLs", URL_SAFE_NO_PAD.encode(format!("x{once}"))));
        disguises.push(("in Base64 and hex", hex(&once)));
        disguises.push(("in Base64 with line breaks", wrapped(&once)));
        disguises.push(("in Base64", STANDARD.encode(&text)));
        disguises.push(("in Base64 for URLs", URL_SAFE_NO_PAD.encode(&text)));
    }
    disguises
}

/// Whether the secret can be read out of it in one of the ways in which it was put in.
fn tells(text: &str, secret: &str) -> bool {
    let lower = text.to_lowercase();
    let decoded = lower
        .split(|c: char| !c.is_ascii_alphanumeric())
        .any(|word| word.len() > 3 && secret.to_lowercase().contains(word) && word != "key");
    decoded || disguises(secret).iter().any(|(_, disguise)| lower.contains(&disguise.to_lowercase()))
}

#[test]
fn a_secret_is_found_in_every_disguise() {
    let redactor = redactor(&[SECRET]);
    for (what, disguise) in disguises(SECRET) {
        for (before, behind) in [
            ("", ""),
            ("Authorization=", " is not valid"),
            ("https://example.com/?q=", "&x=1"),
            ("\\", "\\"),
            ("é", "é"),
        ] {
            let text = format!("{before}{disguise}{behind}");
            let clean = redactor.text(&text);
            assert!(clean.contains("•••") && !tells(&clean, SECRET), "{what}: {text} became {clean}");
            let is_exact = !what.starts_with("in Base64") && !what.starts_with("in hex") && before != "\\";
            assert!(!is_exact || *clean == format!("{before}•••{behind}"), "{what}: {text} became {clean}");
        }
    }
}

#[test]
fn in_json_it_is_removed_from_every_member_and_the_result_is_json() {
    let redactor = redactor(&[SECRET, "1234567890123"]);
    for (what, disguise) in disguises(SECRET) {
        let body = json!({
            "message": format!("'{disguise}' in header"), "nested": [{ "a": disguise.clone() }, 1.5], disguise.clone(): 7,
            "input": disguise.clone(), "output": { "b": [disguise.clone()] }, "number": 1,
            "events": [{ "type": disguise.clone(), "x": { "input": disguise.clone() },
                "stateEnteredEventDetails": { "name": disguise.clone(), "input": disguise.clone() } }],
        });
        let text = serde_json::to_string_pretty(&body).expect("JSON");
        let clean = String::from_utf8(redactor.body(text.into_bytes())).expect("UTF-8");
        let mut clean: Value = serde_json::from_str(&clean).unwrap_or_else(|error| panic!("{what}: {error}: {clean}"));
        let details = &mut clean["events"][0]["stateEnteredEventDetails"];
        assert_eq!(details["input"].take(), json!(disguise), "{what}");
        assert_eq!(
            (clean["input"].take(), clean["output"].take()),
            (json!(disguise), json!({ "b": [disguise] })),
            "{what}"
        );
        assert!(!tells(&clean.to_string(), SECRET), "{what}: {clean}");
        let hidden = clean.to_string().matches("•••").count();
        assert_eq!(hidden, 6, "{what}: {clean}");
    }
    let clean = redactor.body(br#"{"id":1234567890123,"other":[12345,-1.5e3,true,null]}"#.to_vec());
    assert_eq!(String::from_utf8_lossy(&clean), r#"{"id":"•••","other":[12345,-1.5e3,true,null]}"#);
}

#[test]
fn a_body_without_secrets_is_not_touched() {
    let redactor = redactor(&[SECRET, "a", "key", "12345"]);
    for body in
        [&b"{ \"a\" : 1.0 , \"key\":\"\\u00e9 12345\\n\", \"n\":1e400 }"[..], b"\xff\xfe a key", b"", b"<html>a</html>"]
    {
        assert_eq!(redactor.body(body.to_vec()), body);
    }
    assert_eq!(Redactor::default().text("anything"), "anything");
}

#[test]
fn every_kind_of_credential_is_known_by_its_secret_parts() {
    let token = format!(
        "{}.{}.{}",
        URL_SAFE_NO_PAD.encode("{\"alg\":\"RS256\"}"),
        URL_SAFE_NO_PAD.encode("{\"sub\":\"somebody\"}"),
        "s".repeat(40)
    );
    let basic = format!("Basic {}", STANDARD.encode("me:canary-password"));
    let redactor = redactor(&[&format!("Bearer {token}"), &basic, "Custom canary-custom"]);
    let parts: Vec<&str> = token.split('.').collect();
    for (text, expected) in [
        (format!("Bearer {token}!"), "•••!"),
        (format!("the token {token}!"), "the token •••!"),
        (format!("{} alone", parts[1]), "••• alone"),
        (format!("\"{basic}\""), "\"•••\""),
        ("me:canary-password".to_owned(), "•••"),
        ("the password canary-password.".to_owned(), "the password •••."),
        ("Custom 'canary-custom' of Bearer or Basic".to_owned(), "Custom '•••' of Bearer or Basic"),
    ] {
        assert_eq!(redactor.text(&text), expected, "{text}");
    }
}

#[test]
fn secrets_that_were_renewed_stay_secret_and_their_number_is_bounded() {
    let redactor = redactor(&["canary-old"]);
    let secret = |number: usize| SecretString::from(format!("canary-{number:04}"));
    redactor.add([&secret(0)]);
    assert_eq!(redactor.text("canary-old and canary-0000"), "••• and •••");
    for number in 0..100 {
        redactor.add([&secret(number)]);
    }
    assert_eq!(redactor.text("canary-0099, canary-0050"), "•••, •••");
    assert_eq!(redactor.known.read().expect("no panic").secrets.len(), MOST);
    assert!(!format!("{redactor:?}").contains("canary"));
}

#[test]
fn secrets_in_use_are_not_forgotten_and_those_of_a_request_are_not_remembered() {
    let redactor = redactor(&["canary-fixed"]);
    for number in 0..2 * MOST {
        let other = SecretString::from(format!("canary-{number:04}"));
        redactor.add([&SecretString::from("canary-fixed"), &other]);
        let signature = SecretString::from(format!("{number:064x}a"));
        let of_request = redactor.of_request(&[], [&signature]);
        let text = format!("canary-fixed {number:064x}a");
        assert_eq!(of_request.text(&text), "••• •••");
        let body = json!({ "message": text, "output": format!("{number:064x}a") }).to_string();
        let clean = String::from_utf8(of_request.body(body.into_bytes())).expect("UTF-8");
        assert_eq!(clean, format!("{{\"message\":\"••• •••\",\"output\":\"{number:064x}a\"}}"));
        assert!(redactor.text(&text).ends_with('a'));
    }
}

#[test]
fn no_body_is_searched_for_long() {
    // As many as are remembered, and as long as tokens are.
    let secrets: Vec<String> =
        (0..MOST).map(|number| format!("canary-{number}-{}", "0123456789".repeat(200))).collect();
    let redactor = redactor(&secrets.iter().map(String::as_str).collect::<Vec<_>>());
    for body in [
        "c".repeat(200_000),
        "\\".repeat(200_000),
        "%63".repeat(70_000),
        "%25".repeat(70_000),
        "%2563".repeat(40_000),
        "canary-".repeat(30_000),
        "Y2FuYXJ5".repeat(25_000),
        "63616e61".repeat(25_000),
        "c a n a r y ".repeat(20_000),
        "c%0A".repeat(50_000),
        "canary-1\n".repeat(20_000),
        " ".repeat(200_000),
    ] {
        let began = std::time::Instant::now();
        assert_eq!(redactor.body(body.clone().into_bytes()).len(), body.len());
        println!("{}…: {:?}", &body[..8], began.elapsed());
        assert!(began.elapsed() < std::time::Duration::from_secs(20), "{:?}", began.elapsed());
    }
}

proptest! {
    #[test]
    fn no_secret_remains_in_any_text(
        secret in "[!-~]{6,40}", before in "\\PC{0,20}", behind in "\\PC{0,20}", disguise in 0usize..80,
    ) {
        let redactor = redactor(&[&secret]);
        let all = disguises(&secret);
        let (what, hidden) = &all[disguise % all.len()];
        let text = format!("{before}{hidden}{behind}");
        let clean = redactor.text(&text).into_owned();
        prop_assert!(clean.contains("•••"), "{}: {:?} became {:?}", what, text, clean);
        prop_assert!(!clean.contains(&secret) || "•••".contains(&secret), "{}: {:?} became {:?}", what, text, clean);
        let body = json!({ "a": text, "b": [text.clone()] }).to_string();
        let clean = redactor.body(body.into_bytes());
        let value: Value = serde_json::from_slice(&clean).expect("still JSON");
        for text in [&value["a"], &value["b"][0]] {
            prop_assert!(text.as_str().is_some_and(|text| text.contains("•••")), "{}: {}", what, value);
        }
    }
}

#[test]
fn what_the_request_sends_in_clear_stays_in_its_response() {
    let machine = "arn:aws:states:eu-west-1:123456789012:stateMachine:orders-production";
    let arn = "arn:aws:states:eu-west-1:123456789012:execution:orders-production:payment-service-4711";
    let request = format!(r#"{{"stateMachineArn":"{machine}","name":"payment-service-4711","input":"x"}}"#);
    let response =
        format!(r#"{{"executionArn":"{arn}","startDate":1.5,"status":"RUNNING","__type":"ExecutionDoesNotExist"}}"#);
    for secret in [
        "production",
        "orders-production",
        "orders-production-8f7e6d5c4b3a",
        "stepgate-prod-123456789012",
        "123456789012",
        "eu-west-1",
        "payment-service-4711-key",
        "execution",
        "executionArn",
        "RUNNING",
    ] {
        let redactor = Redactor::default();
        redactor.add(&[SecretString::from(secret)]);
        let redactor = redactor.of_request(request.as_bytes(), []);
        let body = String::from_utf8(redactor.body(response.clone().into_bytes())).expect("UTF-8");
        assert_eq!(body, response, "{secret}");
        let said = format!("{arn} of {machine} is there");
        assert_eq!(redactor.text(&said), said, "{secret}");
        if secret.len() > 17 {
            assert_eq!(redactor.text(&format!("key {secret}, {arn}")), format!("key •••, {arn}"));
        }
    }
    // Elsewhere, and as a part of another word, it is a secret.
    let redactor = Redactor::default();
    redactor.add(&["production", "payments:8f7e6d5"].map(SecretString::from));
    let redactor = redactor.of_request(request.as_bytes(), []);
    assert_eq!(redactor.text("stage production, orders-productions, payments:8f7e6d5"), "stage •••, orders-•••s, •••");
    let payments = Redactor::default();
    payments.add(&[SecretString::from("payments:8f7e6d5")]);
    let payments = payments.of_request(br#"{"executionArn":"arn:aws:states:x:1:execution:payments:n"}"#, []);
    let body = br#"{"executionArn":"arn:aws:states:x:1:execution:payments:n","message":"payments:8f7e6d5"}"#;
    let clean = r#"{"executionArn":"arn:aws:states:x:1:execution:payments:n","message":"•••"}"#;
    assert_eq!(String::from_utf8(payments.body(body.to_vec())).expect("UTF-8"), clean);
}
