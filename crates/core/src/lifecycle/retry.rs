//! What a failed request means for repeating it: whether that may help, whether it may be carried out twice, and what is
//! known if it is not repeated. All other modules ask here.

use crate::domain::{Failure, FailureKind, Unreachable};

/// Whether a retry may help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// The failure may pass soon.
    Soon,
    /// Only a person can fix it, or time.
    Later,
    /// The same request always fails.
    Never,
}

/// What is known about a request that is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conclusion {
    /// It was not sent.
    NotSent,
    /// It was refused.
    Refused,
    /// It may have been carried out, or would be if it were repeated.
    Unknown,
}

impl Failure {
    /// Returns whether a retry may help.
    pub fn retry(&self) -> Retry {
        use FailureKind as K;
        use Unreachable as U;
        match &self.kind {
            K::NoCredentials(missing) if missing.reason.is_transient() => Retry::Soon,
            K::Throttled
            | K::ExecutionLimitExceeded
            | K::GatewayTimedOut
            | K::GatewayUnavailable
            | K::Integration
            | K::Undecodable
            | K::Unreadable
            | K::ResponseTooLarge
            | K::NoExecutionArn
            | K::OtherExecution
            | K::MayRunUnderAnotherName
            | K::OwnershipUnclear
            | K::Unreachable(
                U::Dns | U::Refused | U::Tls | U::Proxy | U::NoRoute | U::Local | U::Deadline | U::Broken,
            ) => Retry::Soon,
            K::WrongRoute
            | K::Forbidden
            | K::SignatureRefused
            | K::Unauthorized
            | K::PolicyDenied
            | K::AuthorizerDenied
            | K::AuthorizerMisconfigured
            | K::BadIntegration
            | K::RoleDenied
            | K::QuotaUsedUp
            | K::Kms
            | K::UnsupportedMediaType
            | K::BadRequest
            | K::Redirected
            | K::Rejected
            | K::OtherMachine
            | K::Client
            | K::Setting
            | K::Unreachable(U::ClientCertificate | U::Handshake)
            | K::NoSecret
            | K::NoCredentials(_)
            | K::EndpointGone
            | K::NotRecorded
            | K::NoLogGroup
            | K::StepFunctions(_) => Retry::Later,
            K::MachineDoesNotExist
            | K::ExecutionDoesNotExist
            | K::NotRedrivable
            | K::ExecutionAlreadyExists
            | K::InvalidInput
            | K::InvalidName
            | K::InvalidArn
            | K::Validation
            | K::ExpressNotDescribable
            | K::NoErrorLogged
            | K::EndNotLogged
            | K::MachineTypeNotSupported
            | K::RequestTooLarge => Retry::Never,
        }
    }

    /// Returns whether it concerns one execution and not the endpoint: other requests to the same endpoint may succeed.
    pub fn is_about_one_execution(&self) -> bool {
        matches!(
            self.kind,
            FailureKind::RoleDenied
                | FailureKind::Kms
                | FailureKind::StepFunctions(_)
                | FailureKind::ResponseTooLarge
                | FailureKind::Undecodable
                | FailureKind::OtherExecution
        )
    }

    /// Returns whether the credentials are missing or were rejected: others may help, or the same ones later.
    pub(crate) fn is_credentials_error(&self) -> bool {
        use FailureKind as K;
        matches!(self.kind, K::Unauthorized | K::SignatureRefused | K::NoSecret | K::NoCredentials(_))
    }

    /// Returns whether the host is unreachable: all requests fail until the configuration is fixed or the network is
    /// back.
    pub(crate) fn is_connection_error(&self) -> bool {
        use Unreachable as U;
        matches!(
            self.kind,
            FailureKind::Unreachable(
                U::Dns | U::Refused | U::Tls | U::ClientCertificate | U::Handshake | U::Proxy | U::NoRoute | U::Local
            )
        )
    }

    /// Returns whether the request may have been executed despite the failure: then the start may only be sent again
    /// under the same name.
    pub fn leaves_outcome_open(&self) -> bool {
        matches!(
            self.kind,
            FailureKind::Unreachable(Unreachable::Deadline | Unreachable::Broken)
                | FailureKind::GatewayTimedOut
                | FailureKind::GatewayUnavailable
                | FailureKind::Integration
                | FailureKind::ResponseTooLarge
                | FailureKind::Undecodable
                | FailureKind::Unreadable
                | FailureKind::NoExecutionArn
                | FailureKind::OtherExecution
                | FailureKind::OtherMachine
        )
    }

    /// Returns whether the gateway or Step Functions received too many requests. Nothing was carried out, and fewer
    /// requests help.
    pub fn is_throttled(&self) -> bool {
        self.kind == FailureKind::Throttled
    }

    /// Returns whether it may be the endpoint's, and affect other requests as well.
    pub(crate) fn is_of_endpoint(&self) -> bool {
        self.retry() != Retry::Never
            && self.kind != FailureKind::ExecutionDoesNotExist
            && !self.is_about_one_execution()
    }

    /// Returns what is known if the request is not repeated.
    pub fn conclusion(&self) -> Conclusion {
        match self.kind {
            // Unreachable or throttled until retries were exhausted.
            _ if self.retry() == Retry::Soon => Conclusion::Unknown,
            // An execution of another machine may have been started.
            FailureKind::OtherMachine | FailureKind::NoErrorLogged | FailureKind::EndNotLogged => Conclusion::Unknown,
            FailureKind::Client
            | FailureKind::Setting
            | FailureKind::NoSecret
            | FailureKind::NoCredentials(_)
            | FailureKind::NotRecorded
            | FailureKind::EndpointGone => Conclusion::NotSent,
            _ => Conclusion::Refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{MissingCredentials, MissingReason};

    #[test]
    fn a_failure_without_a_retry_leaves_a_request_unsent_refused_or_unknown() {
        use FailureKind as K;
        let missing = |reason| K::NoCredentials(Box::new(MissingCredentials { reason, advice: "".into() }));
        for (kind, expected) in [
            (K::Throttled, Conclusion::Unknown),
            (K::Unreachable(Unreachable::Refused), Conclusion::Unknown),
            (K::OtherMachine, Conclusion::Unknown),
            (K::NoErrorLogged, Conclusion::Unknown),
            (K::EndNotLogged, Conclusion::Unknown),
            (K::Setting, Conclusion::NotSent),
            (missing(MissingReason::Mfa), Conclusion::NotSent),
            (missing(MissingReason::TooSlow), Conclusion::Unknown),
            (K::Forbidden, Conclusion::Refused),
            (K::Unreachable(Unreachable::ClientCertificate), Conclusion::Refused),
            (K::InvalidName, Conclusion::Refused),
        ] {
            let failure = Failure::without_response(kind, "");
            assert_eq!(failure.conclusion(), expected, "{failure:?}");
        }
    }

    #[test]
    fn only_ambiguous_failures_leave_the_outcome_open() {
        let unresolved = |kind| Failure::without_response(kind, "").leaves_outcome_open();
        assert!(unresolved(FailureKind::Unreachable(Unreachable::Broken)));
        assert!(unresolved(FailureKind::GatewayTimedOut));
        assert!(!unresolved(FailureKind::Unreachable(Unreachable::Refused)));
        assert!(!unresolved(FailureKind::Throttled));
        assert!(!unresolved(FailureKind::InvalidName));
    }
}
