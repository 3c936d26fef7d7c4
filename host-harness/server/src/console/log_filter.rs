//! Which executions the log shows: read from the page's address, so that a filtered page can be linked and paged, and written
//! there again.

use maud::{Markup, html};
use salesforce_actions::Actions;
use serde::Deserialize;

use super::setup::error_of;
use crate::api::{LONGEST_ACTION, LONGEST_KIND};
use crate::clock::{Moment, rfc3339};
use crate::executions::{ErrorFilter, ExecutionState, LogFilter};
use crate::field::FieldErrors;
use crate::ids::{ConnectionId, ExecutionId};

/// Where the log is.
pub(super) const LOG: &str = "/console/executions";

/// The page's query as it came.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct LogQuery {
    /// Older than this one.
    after: String,
    connection: String,
    state: String,
    action: String,
    error: String,
    /// A moment; without an offset in UTC, as forms without script send it.
    from: String,
    to: String,
}

impl LogQuery {
    /// # Errors
    /// What was expected of the fields that are something else.
    pub(super) fn filter(&self, limit: u32) -> Result<LogFilter, FieldErrors> {
        let mut errors = FieldErrors::default();
        let filter = LogFilter {
            before: errors.take("after", given(&self.after, id::<ExecutionId>)).flatten(),
            connection: errors.take("connection", given(&self.connection, id::<ConnectionId>)).flatten(),
            state: errors.take("state", given(&self.state, state)).flatten(),
            action: errors.take("action", given(&self.action, |text| bounded(text, LONGEST_ACTION))).flatten(),
            error: errors
                .take("error", given(&self.error, |text| bounded(text, LONGEST_KIND).map(ErrorFilter::from)))
                .flatten(),
            from: errors.take("from", given(&self.from, moment)).flatten(),
            to: errors.take("to", given(&self.to, moment)).flatten(),
            limit,
        };
        if errors.is_empty() { Ok(filter) } else { Err(errors) }
    }

    /// The form that asks for it; the connections by id and name.
    pub(super) fn form(&self, names: &[(String, String)], errors: &FieldErrors) -> Markup {
        let connection = self.connection.trim();
        html! {
            details id="filter-box" class="folds" open data-in-use[self.is_filtered()] {
            summary { "Filter" }
            form id="filters" class="filters columns" method="get" action=(LOG) {
                (choice("state", "State", self.state.trim(), ExecutionState::ALL.map(|state| (state.as_str(), state.as_str())), errors))
                (suggested("error", "Error", &self.error, kinds(), errors))
                (suggested("action", "Action", &self.action, actions(), errors))
                (choice("connection", "Connection", connection, names.iter().map(|(id, name)| (id.as_str(), name.as_str())), errors))
                (time_field("from", "From", &self.from, errors))
                (time_field("to", "Before", &self.to, errors))
                div class="row" {
                    button id="filter" class="quiet" type="submit" { "Show" }
                    @if self.is_filtered() { a id="all" href=(LOG) { "Show all" } }
                }
            }
            }
        }
    }

    /// Whether anything but the piece of the log is asked for.
    pub(super) fn is_filtered(&self) -> bool {
        [&self.connection, &self.state, &self.action, &self.error, &self.from, &self.to]
            .iter()
            .any(|text| !text.trim().is_empty())
    }

    /// Whether the newest are left out.
    pub(super) fn is_later_piece(&self) -> bool {
        !self.after.trim().is_empty()
    }
}

/// The address of a page of the log.
pub(super) fn path(filter: &LogFilter, after: Option<&str>) -> String {
    let time = |moment: Option<Moment>| moment.map(|moment| rfc3339(moment.milliseconds()));
    let (from, to) = (time(filter.from), time(filter.to));
    let pairs = [
        ("after", after),
        ("connection", filter.connection.as_deref()),
        ("state", filter.state.map(ExecutionState::as_str)),
        ("action", filter.action.as_deref()),
        ("error", filter.error.as_ref().map(ErrorFilter::as_str)),
        ("from", from.as_deref()),
        ("to", to.as_deref()),
    ];
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs.into_iter().filter_map(|(name, value)| Some((name, value?))));
    format!("{LOG}?{}", query.finish())
}

/// What a field says, if it says anything.
fn given<T>(text: &str, read: impl FnOnce(&str) -> Result<T, String>) -> Result<Option<T>, String> {
    let text = text.trim();
    if text.is_empty() { Ok(None) } else { read(text).map(Some) }
}

fn id<T: std::str::FromStr<Err: std::fmt::Display> + Into<String>>(text: &str) -> Result<String, String> {
    text.parse::<T>().map(Into::into).map_err(|error| error.to_string())
}

fn state(name: &str) -> Result<ExecutionState, String> {
    let names = || ExecutionState::ALL.map(ExecutionState::as_str).join(", ");
    ExecutionState::named(name).ok_or_else(|| format!("expected one of {}", names()))
}

fn bounded(text: &str, most: usize) -> Result<String, String> {
    if text.chars().take(most + 1).count() > most {
        return Err(format!("expected at most {most} characters"));
    }
    Ok(text.to_owned())
}

