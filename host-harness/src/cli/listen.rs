//! `--listen`: an address, or a name of this machine.

use std::net::{SocketAddr, ToSocketAddrs};

/// Reads `127.0.0.1:8713`, or `localhost:8713`: a name must lead to loopback and nowhere else, for what it leads to may change.
/// Of several addresses an IPv4 one is taken, as where no name is given.
///
/// # Errors
/// What was expected.
pub(super) fn address(text: &str) -> Result<SocketAddr, String> {
    let error = match text.parse::<SocketAddr>() {
        Ok(address) => return Ok(address),
        Err(error) => error,
    };
    let named = text.rsplit_once(':').and_then(|(name, port)| Some((name, port.parse::<u16>().ok()?)));
    let named = named.filter(|(name, _)| !name.is_empty() && !name.contains([':', '[', ']']));
    let found = named.and_then(|named| named.to_socket_addrs().ok()).into_iter().flatten().collect::<Vec<_>>();
    let is_local = found.iter().all(|address| address.ip().is_loopback());
    let address = found.iter().find(|address| address.is_ipv4()).or(found.first());
    address.copied().filter(|_| is_local).ok_or_else(|| {
        format!("{error}: expected an address and a port, or a name that leads to this machine alone: localhost:8713")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_this_machine_is_an_address() {
        for (text, port) in [("localhost:8713", 8713), ("localhost:0", 0)] {
            let address = address(text).unwrap();
            assert!(address.ip().is_loopback() && address.port() == port, "{address}");
        }
        for text in ["127.0.0.1:1", "[::1]:1", "0.0.0.0:1", "192.0.2.7:1"] {
            assert_eq!(address(text), Ok(text.parse().unwrap()));
        }
    }

    #[test]
    fn what_leads_elsewhere_or_nowhere_is_refused() {
        for text in
            ["", ":1", "localhost", "localhost:", "localhost:x", "localhost:65536", "nowhere.invalid:1", "::1:1"]
        {
            assert!(address(text).unwrap_err().contains("expected an address"), "{text}");
        }
    }
}
