//! What every store must pass: a test for stores of one's own.
//!
//! ```no_run
//! # use salesforce_connections::{MemoryStore, store_kit::{self, Subject}};
//! # async fn test() {
//! let store = MemoryStore::default();
//! let number = std::cell::Cell::new(0);
//! store_kit::passes(async || {
//!     let id = format!("acme-{}", number.replace(number.get() + 1));
//!     store.put(&id, store_kit::connection());
//!     Subject { one: store.clone(), other: store.clone(), id, unknown: None }
//! })
//! .await;
//! # }
//! ```
//!
//! Races run on threads of their own, whatever the runtime. A store that hangs fails after a minute. What a kit cannot see is
//! left to a test of one's own: that a lease ends with its process, and that what was answered outlives the machine.
#![allow(clippy::panic, reason = "a test: it ends where a promise is not kept")]

use std::error::Error;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::oneshot;

use salesforce_runtime::bindings::oauth::TokenSet;
use salesforce_runtime::secret::Secret;

use crate::protocol::Ending;
use crate::store::{ConnectionStore, EndReason, NewTokens, Settlement, Stored};

/// What no message may hold.
const SENTINEL: &str = "SENTINEL";

/// Only a store that hangs takes so long for a part of the kit.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often a race is run. Each has two settlements from either side, and a mark.
const RACES: u32 = 20;

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

/// Runs the whole kit; each part begins with a connection of its own, which `make` makes, in one store or in many.
///
/// # Panics
/// A promise of [`ConnectionStore`] is not kept; the message says which.
pub async fn passes<S: ConnectionStore>(make: impl AsyncFn() -> Subject<S>) {
    within("what is put is read", async { what_is_put_is_read(fresh(&make).await).await }).await;
    within("marks", async { a_mark_is_seen_by_all_and_taken_back(fresh(&make).await).await }).await;
    within("new tokens", async { tokens_are_replaced_whole(fresh(&make).await).await }).await;
    within("an address that is none", async { tokens_that_cannot_be_used_change_nothing(fresh(&make).await).await })
        .await;
    within("settlements at once", async { of_settlements_at_once_one_counts(fresh(&make).await).await }).await;
    within("leases", async { only_one_has_the_lease(fresh(&make).await).await }).await;
    within("a lease that is waited for in vain", async { who_gives_up_has_no_lease(fresh(&make).await).await }).await;
    within("two connections", async { one_leaves_the_other_alone(fresh(&make).await, fresh(&make).await).await }).await;
    for ending in [Ending::Refused, Ending::AnswerLost, Ending::NoRefreshToken] {
        within("ends", async { an_ended_connection_gives_no_newer_tokens(fresh(&make).await, ending).await }).await;
    }
}

async fn within(what: &str, part: impl Future<Output = ()>) {
    if tokio::time::timeout(PATIENCE, part).await.is_err() {
        panic!("{what}: the store hangs");
    }
}

async fn fresh<S: ConnectionStore>(make: &impl AsyncFn() -> Subject<S>) -> Subject<S> {
    let subject = make().await;
    let found = load(&subject.one, &subject.id).await;
    assert!(
        found.access_token == connection().access_token && !found.refresh_begun,
        "make must give a connection that nobody has used"
    );
    subject
}

