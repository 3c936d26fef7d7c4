//! New and changed records since a position, each version once.
//!
//! A record's `SystemModstamp` is the time of its write, and others see it only when the transaction is committed, by then with a time
//! that is past. So a poll looks again at the last `overlap` seconds before the time that it knows the org to have, and leaves out
//! what it handed out there: that is in the position. It knows two times of the org: those of the records that it sees, and the
//! `Date` of an answer that it had before it asked. What is older than that by the overlap is settled: nothing can come to be there.
//!
//! Each query starts behind the last row of the one before. Its pages are not followed: fetching them takes time, in which
//! rows change that were counted already.

use super::answer::{Row, rows};
use super::position::{Id, Place, Position, Version, mark, shown};
use super::request::Request;
use crate::core::api_usage::ApiUsage;
use crate::core::call_options::CallOptions;
use crate::core::connection::Connection;
use crate::core::error::{Error, ErrorKind, Outcome, Result};
use crate::core::http::Transport;
use crate::core::http_date;
use crate::core::json::Json;
use crate::core::moment::Moment;
use crate::core::soql::{Query, first_page};

/// What a poll found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// JSON array of records, as they came.
    pub records: String,
    /// How many.
    pub count: u32,
    /// Where the next poll goes on.
    pub position: String,
    /// Whether there may be more at once.
    pub more: bool,
    /// API usage of the last answer.
    pub usage: Option<ApiUsage>,
}

/// Records of a query, and records that a position remembers, at most.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    page: usize,
    window: usize,
}

/// Polls once.
pub fn changed_records(
    transport: &mut dyn Transport,
    connection: &Connection,
    request: &Request,
    options: &CallOptions,
) -> Result<Changes> {
    poll(transport, connection, request, options, Bounds { page: 2_000, window: Position::MOST })
}

fn poll(
    transport: &mut dyn Transport,
    connection: &Connection,
    request: &Request,
    options: &CallOptions,
    bounds: Bounds,
) -> Result<Changes> {
    let mut pass = Pass::new(request, bounds);
    loop {
        let (query, limit) = pass.query();
        let answer = first_page(transport, connection, &query, options);
        let answer = answer.and_then(|(page, response)| {
            let read = pass.read(&page.records, limit, page.next.is_none(), response.header("date"));
            read.map(|ended| (ended, page.usage)).map_err(|error| error.with_answer(&response))
        });
        match answer {
            Ok((ended, usage)) => {
                pass.usage = usage.or(pass.usage);
                if ended || pass.records.len() as u64 > options.max_response_bytes {
                    break;
                }
            }
            // What was found so far is whole. Whoever asks for more learns why there is none.
            Err(_) if pass.count > 0 => break,
            Err(error) => return Err(error),
        }
    }
    pass.finish(connection)
}

/// One poll under way.
struct Pass<'a> {
    request: &'a Request,
    bounds: Bounds,
    /// What came before is dealt with in this poll.
    from: Place,
    /// The records of the time of `from`.
    met: Vec<Id>,
    /// It is as late as this in the org, or later.
    now: Moment,
    /// Where the next poll has to look again, as soon as that is known, and how many it remembers from there on.
    again: Option<(Place, usize)>,
    handed: Vec<Version>,
    /// Without the closing bracket.
    records: String,
    count: u16,
    end: End,
    has_date: bool,
    usage: Option<ApiUsage>,
}

/// Why a poll ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// There may be more.
    Open,
    /// There is nothing more.
    Complete,
    /// There is more, but the position can remember no more until some of it is settled.
    Full,
}

impl<'a> Pass<'a> {
    fn new(request: &'a Request, bounds: Bounds) -> Self {
        let from = request.position.reached;
        Self {
            request,
            bounds,
            from,
            met: from.id.into_iter().collect(),
            now: request.position.now,
            again: None,
            handed: Vec::new(),
            records: "[".into(),
            count: 0,
            end: End::Open,
            has_date: false,
            usage: None,
        }
    }

    /// The next query, and its limit: one more than may be needed, which tells that there are more.
    fn query(&self) -> (Query, usize) {
        let Self { request, from: Place { time, id }, .. } = self;
        let left = usize::from(request.max_records.saturating_sub(self.count));
        let limit = (request.position.handed.len() + left + 1).min(self.bounds.page);
        let (selection, object) = (request.selection(), request.object.as_str());
        let mut soql = format!("SELECT {selection} FROM {object} WHERE SystemModstamp >= {time}");
        if let Some(id) = id {
            soql.push_str(&format!(" AND (SystemModstamp > {time} OR Id > '{}')", shown(id)));
        }
        if let Some(filter) = &request.filter {
            soql.push_str(&format!(" AND ({})", filter.as_str()));
        }
        soql.push_str(&format!(" ORDER BY SystemModstamp, Id LIMIT {limit}"));
        (Query::of(soql, request.include_deleted), limit)
    }

