//! `/__mock/reports`: reports over the records of the org.

use super::Steering;
use super::named::Named;
use super::problem::Problem;
use super::scripted::has_room;
use crate::lock::lock;
use crate::rest::reports::Report;

impl Named for Report {
    const PATH: &'static str = "/__mock/reports";
    const ONE: &'static str = "a report";
    const ALL: &'static str = "the reports";
    const TAG: &'static str = "scripted";

    fn all(steering: &Steering) -> Vec<Self> {
        lock(&steering.rest.reports).defined()
    }

    fn own_name(&mut self) -> &mut String {
        &mut self.name
    }

    fn put(self, steering: &Steering) -> Result<(), Problem> {
        let checked = self.check(&steering.site.org());
        checked.map_err(|error| Problem::of_org("body", &self.soql, &error))?;
        let mut reports = lock(&steering.rest.reports);
        has_room("body.soql", &self, &reports.defined(), |report| (&report.name, report.bytes()))?;
        reports.add(self);
        Ok(())
    }

    fn delete(steering: &Steering, name: &str) -> bool {
        lock(&steering.rest.reports).remove(name)
    }
}
