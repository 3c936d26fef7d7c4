//! What every store must pass: a test for stores of one's own.
//!
//! ```no_run
//! # use salesforce_connections::{MemoryStore, store_kit::{self, Subject}};
//! # async fn test() {
//! store_kit::passes(async || {
//!     let store = MemoryStore::default();
//!     store.put("acme", store_kit::connection());
//!     Subject { one: store.clone(), other: store, id: "acme".to_owned(), unknown: None }
//! })
//! .await;
//! # }
//! ```
#![allow(clippy::panic, reason = "a test: it ends where a promise is not kept")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use salesforce_runtime::bindings::oauth::TokenSet;
use salesforce_runtime::secret::Secret;

use crate::protocol::Ending;
use crate::store::{ConnectionStore, Ended, NewTokens, Settlement, Stored};

/// What no message may hold.
const SENTINEL: &str = "SENTINEL";

/// A store with one connection in it, the one that [`connection`] gives.
pub struct Subject<S: ConnectionStore> {
    /// The store.
    pub one: S,
    /// The same store as another process has it: what is in it is shared, and nothing else, where that can be had.
    pub other: S,
    /// The connection.
    pub id: S::Id,
    /// The id of none, where there is such a thing.
    pub unknown: Option<S::Id>,
}

/// The connection to put into a store that is tested.
///
/// # Panics
/// Never.
#[must_use]
pub fn connection() -> Stored<()> {
    let address = "https://example.my.salesforce.com";
    let (Ok(login_url), Ok(instance_url)) = (address.parse(), address.parse()) else { panic!("{address}") };
    Stored {
        login_url,
        client_id: "store-kit".to_owned(),
        client_secret: Some(Secret::from(format!("{SENTINEL}-client-secret"))),
        instance_url,
        access_token: Secret::from(format!("{SENTINEL}-access-1")),
        refresh_token: Some(Secret::from(format!("{SENTINEL}-refresh-1"))),
        api_version: None,
        revision: (),
        refresh_begun: false,
        allow_loopback: false,
    }
}

/// The tokens of that connection, for a store that takes what a login gives.
#[must_use]
pub fn login() -> TokenSet {
    tokens(1, true)
}

/// Runs the whole kit; each part begins with a store of its own, which `make` makes.
///
/// # Panics
/// A promise of [`ConnectionStore`] is not kept; the message says which.
pub async fn passes<S: ConnectionStore>(make: impl AsyncFn() -> Subject<S>) {
    what_is_put_is_read(make().await).await;
    a_mark_is_seen_by_all_and_taken_back(make().await).await;
    tokens_are_replaced_whole(make().await).await;
    of_two_settlements_one_counts(make().await).await;
    only_one_has_the_lease(make().await).await;
    for ending in [Ending::Refused, Ending::AnswerLost, Ending::NoRefreshToken] {
        an_ended_connection_gives_no_newer_tokens(make().await, ending).await;
    }
}

async fn what_is_put_is_read<S: ConnectionStore>(subject: Subject<S>) {
    let (expected, found) = (connection(), load(&subject.one, &subject.id).await);
    assert!(
        found.access_token == expected.access_token
            && found.refresh_token == expected.refresh_token
            && found.client_secret == expected.client_secret
            && found.client_id == expected.client_id
            && found.instance_url == expected.instance_url
            && found.login_url.to_string() == expected.login_url.to_string(),
        "load must give the connection that was put: {found:?}"
    );
    assert!(!found.refresh_begun, "no refresh was begun");
    assert!(!format!("{found:?}").contains(SENTINEL), "a stored connection must not print its secrets");
    assert_eq!(found.revision, load(&subject.other, &subject.id).await.revision, "every look gives the same revision");
    if let Some(unknown) = &subject.unknown {
        assert!(subject.one.load(unknown).await.is_err(), "load must fail for a connection that is not there");
    }
}

async fn a_mark_is_seen_by_all_and_taken_back<S: ConnectionStore>(subject: Subject<S>) {
    let Subject { one, other, id, .. } = subject;
    let stored = load(&one, &id).await;
    assert!(done(one.begin(&id, &stored.revision).await), "begin must commit the mark");
    assert!(load(&other, &id).await.refresh_begun, "everybody must see that a refresh was begun");
    assert!(done(other.begin(&id, &stored.revision).await), "a mark that is there may be made again");
    assert!(done(other.settle(&id, &stored, Settlement::Unchanged).await), "settle must commit");
    let found = load(&one, &id).await;
    assert!(
        !found.refresh_begun && found.revision == stored.revision,
        "unchanged takes the mark back and nothing else"
    );
}