    /// Takes the rows of an answer. True if there is nothing more to ask for in this poll.
    fn read(&mut self, records: &str, limit: usize, is_last_page: bool, date: Option<&str>) -> Result<bool> {
        let rows = rows(Json::known(records), self.from, &mut self.met)?;
        self.records.reserve(records.len());
        let is_complete = is_last_page && rows.len() < limit;
        if rows.len() > limit || !is_complete && rows.is_empty() {
            return Err(Error::invalid_response(format!("expected 1 to {limit} records, but {} came", rows.len())));
        }
        // What is seen was written by now.
        self.now = self.now.max(rows.last().map_or(Moment(0), |row| row.time));
        let settled = self.now.less(self.request.overlap);
        let start = self.from;
        let is_stopped = rows.iter().any(|row| !self.take(row, settled, start));
        if is_complete && !is_stopped {
            self.end = End::Complete;
            if self.again.is_none() {
                self.again = Some((self.from.or_later(settled), 0));
            }
        }
        // For the next query, which is asked only after this.
        if let Some(seconds) = date.and_then(|date| http_date::parse(date.trim_ascii())) {
            self.has_date = true;
            self.now = self.now.max(Moment(seconds * 1_000));
        }
        Ok(is_stopped || is_complete || self.count >= self.request.max_records)
    }

    /// Hands a row out, unless that was done. False if it cannot be, for now. What was settled when the query was asked that began
    /// at `start` need not be looked at again.
    fn take(&mut self, row: &Row<'_>, settled: Moment, start: Place) -> bool {
        let is_open = self.again.is_some() || row.time >= settled;
        let known = find(&self.request.position.handed, row.time, row.id);
        let mark = if is_open || known.is_some() { mark(row.json.as_str()) } else { 0 };
        let is_new = known.is_none_or(|known| known.mark != mark);
        if is_new && self.count >= self.request.max_records {
            return false;
        }
        if is_open {
            let (place, mut remembered) = self.again.unwrap_or_else(|| {
                let place = start.or_later(settled);
                (place, self.remembered_from(place).count())
            });
            if is_new && known.is_none() {
                if remembered >= self.bounds.window {
                    self.end = End::Full;
                    return false;
                }
                remembered += 1;
            }
            self.again = Some((place, remembered));
            if is_new {
                self.handed.push(Version { time: row.time, id: row.id, mark });
            }
        }
        if is_new {
            if self.count > 0 {
                self.records.push(',');
            }
            self.records.push_str(row.json.as_str());
            self.count += 1;
        }
        self.from = Place { time: row.time, id: Some(row.id) };
        true
    }

    /// What was handed out before and has to be remembered still.
    fn remembered_from(&self, place: Place) -> impl Iterator<Item = &'a Version> + use<'a> {
        self.request.position.handed.iter().filter(move |version| version.time >= place.time)
    }

    fn finish(mut self, connection: &Connection) -> Result<Changes> {
        let is_stuck = self.end == End::Full && !self.has_date;
        if is_stuck && self.count == 0 {
            return Err(Error::new(
                ErrorKind::LimitExceeded,
                Outcome::Rejected,
                format!(
                    "more than {} records changed within the overlap, and no answer of the org has a Date to say that it is over: \
                     ask with fewer overlap-seconds",
                    self.bounds.window
                ),
            ));
        }
        let reached = self.again.map_or(self.from, |(place, _)| place);
        let mut handed: Vec<_> = self.remembered_from(reached).copied().collect();
        for version in &self.handed {
            put(&mut handed, *version);
        }
        let position = Position { reached, now: self.now, handed };
        self.records.push(']');
        Ok(Changes {
            records: self.records,
            count: self.count.into(),
            position: position.text(connection, &self.request.object),
            more: self.end == End::Open || is_stuck,
            usage: self.usage,
        })
    }
}

impl Place {
    /// This place, or the beginning of that time if it is later.
    fn or_later(self, time: Moment) -> Self {
        if time > self.time { Self { time, id: None } } else { self }
    }
}

/// Puts a version in its place among some in order, instead of the one of the same Id and time. By far most come last, so there is
/// nothing to sort.
fn put(versions: &mut Vec<Version>, new: Version) {
    match versions.binary_search_by_key(&(new.time, new.id), |version| (version.time, version.id)) {
        Ok(at) => {
            if let Some(old) = versions.get_mut(at) {
                *old = new;
            }
        }
        Err(at) => versions.insert(at, new),
    }
}

/// The version of that Id and time, among some in order.
fn find(versions: &[Version], time: Moment, id: Id) -> Option<&Version> {
    let at = versions.binary_search_by_key(&(time, id), |version| (version.time, version.id)).ok()?;
    versions.get(at)
}

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;
