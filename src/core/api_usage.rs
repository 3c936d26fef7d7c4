//! The org's daily API allowance, as every REST answer tells it.

use super::http::Response;

/// Requests used of those allowed in 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApiUsage {
    /// Requests used.
    pub used: u32,
    /// Requests allowed.
    pub allowed: u32,
}

impl ApiUsage {
    /// What an answer tells.
    pub(super) fn of(response: &Response) -> Option<Self> {
        response.header("sforce-limit-info").and_then(Self::parse)
    }

    /// Reads `Sforce-Limit-Info`, e.g. `api-usage=18/5000; per-app-api-usage=17/250(appName=x)`.
    pub fn parse(header: &str) -> Option<Self> {
        let usage = header.split(';').find_map(|part| part.trim_ascii().strip_prefix("api-usage="))?;
        let (used, allowed) = usage.split_once('/')?;
        let number = |text: &str| u32::try_from(text.parse::<u64>().ok()?).ok();
        Some(Self { used: number(used)?, allowed: number(allowed)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_org_wide_usage_is_read_and_nothing_else() {
        let usage = Some(ApiUsage { used: 18, allowed: 5000 });
        assert_eq!(ApiUsage::parse("api-usage=18/5000"), usage);
        assert_eq!(ApiUsage::parse("per-app-api-usage=17/250(appName=x); api-usage=18/5000"), usage);
        for odd in ["", "api-usage=", "api-usage=18", "api-usage=x/5000", "per-app-api-usage=17/250"] {
            assert_eq!(ApiUsage::parse(odd), None, "{odd:?}");
        }
    }
}
