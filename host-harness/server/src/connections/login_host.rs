//! Which hosts connections log in at. A connected app's secret, an authorization's code and verifier, and refresh tokens go
//! there, so nobody but Salesforce and whom the operator trusts may be one (RFC 9700 section 4.4).
//!
//! The list of Salesforce's domains is the connector's own.

use std::fmt;
use std::str::FromStr;

use salesforce_connector::core::origin::InstanceOrigin;
use salesforce_connector::core::salesforce_domains::SALESFORCE_DOMAINS;

use super::draft::login_url;
use super::{ConnectionError, Connections, PRODUCTION, SANDBOX, app};
use salesforce_runtime::Execution;
use salesforce_runtime::bindings::oauth::ConnectedApp;
use salesforce_runtime::egress::{EgressPolicy, LoginUrl, Origin};
use salesforce_runtime::secret::Secret;

/// A login host beside Salesforce's domains: one name, or all below one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginHost {
    name: String,
    below: bool,
}

/// The text names no login host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected a host name such as login.example.com, or *.example.com for every host below it; no scheme, port or path"
)]
pub struct LoginHostError;

/// The login hosts of a server.
#[derive(Clone, Debug)]
pub(crate) struct LoginHosts {
    listed: Vec<LoginHost>,
    loopback: bool,
}

/// A login URL whose host is allowed.
#[derive(Clone, Debug)]
pub(crate) struct AllowedLogin(LoginUrl);

/// A connected app at a login host that is allowed: only to one of these does a secret go.
pub(super) struct AllowedApp {
    pub(super) login: AllowedLogin,
    pub(super) app: ConnectedApp,
}

impl LoginHosts {
    pub(crate) fn new(listed: Vec<LoginHost>, loopback: bool) -> LoginHosts {
        LoginHosts { listed, loopback }
    }

    /// # Errors
    /// The host is none of Salesforce's and none that the operator listed; the words say what is allowed.
    pub(crate) fn allow(&self, url: &LoginUrl) -> Result<AllowedLogin, ConnectionError> {
        if url.is_loopback() {
            return if self.loopback { Ok(AllowedLogin(url.clone())) } else { Err(ConnectionError::Loopback) };
        }
        let origin = url.origin().to_string();
        let host = origin.strip_prefix("https://").unwrap_or_default();
        if url.is_salesforce() || self.lists(&origin) {
            return Ok(AllowedLogin(url.clone()));
        }
        Err(ConnectionError::LoginHost(self.told(host)))
    }

    /// Where an org may be: at Salesforce, whatever login hosts the operator lists; and on loopback only for a login there.
    ///
    /// # Errors
    /// It is elsewhere.
    pub(super) fn allow_org(&self, instance: &Origin, login: &AllowedLogin) -> Result<(), ConnectionError> {
        let is_salesforce = InstanceOrigin::parse(&instance.to_string()).is_ok();
        let may_be_loopback = self.loopback && login.0.is_loopback();
        if is_salesforce && (!instance.is_loopback() || may_be_loopback) {
            Ok(())
        } else {
            Err(ConnectionError::OrgHost)
        }
    }

    /// What kind of host it is: a word for metrics, one of four.
    pub(crate) fn kind_of(&self, origin: &Origin) -> &'static str {
        let text = origin.to_string();
        if origin.is_loopback() {
            "loopback"
        } else if [PRODUCTION, SANDBOX].contains(&text.as_str()) || self.lists(&text) {
            "login"
        } else if InstanceOrigin::parse(&text).is_ok() {
            "salesforce"
        } else {
            "other"
        }
    }

    fn lists(&self, origin: &str) -> bool {
        let host = origin.strip_prefix("https://").unwrap_or_default();
        self.listed.iter().any(|listed| listed.is(host))
    }

    fn told(&self, host: &str) -> String {
        let domains = SALESFORCE_DOMAINS.join(", ");
        let listed: String = self.listed.iter().map(|listed| format!(", {listed}")).collect();
        format!(
            "{host} is not a host of Salesforce's, so no secret is sent there. Expected a host at or below {domains}{listed}. The \
             operator of this server can allow another one: harness serve --login-host HOST"
        )
    }
}

impl Connections {
    /// The address that would be used for what somebody types.
    ///
    /// # Errors
    /// In words, why it would be refused.
    pub(crate) fn read_login(&self, typed: &str) -> Result<LoginUrl, String> {
        let url = login_url(typed)?;
        self.login_hosts.allow(&url).map(|_| url).map_err(|error| error.to_string())
    }

    /// A warning about a login host that the operator allows though it is not Salesforce's.
    pub(crate) fn foreign_login(&self, login_url: &str) -> Option<String> {
        let url = login_url.parse::<LoginUrl>().ok().filter(|url| !url.is_salesforce() && !url.is_loopback())?;
        Some(format!(
            "{} is not a host of Salesforce's. The operator of this server allows it. The consumer secret and the user's login \
             go there: continue only if you know it.",
            url.origin().authority()
        ))
    }

    /// # Errors
    /// The login host is not allowed, now, whatever it was when the connection was made.
    pub(super) fn allowed_app(
        &self,
        login_url: &LoginUrl,
        client_id: &str,
        client_secret: Option<&Secret>,
    ) -> Result<AllowedApp, ConnectionError> {
        let app = app(login_url, client_id, client_secret);
        Ok(AllowedApp { login: self.login_hosts.allow(login_url)?, app })
    }

