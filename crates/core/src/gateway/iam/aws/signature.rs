//! Signature Version 4 of a request (IAM user guide, "Create a signed AWS API request"). Pure.

use std::collections::BTreeMap;
use std::error::Error;
use std::time::SystemTime;

use reqwest::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use sha2::digest::Output;
use sha2::{Digest as _, Sha256};

use crate::gateway::iam::aws::credentials::Credentials;
use crate::gateway::iam::aws::request::percent_encoded;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const DATE: &str = "x-amz-date";
const TOKEN: &str = "x-amz-security-token";
/// The size of the blocks that SHA-256 works on.
const BLOCK: usize = 64;

/// The signed headers, in the order of their names.
type Signed = BTreeMap<&'static str, String>;

/// What a signature is for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope<'s> {
    pub(super) region: &'s str,
    /// The service's name in the signature.
    pub(super) service: &'s str,
}

/// Credentials that cannot sign a request.
#[derive(Debug, thiserror::Error)]
#[error("they cannot sign a request: {0}")]
pub(super) struct Unsignable(#[source] pub(super) Box<dyn Error + Send + Sync>);

impl Unsignable {
    fn new(error: impl Error + Send + Sync + 'static) -> Self {
        Self(Box::new(error))
    }
}

/// Returns the headers that sign a request with this method and URL, these headers and this body, at this time.
pub(super) fn headers(
    credentials: &Credentials,
    scope: Scope<'_>,
    (method, url): (&Method, &Url),
    headers: &HeaderMap,
    body: &[u8],
    at: SystemTime,
) -> Result<HeaderMap, Unsignable> {
    let given = |name: HeaderName| Some(headers.get(name)?.to_str().ok()?.to_owned());
    let at = jiff::Timestamp::try_from(at).map_err(Unsignable::new)?.strftime("%Y%m%dT%H%M%SZ").to_string();
    // What proxies leave alone: they may add to the others, or change them.
    let mut signed = Signed::from([("host", given(HOST).unwrap_or_else(|| host(url))), (DATE, at.clone())]);
    signed.extend(given(CONTENT_TYPE).map(|kind| ("content-type", kind)));
    signed.extend(credentials.session_token().map(|token| (TOKEN, token.to_owned())));
    let authorization = authorization(credentials, scope, &canonical((method, url), &signed, body), &signed, &at);
    let mut found = HeaderMap::new();
    for (name, value) in [(DATE, Some(&at)), (TOKEN, signed.get(TOKEN)), ("authorization", Some(&authorization))] {
        if let Some(value) = value {
            let mut value = HeaderValue::from_str(value).map_err(Unsignable::new)?;
            value.set_sensitive(true);
            found.insert(HeaderName::from_static(name), value);
        }
    }
    Ok(found)
}

fn authorization(
    credentials: &Credentials,
    Scope { region, service }: Scope<'_>,
    canonical: &str,
    signed: &Signed,
    at: &str,
) -> String {
    let day = at.split('T').next().unwrap_or_default();
    let scope = format!("{day}/{region}/{service}/aws4_request");
    let text = format!("{ALGORITHM}\n{at}\n{scope}\n{:x}", Sha256::digest(canonical));
    let mut key = format!("AWS4{}", credentials.secret_access_key()).into_bytes();
    for part in [day, region, service, "aws4_request"] {
        key = hmac(&key, part).to_vec();
    }
    let (id, names, signature) = (credentials.access_key_id(), names(signed), hmac(&key, &text));
    format!("{ALGORITHM} Credential={id}/{scope}, SignedHeaders={names}, Signature={signature:x}")
}

fn names(signed: &Signed) -> String {
    signed.keys().copied().collect::<Vec<_>>().join(";")
}

/// Returns the host and the port of a URL, as in the header.
fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Returns the text whose digest is signed.
fn canonical((method, url): (&Method, &Url), signed: &Signed, body: &[u8]) -> String {
    // Encoded once more than in the URL, and without repeated slashes.
    let mut path = String::new();
    for part in url.path().split('/').filter(|part| !part.is_empty()) {
        path.push('/');
        path.push_str(&percent_encoded(part));
    }
    if url.path().ends_with('/') {
        path.push('/');
    }
    let pairs = url.query_pairs().map(|(name, value)| (percent_encoded(&name), percent_encoded(&value)));
    let mut pairs: Vec<(String, String)> = pairs.collect();
    pairs.sort();
    let query: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    let words = |value: &str| value.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
    let headers: Vec<String> = signed.iter().map(|(name, value)| format!("{name}:{}", words(value))).collect();
    let (query, headers, names) = (query.join("&"), headers.join("\n"), names(signed));
    format!("{method}\n{path}\n{query}\n{headers}\n\n{names}\n{:x}", Sha256::digest(body))
}

/// Returns the authentication code of a message (RFC 2104, with SHA-256).
fn hmac(key: &[u8], message: &str) -> Output<Sha256> {
    let mut block = [0; BLOCK];
    if key.len() > BLOCK {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let padded = |padding: u8| block.map(|byte| byte ^ padding);
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use reqwest::header::AUTHORIZATION;

    use super::*;

    /// RFC 4231, test cases 1, 2 and 6.
    #[test]
    fn authentication_codes_are_those_of_the_standard() {
        for (key, message, expected) in [
            (&[0x0b; 20][..], "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            (
                b"Jefe",
                "what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                &[0xaa; 131],
                "Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
        ] {
            assert_eq!(format!("{:x}", hmac(key, message)), expected);
        }
    }

    /// Signatures that botocore makes of the same requests.
    #[test]
    fn signatures_are_those_of_botocore() {
        let (all, plain) = ("content-type;host;x-amz-date;x-amz-security-token", "content-type;host;x-amz-date");
        let (json, form) = ("application/json", "application/x-www-form-urlencoded");
        for (url, kind, body, token, service, names, signature) in [
            (
                "https://api.example.com",
                Some(json),
                "",
                None,
                "execute-api",
                plain,
                "50e42df6993fa6fe39d2791ce3f6691cc2f13e1ee0f103cad04f4d9793c8ccc6",
            ),
            (
                "https://api.example.com/dev/execution",
                Some(json),
                "{}",
                Some("FwoGZXIvYXdzE//+=="),
                "execute-api",
                all,
                "3b364613cc042ab1af3e21ffdff8674aef0851ff60d78dd6dadb95d4dea2d920",
            ),
            (
                "https://api.example.com:8443/a%20b/100%25//x/",
                Some(json),
                "{\"city\": \"東京\"}",
                None,
                "execute-api",
                plain,
                "3aad38d630e03797f1f226af5bb7ca181e5c208e882bdd9b70cd8f42dd6beb43",
            ),
            (
                "https://api.example.com/~a-b_c.d/e+f=g@h,i;j:k!$'()*",
                None,
                "x",
                None,
                "execute-api",
                "host;x-amz-date",
                "05e79daa16add2b533b143da9f1f33de02dfd05559e98b6363e919f27a627e06",
            ),
            (
                "https://api.example.com/段?b=2&a=1&a=%20x&empty=&B=3&c%2Fd=%2B",
                Some(json),
                "x",
                Some("t"),
                "execute-api",
                all,
                "f15b52cc7da5b1bb1e06da888bbf1b421305614d41bb5965892c527619e8557d",
            ),
            (
                "http://127.0.0.1:4566",
                Some(form),
                "Action=AssumeRole",
                None,
                "sts",
                plain,
                "4701679a7609041d0c67c994e85ef01cb7778554b401c083fce8b2b01736b892",
            ),
        ] {
            let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
            let credentials = Credentials::new("AKIDEXAMPLE", secret, token.map(str::to_owned), None);
            let given: HeaderMap =
                kind.into_iter().map(|kind| (CONTENT_TYPE, HeaderValue::from_static(kind))).collect();
            let (url, scope) = (Url::parse(url).expect("a URL"), Scope { region: "eu-central-1", service });
            let at = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
            let found =
                headers(&credentials, scope, (&Method::POST, &url), &given, body.as_bytes(), at).expect("a signature");
            let header = |name: &str| found.get(name).map(|value| value.to_str().expect("ASCII"));
            let expected = format!(
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20231114/eu-central-1/{service}/aws4_request, \
                 SignedHeaders={names}, Signature={signature}"
            );
            assert_eq!(header("authorization"), Some(expected.as_str()), "{url}");
            assert_eq!((header(DATE), header(TOKEN)), (Some("20231114T221320Z"), token));
            assert!(found.values().all(HeaderValue::is_sensitive));
        }
    }

    #[test]
    fn the_host_header_goes_before_the_url_and_blanks_do_not_count() {
        let credentials = Credentials::new("A", "S", None, None);
        let sign = |url: &str, given: &[(HeaderName, &'static str)]| {
            let given: HeaderMap =
                given.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect();
            let (url, scope) = (Url::parse(url).expect("a URL"), Scope { region: "r", service: "execute-api" });
            headers(&credentials, scope, (&Method::POST, &url), &given, b"", UNIX_EPOCH).expect("a signature")
                [AUTHORIZATION]
                .clone()
        };
        let expected = sign("https://a.example/", &[(CONTENT_TYPE, "x y")]);
        assert_eq!(sign("https://b.example/", &[(HOST, "a.example"), (CONTENT_TYPE, "  x   y ")]), expected);
        assert_eq!(sign("https://a.example:443", &[(CONTENT_TYPE, "x y")]), expected);
        assert_ne!(sign("https://b.example/", &[(CONTENT_TYPE, "x y")]), expected);
        let other = HeaderName::from_static("x-other");
        assert_eq!(sign("https://a.example/", &[(CONTENT_TYPE, "x y"), (other, "z")]), expected);
    }

    #[test]
    fn credentials_that_cannot_be_in_a_header_are_refused_without_a_part_of_them() {
        let url = Url::parse("https://a.example/").expect("a URL");
        let scope = Scope { region: "r", service: "s" };
        for credentials in
            [Credentials::new("can\nary", "S", None, None), Credentials::new("A", "S", Some("can\nary".into()), None)]
        {
            let error = headers(&credentials, scope, (&Method::POST, &url), &HeaderMap::new(), b"", UNIX_EPOCH)
                .expect_err("a line break");
            assert!(!format!("{error} {error:?}").contains("ary"), "{error:?}");
        }
    }
}
