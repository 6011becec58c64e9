//! Access to an endpoint: auth, headers, certificates, proxy.

use std::path::Path;

use crate::config::path;
use crate::config::section::Section;
use crate::config::source::secret;
use crate::config::url;
use stepgate_core::domain::endpoint::is_loopback;
use stepgate_core::domain::{Auth, Bearer, ClientCertificate, Endpoint, HeaderValue, Proxy};

/// Headers whose values are secrets, which the file must not contain.
const SECRET_HEADERS: [&str; 5] =
    ["authorization", "proxy-authorization", "x-api-key", "cookie", "x-amz-security-token"];

const NO_TYPE: &str = "missing: `none`, `api-key`, `bearer` or `iam`";

pub(super) fn headers(section: &Section<'_>, folder: &Path) -> Vec<(String, HeaderValue)> {
    let Some(headers) = section.table("headers") else { return Vec::new() };
    let keys = headers.keys();
    keys.into_iter()
        .filter_map(|name| {
            let value = if headers.is_text(&name) {
                let text = headers.text(&name)?;
                if SECRET_HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
                    let message = "this header contains a secret; name its source: { env = \"NAME\" }";
                    headers.error(&name, text.line, message, None);
                }
                HeaderValue::Text(text.value)
            } else {
                let source = headers.table(&name)?;
                let secret = secret(&source, folder);
                source.finish();
                HeaderValue::Secret(secret?)
            };
            Some((name, value))
        })
        .collect()
}

pub(super) fn auth(section: &Section<'_>, folder: &Path) -> Auth {
    #[derive(Clone, Copy)]
    enum Kind {
        None,
        ApiKey,
        Bearer,
        Iam,
    }
    let Some(auth) = section.table("auth") else { return Auth::None };
    if !auth.has("type") {
        auth.table_error("type", NO_TYPE);
    }
    let kinds = [("none", Kind::None), ("api-key", Kind::ApiKey), ("bearer", Kind::Bearer), ("iam", Kind::Iam)];
    let result = match auth.choice("type", &kinds) {
        Some(Kind::None) => Auth::None,
        Some(Kind::ApiKey) => secret(&auth, folder).map_or(Auth::None, Auth::ApiKey),
        Some(Kind::Bearer) => bearer(&auth, folder).map_or(Auth::None, Auth::Bearer),
        Some(Kind::Iam) => Auth::Iam { profile: profile(&auth) },
        // Report only the type: the other keys depend on it.
        None => return Auth::None,
    };
    auth.finish();
    result
}

/// Returns a profile of the shared AWS configuration.
fn profile(auth: &Section<'_>) -> Option<String> {
    let profile = auth.text("profile")?;
    if profile.value.trim().is_empty() {
        let message = "it is empty; name a profile, or remove `profile` to use AWS_PROFILE or the default profile";
        auth.error("profile", profile.line, message, None);
    }
    Some(profile.value)
}

fn bearer(auth: &Section<'_>, folder: &Path) -> Option<Bearer> {
    let (header, scheme) = (auth.text("header"), auth.text("scheme"));
    if let Some(header) = &header
        && let Some(message) = header_error(&header.value)
    {
        auth.error("header", header.line, message, None);
    }
    if let Some(scheme) = scheme.as_ref().filter(|scheme| !scheme.value.chars().all(|c| matches!(c, ' '..='~'))) {
        auth.error("scheme", scheme.line, "expected a word such as `Bearer`: only visible ASCII characters", None);
    }
    Some(Bearer {
        token: secret(auth, folder)?,
        header: header.map_or_else(|| "Authorization".into(), |header| header.value),
        scheme: scheme.map_or_else(|| "Bearer".into(), |scheme| scheme.value),
    })
}

/// Headers that control how a request is sent.
const SENDING_HEADERS: [&str; 4] = ["host", "content-length", "transfer-encoding", "connection"];

/// Returns why a token cannot be sent in a header of this name (RFC 9110, section 5.6.2).
fn header_error(name: &str) -> Option<&'static str> {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if name.is_empty() || !name.chars().all(is_token) {
        Some("expected the name of a header, such as `Authorization`: letters, digits and `-`")
    } else if SENDING_HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
        Some("this header is reserved; use another one for the token, such as `Authorization`")
    } else {
        None
    }
}