    /// A call that reaches the app's login host and nothing else.
    pub(super) fn at_login(&self, app: &AllowedApp) -> Execution {
        self.connector.execution(self.policy([app.login.url().origin().clone()]))
    }

    /// A call that reaches nothing.
    pub(super) fn offline(&self) -> Execution {
        self.connector.execution(EgressPolicy::origins([]))
    }
}

impl AllowedLogin {
    pub(crate) fn url(&self) -> &LoginUrl {
        &self.0
    }
}

impl LoginHost {
    fn is(&self, host: &str) -> bool {
        match host.strip_suffix(self.name.as_str()) {
            Some("") => !self.below,
            Some(labels) => self.below && labels.ends_with('.'),
            None => false,
        }
    }
}

impl FromStr for LoginHost {
    type Err = LoginHostError;

    fn from_str(text: &str) -> Result<LoginHost, LoginHostError> {
        let (below, host) = text.strip_prefix("*.").map_or((false, text), |host| (true, host));
        match format!("https://{host}").parse::<LoginUrl>() {
            // Loopback has an option of its own. A port would be the origin's, not the host's.
            Ok(url) if !url.is_loopback() && !host.contains([':', '/']) => {
                Ok(LoginHost { name: url.origin().authority(), below })
            }
            _ => Err(LoginHostError),
        }
    }
}

impl fmt::Display for LoginHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.below { "*." } else { "" }, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(listed: &[&str], loopback: bool) -> LoginHosts {
        LoginHosts::new(listed.iter().map(|host| host.parse().unwrap()).collect(), loopback)
    }

    fn url(text: &str) -> LoginUrl {
        text.parse().unwrap()
    }

    fn origin(text: &str) -> Origin {
        text.parse().unwrap()
    }

    #[test]
    fn s12_login_hosts_are_salesforces_and_the_listed_ones_on_label_boundaries() {
        let hosts = hosts(&["login.example.com", "*.id.example.org"], false);
        for allowed in [
            "https://login.salesforce.com",
            "https://Example--dev.sandbox.my.salesforce.com",
            "https://login.example.com",
            "https://LOGIN.example.com:443",
            "https://login.example.com/site",
            "https://a.b.id.example.org",
        ] {
            assert!(hosts.allow(&url(allowed)).is_ok(), "{allowed}");
        }
        for other in [
            "https://evil.example",
            "https://evilsalesforce.com",
            "https://salesforce.com.evil.example",
            "https://example.com",
            "https://a.login.example.com",
            "https://evil-login.example.com",
            "https://id.example.org",
            "https://evilid.example.org",
        ] {
            let error = hosts.allow(&url(other)).unwrap_err().to_string();
            for words in ["salesforce.com", "login.example.com, *.id.example.org", "--login-host"] {
                assert!(error.contains(words), "{other}: {error}");
            }
        }
        assert!(matches!(hosts.allow(&url("http://127.0.0.1:1")), Err(ConnectionError::Loopback)));
    }

    #[test]
    fn s12_a_listed_login_host_is_no_host_of_an_org() {
        let hosts = hosts(&["login.example.com"], true);
        let login = hosts.allow(&url("https://login.example.com")).unwrap();
        assert!(hosts.allow_org(&origin("https://example.my.salesforce.com"), &login).is_ok());
        for elsewhere in ["https://login.example.com", "https://evil.example", "http://127.0.0.1:8080"] {
            assert!(hosts.allow_org(&origin(elsewhere), &login).is_err(), "{elsewhere}");
        }
        let login = hosts.allow(&url("http://127.0.0.1:1")).unwrap();
        assert!(hosts.allow_org(&origin("http://127.0.0.1:8080"), &login).is_ok());
    }

    #[test]
    fn the_kinds_of_hosts_are_few_whatever_they_are_called() {
        let hosts = hosts(&["login.example.com"], true);
        for (host, kind) in [
            ("https://login.salesforce.com", "login"),
            ("https://test.salesforce.com", "login"),
            ("https://login.example.com", "login"),
            ("https://acme.my.salesforce.com", "salesforce"),
            ("https://acme.my.salesforce.com:8443", "other"),
            ("http://127.0.0.1:8080", "loopback"),
            ("https://example.com", "other"),
        ] {
            assert_eq!(hosts.kind_of(&origin(host)), kind, "{host}");
        }
    }

    #[test]
    fn what_names_no_host_is_not_listed() {
        for text in [
            "",
            "*",
            "*.com",
            "com",
            "https://login.example.com",
            "login.example.com/",
            "login.example.com:443",
            "login.example.com:8443",
            "*login.example.com",
            "**.example.com",
            "a.*.example.com",
            "127.0.0.1",
            "localhost",
            "user@login.example.com",
            "login.example.com.",
            "exämple.com",
        ] {
            assert_eq!(text.parse::<LoginHost>(), Err(LoginHostError), "{text:?}");
        }
        assert_eq!("*.Example.com".parse::<LoginHost>().unwrap().to_string(), "*.example.com");
    }
}
