//! Look-ups in the results. What is not there is `None`, and stays it in all that is computed from it.

use crate::measurement::Measurement;
use crate::results::Results;

/// The results, to be asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures<'a> {
    pub(crate) results: &'a Results,
}

impl<'a> Figures<'a> {
    pub(crate) fn of(results: &'a Results) -> Self {
        Self { results }
    }

    /// One measurement, that with this parameter.
    pub(crate) fn find(
        &self,
        work: &str,
        peer: &str,
        quantity: &str,
        parameter: Option<f64>,
    ) -> Option<&'a Measurement> {
        self.all(work, peer, quantity).find(|found| found.parameter == parameter)
    }

    /// The median of a measurement without a parameter.
    pub(crate) fn median(&self, work: &str, peer: &str, quantity: &str) -> Option<f64> {
        self.find(work, peer, quantity, None).map(|found| found.median)
    }

    /// How many times as long the first takes as the second, by medians.
    pub(crate) fn ratio(&self, work: &str, first: &str, second: &str) -> Option<f64> {
        let ratio = self.median(work, first, "time")? / self.median(work, second, "time")?;
        ratio.is_finite().then_some(ratio)
    }

    /// All measurements with a parameter, in its order.
    pub(crate) fn series(&self, work: &str, peer: &str, quantity: &str) -> Vec<(f64, &'a Measurement)> {
        let mut series: Vec<_> =
            self.all(work, peer, quantity).filter_map(|found| Some((found.parameter?, found))).collect();
        series.sort_by(|one, other| one.0.total_cmp(&other.0));
        series
    }

    /// As [`series`](Self::series), the medians alone.
    pub(crate) fn points(&self, work: &str, peer: &str, quantity: &str) -> Vec<(f64, f64)> {
        self.series(work, peer, quantity).into_iter().map(|(parameter, found)| (parameter, found.median)).collect()
    }

    /// Bytes of a page's body and its time. The two are measured side by side, for the same numbers of records.
    pub(crate) fn page_growth(&self) -> Vec<(f64, f64)> {
        let times = self.points("page", "ours", "time");
        let sizes = self.points("page", "ours", "guest-memory");
        if times.len() != sizes.len() {
            return Vec::new();
        }
        sizes.into_iter().zip(times).map(|((bytes, _), (_, time))| (bytes, time)).collect()
    }

    /// Executions in flight and the memory that all of them together add.
    pub(crate) fn memory_growth(&self) -> Vec<(f64, f64)> {
        let each = self.points("in-flight", "ours", "host-rss");
        each.into_iter().map(|(executions, bytes)| (executions, executions * bytes)).collect()
    }

    /// What a contestant is made of.
    pub(crate) fn version(&self, peer: &str) -> Option<&'a str> {
        self.results.contestants.iter().find(|contestant| contestant.name == peer).map(|found| found.version.as_str())
    }

    fn all(&self, work: &str, peer: &str, quantity: &str) -> impl Iterator<Item = &'a Measurement> {
        let same = move |found: &&Measurement| found.work == work && found.peer == peer && found.quantity == quantity;
        self.results.measurements.iter().filter(same).collect::<Vec<_>>().into_iter()
    }
}
