//! A failure as one line of JSON, for programs.

use std::io::{self, Write};

use salesforce_actions::display::json::inert;
use salesforce_actions::json::ErrorView;
use serde::Serialize;

use super::{Failure, names};

impl Failure {
    pub(super) fn write_json(&self, to: &mut impl Write) -> io::Result<()> {
        #[derive(Serialize)]
        struct Report<'a> {
            error: Body<'a>,
        }
        #[derive(Serialize)]
        struct Body<'a> {
            #[serde(flatten)]
            connector: Option<ErrorView<'a>>,
            #[serde(skip_serializing_if = "Option::is_none")]
            kind: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            message: Option<String>,
            #[serde(skip_serializing_if = "Option::is_none")]
            outcome: Option<&'static str>,
            advice: Option<String>,
            exit_code: u8,
        }
        let connector = self.connector_error();
        let body = Body {
            connector: connector.map(ErrorView::new),
            kind: connector.is_none().then(|| self.kind()),
            message: connector.is_none().then(|| self.message()),
            outcome: self.own_outcome().map(names::outcome),
            advice: self.advice(),
            exit_code: self.exit().code(),
        };
        let text = serde_json::to_string(&Report { error: body }).map_err(io::Error::other)?;
        writeln!(to, "{}", inert(&text))
    }
}