fn moment(text: &str) -> Result<Moment, String> {
    // `2026-11-24T09:30`, as a form has it that knows no zones.
    let in_utc = (text.len() <= 23).then(|| format!("{text}Z"));
    let read = text.parse::<Moment>().or_else(|error| in_utc.map_or(Err(error), |text| text.parse()));
    read.map_err(|error| error.to_string())
}

/// Any, and the kinds that the connector has. Those of this server and of components can be typed.
fn kinds() -> impl Iterator<Item = String> {
    let kinds = Actions::cases_of_connector("error-kind").into_iter().map(|case| case.name);
    std::iter::once(ErrorFilter::ANY.to_owned()).chain(kinds)
}

fn actions() -> impl Iterator<Item = String> {
    Actions::of_connector().iter().map(|action| action.name.clone())
}

/// A list of values and names.
fn choice<'a>(
    field: &str,
    label: &str,
    chosen: &str,
    values: impl IntoIterator<Item = (&'a str, &'a str)>,
    errors: &FieldErrors,
) -> Markup {
    let values: Vec<_> = values.into_iter().collect();
    html! {
        div class="field" {
            label for=(field) { (label) }
            select id=(field) name=(field) aria-invalid=[errors.of(field).map(|_| "true")] {
                option value="" { "All" }
                @for (value, name) in &values { option value=(value) selected[*value == chosen] { (name) } }
                // A connection that was deleted is still in the log.
                @if !chosen.is_empty() && values.iter().all(|(value, _)| *value != chosen) {
                    option value=(chosen) selected { (chosen) }
                }
            }
            (error_of(field, errors))
        }
    }
}

/// A text, with suggestions.
fn suggested(
    field: &str,
    label: &str,
    value: &str,
    suggestions: impl Iterator<Item = String>,
    errors: &FieldErrors,
) -> Markup {
    let list = format!("{field}-list");
    html! {
        div class="field" {
            label for=(field) { (label) }
            input id=(field) name=(field) type="text" list=(list) autocomplete="off" spellcheck="false" value=(value.trim())
                placeholder="All" aria-invalid=[errors.of(field).map(|_| "true")];
            datalist id=(list) {
                @for suggestion in suggestions { option value=(suggestion) {} }
            }
            (error_of(field, errors))
        }
    }
}

/// A moment. Without script it is filled in and sent in UTC; `times.js` lets it be local.
fn time_field(field: &str, label: &str, value: &str, errors: &FieldErrors) -> Markup {
    let value = moment(value.trim()).map(|moment| rfc3339(moment.milliseconds())).unwrap_or_default();
    html! {
        div class="field" {
            label for=(field) { (label) span class="in-utc" { " (UTC)" } }
            input id=(field) name=(field) type="datetime-local" value=(value.get(..16).unwrap_or_default())
                aria-invalid=[errors.of(field).map(|_| "true")];
            (error_of(field, errors))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> LogQuery {
        salesforce_actions::json::wrong::read_form(text.as_bytes()).unwrap()
    }

    #[test]
    fn an_address_is_read_and_written_again() {
        let connection = "019abcde-0000-7000-8000-000000000001";
        let text = format!(
            "connection={connection}&state=failed&action=soql-query&error=any&from=2026-11-24T09%3A30%3A00.000Z&to=2026-11-25T00%3A00%3A00.000Z"
        );
        let filter = query(&text).filter(50).unwrap();
        assert_eq!((filter.state, &filter.error), (Some(ExecutionState::Failed), &Some(ErrorFilter::Any)));
        assert_eq!(path(&filter, None), format!("{LOG}?{text}"));
        assert_eq!(path(&filter, Some(connection)), format!("{LOG}?after={connection}&{text}"));
        // A form sends all of its fields, and knows no zones.
        let form = query("connection=&state=+&action=&error=&from=2026-11-24T09%3A30&to=").filter(50).unwrap();
        assert_eq!(
            form,
            LogFilter { from: Some("2026-11-24T09:30:00Z".parse().unwrap()), limit: 50, ..LogFilter::default() }
        );
        assert_eq!(
            query("from=2026-11-24T09%3A30%3A15").filter(50).unwrap().from.unwrap().milliseconds() % 60_000,
            15_000
        );
    }

    #[test]
    fn every_wrong_value_is_told_by_its_field() {
        let long = "x".repeat(501);
        let text = format!("after=x&connection=x&state=lost&action={long}&error={long}&from=yesterday&to=25:00");
        let errors = query(&text).filter(50).unwrap_err();
        for (field, words) in [
            ("after", "expected"),
            ("connection", "expected"),
            ("state", "running, succeeded, failed, cancelled, unknown"),
            ("action", "at most 500 characters"),
            ("error", "at most 100 characters"),
            ("from", "such as 2026-11-24T09:30:00Z"),
            ("to", "such as 2026-11-24T09:30:00Z"),
        ] {
            assert!(errors.of(field).is_some_and(|told| told.contains(words)), "{field}: {errors}");
        }
    }
}
