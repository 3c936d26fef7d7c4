//! Polls of a model of an org, in which transactions end late, many rows have one time, and whoever polls loses positions.
//! What is promised is looked for in what was handed out: every version once, and in the end the last of each record.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};

use super::*;
use crate::core::encoding::parse_form;
use crate::core::http::{self, Failure, Method, Response};
use crate::core::name::ObjectName;
use crate::core::script::answer;

/// Always the same numbers.
struct Chance(u64);

impl Chance {
    /// Below `bound`.
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// A version of a record: its time in milliseconds, and how often it was written.
type Stamp = (u64, u32);

struct Org {
    chance: Chance,
    /// Milliseconds.
    now: u64,
    /// What everybody sees.
    rows: BTreeMap<u32, Stamp>,
    /// Writes of transactions under way: when they end, and what becomes of which record.
    open: Vec<(u64, u32, Stamp)>,
    overlap: u64,
    has_date: bool,
    /// Rows of a page, whatever the query says.
    page: usize,
    requests: u32,
    /// Nothing is written any more.
    is_over: bool,
}

impl Org {
    /// Lets time pass, and transactions begin and end.
    fn live(&mut self, milliseconds: u64) {
        let until = self.now + milliseconds;
        while self.now < until {
            self.now += 1 + self.chance.below(700);
            self.commit();
            if self.chance.below(3) == 0 && !self.is_over {
                let count =
                    if self.chance.below(12) == 0 { 5 + self.chance.below(30) } else { 1 + self.chance.below(2) };
                self.write(count);
            }
        }
    }

    /// A transaction of writes to new and old records that nobody else writes to meanwhile. All have the second in which it began.
    fn write(&mut self, count: u64) {
        let time = self.now / 1_000 * 1_000;
        // The overlap is counted from the time that is written down.
        let latest = time + self.overlap;
        let longest = latest.saturating_sub(self.now).max(1);
        let end = self.now + [0, 0, self.chance.below(longest), longest - 1][self.chance.below(4) as usize];
        for _ in 0..count {
            let key = self.chance.below(self.rows.len() as u64 + 3) as u32;
            if self.open.iter().all(|(_, open, _)| *open != key) {
                let version = self.rows.get(&key).map_or(0, |(_, version)| version + 1);
                self.open.push((end, key, (time, version)));
            }
        }
        self.commit();
    }

    fn commit(&mut self) {
        let now = self.now;
        let (done, open): (Vec<_>, Vec<_>) = self.open.drain(..).partition(|(end, ..)| *end <= now);
        self.open = open;
        self.rows.extend(done.into_iter().map(|(_, key, stamp)| (key, stamp)));
    }

    /// What the query finds, of the forms that a poll writes.
    fn found(&self, soql: &str) -> (Vec<(u64, String, u32)>, usize) {
        let (_, condition) = soql.split_once(" WHERE SystemModstamp >= ").unwrap();
        let (condition, limit) = condition.split_once(" ORDER BY SystemModstamp, Id LIMIT ").unwrap();
        let (time, behind) = match condition.split_once(" AND (SystemModstamp > ") {
            Some((time, rest)) => {
                let (again, id) = rest.strip_suffix("')").unwrap().split_once(" OR Id > '").unwrap();
                assert_eq!(time, again);
                (time, id)
            }
            None => (condition, ""),
        };
        let time = Moment::parse(time).unwrap().0;
        let rows = self.rows.iter().filter(|(_, (at, _))| *at >= time);
        let mut rows: Vec<_> = rows.map(|(key, (at, version))| (*at, id(*key), *version)).collect();
        rows.retain(|(at, id, _)| *at > time || behind.is_empty() || id[..15] > *behind);
        rows.sort();
        (rows, limit.parse().unwrap())
    }
}

/// The 18-character Id of a record.
fn id(key: u32) -> String {
    // Every other Id sorts far from its number.
    let text = format!("001{}0000000{key:04}", if key.is_multiple_of(2) { 'a' } else { 'B' });
    crate::core::record_id::RecordId::parse("id", &text).unwrap().to_18()
}

/// `Tue, 24 Nov 2026 09:30:00 GMT`
fn http_date(milliseconds: u64) -> String {
    let text = Moment(milliseconds).to_string();
    let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][(milliseconds / 86_400_000 % 7) as usize];
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = months[text[5..7].parse::<usize>().unwrap() - 1];
    format!("{weekday}, {} {month} {} {} GMT", &text[8..10], &text[..4], &text[11..19])
}

