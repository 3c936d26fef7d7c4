//! Where an execution may send requests: a list of origins, and a switch for loopback.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::origin::Origin;
use super::seal::Seal;
use super::sealed_target::APEX_REST;

/// Where one execution may send requests. Everything else is refused before a name is resolved.
///
/// ```
/// use salesforce_runtime::egress::EgressPolicy;
///
/// let org = EgressPolicy::origins(["https://example.my.salesforce.com".parse()?]);
/// let mock = EgressPolicy::origins(["http://127.0.0.1:8080".parse()?]).allow_loopback();
/// # Ok::<(), salesforce_runtime::egress::OriginError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct EgressPolicy {
    origins: HashSet<Origin>,
    loopback: bool,
    seal: Option<Seal>,
    refusals: Option<Refusals>,
    without_apex_rest: Option<&'static str>,
}

/// Hosts that components asked for and were not let to: the first [`Refusals::KEPT`] different ones. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Refusals(Arc<Mutex<Vec<String>>>);

/// A request is not allowed to go where it wants to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The origin is not on the list.
    NotListed,
    /// The origin is listed, but it is loopback and the policy does not open loopback.
    Loopback,
}

impl EgressPolicy {
    /// Allows exactly these origins. None: nothing can be reached.
    pub fn origins(origins: impl IntoIterator<Item = Origin>) -> Self {
        Self { origins: origins.into_iter().collect(), ..Self::default() }
    }

    /// Also lets the listed origins be literal loopback (`127.0.0.1`, `[::1]`, `localhost`). For development: on a
    /// shared host, loopback is where other people's services listen.
    #[must_use]
    pub fn allow_loopback(self) -> Self {
        Self { loopback: true, ..self }
    }

    /// Also puts the seal's token in the place of its placeholder. The seal's origin must be one of the list.
    #[must_use]
    pub fn sealing(self, seal: Seal) -> Self {
        Self { seal: Some(seal), ..self }
    }

    /// Also notes there what it refuses.
    #[must_use]
    pub fn noting(self, refusals: Refusals) -> Self {
        Self { refusals: Some(refusals), ..self }
    }

    /// Refuses requests below `/services/apexrest/`, where the org's own classes answer. A call that a component says was denied
    /// for it fails with `advice` as its message: why, and who may change that. It knows the one spelling that the connector and a
    /// seal have: of a component that is not trusted, seal the token too.
    #[must_use]
    pub fn without_apex_rest(self, advice: &'static str) -> Self {
        Self { without_apex_rest: Some(advice), ..self }
    }

    /// Why a request to this path is refused, if it is one to Apex REST and those are.
    pub(crate) fn withholds(&self, path: &str) -> Option<&'static str> {
        self.without_apex_rest.filter(|_| path.starts_with(APEX_REST))
    }

    pub(crate) fn seal(&self) -> Option<&Seal> {
        self.seal.as_ref()
    }

    pub(crate) fn note_refusal(&self, host: &str) {
        if let Some(refusals) = &self.refusals {
            refusals.note(host);
        }
    }

    pub(crate) fn check(&self, origin: &Origin) -> Result<(), Refusal> {
        if !self.origins.contains(origin) {
            Err(Refusal::NotListed)
        } else if origin.is_loopback() && !self.loopback {
            Err(Refusal::Loopback)
        } else {
            Ok(())
        }
    }
}

impl Refusals {
    /// How many hosts are kept.
    pub const KEPT: usize = 16;

    /// The hosts so far, as the components wrote them.
    #[must_use]
    pub fn hosts(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Adds a host.
    pub fn note(&self, host: &str) {
        let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.len() < Self::KEPT && !hosts.iter().any(|known| known == host) {
            hosts.push(host.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(text: &str) -> Origin {
        text.parse().unwrap()
    }

    #[test]
    fn only_listed_origins_pass_and_the_port_counts() {
        let policy = EgressPolicy::origins([origin("https://example.com")]);
        assert_eq!(policy.check(&origin("https://EXAMPLE.com:443")), Ok(()));
        for other in ["https://example.com:8443", "https://www.example.com", "https://example.org"] {
            assert_eq!(policy.check(&origin(other)), Err(Refusal::NotListed), "{other}");
        }
        assert_eq!(EgressPolicy::default().check(&origin("https://example.com")), Err(Refusal::NotListed));
    }

    #[test]
    fn refusals_are_noted_once_each_and_bounded() {
        let refusals = Refusals::default();
        let policy = EgressPolicy::default().noting(refusals.clone());
        for number in 0..100 {
            policy.note_refusal(&format!("{}.example", number / 2));
        }
        assert_eq!(refusals.hosts().len(), Refusals::KEPT);
        assert_eq!(refusals.hosts()[..2], ["0.example", "1.example"]);
        EgressPolicy::default().note_refusal("nobody.notes.example");
    }

    #[test]
    fn apex_rest_is_withheld_where_that_is_said_and_nothing_else_is() {
        let policy = EgressPolicy::default().without_apex_rest("switch it on");
        assert_eq!(policy.withholds("/services/apexrest/orders"), Some("switch it on"));
        assert_eq!(policy.withholds("/services/data/v67.0/query"), None);
        assert_eq!(EgressPolicy::default().withholds("/services/apexrest/orders"), None);
    }

    #[test]
    fn loopback_needs_the_switch_and_the_list() {
        for loopback in ["http://127.0.0.1:8080", "http://[::1]:8080", "http://localhost:8080", "https://localhost"] {
            let policy = EgressPolicy::origins([origin(loopback)]);
            assert_eq!(policy.check(&origin(loopback)), Err(Refusal::Loopback), "{loopback}");
            assert_eq!(policy.allow_loopback().check(&origin(loopback)), Ok(()), "{loopback}");
            assert_eq!(
                EgressPolicy::default().allow_loopback().check(&origin(loopback)),
                Err(Refusal::NotListed),
                "{loopback}"
            );
        }
    }
}
