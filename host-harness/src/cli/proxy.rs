//! The proxy that the environment names, as other programs take it. It may hold a password, so no argument names it.

use salesforce_runtime::egress::Proxy;

use super::failure::Failure;

/// Names of the variables; the first that says something holds.
const PROXY: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
const EXCEPTIONS: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// The proxy on the way to public hosts, if there is one.
///
/// # Errors
/// `Failure::Usage`: what was expected of the variable.
pub(super) fn of_environment() -> Result<Option<Proxy>, Failure> {
    let said =
        |name: &&'static str| std::env::var(name).ok().filter(|text| !text.trim().is_empty()).map(|text| (*name, text));
    let exceptions = EXCEPTIONS.iter().find_map(said).map(|(_, text)| text).unwrap_or_default();
    let Some((name, url)) = PROXY.iter().find_map(said) else { return Ok(None) };
    Proxy::new(&url, &exceptions).map(Some).map_err(|error| Failure::Usage(format!("{name}: {error}")))
}
