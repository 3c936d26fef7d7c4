//! What was measured: one flat list, so that whoever measures and whoever reports need to know nothing of each other.

use serde::{Deserialize, Serialize};

/// One figure of one contestant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Measurement {
    /// What was done, e.g. `create`, `page`, `instantiate`, `in-flight`.
    pub(crate) work: String,
    /// Who did it, e.g. `ours`, `hyper`, `jsforce`.
    pub(crate) peer: String,
    /// What was counted, e.g. `time`, `throughput`, `p99`, `guest-memory`, `host-rss`, `size`.
    pub(crate) quantity: String,
    /// Where the work grows with something: records, bytes, executions in flight.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) parameter: Option<f64>,
    /// `ns`, `bytes` or `1/s`.
    pub(crate) unit: Unit,
    /// How many samples the next three are of.
    pub(crate) samples: usize,
    /// The tenth percentile.
    pub(crate) low: f64,
    /// The median.
    pub(crate) median: f64,
    /// The ninetieth percentile.
    pub(crate) high: f64,
    /// The part of the elapsed time that the organisation's process was on a processor; none if no request was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) org_share: Option<f64>,
}

/// What a [`Measurement`] is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Unit {
    /// Nanoseconds.
    #[serde(rename = "ns")]
    Nanoseconds,
    /// Bytes.
    #[serde(rename = "bytes")]
    Bytes,
    /// Of them in a second.
    #[serde(rename = "1/s")]
    PerSecond,
}

impl Measurement {
    /// Summarises samples. None of them: no measurement.
    pub(crate) fn of(work: &str, peer: &str, quantity: &str, unit: Unit, mut samples: Vec<f64>) -> Option<Self> {
        samples.sort_by(f64::total_cmp);
        let at = |part: f64| samples.get(((samples.len() - 1) as f64 * part).round() as usize).copied();
        let (low, median, high) = (!samples.is_empty()).then(|| Some((at(0.1)?, at(0.5)?, at(0.9)?)))??;
        Some(Self {
            work: work.to_owned(),
            peer: peer.to_owned(),
            quantity: quantity.to_owned(),
            parameter: None,
            unit,
            samples: samples.len(),
            low,
            median,
            high,
            org_share: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(samples: Vec<f64>) -> Option<(usize, f64, f64, f64)> {
        let Measurement { samples, low, median, high, .. } =
            Measurement::of("create", "ours", "time", Unit::Nanoseconds, samples)?;
        Some((samples, low, median, high))
    }

    #[test]
    fn percentiles_are_samples_whatever_their_order() {
        assert_eq!(of((1..=11).rev().map(f64::from).collect()), Some((11, 2.0, 6.0, 10.0)));
        assert_eq!(
            of((0..=1_000).map(|number| f64::from(number * 3 % 1_001)).collect()),
            Some((1_001, 100.0, 500.0, 900.0))
        );
        assert_eq!(of(vec![4.0]), Some((1, 4.0, 4.0, 4.0)));
    }

    #[test]
    fn nothing_measured_is_no_measurement() {
        assert_eq!(of(Vec::new()), None);
    }
}