async fn what_is_put_is_read<S: ConnectionStore>(subject: Subject<S>) {
    let (expected, found) = (connection(), load(&subject.one, &subject.id).await);
    assert!(!format!("{found:?}").contains(SENTINEL), "a stored connection must not print its secrets");
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
    assert_eq!(found.revision, load(&subject.other, &subject.id).await.revision, "every look gives the same revision");
    if let Some(unknown) = &subject.unknown {
        match subject.one.load(unknown).await {
            Ok(_) => panic!("load must fail for a connection that is not there"),
            Err(error) => drop(told(&error)),
        }
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

async fn tokens_that_cannot_be_used_change_nothing<S: ConnectionStore>(subject: Subject<S>) {
    let Subject { one, other, id, .. } = subject;
    let stored = load(&one, &id).await;
    assert!(done(one.begin(&id, &stored.revision).await), "begin must commit the mark");
    let lost = TokenSet { instance_url: format!("{SENTINEL} is no address"), ..tokens(2, true) };
    match one.settle(&id, &stored, Settlement::Tokens(NewTokens(&lost))).await {
        Ok(_) => panic!("settle must fail where the org's address is none"),
        Err(error) => drop(told(&error)),
    }
    let found = load(&other, &id).await;
    assert!(
        found.revision == stored.revision && found.access_token == stored.access_token && found.refresh_begun,
        "where settle fails, tokens and mark are as they were"
    );
}

async fn of_settlements_at_once_one_counts<S: ConnectionStore>(subject: Subject<S>) {
    let Subject { one, other, id, .. } = subject;
    for race in 0..RACES {
        let stored = load(&one, &id).await;
        let numbers = [0, 1, 2, 3].map(|racer| 10 * (race + 1) + racer);
        let start = Arc::new(Barrier::new(numbers.len() + 1));
        let settled = numbers.map(|number| {
            let store = if number % 2 == 0 { one.clone() } else { other.clone() };
            let (id, stored) = (id.clone(), stored.clone());
            on_a_thread(&start, async move {
                let tokens = tokens(number, true);
                store.settle(&id, &stored, Settlement::Tokens(NewTokens(&tokens))).await
            })
        });
        let begun = {
            let (store, id, revision) = (other.clone(), id.clone(), stored.revision.clone());
            on_a_thread(&start, async move { store.begin(&id, &revision).await })
        };
        let mut counted = Vec::new();
        for (number, settled) in numbers.into_iter().zip(settled) {
            if done(settled.await) {
                counted.push(number);
            }
        }
        done(begun.await);
        let &[winner] = counted.as_slice() else {
            panic!("of settlements of one revision one counts, not {}", counted.len())
        };
        let (found, expected) = (load(&one, &id).await, tokens(winner, true));
        assert!(
            found.access_token.expose() == expected.access_token
                && found.refresh_token.as_ref().map(Secret::expose) == expected.refresh_token.as_deref(),
            "the one that counts is the one that is stored, whole"
        );
        assert!(found.revision != stored.revision, "new tokens are another revision");
        assert!(!found.refresh_begun, "a mark of the revision before is not one of this");
    }
}

async fn only_one_has_the_lease<S: ConnectionStore>(subject: Subject<S>) {
    let Subject { one, other, id, .. } = subject;
    let lease = leased(&one, &id).await;
    let has_it = Arc::new(AtomicBool::new(false));
    let (asks, asked) = oneshot::channel();
    let waiting = tokio::spawn({
        let (id, has_it) = (id.clone(), Arc::clone(&has_it));
        async move {
            let _ = asks.send(());
            let lease = leased(&other, &id).await;
            has_it.store(true, Ordering::SeqCst);
            drop(lease);
        }
    });
    let _ = asked.await;
    work(&one, &id).await;
    assert!(!has_it.load(Ordering::SeqCst), "nobody else may have the lease while it is held");
    drop(lease);
    waiting.await.unwrap_or_else(|error| panic!("a lease that was dropped must be free again: {error}"));
}

async fn who_gives_up_has_no_lease<S: ConnectionStore>(subject: Subject<S>) {
    let Subject { one, other, id, .. } = subject;
    let lease = leased(&one, &id).await;
    for store in [&one, &other] {
        tokio::select! {
            biased;
            _ = store.lease(&id) => panic!("nobody else may have the lease while it is held"),
            () = work(&one, &id) => {}
        }
    }
    drop(lease);
    drop(leased(&other, &id).await);
    drop(leased(&one, &id).await);
}

async fn one_leaves_the_other_alone<S: ConnectionStore>(subject: Subject<S>, neighbour: Subject<S>) {
    let Subject { one, id, .. } = subject;
    let before = load(&neighbour.one, &neighbour.id).await;
    let lease = leased(&one, &id).await;
    drop(leased(&neighbour.one, &neighbour.id).await);
    let stored = load(&one, &id).await;
    assert!(done(one.begin(&id, &stored.revision).await), "begin must commit the mark");
    let tokens = tokens(2, true);
    assert!(done(one.settle(&id, &stored, Settlement::Tokens(NewTokens(&tokens))).await), "settle must store tokens");
    let stored = load(&one, &id).await;
    assert!(done(one.begin(&id, &stored.revision).await), "begin must commit the mark");
    drop(lease);
    let after = load(&neighbour.one, &neighbour.id).await;
    assert!(
        after.revision == before.revision && after.access_token == before.access_token && !after.refresh_begun,
        "a change of one connection changes no other"
    );
}

async fn an_ended_connection_gives_no_newer_tokens<S: ConnectionStore>(subject: Subject<S>, ending: Ending) {
    let Subject { one, other, id, .. } = subject;
    let stored = load(&one, &id).await;
    assert!(done(one.begin(&id, &stored.revision).await), "begin must commit the mark");
    assert!(done(one.settle(&id, &stored, ended(ending)).await), "settle must commit an end");
    match other.load(&id).await {
        Ok(found) => {
            assert!(found.revision == stored.revision, "an end brings no newer tokens");
            assert!(
                found.refresh_begun || ending != Ending::AnswerLost,
                "a token that was replaced must not be sent again"
            );
        }
        Err(error) => drop(told(&error)),
    }
}

async fn load<S: ConnectionStore>(store: &S, id: &S::Id) -> Stored<S::Revision> {
    store.load(id).await.unwrap_or_else(|error| panic!("load: {}", told(&error)))
}

async fn leased<S: ConnectionStore>(store: &S, id: &S::Id) -> S::Lease {
    store.lease(id).await.unwrap_or_else(|error| panic!("lease: {}", told(&error)))
}

/// Work of the store's own, in which a lease that is none would be given.
async fn work<S: ConnectionStore>(store: &S, id: &S::Id) {
    for _ in 0..100 {
        load(store, id).await;
        tokio::task::yield_now().await;
    }
}

fn done<E: Error>(result: Result<bool, E>) -> bool {
    result.unwrap_or_else(|error| panic!("the store failed: {}", told(&error)))
}

/// What an error says, once that is known to be no secret.
fn told(error: &impl Error) -> String {
    let mut said = format!("{error} ({error:?})");
    let mut source = error.source();
    while let Some(error) = source {
        said = format!("{said}: {error}");
        source = error.source();
    }
    assert!(!said.contains(SENTINEL), "an error of the store holds a secret");
    said
}

/// Runs this together with all others that wait at `start`, in parallel even where the runtime has one thread.
fn on_a_thread<T: Send + 'static>(
    start: &Arc<Barrier>,
    work: impl Future<Output = T> + Send + 'static,
) -> impl Future<Output = T> {
    let (start, runtime) = (Arc::clone(start), Handle::current());
    let (tell, told) = oneshot::channel();
    std::thread::spawn(move || {
        start.wait();
        let _ = tell.send(runtime.block_on(work));
    });
    async { told.await.unwrap_or_else(|_| panic!("a thread of the race has panicked")) }
}

fn ended(ending: Ending) -> Settlement<'static> {
    Settlement::Ended(EndReason { ending, error: None, refused: None })
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
