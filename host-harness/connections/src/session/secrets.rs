//! The secrets of a connection, taken out of errors: an org knows them, and whoever reads its words need not.

use salesforce_runtime::ExecutionError;
use salesforce_runtime::secret::Secret;

use crate::store::Stored;

/// What stands in the place of a secret.
const REDACTED: &str = "[redacted]";
/// What is shorter would hit ordinary words.
const SHORTEST: usize = 6;

/// The error without any secret of the connection that the call was made with.
pub(super) fn taken_out<R>(error: ExecutionError, of: &Stored<R>) -> ExecutionError {
    let secrets = [Some(&of.access_token), of.refresh_token.as_ref(), of.client_secret.as_ref()];
    let secrets: Vec<&str> =
        secrets.into_iter().flatten().map(Secret::expose).filter(|secret| secret.len() >= SHORTEST).collect();
    let clean = |text: &mut String| {
        for secret in &secrets {
            if text.contains(secret) {
                *text = text.replace(secret, REDACTED);
            }
        }
    };
    match error {
        ExecutionError::Connector(mut error) => {
            clean(&mut error.message);
            error.detail.iter_mut().chain(&mut error.request_id).for_each(clean);
            for problem in &mut error.problems {
                clean(&mut problem.code);
                clean(&mut problem.message);
                problem.fields.iter_mut().for_each(clean);
            }
            ExecutionError::Connector(error)
        }
        ExecutionError::Host(mut failure) => {
            clean(&mut failure.message);
            ExecutionError::Host(failure)
        }
    }
}

#[cfg(test)]
mod tests {
    use salesforce_runtime::bindings::types::{Error, ErrorKind, Outcome, Problem};

    use super::*;

    #[test]
    fn no_secret_of_a_connection_is_in_an_error() {
        let secret = |text: &str| Secret::from(text.to_owned());
        let stored = Stored {
            login_url: "https://login.salesforce.com".parse().unwrap(),
            client_id: "3MVG9".to_owned(),
            client_secret: Some(secret("client-SECRET-1")),
            instance_url: "https://example.my.salesforce.com".parse().unwrap(),
            access_token: secret("00D!access-SECRET-2"),
            refresh_token: Some(secret("5Aep-refresh-SECRET-3")),
            api_version: None,
            revision: (),
            refresh_begun: false,
            allow_loopback: false,
        };
        let words = "a client-SECRET-1 b 00D!access-SECRET-2 c 5Aep-refresh-SECRET-3 d client-SECRET-1";
        let problem = Problem { code: words.to_owned(), message: words.to_owned(), fields: vec![words.to_owned()] };
        let error = ExecutionError::Connector(Error {
            kind: ErrorKind::Rejected,
            outcome: Outcome::Rejected,
            retryable: false,
            retry_after_ms: None,
            message: words.to_owned(),
            status: None,
            problems: vec![problem],
            detail: Some(format!("\"{words}\"")),
            request_id: Some(words.to_owned()),
        });
        let shown = format!("{:?}", taken_out(error, &stored));
        assert!(!shown.contains("SECRET"), "{shown}");
        assert_eq!(shown.matches("a [redacted] b [redacted] c [redacted] d [redacted]").count(), 6, "{shown}");
    }
}
