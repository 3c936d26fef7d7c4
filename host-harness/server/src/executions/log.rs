//! The log: a tenant's executions, newest first, as far as they are asked for. The database does it all, along an index for each
//! of action, error and time.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::store::{RECORD, record};
use super::{ExecutionRecord, ExecutionState, Executions};
use crate::clock::Moment;
use crate::database::StoreError;

/// Which executions of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LogFilter {
    /// Older than the one with this id.
    pub(crate) before: Option<String>,
    pub(crate) connection: Option<String>,
    pub(crate) state: Option<ExecutionState>,
    pub(crate) action: Option<String>,
    pub(crate) error: Option<ErrorFilter>,
    /// Begun at this moment or later.
    pub(crate) from: Option<Moment>,
    /// Begun before this moment.
    pub(crate) to: Option<Moment>,
    pub(crate) limit: u32,
}

/// Which errors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ErrorFilter {
    Any,
    /// A kind, e.g. `invalid-query`; one that nobody has heard of is that of no execution.
    Kind(String),
}

impl ErrorFilter {
    /// The word for errors of every kind.
    pub(crate) const ANY: &'static str = "any";

    /// As it is written: a kind, or `any`.
    pub(crate) fn as_str(&self) -> &str {
        match self {
            ErrorFilter::Any => ErrorFilter::ANY,
            ErrorFilter::Kind(kind) => kind,
        }
    }
}

impl From<String> for ErrorFilter {
    fn from(text: String) -> ErrorFilter {
        if text == ErrorFilter::ANY { ErrorFilter::Any } else { ErrorFilter::Kind(text) }
    }
}

/// A statement, and the values of its parameters in their order.
struct Select {
    sql: String,
    values: Vec<Value>,
}

impl LogFilter {
    /// In the order in which they were recorded: an id has its clock's time in it, and clocks jump. Between two moments, in the
    /// order of the time at which they began, which the index has.
    fn select(&self, tenant: &str) -> Select {
        let order = if self.from.is_some() || self.to.is_some() { "started_at, rowid" } else { "rowid" };
        let own = |text: &str| Value::from(text.to_owned());
        let conditions = [
            self.before.as_deref().map(|id| {
                let place = format!("({order}) < (SELECT {order} FROM execution WHERE tenant = ? AND id = ?)");
                (place, vec![own(tenant), own(id)])
            }),
            self.connection.as_deref().map(|id| ("connection = ?".to_owned(), vec![own(id)])),
            self.state.map(|state| ("state = ?".to_owned(), vec![own(state.as_str())])),
            self.action.as_deref().map(|action| ("action = ?".to_owned(), vec![own(action)])),
            self.error.as_ref().map(|error| match error {
                ErrorFilter::Any => ("error_kind IS NOT NULL".to_owned(), Vec::new()),
                ErrorFilter::Kind(kind) => ("error_kind = ?".to_owned(), vec![own(kind)]),
            }),
            self.from.map(|from| ("started_at >= ?".to_owned(), vec![from.milliseconds().into()])),
            self.to.map(|to| ("started_at < ?".to_owned(), vec![to.milliseconds().into()])),
        ];
        let mut sql = format!("SELECT {RECORD} FROM execution WHERE tenant = ?");
        let mut values = vec![own(tenant)];
        for (condition, of_it) in conditions.into_iter().flatten() {
            sql.push_str(" AND ");
            sql.push_str(&condition);
            values.extend(of_it);
        }
        values.push(self.limit.into());
        sql.push_str(&format!(" ORDER BY {} DESC LIMIT ?", order.replace(',', " DESC,")));
        Select { sql, values }
    }
}

impl Executions {
    /// A tenant's executions, newest first.
    pub(crate) async fn log(&self, tenant: &str, filter: LogFilter) -> Result<Vec<ExecutionRecord>, StoreError> {
        let select = filter.select(tenant);
        let read = move |connection: &Connection| {
            let mut statement = connection.prepare_cached(&select.sql)?;
            let rows = statement.query_map(params_from_iter(&select.values), |row| Ok(record(row)))?;
            rows.map(|row| row?).collect::<Result<Vec<_>, StoreError>>()
        };
        let mut rows = self.database.read(read).await?;
        for row in rows.iter_mut().filter(|row| row.state == ExecutionState::Running) {
            if let Some(told) = self.unrecorded.told(tenant, &row.id) {
                *row = told.record;
            }
        }
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::schema::migrate;

    fn migrated_in_memory() -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        connection
    }

    fn filter() -> LogFilter {
        LogFilter { limit: 50, ..LogFilter::default() }
    }

