//! The services that provide credentials, and their hosts in a region. Pure.

/// A service that provides credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    Sts,
    /// The SSO portal, which gives the credentials of a role.
    Sso,
    /// Renews SSO sessions.
    SsoOidc,
    /// The endpoint of a container.
    Container,
    /// The metadata of an EC2 instance.
    Instance,
}

/// Which of a service's hosts in a region.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Variant {
    pub(super) is_fips: bool,
    pub(super) is_dual_stack: bool,
}

/// The beginnings of regions, with the suffixes of hosts there: the common one, and that of hosts with IPv6. From
/// botocore's `partitions.json`.
const PARTITIONS: [(&str, &str, &str); 6] = [
    ("cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"),
    ("eusc-", "amazonaws.eu", "api.amazonwebservices.eu"),
    ("us-iso-", "c2s.ic.gov", "api.aws.ic.gov"),
    ("us-isob-", "sc2s.sgov.gov", "api.aws.scloud"),
    ("eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
    ("us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"),
];
const OTHER_REGIONS: (&str, &str) = ("amazonaws.com", "api.aws");

impl Service {
    /// Those with an address that settings replace.
    pub(super) const REGIONAL: [Self; 3] = [Self::Sts, Self::Sso, Self::SsoOidc];

    /// Returns its name in a `services` section.
    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Sts => "sts",
            Self::Sso => "sso",
            Self::SsoOidc => "sso_oidc",
            Self::Container => "container",
            Self::Instance => "instance",
        }
    }

    /// Returns whether it is the endpoint of a container or an instance.
    pub(super) fn is_metadata(self) -> bool {
        matches!(self, Self::Container | Self::Instance)
    }

    /// Returns its host in a region, as in botocore's endpoint rules; `None` for metadata.
    pub(super) fn host(self, region: &str, Variant { is_fips, is_dual_stack }: Variant) -> Option<String> {
        let name = match self {
            Self::Sts => "sts",
            Self::Sso => "portal.sso",
            Self::SsoOidc => "oidc",
            Self::Container | Self::Instance => return None,
        };
        let partition = PARTITIONS.iter().find(|(beginning, ..)| region.starts_with(beginning));
        let (suffix, dual_stack) = partition.map_or(OTHER_REGIONS, |(_, suffix, dual_stack)| (*suffix, *dual_stack));
        let suffix = if is_dual_stack { dual_stack } else { suffix };
        // In GovCloud all hosts are FIPS endpoints.
        let is_named_fips = is_fips && (is_dual_stack || !region.starts_with("us-gov-"));
        let fips = if is_named_fips { "-fips" } else { "" };
        Some(format!("{name}{fips}.{region}.{suffix}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_those_of_botocore() {
        use Service::{Sso, SsoOidc, Sts};
        let (plain, fips, dual, both) = ((false, false), (true, false), (false, true), (true, true));
        for (service, region, (is_fips, is_dual_stack), expected) in [
            (Sts, "eu-west-1", plain, "sts.eu-west-1.amazonaws.com"),
            (Sts, "eu-west-1", fips, "sts-fips.eu-west-1.amazonaws.com"),
            (Sts, "eu-west-1", dual, "sts.eu-west-1.api.aws"),
            (Sts, "eu-west-1", both, "sts-fips.eu-west-1.api.aws"),
            (Sts, "cn-north-1", plain, "sts.cn-north-1.amazonaws.com.cn"),
            (Sts, "us-gov-west-1", fips, "sts.us-gov-west-1.amazonaws.com"),
            (Sts, "us-gov-west-1", both, "sts-fips.us-gov-west-1.api.aws"),
            (Sts, "us-iso-east-1", plain, "sts.us-iso-east-1.c2s.ic.gov"),
            (Sts, "us-isob-east-1", dual, "sts.us-isob-east-1.api.aws.scloud"),
            (Sts, "eusc-de-east-1", plain, "sts.eusc-de-east-1.amazonaws.eu"),
            (Sso, "eu-west-1", plain, "portal.sso.eu-west-1.amazonaws.com"),
            (Sso, "us-east-1", fips, "portal.sso-fips.us-east-1.amazonaws.com"),
            (Sso, "cn-north-1", dual, "portal.sso.cn-north-1.api.amazonwebservices.com.cn"),
            (SsoOidc, "eu-west-1", plain, "oidc.eu-west-1.amazonaws.com"),
            (SsoOidc, "us-east-1", both, "oidc-fips.us-east-1.api.aws"),
        ] {
            let host = service.host(region, Variant { is_fips, is_dual_stack });
            assert_eq!(host.as_deref(), Some(expected));
        }
        assert_eq!(Service::Instance.host("eu-west-1", Variant::default()), None);
    }
}
