//! One call in a fresh instance: create, get fields, a page of 2,000 records; and how a page grows with its records.

use anyhow::Result;

use super::Effort;
use super::turns::{self, Part, Samples};
use crate::measurement::{Measurement, Unit};
use crate::org::{self, LIMITS, Org, PAGE};
use crate::peers::{Peer, Request, Setting, Work, describe};
use crate::results::Outcome;

pub(super) fn run(effort: Effort) -> Result<Outcome> {
    let mut org = Org::start(org::Options::default())?;
    let mut peers = Setting::Plain.start(org.address())?;
    let contestants = peers.iter_mut().map(describe).collect::<Result<_>>()?;
    let mut measurements = Vec::new();
    for work in [Work::Create, Work::GetFields, Work::Page] {
        measurements.extend(compare(&mut org, &mut peers, work, work.name(), effort)?);
    }
    measurements.extend(growth(&mut org, &mut peers, effort)?);
    Ok(Outcome { contestants, measurements })
}

/// All contestants at the same work.
pub(super) fn compare(
    org: &mut Org,
    peers: &mut [Peer],
    work: Work,
    name: &str,
    effort: Effort,
) -> Result<Vec<Measurement>> {
    eprintln!("{name}: {}", peers.iter().map(Peer::name).collect::<Vec<_>>().join(", "));
    let part = |peer| Part { peer, request: Request::of(work, 0), parameter: None };
    let parts: Vec<_> = (0..peers.len()).map(part).collect();
    let all = turns::take(org, peers, &parts, effort)?;
    let mut measurements = Vec::new();
    for ((peer, part), samples) in peers.iter().zip(&parts).zip(&all) {
        measurements.extend(samples.time(name, peer.name(), part));
        measurements.extend(samples.processor(name, peer.name()));
        if work == Work::Page {
            measurements.extend(guest_memory(peer, samples, PAGE));
        }
    }
    Ok(measurements)
}

/// Pages of ours with few and many records.
fn growth(org: &mut Org, peers: &mut [Peer], effort: Effort) -> Result<Vec<Measurement>> {
    eprintln!("page: from {} to {PAGE} records", LIMITS.iter().min().unwrap_or(&0));
    let Some(ours) = peers.iter().position(|peer| peer.name() == "ours") else { return Ok(Vec::new()) };
    let parts = LIMITS.map(|records| Part {
        peer: ours,
        request: Request { records: Some(records), ..Request::of(Work::Page, 0) },
        parameter: Some(records as f64),
    });
    let all = turns::take(org, peers, &parts, Effort { budget: effort.budget / 4, ..effort })?;
    let mut measurements = Vec::new();
    for ((part, samples), records) in parts.iter().zip(&all).zip(LIMITS) {
        measurements.extend(samples.time(Work::Page.name(), "ours", part));
        if let Some(peer) = peers.get(ours).filter(|_| records != PAGE) {
            measurements.extend(guest_memory(peer, samples, records));
        }
    }
    Ok(measurements)
}

/// Linear memory of a page's execution over the size of its body.
fn guest_memory(peer: &Peer, samples: &Samples, records: usize) -> Option<Measurement> {
    let memory = samples.guest_memory.clone();
    let memory = Measurement::of(Work::Page.name(), peer.name(), "guest-memory", Unit::Bytes, memory)?;
    Some(Measurement { parameter: Some(org::page_bytes(records) as f64), ..memory })
}