struct Server<'a>(&'a RefCell<Org>);

impl Transport for Server<'_> {
    fn send(&mut self, request: &http::Request<'_>, _: u64) -> std::result::Result<Response, Failure> {
        let mut org = self.0.borrow_mut();
        org.requests += 1;
        assert_eq!(request.method, Method::Get);
        let lag = org.chance.below(1_500);
        org.live(lag);
        let (_, query) = request.path_and_query.split_once("?").unwrap();
        let pairs = parse_form(query).unwrap();
        let (mut rows, limit) = org.found(&pairs[0].1);
        rows.truncate(limit);
        let total = rows.len();
        rows.truncate(org.page);
        let records: Vec<_> = rows
            .iter()
            .map(|(time, id, version)| {
                format!(
                    r#"{{"Id":"{id}","V":{version},"SystemModstamp":"{}"}}"#,
                    Moment(*time).to_string().replace('Z', "+0000")
                )
            })
            .collect();
        let next = if rows.len() < total {
            r#""done":false,"nextRecordsUrl":"/services/data/v67.0/query/01g-2""#
        } else {
            r#""done":true"#
        };
        let mut response = answer(200, &format!(r#"{{"totalSize":{total},{next},"records":[{}]}}"#, records.join(",")));
        let lag = org.chance.below(1_500);
        org.live(lag);
        if org.has_date {
            let date = http_date(org.now);
            assert_eq!(http_date::parse(&date), Some(org.now / 1_000));
            response.headers.push(("Date".into(), date.into_bytes()));
        }
        // An answer may get lost.
        if org.chance.below(20) == 0 { Err(Failure::Interrupted) } else { Ok(response) }
    }

    fn pause(&mut self, _: u64) -> bool {
        true
    }

    fn random(&mut self) -> u64 {
        0
    }
}

/// Whoever polls, and what they stored.
#[derive(Default)]
struct Poller {
    position: Option<String>,
    /// Versions of records that came with a position which was stored.
    handed: HashSet<(String, u64, u64)>,
    last: HashMap<String, u64>,
}

impl Poller {
    fn has(&self, key: u32, (time, version): Stamp) -> bool {
        self.handed.contains(&(id(key), time, version.into()))
    }

    fn request(&self, connection: &Connection, max_records: u16, overlap: u16) -> Request {
        let object = ObjectName::parse("Account").unwrap();
        let (fields, position) = (["V".to_owned()], self.position.as_deref());
        Request::parse(connection, object, &fields, None, false, position, None, Some(overlap), Some(max_records))
            .unwrap()
    }

    /// Takes what came, or, as after a crash, nothing of it.
    fn take(&mut self, changes: &Changes) {
        let records: Vec<serde_json::Value> = serde_json::from_str(&changes.records).unwrap();
        assert_eq!(records.len(), changes.count as usize);
        for record in records {
            let id = record["Id"].as_str().unwrap().to_owned();
            let time = Moment::parse(record["SystemModstamp"].as_str().unwrap()).unwrap().0;
            let version = record["V"].as_u64().unwrap();
            assert!(
                self.handed.insert((id.clone(), time, version)),
                "{id} was handed out twice with version {version}"
            );
            let last = self.last.insert(id.clone(), version);
            assert!(last.is_none_or(|last| last < version), "{id} has an older version after a newer one");
        }
        self.position = Some(changes.position.clone());
    }
}

/// Plays one org. `window` bounds what a position remembers.
fn play(seed: u64, overlap: u16, has_date: bool, bounds: Bounds) {
    let mut chance = Chance(seed);
    let connection = Connection::parse("https://example.my.salesforce.com", "00D!TOKEN", None).unwrap();
    let options = CallOptions::parse(None, None, None).unwrap();
    let org = RefCell::new(Org {
        chance: Chance(seed ^ 0x9e37_79b9_7f4a_7c15),
        now: 1_795_512_600_000 + chance.below(1_000),
        rows: BTreeMap::new(),
        open: Vec::new(),
        overlap: u64::from(overlap) * 1_000,
        has_date,
        page: 3 + chance.below(60) as usize,
        requests: 0,
        is_over: false,
    });
    let mut poller = Poller::default();
    for _ in 0..40 {
        let pause = [0, 500, 5_000, 90_000][chance.below(4) as usize];
        org.borrow_mut().live(pause);
        let most = [5, 60][chance.below(2) as usize];
        let max_records = 1 + chance.below(most) as u16;
        let seen_before = org.borrow().rows.clone();
        let changes =
            match changed_in(&org, &connection, &poller.request(&connection, max_records, overlap), &options, bounds) {
                Ok(changes) => changes,
                Err(error) => {
                    assert_eq!(error.kind, ErrorKind::Interrupted);
                    continue;
                }
            };
        assert!(changes.count <= max_records.into() && (changes.count > 0 || !changes.more));
        // The position is not stored now and then: then all of it comes again.
        if chance.below(8) > 0 {
            poller.take(&changes);
            // Whoever is told that there is no more has all that was there before the poll and is there still.
            let is_all = !changes.more && bounds.window == LARGE.window;
            for (key, stamp) in seen_before.iter().filter(|_| is_all) {
                let is_there = org.borrow().rows.get(key) == Some(stamp);
                assert!(!is_there || poller.has(*key, *stamp), "seed {seed}: {key} {stamp:?} was not found");
            }
        }
    }
    // Nothing is written any more, and what is under way ends.
    {
        let mut org = org.borrow_mut();
        org.now += 4_000_000;
        org.commit();
        assert!(org.open.is_empty());
        org.is_over = true;
    }
    drain(&org, &connection, &mut poller, &options, overlap, bounds);
    let org = org.borrow();
    for (key, stamp) in &org.rows {
        assert!(poller.has(*key, *stamp), "seed {seed}: {key} {stamp:?} was lost");
    }
}

/// Polls until nothing comes for a while.
fn drain(
    org: &RefCell<Org>,
    connection: &Connection,
    poller: &mut Poller,
    options: &CallOptions,
    overlap: u16,
    bounds: Bounds,
) {
    let mut empty = 0;
    for _ in 0..5_000 {
        org.borrow_mut().now += 60_000;
        let Ok(changes) = changed_in(org, connection, &poller.request(connection, 7, overlap), options, bounds) else {
            continue;
        };
        poller.take(&changes);
        empty = if changes.count == 0 { empty + 1 } else { 0 };
        if empty > 3 + u32::from(overlap) / 30 {
            return;
        }
    }
    panic!("there was no end");
}

fn changed_in(
    org: &RefCell<Org>,
    connection: &Connection,
    request: &Request,
    options: &CallOptions,
    bounds: Bounds,
) -> Result<Changes> {
    let before = org.borrow().requests;
    let changes = poll(&mut Server(org), connection, request, options, bounds);
    if let Ok(changes) = &changes {
        let position = Position::parse(&changes.position, connection, &request.object).unwrap();
        assert!(position.handed.len() <= bounds.window);
    }
    assert!(org.borrow().requests - before < 3 * (bounds.window + usize::from(request.max_records) + 3) as u32);
    changes
}

const SEEDS: u64 = 16;
const LARGE: Bounds = Bounds { page: 2_000, window: 2_000 };

#[test]
fn every_version_is_handed_out_once_and_none_is_lost() {
    for seed in 1..=SEEDS {
        play(seed, 60, seed % 2 == 0, LARGE);
        play(seed, [0, 1, 600][seed as usize % 3], seed % 2 == 0, LARGE);
    }
}

#[test]
fn many_rows_of_one_time_are_more_than_a_page() {
    for seed in 1..=SEEDS {
        let page = 3 + seed as usize % 5;
        play(seed, 60, seed % 2 == 0, Bounds { page, window: 2_000 });
    }
}

#[test]
fn rows_that_the_position_cannot_remember_wait_and_are_not_lost() {
    for seed in 1..=SEEDS {
        let window = 1 + seed as usize % 20;
        play(seed, [60, 0, 5][seed as usize % 3], true, Bounds { page: 3 + seed as usize % 30, window });
    }
}
