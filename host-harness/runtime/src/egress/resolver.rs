//! Names to addresses, with the check of the addresses in between: what was checked is what is connected to.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper_util::client::legacy::connect::dns::Name;
use tower_service::Service;

use super::address::is_public;
use super::stand_in::StandIns;

/// Which addresses a client may connect to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Public addresses, whatever the name.
    Public,
    /// Loopback, and only for the name `localhost`.
    Loopback,
}

/// Names whose addresses are known without DNS, in lower case.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hosts {
    /// As in `/etc/hosts`. A name without addresses does not resolve.
    fixed: Arc<HashMap<String, Vec<IpAddr>>>,
    stand_ins: StandIns,
}

/// Resolves host names for the pooled client. Never sees literal addresses: the connector takes those as they are.
#[derive(Clone, Debug)]
pub(crate) struct Resolver {
    reach: Reach,
    hosts: Hosts,
    timeout: Duration,
}

/// Why a name gave no address to connect to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ResolveError {
    /// No such name, or no name server that knows.
    #[error("the name does not resolve")]
    NotFound(#[source] io::Error),
    /// No answer in time.
    #[error("the name did not resolve in time")]
    TimedOut,
    /// It resolves to addresses that may not be reached.
    #[error("the name resolves to an address that may not be reached")]
    Prohibited,
}

impl Hosts {
    pub(crate) fn new(fixed: HashMap<String, Vec<IpAddr>>, stand_ins: StandIns) -> Self {
        let fixed = fixed.into_iter().map(|(name, addresses)| (name.to_ascii_lowercase(), addresses)).collect();
        Self { fixed: Arc::new(fixed), stand_ins }
    }

    /// Whether it is known here where a name leads.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.stand_ins.find(name).is_some() || self.fixed.contains_key(&name.to_ascii_lowercase())
    }
}

impl Resolver {
    pub(crate) fn new(reach: Reach, hosts: Hosts, timeout: Duration) -> Self {
        Self { reach, hosts, timeout }
    }

    async fn resolve(self, name: Name) -> Result<Vec<SocketAddr>, ResolveError> {
        match self.reach {
            // RFC 6761 section 6.3: `localhost` is loopback without asking anybody.
            Reach::Loopback if name.as_str() == "localhost" => {
                Ok(vec![(IpAddr::from(Ipv4Addr::LOCALHOST), 0).into(), (IpAddr::from(Ipv6Addr::LOCALHOST), 0).into()])
            }
            Reach::Loopback => Err(ResolveError::Prohibited),
            Reach::Public if let Some(address) = self.hosts.stand_ins.find(name.as_str()) => Ok(vec![address]),
            Reach::Public if let Some(fixed) = self.hosts.fixed.get(&name.as_str().to_ascii_lowercase()) => {
                only_public(fixed.iter().map(|address| (*address, 0).into()))
            }
            Reach::Public => {
                let lookup = tokio::net::lookup_host((name.as_str(), 0));
                let found = tokio::time::timeout(self.timeout, lookup).await.map_err(|_| ResolveError::TimedOut)?;
                only_public(found.map_err(ResolveError::NotFound)?)
            }
        }
    }
}

/// Leaves the public addresses; an error if that leaves none.
fn only_public(found: impl Iterator<Item = SocketAddr>) -> Result<Vec<SocketAddr>, ResolveError> {
    let found: Vec<_> = found.collect();
    if found.is_empty() {
        return Err(ResolveError::NotFound(io::ErrorKind::NotFound.into()));
    }
    let public: Vec<_> = found.into_iter().filter(|address| is_public(address.ip())).collect();
    if public.is_empty() { Err(ResolveError::Prohibited) } else { Ok(public) }
}

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = ResolveError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let resolver = self.clone();
        Box::pin(async move { Ok(resolver.resolve(name).await?.into_iter()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(list: &[&str]) -> Vec<SocketAddr> {
        list.iter().map(|address| (address.parse::<IpAddr>().unwrap(), 443).into()).collect()
    }

    #[test]
    fn only_the_public_addresses_of_a_name_are_kept() {
        let kept = only_public(addresses(&["10.0.0.1", "1.1.1.1", "::1", "2606:4700::1111"]).into_iter()).unwrap();
        assert_eq!(kept, addresses(&["1.1.1.1", "2606:4700::1111"]));
    }

    #[test]
    fn a_name_with_private_addresses_alone_is_prohibited() {
        let refused = only_public(addresses(&["10.0.0.1", "::ffff:127.0.0.1"]).into_iter());
        assert!(matches!(refused, Err(ResolveError::Prohibited)));
    }

    #[test]
    fn a_name_without_addresses_is_not_found() {
        assert!(matches!(only_public([].into_iter()), Err(ResolveError::NotFound(_))));
    }

    #[tokio::test]
    async fn the_public_client_never_reaches_loopback_even_by_name() {
        let resolver = Resolver::new(Reach::Public, Hosts::default(), Duration::from_secs(30));
        let refused = resolver.resolve("localhost".parse().unwrap()).await;
        assert!(matches!(refused, Err(ResolveError::Prohibited)), "{refused:?}");
    }

    #[tokio::test]
    async fn a_fixed_address_is_checked_as_any_other() {
        let fixed = |address: &str| vec![address.parse().unwrap()];
        let hosts = [
            ("private.example".to_owned(), fixed("10.0.0.1")),
            ("good.example".to_owned(), fixed("1.1.1.1")),
            ("nowhere.example".to_owned(), Vec::new()),
        ];
        let hosts = Hosts::new(HashMap::from(hosts), StandIns::default());
        let resolver = Resolver::new(Reach::Public, hosts, Duration::from_secs(30));
        let resolve = async |name: &str| resolver.clone().resolve(name.parse().unwrap()).await;
        assert_eq!(resolve("GOOD.example").await.unwrap(), [(IpAddr::from([1, 1, 1, 1]), 0).into()]);
        assert!(matches!(resolve("private.example").await, Err(ResolveError::Prohibited)));
        assert!(matches!(resolve("nowhere.example").await, Err(ResolveError::NotFound(_))));
    }

    #[tokio::test]
    async fn a_stand_in_is_where_it_was_put_as_long_as_it_stands() {
        let (stand_ins, address) = (StandIns::default(), SocketAddr::from(([127, 0, 0, 1], 8080)));
        let hosts = Hosts::new(HashMap::new(), stand_ins.clone());
        let resolver = Resolver::new(Reach::Public, hosts, Duration::from_secs(30));
        let standing = stand_ins.stand("acme.my.salesforce.com", address);
        assert_eq!(resolver.clone().resolve("ACME.my.salesforce.com".parse().unwrap()).await.unwrap(), [address]);
        drop(standing);
        assert_eq!(stand_ins.find("acme.my.salesforce.com"), None);
        let loopback = Resolver::new(Reach::Public, Hosts::default(), Duration::from_secs(30));
        assert!(matches!(loopback.resolve("localhost".parse().unwrap()).await, Err(ResolveError::Prohibited)));
    }

    #[tokio::test]
    async fn the_loopback_client_reaches_localhost_and_no_other_name() {
        let resolver = Resolver::new(Reach::Loopback, Hosts::default(), Duration::from_secs(30));
        let found = resolver.clone().resolve("localhost".parse().unwrap()).await.unwrap();
        assert!(found.iter().all(|address| address.ip().is_loopback()));
        let refused = resolver.resolve("example.com".parse().unwrap()).await;
        assert!(matches!(refused, Err(ResolveError::Prohibited)));
    }
}
