//! What a bench is made of: as production's looks, and new each time, so that nothing in a call says that it is a trial.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::json;

const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const WORDS: [&str; 24] = [
    "acorn", "alder", "bright", "cedar", "coast", "delta", "ember", "field", "granite", "harbor", "iron", "juniper",
    "keystone", "lark", "meridian", "north", "orchard", "pine", "quarry", "river", "summit", "tide", "upland", "vale",
];
const NAMES: [&str; 12] =
    ["amara", "bruno", "chen", "dana", "elif", "farid", "grace", "hugo", "ines", "jonas", "kofi", "lena"];

/// One bench's.
#[derive(Debug)]
pub(super) struct Material {
    /// Consumer key.
    pub(super) client_id: String,
    pub(super) client_secret: String,
    pub(super) callback: String,
    pub(super) username: String,
    /// My Domain of the org.
    pub(super) host: String,
    /// My Domain of another.
    pub(super) other_host: String,
    /// Where all orgs' users log in.
    pub(super) login_host: &'static str,
    pub(super) organization_number: u64,
    /// Calls of today before the first, and how many there may be.
    pub(super) api_usage: (u32, u32),
    /// Stands in answers, and in arguments that are wrong, for whatever must not be shown.
    pub(super) plant: String,
}

impl Material {
    pub(super) fn new() -> Self {
        let own = company();
        Self {
            client_id: format!("3MVG9{}", letters(80)),
            client_secret: letters(64).bytes().map(|byte| format!("{:X}", byte % 16)).collect(),
            callback: format!("https://{}.{own}.com/2017-09-01/integrations/salesforce/sso", word()),
            username: format!("{}.{}@{own}.com", pick(&NAMES), word()),
            host: my_domain(&own),
            other_host: my_domain(&company()),
            login_host: pick(&["login.salesforce.com", "test.salesforce.com"]),
            organization_number: number(62_u64.pow(5)),
            api_usage: (u32::try_from(number(9_000)).unwrap_or_default(), 15_000 + 1_000 * small(90)),
            plant: letters(20),
        }
    }

    /// An assertion of the JWT bearer flow (RFC 7523) for this audience. Its signature is random, which nobody can tell who
    /// has not the app's key.
    pub(super) fn assertion(&self, audience: &str, now: i64) -> String {
        let part = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let claims = json!({"iss": self.client_id, "sub": self.username, "aud": audience, "exp": now + 120});
        let header = part(br#"{"alg":"RS256","typ":"JWT"}"#);
        format!("{header}.{}.{}", part(claims.to_string().as_bytes()), part(&bytes::<256>()))
    }
}

/// Unlike all others, as My Domain names are.
fn company() -> String {
    format!("{}{}{}", word(), word(), letters(8).to_ascii_lowercase())
}

/// A host as Salesforce names them for production, sandboxes and developers.
fn my_domain(company: &str) -> String {
    match small(3) {
        0 => format!("{company}.my.salesforce.com"),
        1 => format!("{company}--{}.sandbox.my.salesforce.com", pick(&["uat", "dev", "full", "qa"])),
        _ => format!("{company}-{}-dev-ed.develop.my.salesforce.com", letters(4).to_ascii_lowercase()),
    }
}

/// One of them.
pub(super) fn pick<T: Copy + Default>(all: &[T]) -> T {
    let place = usize::try_from(number(all.len() as u64)).unwrap_or_default();
    all.get(place).copied().unwrap_or_default()
}

/// A word that may be part of a name.
pub(super) fn word() -> &'static str {
    pick(&WORDS)
}

/// So many letters and digits.
pub(super) fn letters(length: usize) -> String {
    (0..length).map(|_| char::from(pick(LETTERS))).collect()
}

/// Below this.
pub(super) fn small(bound: u32) -> u32 {
    u32::try_from(number(u64::from(bound))).unwrap_or_default()
}

/// Below this, all about as likely.
pub(super) fn number(bound: u64) -> u64 {
    u64::from_le_bytes(bytes()) % bound.max(1)
}

/// In an order of chance.
pub(super) fn shuffled<T: Copy>(all: &[T]) -> Vec<T> {
    let mut all: Vec<_> = all.iter().map(|one| (number(u64::MAX), *one)).collect();
    all.sort_by_key(|(place, _)| *place);
    all.into_iter().map(|(_, one)| one).collect()
}

#[expect(clippy::expect_used, reason = "without an operating system's randomness there are no secrets to try with")]
fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_used_twice_and_everything_has_the_form_of_production() {
        let (one, other) = (Material::new(), Material::new());
        for (one, other) in [
            (&one.client_id, &other.client_id),
            (&one.client_secret, &other.client_secret),
            (&one.plant, &other.plant),
            (&one.assertion("https://login.salesforce.com", 0), &other.assertion("https://login.salesforce.com", 0)),
        ] {
            assert_ne!(one, other);
        }
        assert!(one.client_id.len() == 85 && one.client_secret.len() == 64);
        assert!(one.host.ends_with(".my.salesforce.com") && one.host != one.other_host);
        let mut all = shuffled(&[1, 2, 3, 4]);
        all.sort_unstable();
        assert_eq!(all, [1, 2, 3, 4]);
    }
}
