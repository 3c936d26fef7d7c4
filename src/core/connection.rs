//! A connection to one org: where its token goes, and which API it speaks.

use super::api_version::ApiVersion;
use super::error::Result;
use super::origin::InstanceOrigin;
use super::secret::Secret;

/// An org and the right to act in it.
#[derive(Debug, Clone)]
pub struct Connection {
    /// The only origin the token is sent to.
    pub instance: InstanceOrigin,
    /// The access token.
    pub access_token: Secret,
    /// The REST API version.
    pub api_version: ApiVersion,
}

impl Connection {
    /// Parses the three parts of `connection` in `wit/types.wit`.
    pub fn parse(instance_url: &str, access_token: &str, api_version: Option<&str>) -> Result<Self> {
        Ok(Self {
            instance: InstanceOrigin::parse(instance_url)?,
            access_token: Secret::parse("access-token", access_token)?,
            api_version: api_version.map_or(Ok(ApiVersion::DEFAULT), ApiVersion::parse)?,
        })
    }

    /// `/services/data/v67.0` and what follows it.
    pub(super) fn path(&self, rest: &str) -> String {
        format!("/services/data/{}{rest}", self.api_version)
    }
}