    fn moment(text: &str) -> Option<Moment> {
        Some(text.parse().unwrap())
    }

    /// How SQLite goes about it.
    fn plan(connection: &Connection, filter: &LogFilter) -> String {
        let Select { sql, values } = filter.select("t");
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let steps = statement.query_map(params_from_iter(&values), |row| row.get::<_, String>("detail")).unwrap();
        steps.collect::<Result<Vec<_>, _>>().unwrap().join("; ")
    }

    #[test]
    fn every_filter_goes_along_an_index_and_sorts_nothing() {
        let connection = migrated_in_memory();
        let action = || Some("soql-query".to_owned());
        let kind = || Some(ErrorFilter::Kind("invalid-query".to_owned()));
        let from = moment("2026-11-24T09:30:00Z");
        for (filter, index) in [
            (filter(), "execution_by_tenant (tenant=?)"),
            (LogFilter { before: Some("e".to_owned()), ..filter() }, "execution_by_tenant (tenant=? AND rowid<?)"),
            (LogFilter { action: action(), ..filter() }, "execution_by_action (tenant=? AND action=?)"),
            (LogFilter { error: kind(), ..filter() }, "execution_by_error (tenant=? AND error_kind=?)"),
            (LogFilter { error: Some(ErrorFilter::Any), ..filter() }, "execution_with_error (tenant=?)"),
            (LogFilter { from, ..filter() }, "execution_by_start (tenant=? AND started_at>?)"),
            (LogFilter { to: from, ..filter() }, "execution_by_start (tenant=? AND started_at<?)"),
        ] {
            let plan = plan(&connection, &filter);
            assert!(plan.contains(index), "{filter:?}: {plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{filter:?}: {plan}");
        }
    }

    #[test]
    fn each_condition_is_kept_and_pages_follow_each_other() {
        let connection = migrated_in_memory();
        connection
            .execute_batch(
                "INSERT INTO tenant (id, name, executions_at_once, executions_a_minute, memory_mib, seconds, created_at)
                     VALUES ('t', 't', 1, 1, 1, 1, 0), ('u', 'u', 1, 1, 1, 1, 0);",
            )
            .unwrap();
        // The clock went back between 'c' and 'd'.
        for (id, tenant, action, error, started_at) in [
            ("a", "t", "soql-query", None, 1_000),
            ("b", "t", "soql-query", Some("invalid-query"), 2_000),
            ("c", "t", "user-info", Some("forbidden"), 3_000),
            ("d", "t", "soql-query", None, 2_500),
            ("e", "u", "soql-query", Some("forbidden"), 2_000),
        ] {
            connection
                .execute(
                    "INSERT INTO execution (id, tenant, connection, action, request_digest, state, error_kind, process, started_at)
                     VALUES (?1, ?2, 'c', ?3, x'00', ?4, ?5, 'p', ?6)",
                    rusqlite::params![id, tenant, action, if error.is_some() { "failed" } else { "succeeded" }, error, started_at],
                )
                .unwrap();
        }
        let ids = |filter: LogFilter| {
            let Select { sql, values } = filter.select("t");
            let mut statement = connection.prepare(&sql).unwrap();
            let rows = statement.query_map(params_from_iter(&values), |row| row.get::<_, String>("id")).unwrap();
            rows.collect::<Result<String, _>>().unwrap()
        };
        let before = |id: &str| Some(id.to_owned());
        let (second, third) = (moment("1970-01-01T00:00:02Z"), moment("1970-01-01T00:00:03Z"));
        for (filter, expected) in [
            (filter(), "dcba"),
            (LogFilter { before: before("c"), ..filter() }, "ba"),
            (LogFilter { before: before("e"), ..filter() }, ""),
            (LogFilter { action: before("soql-query"), ..filter() }, "dba"),
            (LogFilter { error: Some(ErrorFilter::from("any".to_owned())), ..filter() }, "cb"),
            (LogFilter { error: Some(ErrorFilter::from("forbidden".to_owned())), ..filter() }, "c"),
            (LogFilter { from: second, ..filter() }, "cdb"),
            (LogFilter { from: second, to: third, ..filter() }, "db"),
            (LogFilter { from: second, before: before("c"), ..filter() }, "db"),
            (LogFilter { from: second, before: before("d"), ..filter() }, "b"),
            (LogFilter { from: second, action: before("soql-query"), limit: 1, ..filter() }, "d"),
            (LogFilter { state: Some(ExecutionState::Failed), to: third, ..filter() }, "b"),
        ] {
            assert_eq!(ids(filter.clone()), expected, "{filter:?}");
        }
    }
}
