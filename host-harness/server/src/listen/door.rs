//! Who may connect: so many connections in all, and so many of one peer.
//!
//! When all are taken, a newcomer gets the place of the connection that has owed its request longest: one that is idle
//! between two requests, or half-open. So whoever opens connections and sends nothing keeps nobody out. A newcomer is
//! turned away only if every connection is at work.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::news::{Ending, News};

/// A connection at work that has been silent for so long, though it is its peer's turn, makes room as well.
const SILENT: Duration = Duration::from_secs(5);

/// Keeps the connections of a server.
pub(super) struct Door {
    at_once: usize,
    /// None: a peer is no measure, e.g. where all come through one proxy.
    a_peer: Option<usize>,
    epoch: Instant,
    seats: Mutex<Seats>,
    pub(super) news: News,
}

/// All that are taken, by a number of their own.
#[derive(Default)]
struct Seats {
    next: u64,
    taken: HashMap<u64, Arc<Seat>>,
}

/// One connection's, as the door sees it.
pub(super) struct Seat {
    peer: Peer,
    epoch: Instant,
    /// It owes a request, or the rest of its head.
    waits: AtomicBool,
    /// It owes what the server reads or writes right now.
    owes: AtomicBool,
    /// Microseconds since the epoch when a byte moved, or a request ended.
    moved: AtomicU64,
    /// Bytes that came since the last request ended.
    head_bytes: AtomicU64,
    requests: AtomicU64,
    /// Its place is another's now.
    pub(super) given_away: CancellationToken,
}

/// Holds a place until it is dropped.
pub(super) struct Place {
    door: Arc<Door>,
    number: u64,
    pub(super) seat: Arc<Seat>,
}

/// An address of IPv4, or a network of IPv6: there an address costs nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Peer(IpAddr);

impl Door {
    pub(super) fn new(at_once: usize, a_peer: Option<usize>, news: News) -> Arc<Door> {
        Arc::new(Door { at_once: at_once.max(1), a_peer, epoch: Instant::now(), seats: Mutex::default(), news })
    }

    /// A place for a newcomer; none if every connection that it could have one of is at work.
    pub(super) fn enter(self: &Arc<Self>, peer: IpAddr) -> Option<Place> {
        let peer = Peer::of(peer);
        let mut seats = self.lock();
        let of_peer = seats.taken.values().filter(|seat| seat.peer == peer).count();
        if self.a_peer.is_some_and(|most| of_peer >= most) {
            self.make_room(&mut seats, Ending::RefusedPeer, |seat| seat.peer == peer)?;
        } else if seats.taken.len() >= self.at_once {
            self.make_room(&mut seats, Ending::Refused, |_| true)?;
        }
        let number = seats.next;
        seats.next += 1;
        let seat = Arc::new(Seat::new(peer, self.epoch));
        seats.taken.insert(number, Arc::clone(&seat));
        self.news.open(seats.taken.len());
        Some(Place { door: Arc::clone(self), number, seat })
    }

    /// Gives one place away.
    fn make_room(&self, seats: &mut Seats, refused: Ending, among: impl Fn(&Seat) -> bool) -> Option<()> {
        let now = self.epoch.elapsed();
        let oldest = |wanted: &dyn Fn(&Seat) -> bool| {
            let candidates = seats.taken.iter().filter(|(_, seat)| among(seat) && wanted(seat));
            candidates.min_by_key(|(_, seat)| seat.moved.load(Ordering::Relaxed)).map(|(number, _)| *number)
        };
        let chosen = oldest(&|seat| seat.waits.load(Ordering::Relaxed))
            .or_else(|| oldest(&|seat| seat.owes.load(Ordering::Relaxed) && seat.silent_at(now) >= SILENT));
        let Some(seat) = chosen.and_then(|number| seats.taken.remove(&number)) else {
            self.news.ended(refused);
            return None;
        };
        self.news.ended(Ending::GivenAway);
        seat.given_away.cancel();
        Some(())
    }

