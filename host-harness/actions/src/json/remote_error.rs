//! The error of an execution, as the server told it in JSON.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::NotJson;
use salesforce_runtime::bindings::types::{Error, ErrorKind, Outcome, Problem};
use salesforce_runtime::names;

/// Why an execution at a server gave no result.
#[derive(Debug)]
pub enum RemoteError {
    /// The component's own error, or one of the server's that asks for the same.
    Connector(Error),
    /// Something else ended it.
    Other {
        /// What, e.g. `host-deadline-exceeded`.
        kind: String,
        /// What became of it at Salesforce.
        outcome: Outcome,
        /// One plain sentence.
        message: String,
    },
}

#[derive(Deserialize)]
struct Told {
    kind: String,
    outcome: String,
    #[serde(default)]
    retryable: bool,
    retry_after_ms: Option<u64>,
    message: String,
    status: Option<u16>,
    #[serde(default)]
    problems: Vec<ToldProblem>,
    detail: Option<Box<RawValue>>,
    request_id: Option<String>,
}

#[derive(Deserialize)]
struct ToldProblem {
    code: String,
    message: String,
    fields: Vec<String>,
}

impl RemoteError {
    /// Reads an error, as [`ErrorView`](super::ErrorView) writes it or with `kind`, `outcome` and `message` alone. An outcome
    /// of another name is unknown.
    ///
    /// # Errors
    /// [`NotJson`]: it is something else.
    pub fn parse(json: &str) -> Result<RemoteError, NotJson> {
        let told: Told = serde_json::from_str(json)?;
        let outcome = names::outcome_named(&told.outcome).unwrap_or(Outcome::Unknown);
        Ok(match names::error_kind_named(&told.kind) {
            Some(kind) => RemoteError::Connector(told.into_error(kind, outcome)),
            None => RemoteError::Other { kind: told.kind, outcome, message: told.message },
        })
    }
}

impl Told {
    fn into_error(self, kind: ErrorKind, outcome: Outcome) -> Error {
        let problem =
            |problem: ToldProblem| Problem { code: problem.code, message: problem.message, fields: problem.fields };
        Error {
            kind,
            outcome,
            retryable: self.retryable,
            retry_after_ms: self.retry_after_ms,
            message: self.message,
            status: self.status,
            problems: self.problems.into_iter().map(problem).collect(),
            detail: self.detail.map(|detail| detail.get().to_owned()),
            request_id: self.request_id,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::ErrorView;

    #[test]
    fn an_error_is_read_as_it_was_written() {
        let error = Error {
            kind: ErrorKind::Duplicate,
            outcome: Outcome::Rejected,
            retryable: false,
            retry_after_ms: Some(7),
            message: "it is there".to_owned(),
            status: Some(400),
            problems: vec![Problem {
                code: "DUPLICATES_DETECTED".to_owned(),
                message: "use it".to_owned(),
                fields: vec!["Name".to_owned()],
            }],
            detail: Some(r#"{"D":0.10}"#.to_owned()),
            request_id: Some("r".to_owned()),
        };
        let json = serde_json::to_string(&ErrorView::new(&error)).unwrap();
        let RemoteError::Connector(read) = RemoteError::parse(&json).unwrap() else { panic!("{json}") };
        assert_eq!(serde_json::to_string(&ErrorView::new(&read)).unwrap(), json);
    }

    #[test]
    fn the_servers_own_errors_have_names_of_their_own() {
        let json = r#"{"kind":"host-trapped","outcome":"not-sent","retryable":false,"message":"m"}"#;
        assert!(matches!(
            RemoteError::parse(json).unwrap(),
            RemoteError::Other { kind, outcome: Outcome::NotSent, .. } if kind == "host-trapped"
        ));
        let json = r#"{"kind":"reauthorization-required","outcome":"not-sent","message":"m"}"#;
        assert!(matches!(RemoteError::parse(json).unwrap(), RemoteError::Connector(_)));
        assert!(RemoteError::parse("{}").is_err());
    }
}
