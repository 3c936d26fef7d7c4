//! Which reports there are: each is a query, with what it groups by and sums up.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::instances::Instances;
use crate::ApiError;
use crate::org::{Org, RecordId};
use crate::soql::ast::{Item, Operand, Query, Select, Subtotals};
use crate::soql::{self, QueryOptions};

/// The most levels of groups of a summary report.
const LEVELS: usize = 3;

/// A report: tabular, or a summary of groups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// Its own name.
    #[serde(default)]
    #[schema(read_only)]
    pub name: String,
    /// Whose rows it has, such as `SELECT Name, StageName, Amount FROM Opportunity WHERE IsWon = true`: fields of an object and
    /// of its parents, in the order of the columns; no aggregates, sub-queries or `LIMIT`.
    pub soql: String,
    /// Columns that it groups by, outermost first; none: a tabular report. At most 3.
    #[serde(default)]
    pub group_by: Vec<String>,
    /// Columns of numbers that it sums up.
    #[serde(default)]
    pub sums: Vec<String>,
}

/// The reports of the org, and the runs that were started.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reports {
    /// Each with the number of its Id.
    defined: Vec<(u64, Report)>,
    last: u64,
    pub(super) instances: Instances,
}

/// A report, ready to run: its columns are those of its query.
pub(super) struct Definition {
    pub(super) query: Query,
    pub(super) columns: Vec<String>,
    /// Places of the columns that it groups by.
    pub(super) groups: Vec<usize>,
    /// Places of those that it sums up.
    pub(super) sums: Vec<usize>,
}

impl Report {
    /// About how many bytes it holds.
    pub(crate) fn bytes(&self) -> usize {
        let names = self.group_by.iter().chain(&self.sums).map(String::len).sum::<usize>();
        self.name.len() + self.soql.len() + names
    }

    /// The report as it is run.
    ///
    /// # Errors
    /// Those of the query; 400 `MALFORMED_QUERY` or `INVALID_FIELD` for what no report has.
    pub(super) fn parse(&self) -> Result<Definition, ApiError> {
        let query = soql::parse(&self.soql)?;
        let columns = columns(&query.select).ok_or_else(|| {
            let message = "a report's query selects fields alone, and has no GROUP BY, HAVING, LIMIT or OFFSET";
            ApiError::bad_request("MALFORMED_QUERY", message)
        })?;
        let place = |name: &String| {
            let found = columns.iter().position(|column| column.eq_ignore_ascii_case(name));
            let message = format!("the report has no column {name}, only: {}", columns.join(", "));
            found.ok_or_else(|| ApiError::bad_request("INVALID_FIELD", message))
        };
        let groups: Vec<usize> = self.group_by.iter().map(place).collect::<Result<_, _>>()?;
        if groups.len() > LEVELS {
            let message = format!("the report groups by {} columns, at most {LEVELS} are allowed", groups.len());
            return Err(ApiError::bad_request("LIMIT_EXCEEDED", message));
        }
        let sums = self.sums.iter().map(place).collect::<Result<_, _>>()?;
        Ok(Definition { query, columns, groups, sums })
    }

    /// Whether the org can run it.
    ///
    /// # Errors
    /// Those of [`Report::parse`] and of the query.
    pub(crate) fn check(&self, org: &Org) -> Result<(), ApiError> {
        let options = QueryOptions { include_deleted: false, version: "", user_id: "" };
        soql::columns(org, &self.parse()?.query, &options).map(|_| ())
    }
}

/// The names of the fields, if it selects nothing else.
fn columns(select: &Select) -> Option<Vec<String>> {
    let Select { items, group_by, subtotals, having, limit, offset, .. } = select;
    let is_plain =
        group_by.is_empty() && *subtotals == Subtotals::None && having.is_none() && limit.or(*offset).is_none();
    let name = |item: &Item| match item {
        Item::Value(Operand::Field(path), None) => Some(path.names.join(".")),
        _ => None,
    };
    items.iter().map(name).collect::<Option<Vec<_>>>().filter(|_| is_plain)
}

impl Reports {
    /// Adds a report in place of one of the same name, whose Id it takes; else with the next one.
    pub(crate) fn add(&mut self, report: Report) -> String {
        let known = self.defined.iter().position(|(_, known)| known.name == report.name);
        let number = match known {
            Some(at) => self.defined.remove(at).0,
            None => {
                self.last += 1;
                self.last
            }
        };
        self.defined.push((number, report));
        id_of(number)
    }

    /// Takes a report away, with its runs. False if there is none of this name.
    pub(crate) fn remove(&mut self, name: &str) -> bool {
        let Some(at) = self.defined.iter().position(|(_, known)| known.name == name) else { return false };
        let (number, _) = self.defined.remove(at);
        self.instances.forget(&id_of(number));
        true
    }

    /// The reports with their Ids, in the order they were made.
    pub(super) fn all(&self) -> impl Iterator<Item = (String, &Report)> {
        self.defined.iter().map(|(number, report)| (id_of(*number), report))
    }

    /// The reports, in the order they were made.
    pub(crate) fn defined(&self) -> Vec<Report> {
        self.defined.iter().map(|(_, report)| report.clone()).collect()
    }

    /// The report with this Id, and the Id in its 18 characters.
    ///
    /// # Errors
    /// 404 `NOT_FOUND`.
    pub(super) fn named(&self, id: &str) -> Result<(String, Report), ApiError> {
        let id = RecordId::parse(id).ok_or_else(ApiError::not_found)?;
        let found = self.all().find(|(known, _)| known == id.as_str());
        found.map(|(id, report)| (id, report.clone())).ok_or_else(ApiError::not_found)
    }

    /// About how many bytes they and their runs hold.
    pub(crate) fn bytes(&self) -> usize {
        self.defined.iter().map(|(_, report)| report.bytes()).sum::<usize>() + self.instances.bytes()
    }
}

fn id_of(number: u64) -> String {
    RecordId::numbered("00O", number).map(|id| id.to_string()).unwrap_or_default()
}