async fn tokens_are_replaced_whole<S: ConnectionStore>(subject: Subject<S>) {
    let Subject { one, other, id, .. } = subject;
    let first = load(&one, &id).await;
    assert!(done(one.begin(&id, &first.revision).await), "begin must commit the mark");
    let rotated = tokens(2, true);
    assert!(done(one.settle(&id, &first, Settlement::Tokens(NewTokens(&rotated))).await), "settle must store tokens");
    let found = load(&other, &id).await;
    assert!(found.access_token.expose() == rotated.access_token, "everybody must see the new access token");
    let refresh_token = found.refresh_token.as_ref().map(Secret::expose);
    assert!(refresh_token == rotated.refresh_token.as_deref(), "a refresh token that comes replaces the stored one");
    assert!(
        !found.refresh_begun && found.revision != first.revision,
        "new tokens are another revision, without a mark"
    );
    assert!(found.client_secret == connection().client_secret, "the app stays");

    let second = found;
    assert!(!done(other.begin(&id, &first.revision).await), "begin must refuse an older revision");
    let late = tokens(3, true);
    let counts = done(other.settle(&id, &first, Settlement::Tokens(NewTokens(&late))).await);
    assert!(!counts, "settle must refuse an older revision");
    assert!(done(one.begin(&id, &second.revision).await), "begin must commit the mark");
    assert!(!done(other.settle(&id, &first, Settlement::Unchanged).await), "and that an older one changed nothing");
    assert!(load(&one, &id).await.refresh_begun, "the mark of another refresh must stay");
    assert!(!done(other.settle(&id, &first, ended(Ending::Refused)).await), "and so an end of it");
    let found = load(&one, &id).await;
    assert!(found.revision == second.revision && found.refresh_begun, "what is refused changes nothing");

    let kept = tokens(4, false);
    assert!(done(one.settle(&id, &second, Settlement::Tokens(NewTokens(&kept))).await), "settle must store tokens");
    let found = load(&other, &id).await;
    let refresh_token = found.refresh_token.as_ref().map(Secret::expose);
    assert!(refresh_token == rotated.refresh_token.as_deref(), "where no refresh token comes, the stored one stays");

    let third = load(&one, &id).await;
    let moved = TokenSet { instance_url: "https://moved.my.salesforce.com".to_owned(), ..tokens(5, true) };
    assert!(done(other.settle(&id, &third, Settlement::Tokens(NewTokens(&moved))).await), "settle must store tokens");
    let found = load(&one, &id).await;
    assert!(found.instance_url.to_string() == moved.instance_url, "an org that has moved is found where it is now");
}

async fn of_two_settlements_one_counts<S: ConnectionStore>(subject: Subject<S>) {
    let Subject { one, other, id, .. } = subject;
    let stored = load(&one, &id).await;
    let settling = |store: S, number: u32| {
        let (id, stored) = (id.clone(), stored.clone());
        tokio::spawn(async move {
            let tokens = tokens(number, true);
            done(store.settle(&id, &stored, Settlement::Tokens(NewTokens(&tokens))).await)
        })
    };
    let (first, second) = (settling(one.clone(), 2), settling(other, 3));
    let counted = [first.await, second.await].map(|ended| ended.unwrap_or_else(|error| panic!("settle: {error}")));
    assert!(counted[0] != counted[1], "of two settlements of one revision one counts, not {counted:?}");
    let expected = tokens(if counted[0] { 2 } else { 3 }, true).access_token;
    assert!(load(&one, &id).await.access_token.expose() == expected, "the one that counts is the one that is stored");
}

async fn only_one_has_the_lease<S: ConnectionStore>(subject: Subject<S>) {
    let Subject { one, other, id, .. } = subject;
    let lease = one.lease(&id).await.unwrap_or_else(|error| panic!("lease: {error}"));
    let has_it = Arc::new(AtomicBool::new(false));
    let (asks, asked) = tokio::sync::oneshot::channel();
    let waiting = tokio::spawn({
        let (id, has_it) = (id.clone(), Arc::clone(&has_it));
        async move {
            let _ = asks.send(());
            let lease = other.lease(&id).await.unwrap_or_else(|error| panic!("lease: {error}"));
            has_it.store(true, Ordering::SeqCst);
            drop(lease);
        }
    });
    let _ = asked.await;
    // Work of the store's own, in which a lease that is none would be given.
    for _ in 0..100 {
        load(&one, &id).await;
        tokio::task::yield_now().await;
    }
    assert!(!has_it.load(Ordering::SeqCst), "nobody else may have the lease while it is held");
    drop(lease);
    waiting.await.unwrap_or_else(|error| panic!("a lease that was dropped must be free again: {error}"));
}

async fn an_ended_connection_gives_no_newer_tokens<S: ConnectionStore>(subject: Subject<S>, ending: Ending) {
    let Subject { one, other, id, .. } = subject;
    let stored = load(&one, &id).await;
    assert!(done(one.begin(&id, &stored.revision).await), "begin must commit the mark");
    assert!(done(one.settle(&id, &stored, ended(ending)).await), "settle must commit an end");
    if let Ok(found) = other.load(&id).await {
        assert!(found.revision == stored.revision, "an end brings no newer tokens");
        assert!(
            found.refresh_begun || ending != Ending::AnswerLost,
            "a token that was replaced must not be sent again"
        );
    }
}

async fn load<S: ConnectionStore>(store: &S, id: &S::Id) -> Stored<S::Revision> {
    store.load(id).await.unwrap_or_else(|error| panic!("load: {error}"))
}

fn done<E: std::error::Error>(result: Result<bool, E>) -> bool {
    result.unwrap_or_else(|error| panic!("the store failed: {error}"))
}

fn ended(ending: Ending) -> Settlement<'static> {
    Settlement::Ended(Ended { ending, error: None, refused: None })
}

fn tokens(number: u32, rotated: bool) -> TokenSet {
    TokenSet {
        access_token: format!("{SENTINEL}-access-{number}"),
        refresh_token: rotated.then(|| format!("{SENTINEL}-refresh-{number}")),
        instance_url: "https://example.my.salesforce.com".to_owned(),
        scopes: vec!["api".to_owned()],
        identity_url: None,
        issued_at_ms: None,
        id_token: None,
        community_url: None,
        community_id: None,
        signature_verified: false,
    }
}
