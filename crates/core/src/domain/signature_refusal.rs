//! Why a gateway rejects a signature, and what to check. Shared by the doctor and all commands.

use crate::domain::CredentialsOrigin;

/// The cause of a rejected signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureRefusal {
    /// The cause for scripts.
    pub word: &'static str,
    /// What to try, in sentences.
    pub advice: String,
}

impl SignatureRefusal {
    /// Derives the cause from the gateway's message. `region` is the endpoint's; `origin` is the source of the
    /// credentials.
    pub fn from_message(message: &str, region: Option<&str>, origin: Option<&CredentialsOrigin>) -> Self {
        let says = |text: &str| message.contains(text);
        let region = region.unwrap_or("none");
        let (keys, renewal) = origin.map_or(("the credentials", "Renew the credentials."), |origin| {
            (origin.keys.as_str(), origin.renewal.as_str())
        });
        let (word, advice) = if says("Signature expired") || says("Signature not yet current") {
            ("clock-skew", "Set this machine's clock: a signature is valid for 5 minutes.".into())
        } else if says("expired") {
            ("credentials-expired", renewal.into())
        } else if says("scoped to a valid region") {
            ("wrong-region", format!("Set `region` in the endpoint to the gateway's region; it is currently {region}."))
        } else if says("invalid") {
            ("wrong-credentials", format!("AWS does not know the access key. Check {keys}."))
        } else if says("key=value pair") {
            let advice =
                "The method expects a signature, not a token: set auth = { type = \"iam\" }, or correct the route.";
            ("token-for-iam", advice.into())
        } else if says("does not match") {
            let advice = format!(
                "The secret key does not match the access key. Check {keys}. A proxy that changes the request causes the same \
                 error."
            );
            ("wrong-secret-key", advice)
        } else {
            let advice = format!("Check {keys}, the region (it is {region}), and that no proxy changes the request.");
            ("wrong-signature", advice)
        };
        Self { word, advice }
    }
}
