//! Parses a file with certificates or keys: PEM sections (RFC 7468), or DER. Sections are distinguished by label, so
//! that an error can name what was found in place of what was expected.

use base64::Engine as _;
use x509_parser::parse_x509_certificate;

/// An item in a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Item {
    /// DER.
    Certificate(Vec<u8>),
    /// A private key: PKCS#8, PKCS#1 or SEC1, in DER.
    Key(Vec<u8>),
    EncryptedKey,
    /// A certificate whose section cannot be decoded, and why.
    BrokenCertificate(&'static str),
    BrokenKey,
    /// A section that is neither, such as `CERTIFICATE REQUEST`.
    Other(String),
}

/// Why a file is not a list of [`Item`]s.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unreadable {
    Empty,
    /// UTF-16, as editors on Windows write it.
    Utf16,
    /// PKCS#7, usually `.p7b`.
    Pkcs7,
    /// PKCS#12, usually `.p12` or `.pfx`.
    Pkcs12,
    /// The Base64 of a certificate without `BEGIN` and `END`.
    Bare,
    /// Neither PEM nor DER.
    Garbage,
}

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";

/// The content type `signedData` of PKCS#7 in DER.
const SIGNED_DATA: [u8; 11] = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
/// The content type `data`, with which PKCS#12 files begin after their version.
const DATA: [u8; 11] = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
/// How far into a file to look for these.
const HEAD: usize = 32;

/// Reads a file's bytes.
pub(super) fn items(bytes: &[u8]) -> Result<Vec<Item>, Unreadable> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(Unreadable::Utf16);
    }
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Unreadable::Empty);
    }
    // Comments around the sections may be in any encoding.
    let text = String::from_utf8_lossy(bytes);
    if text.contains(BEGIN) {
        return sections(&text);
    }
    if bytes.starts_with(&[0x30]) {
        return der(bytes);
    }
    let decoded = decoded(&text).filter(|decoded| parse_x509_certificate(decoded).is_ok());
    Err(if decoded.is_some() { Unreadable::Bare } else { Unreadable::Garbage })
}

fn der(bytes: &[u8]) -> Result<Vec<Item>, Unreadable> {
    let head = &bytes[..bytes.len().min(HEAD)];
    let has = |object: [u8; 11]| head.windows(object.len()).any(|window| window == object);
    let (mut found, mut rest) = (Vec::new(), bytes);
    while let Ok((after, _)) = parse_x509_certificate(rest) {
        found.push(Item::Certificate(rest[..rest.len() - after.len()].to_vec()));
        rest = after;
    }
    if !rest.iter().all(u8::is_ascii_whitespace) && !found.is_empty() {
        found.push(Item::BrokenCertificate("it is not a DER certificate"));
    }
    match found {
        found if !found.is_empty() => Ok(found),
        _ if has(SIGNED_DATA) => Err(Unreadable::Pkcs7),
        _ if has(DATA) => Err(Unreadable::Pkcs12),
        _ if is_private_key(head) => Ok(vec![Item::Key(bytes.to_vec())]),
        _ if is_encrypted_key(head) => Ok(vec![Item::EncryptedKey]),
        _ => Err(Unreadable::Garbage),
    }
}

/// Returns whether a `SEQUENCE` begins with the version of a private key: 0 in PKCS#8 and PKCS#1, 1 in SEC1 and PKCS#8
/// v2.
fn is_private_key(head: &[u8]) -> bool {
    matches!(body(head), [0x02, 0x01, 0 | 1, ..])
}

/// Returns whether a `SEQUENCE` begins with an algorithm of PKCS#5 (1.2.840.113549.1.5), as `EncryptedPrivateKeyInfo`
/// does.
fn is_encrypted_key(head: &[u8]) -> bool {
    const PKCS5: [u8; 8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05];
    matches!(body(head), [0x30, ..]) && head.windows(PKCS5.len()).any(|window| window == PKCS5)
}

/// Returns what follows the tag and length of a `SEQUENCE`.
fn body(der: &[u8]) -> &[u8] {
    let length = match der.get(1) {
        Some(long @ 0x81..=0x84) => usize::from(long & 0x7f),
        _ => 0,
    };
    der.get(2 + length..).unwrap_or_default()
}

fn sections(text: &str) -> Result<Vec<Item>, Unreadable> {
    let (mut items, mut rest) = (Vec::new(), text);
    while let Some((_, after)) = rest.split_once(BEGIN) {
        let (label, after) = after.split_once('\n').unwrap_or((after, ""));
        let label = label.split("-----").next().unwrap_or_default().trim();
        // A section without an end would swallow the next one.
        let end = after.find(END).filter(|end| after.find(BEGIN).is_none_or(|next| *end < next));
        let inside = end.map(|end| &after[..end]);
        rest = end.map_or(after, |end| &after[end + END.len()..]);
        if matches!(label, "PKCS7" | "CMS") {
            return Err(Unreadable::Pkcs7);
        }
        items.push(item(label, inside));
    }
    Ok(items)
}

