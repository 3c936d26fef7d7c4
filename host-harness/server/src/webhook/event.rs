//! What is told, and how it is written.

use serde::Serialize;

use crate::clock::rfc3339;
use crate::database::StoreError;

/// Something that needs somebody. It names what it is about, and no data of the org.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event<'a> {
    /// A connection works no more until its user allows access again.
    NeedsReauthorization { connection: &'a str },
    /// Nobody knows whether an execution changed something at Salesforce.
    OutcomeUnknown { execution: &'a str, connection: &'a str, action: &'a str, error_kind: Option<&'a str> },
    /// An org has used more of its daily API requests than the tenant wants.
    AllowancePassed { connection: &'a str, used: u32, allowed: u32, percent: u32 },
    /// The tenant tries its webhook.
    Test,
}

/// The message.
#[derive(Serialize)]
struct Message<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    /// When it happened.
    timestamp: String,
    data: Data<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Data<'a> {
    NeedsReauthorization {
        connection: &'a str,
        next: String,
    },
    OutcomeUnknown {
        execution: &'a str,
        connection: &'a str,
        action: &'a str,
        error_kind: Option<&'a str>,
        next: String,
    },
    AllowancePassed {
        connection: &'a str,
        used: u32,
        allowed: u32,
        threshold_percent: u32,
        next: String,
    },
    Test {},
}

impl<'a> Event<'a> {
    /// Its type. The names are stable.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Event::NeedsReauthorization { .. } => "connection.needs-reauthorization",
            Event::OutcomeUnknown { .. } => "execution.outcome-unknown",
            Event::AllowancePassed { .. } => "connection.allowance-passed",
            Event::Test => "webhook.test",
        }
    }

    /// The body of its message, which is the same in every attempt.
    pub(super) fn body(&self, happened_at: i64) -> Result<String, StoreError> {
        let message = Message { kind: self.kind(), timestamp: rfc3339(happened_at), data: self.data() };
        serde_json::to_string(&message).map_err(|_| StoreError::Foreign("an event"))
    }

    fn data(&self) -> Data<'a> {
        match *self {
            Event::NeedsReauthorization { connection } => {
                let next = format!("POST /v1/connections/{connection}/authorize");
                Data::NeedsReauthorization { connection, next }
            }
            Event::OutcomeUnknown { execution, connection, action, error_kind } => {
                let next = format!("GET /v1/executions/{execution}");
                Data::OutcomeUnknown { execution, connection, action, error_kind, next }
            }
            Event::AllowancePassed { connection, used, allowed, percent } => {
                let next = format!("GET /v1/connections/{connection}");
                Data::AllowancePassed { connection, used, allowed, threshold_percent: percent, next }
            }
            Event::Test => Data::Test {},
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_what_happened_when_to_what_and_what_to_do() {
        let connection = "c";
        for (event, body) in [
            (
                Event::NeedsReauthorization { connection },
                r#"{"type":"connection.needs-reauthorization","timestamp":"2026-11-24T09:50:00.000Z","data":{"connection":"c","next":"POST /v1/connections/c/authorize"}}"#,
            ),
            (
                Event::OutcomeUnknown { execution: "e", connection, action: "apex-rest", error_kind: None },
                r#"{"type":"execution.outcome-unknown","timestamp":"2026-11-24T09:50:00.000Z","data":{"execution":"e","connection":"c","action":"apex-rest","error_kind":null,"next":"GET /v1/executions/e"}}"#,
            ),
            (
                Event::AllowancePassed { connection, used: 81, allowed: 100, percent: 80 },
                r#"{"type":"connection.allowance-passed","timestamp":"2026-11-24T09:50:00.000Z","data":{"connection":"c","used":81,"allowed":100,"threshold_percent":80,"next":"GET /v1/connections/c"}}"#,
            ),
            (Event::Test, r#"{"type":"webhook.test","timestamp":"2026-11-24T09:50:00.000Z","data":{}}"#),
        ] {
            assert_eq!(event.body(1_795_513_800_000).unwrap(), body);
        }
    }
}
