//! Values of the WIT types that every action has, for calls of functions whose type is known at run time alone.

use wasmtime::component::Val;

use crate::bindings::types::{CallOptions, Connection, Error, Problem};
use crate::names;

/// A `types.connection`.
pub(super) fn connection(connection: &Connection) -> Val {
    let Connection { instance_url, access_token, api_version } = connection;
    record([
        ("instance-url", text(instance_url)),
        ("access-token", text(access_token)),
        ("api-version", option(api_version.as_deref().map(text))),
    ])
}

/// A `types.call-options`.
pub(super) fn call_options(options: CallOptions) -> Val {
    let CallOptions { deadline_ms, max_response_bytes, attempts } = options;
    record([
        ("deadline-ms", option(deadline_ms.map(Val::U32))),
        ("max-response-bytes", option(max_response_bytes.map(Val::U64))),
        ("attempts", option(attempts.map(Val::U8))),
    ])
}

/// A `result<T, error>`; none if the value is of another type.
pub(super) fn result(value: Val) -> Option<Result<Option<Val>, Error>> {
    match value {
        Val::Result(Ok(value)) => Some(Ok(value.map(|value| *value))),
        Val::Result(Err(Some(value))) => error(*value).map(Err),
        _ => None,
    }
}

fn error(value: Val) -> Option<Error> {
    let mut fields = Fields::of(value)?;
    Some(Error {
        kind: names::error_kind_named(&fields.name("kind")?)?,
        outcome: names::outcome_named(&fields.name("outcome")?)?,
        retryable: match fields.take("retryable")? {
            Val::Bool(retryable) => retryable,
            _ => return None,
        },
        retry_after_ms: match fields.optional("retry-after-ms")? {
            Some(Val::U64(milliseconds)) => Some(milliseconds),
            Some(_) => return None,
            None => None,
        },
        message: fields.text("message")?,
        status: match fields.optional("status")? {
            Some(Val::U16(status)) => Some(status),
            Some(_) => return None,
            None => None,
        },
        problems: list(fields.take("problems")?)?.into_iter().map(problem).collect::<Option<_>>()?,
        detail: fields.optional_text("detail")?,
        request_id: fields.optional_text("request-id")?,
    })
}

fn problem(value: Val) -> Option<Problem> {
    let mut fields = Fields::of(value)?;
    let names = list(fields.take("fields")?)?.into_iter().map(string).collect::<Option<_>>()?;
    Some(Problem { code: fields.text("code")?, message: fields.text("message")?, fields: names })
}

/// The fields of a record, each taken once.
struct Fields(Vec<(String, Val)>);

impl Fields {
    fn of(value: Val) -> Option<Self> {
        match value {
            Val::Record(fields) => Some(Self(fields)),
            _ => None,
        }
    }

    fn take(&mut self, name: &str) -> Option<Val> {
        let at = self.0.iter().position(|(field, _)| field == name)?;
        Some(self.0.swap_remove(at).1)
    }

    fn name(&mut self, name: &str) -> Option<String> {
        match self.take(name)? {
            Val::Enum(name) => Some(name),
            _ => None,
        }
    }

    fn text(&mut self, name: &str) -> Option<String> {
        self.take(name).and_then(string)
    }

    fn optional(&mut self, name: &str) -> Option<Option<Val>> {
        match self.take(name)? {
            Val::Option(value) => Some(value.map(|value| *value)),
            _ => None,
        }
    }

    fn optional_text(&mut self, name: &str) -> Option<Option<String>> {
        match self.optional(name)? {
            Some(value) => string(value).map(Some),
            None => Some(None),
        }
    }
}

fn list(value: Val) -> Option<Vec<Val>> {
    match value {
        Val::List(values) => Some(values),
        _ => None,
    }
}

fn string(value: Val) -> Option<String> {
    match value {
        Val::String(text) => Some(text),
        _ => None,
    }
}

fn record<const FIELDS: usize>(fields: [(&str, Val); FIELDS]) -> Val {
    Val::Record(fields.map(|(name, value)| (name.to_owned(), value)).into())
}

fn text(text: &str) -> Val {
    Val::String(text.to_owned())
}

fn option(value: Option<Val>) -> Val {
    Val::Option(value.map(Box::new))
}