fn item(label: &str, inside: Option<&str>) -> Item {
    let decoded = inside.and_then(decoded);
    match label {
        "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => match decoded {
            None if inside.is_none() => Item::BrokenCertificate("its line `-----END CERTIFICATE-----` is missing"),
            None => Item::BrokenCertificate("its Base64 is damaged"),
            Some(decoded) => match parse_x509_certificate(&decoded) {
                Ok((rest, _)) => Item::Certificate(decoded[..decoded.len() - rest.len()].to_vec()),
                Err(_) => Item::BrokenCertificate("it is cut off or damaged"),
            },
        },
        "ENCRYPTED PRIVATE KEY" => Item::EncryptedKey,
        _ if label.ends_with("PRIVATE KEY") => match decoded {
            _ if inside.is_some_and(|inside| inside.contains("ENCRYPTED")) => Item::EncryptedKey,
            Some(decoded) if !decoded.is_empty() => Item::Key(decoded),
            _ => Item::BrokenKey,
        },
        other => Item::Other(other.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').take(40).collect()),
    }
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    let encoded: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    base64::engine::general_purpose::STANDARD.decode(encoded).ok().filter(|decoded| !decoded.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rcgen::{CertificateParams, KeyPair};

    use super::*;

    fn pair() -> (String, String) {
        let key = KeyPair::generate().expect("a key");
        let certificate = CertificateParams::new(vec!["x".to_owned()]).expect("a name").self_signed(&key);
        (certificate.expect("a certificate").pem(), key.serialize_pem())
    }

    #[test]
    fn each_section_is_recognized_by_its_label() {
        let (certificate, key) = pair();
        let decoded = |pem: &str| decoded(&pem.lines().filter(|line| !line.starts_with('-')).collect::<String>());
        let (certificate_der, key_der) = (decoded(&certificate).expect("DER"), decoded(&key).expect("DER"));
        let is = |text: &str| items(text.as_bytes());
        let relabelled = |label: &str| certificate.replace("CERTIFICATE", label);
        for label in ["CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"] {
            assert_eq!(is(&relabelled(label)), Ok(vec![Item::Certificate(certificate_der.clone())]), "{label}");
        }
        for text in [
            format!("\u{feff}{certificate}"),
            certificate.replace('\n', "\r\n"),
            format!("subject=x\n{certificate}\nissuer=y\n"),
            certificate.trim_end().to_owned(),
            certificate.replace('\n', "  \n"),
        ] {
            assert_eq!(is(&text), Ok(vec![Item::Certificate(certificate_der.clone())]), "{text}");
        }
        assert_eq!(items(&certificate_der), Ok(vec![Item::Certificate(certificate_der.clone())]));
        let twice = [&certificate_der[..], &certificate_der].concat();
        assert_eq!(items(&twice).map(|items| items.len()), Ok(2));
        for label in ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"] {
            assert_eq!(is(&key.replace("PRIVATE KEY", label)), Ok(vec![Item::Key(key_der.clone())]), "{label}");
        }
        assert_eq!(items(&key_der), Ok(vec![Item::Key(key_der.clone())]));
        assert_eq!(is(&key.replace("PRIVATE", "ENCRYPTED PRIVATE")), Ok(vec![Item::EncryptedKey]));
        let pkcs8 = [0x30, 0x20, 0x30, 0x10, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d];
        assert_eq!(items(&pkcs8), Ok(vec![Item::EncryptedKey]));
        assert_eq!(is(&format!("{certificate}{key}")).map(|items| items.len()), Ok(2));
        assert_eq!(is(&relabelled("DH PARAMETERS")), Ok(vec![Item::Other("DH PARAMETERS".to_owned())]));
        let cut = certificate.replace("-----END", "-----EN");
        assert!(matches!(
            is(&format!("{cut}{certificate}")).as_deref(),
            Ok([Item::BrokenCertificate(_), Item::Certificate(_)])
        ));
        for text in ["-----BEGIN CERTIFICATE-----", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----"] {
            assert!(matches!(is(text).as_deref(), Ok([Item::BrokenCertificate(_)])), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_can_be_read(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = items(&bytes);
            let _ = items(&[&[0x30, 0x82][..], &bytes].concat());
        }

        #[test]
        fn a_damaged_file_never_has_a_certificate_that_was_not_in_it(at in 0_usize..500, with in any::<u8>()) {
            let (certificate, _) = pair();
            let mut bytes = certificate.clone().into_bytes();
            let at = at % bytes.len();
            bytes[at] = with;
            let found = items(&bytes).unwrap_or_default();
            prop_assert!(found.len() <= 1);
        }
    }
}