/// `client-certificate = "me.pem"`, with the key in `client-key` or in the same file.
pub(super) fn client_certificate(section: &Section<'_>, folder: &Path) -> Option<ClientCertificate> {
    let path = |key: &str| path::path(section, key, folder);
    let (file, key) = (path("client-certificate"), path("client-key"));
    if !section.has("client-certificate") && key.is_some() {
        section.table_error("client-certificate", "missing: `client-key` requires `client-certificate`");
    }
    Some(ClientCertificate { file: file?, key })
}

/// `proxy = "http://host:3128"`, `proxy = "none"`, or `{ url, user, password }`.
pub(super) fn proxy(section: &Section<'_>, folder: &Path) -> Proxy {
    if !section.has("proxy") {
        return Proxy::Environment;
    }
    if section.is_text("proxy") {
        return match section.text("proxy") {
            Some(text) if text.value == "none" => Proxy::Direct,
            Some(text) => {
                check_proxy(section, "proxy", &text.value, text.line);
                Proxy::At { url: text.value, login: None }
            }
            None => Proxy::Environment,
        };
    }
    let Some(table) = section.table("proxy") else { return Proxy::Environment };
    let url = table.text("url");
    match &url {
        Some(url) => check_proxy(&table, "url", &url.value, url.line),
        None if !table.has("url") => table.table_error("url", "missing: the proxy's URL"),
        None => {}
    }
    let user = table.text("user");
    if let Some(user) = user.as_ref().filter(|user| user.value.contains(':')) {
        let message = "the user name cannot contain `:`; set the password in `password`";
        table.error("user", user.line, message, None);
    }
    let user = user.map(|user| user.value);
    let password = table.table("password").and_then(|source| {
        let secret = secret(&source, folder);
        source.finish();
        secret
    });
    if user.is_some() != table.has("password") {
        table.table_error("user", "`user` and `password` require each other");
    }
    table.finish();
    url.map_or(Proxy::Environment, |url| Proxy::At { url: url.value, login: user.zip(password) })
}

fn check_proxy(section: &Section<'_>, key: &str, text: &str, line: usize) {
    if let Err(error) = url::check_proxy(text) {
        section.error(key, line, error.message, error.suggestion);
    }
}

/// Checks settings that depend on each other.
pub(super) fn check(section: &Section<'_>, endpoint: &Endpoint) {
    let allows_plain = section.boolean("allow-plain-http").unwrap_or(false);
    if !allows_plain {
        refuse_unencrypted_secrets(section, endpoint);
    }
    refuse_conflicting_headers(section, endpoint);
    if matches!(endpoint.auth, Auth::Iam { .. }) && endpoint.region.is_none() && !endpoint.url.is_empty() {
        let message = "missing: a signature is for one region, and this host does not contain it";
        section.table_error("region", message);
    }
}

/// Headers of a signature, which would replace configured ones.
const SIGNATURE_HEADERS: [&str; 3] = ["authorization", "x-amz-date", "x-amz-security-token"];

fn refuse_conflicting_headers(section: &Section<'_>, endpoint: &Endpoint) {
    let (kind, set): (&str, &[&str]) = match &endpoint.auth {
        Auth::None => return,
        Auth::ApiKey(_) => ("api-key", &["x-api-key"]),
        Auth::Bearer(bearer) => ("bearer", &[&bearer.header]),
        Auth::Iam { .. } => ("iam", &SIGNATURE_HEADERS),
    };
    let Some(headers) = section.table("headers") else { return };
    let names = endpoint.headers.iter().map(|(name, _)| name);
    for name in names.filter(|name| set.iter().any(|set| set.eq_ignore_ascii_case(name))) {
        let message =
            format!("auth = {{ type = \"{kind}\" }} sets this header itself; remove it, or use another type of auth");
        headers.error_at_key(name, message);
    }
}

/// Refuses to send secrets over plain `http://`, except to this machine.
fn refuse_unencrypted_secrets(section: &Section<'_>, endpoint: &Endpoint) {
    let (scheme, rest) = endpoint.url.split_once("://").unwrap_or_default();
    let host = rest.split('/').next().filter(|_| scheme.eq_ignore_ascii_case("http")).unwrap_or_default();
    let host = host.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')).map_or(host, |(host, _)| host);
    let has_secret = endpoint.auth != Auth::None
        || endpoint.headers.iter().any(|(_, value)| matches!(value, HeaderValue::Secret(_)));
    if !host.is_empty() && !is_loopback(host) && has_secret {
        let line = section.text("url").map_or(1, |url| url.line);
        let message = "a secret would be sent unencrypted: use https:// (or, if you must, allow-plain-http = true)";
        section.error("url", line, message, None);
    }
}