    fn lock(&self) -> MutexGuard<'_, Seats> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    fn new(peer: Peer, epoch: Instant) -> Seat {
        Seat {
            peer,
            epoch,
            waits: AtomicBool::new(true),
            owes: AtomicBool::new(false),
            moved: AtomicU64::new(microseconds(epoch.elapsed())),
            head_bytes: AtomicU64::new(0),
            requests: AtomicU64::new(0),
            given_away: CancellationToken::new(),
        }
    }

    /// Bytes came.
    pub(super) fn received(&self, bytes: usize) {
        self.head_bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        self.sent();
    }

    /// Bytes went.
    pub(super) fn sent(&self) {
        self.moved.store(microseconds(self.epoch.elapsed()), Ordering::Relaxed);
    }

    /// Whether nothing can go on before the peer reads, or sends more of its body.
    pub(super) fn owes(&self, owes: bool) {
        self.owes.store(owes, Ordering::Relaxed);
    }

    /// A request's head is here.
    pub(super) fn begins(&self) {
        self.waits.store(false, Ordering::Relaxed);
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    /// Its answer is on its way.
    pub(super) fn ends(&self) {
        self.head_bytes.store(0, Ordering::Relaxed);
        self.sent();
        self.waits.store(true, Ordering::Relaxed);
    }

    /// Whether it is more than an idle connection that nobody uses any more.
    pub(super) fn is_half_open(&self) -> bool {
        self.requests.load(Ordering::Relaxed) == 0 || self.head_bytes.load(Ordering::Relaxed) > 0
    }

    fn silent_at(&self, now: Duration) -> Duration {
        now.saturating_sub(Duration::from_micros(self.moved.load(Ordering::Relaxed)))
    }
}

impl Place {
    /// Tells why the connection ends, but not if its place was given away: that has been told.
    pub(super) fn ended(&self, ending: Ending) {
        if !self.seat.given_away.is_cancelled() {
            self.door.news.ended(ending);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut seats = self.door.lock();
        seats.taken.remove(&self.number);
        self.door.news.open(seats.taken.len());
    }
}

impl Peer {
    fn of(address: IpAddr) -> Peer {
        Peer(match address.to_canonical() {
            IpAddr::V4(address) => address.into(),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                [a, b, c, d, 0, 0, 0, 0].into()
            }
        })
    }
}

fn microseconds(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn door(at_once: usize, a_peer: Option<usize>) -> Arc<Door> {
        Door::new(at_once, a_peer, News::default())
    }

    fn peer(last: u8) -> IpAddr {
        [192, 0, 2, last].into()
    }

    #[test]
    fn s08_a_newcomer_takes_the_place_of_whoever_owes_its_request_longest() {
        let door = door(2, None);
        let (first, second) = (door.enter(peer(1)).unwrap(), door.enter(peer(2)).unwrap());
        first.seat.moved.store(2, Ordering::Relaxed);
        second.seat.moved.store(1, Ordering::Relaxed);
        let third = door.enter(peer(3)).unwrap();
        assert!(second.seat.given_away.is_cancelled() && !first.seat.given_away.is_cancelled());
        drop(second);
        assert_eq!(door.lock().taken.len(), 2, "a place that was given away is not given back");
        first.seat.begins();
        third.seat.begins();
        assert!(door.enter(peer(4)).is_none(), "both are at work");
        third.seat.ends();
        assert!(door.enter(peer(4)).is_some() && third.seat.given_away.is_cancelled());
    }

    #[test]
    fn s08_one_at_work_makes_room_if_it_is_its_peer_that_is_silent() {
        let epoch = Instant::now().checked_sub(2 * SILENT).unwrap();
        let door = Door { at_once: 1, a_peer: None, epoch, seats: Mutex::default(), news: News::default() };
        let door = Arc::new(door);
        let upload = door.enter(peer(1)).unwrap();
        upload.seat.begins();
        upload.seat.owes(true);
        assert!(door.enter(peer(2)).is_none(), "it moved just now");
        upload.seat.moved.store(1, Ordering::Relaxed);
        upload.seat.owes(false);
        assert!(door.enter(peer(2)).is_none(), "it is the server that is slow");
        upload.seat.owes(true);
        assert!(door.enter(peer(2)).is_some() && upload.seat.given_away.is_cancelled());
    }

    #[test]
    fn s08_a_peer_that_has_its_number_gets_no_more_and_takes_nobody_elses() {
        let door = door(10, Some(2));
        let other = door.enter(peer(9)).unwrap();
        let both = [door.enter(peer(1)).unwrap(), door.enter(peer(1)).unwrap()];
        both.iter().for_each(|place| place.seat.begins());
        assert!(door.enter(peer(1)).is_none());
        assert!(!other.seat.given_away.is_cancelled());
        assert!(door.enter(peer(2)).is_some());
    }

    #[test]
    fn a_peer_of_ipv6_is_its_network() {
        let of = |text: &str| Peer::of(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
