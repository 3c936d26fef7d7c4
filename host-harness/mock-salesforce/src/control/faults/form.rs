//! Faults and their matchers as JSON.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::bytes::BytesForm;
use super::super::input::within;
use super::super::problem::Problem;
use crate::fault::{FRAMING, Fault, Matcher, Path};
use crate::wire::Step;

/// The longest wait, in milliseconds: ten minutes, after which Salesforce ends a call.
const LONGEST_MS: u64 = 600_000;
const MOST_STEPS: usize = 1_000;
const MOST_HEADERS: usize = 100;

/// Which requests a fault is for; all that is said must fit.
#[derive(Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Match {
    /// Such as `POST`.
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    /// The whole path, still percent-encoded, without the query.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    /// What the path begins with, in place of `path`.
    #[serde(skip_serializing_if = "Option::is_none")]
    path_prefix: Option<String>,
    /// Not before the so many-th request that fits, counted from now; 1, the next, if left out.
    nth: Option<u64>,
}

/// What the request meets.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum FaultForm {
    /// This answer, without any work.
    Answer(AnswerForm),
    /// The work, and this JSON with status 200 in place of its answer.
    #[schema(value_type = Value)]
    Replace(Value),
    /// So many milliseconds of waiting, then the work and its answer.
    Delay { ms: u64 },
    /// Neither work nor answer, on a connection that stays open.
    Hang,
    /// The work, but no answer, on a connection that stays open.
    HangAfterWork,
    /// No work, and the end of the connection (FIN).
    Close,
    /// The work, and the end of the connection (FIN).
    CloseAfterWork,
    /// No work, and a reset of the connection (RST).
    Reset,
    /// The work, and a reset of the connection (RST).
    ResetAfterWork,
    /// No work, and these steps on the connection, below HTTP.
    Wire(Vec<StepForm>),
    /// The work, and these steps on the connection, below HTTP.
    WireAfterWork(Vec<StepForm>),
}

/// An answer of one's own.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AnswerForm {
    /// 200 to 599.
    status: u16,
    /// Names and values.
    #[serde(default)]
    headers: Vec<(String, String)>,
    /// Nothing, if left out.
    #[serde(default)]
    body: Option<BytesForm>,
}

/// A step on the connection. After the last, it is closed (FIN).
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum StepForm {
    /// These bytes at once.
    Write(BytesForm),
    /// These bytes one by one, each in a packet of its own as far as the system goes along.
    Slices(BytesForm),
    /// These bytes one by one, again and again, with a pause before each, until the client leaves.
    Trickle { bytes: BytesForm, pause_ms: u64 },
    /// A further request, read to its end.
    Read,
    /// Silence until the client leaves.
    Hang,
    /// RST in place of FIN.
    Reset,
    /// The script from its beginning.
    Repeat,
}

impl TryFrom<Match> for Matcher {
    type Error = Problem;

    fn try_from(form: Match) -> Result<Self, Problem> {
        let nth = within("body.match.nth", form.nth.unwrap_or(1), 1, 1_000_000)?;
        let check = |place, path: String| {
            if path.starts_with('/') && !path.contains(['?', '#']) {
                Ok(path)
            } else {
                let expected =
                    "a path that begins with / and ends before the query, such as /services/data/v67.0/query";
                Err(Problem::wrong(place, path, expected))
            }
        };
        let path = match (form.path, form.path_prefix) {
            (None, None) => Path::Any,
            (Some(path), None) => Path::Is(check("body.match.path", path)?),
            (None, Some(prefix)) => Path::StartsWith(check("body.match.path_prefix", prefix)?),
            (Some(_), Some(_)) => {
                return Err(Problem::wrong("body.match", "path and path_prefix", "one of path and path_prefix"));
            }
        };
        if let Some(method) = form.method.as_deref().filter(|method| !is_method(method)) {
            return Err(Problem::wrong("body.match.method", method, "a method in upper case, such as POST"));
        }
        Ok(Self { method: form.method, path, nth })
    }
}

impl From<&Matcher> for Match {
    fn from(matcher: &Matcher) -> Self {
        let (path, path_prefix) = match &matcher.path {
            Path::Any => (None, None),
            Path::Is(path) => (Some(path.clone()), None),
            Path::StartsWith(prefix) => (None, Some(prefix.clone())),
        };
        Self { method: matcher.method.clone(), path, path_prefix, nth: Some(matcher.nth) }
    }
}

impl TryFrom<FaultForm> for Fault {
    type Error = Problem;

    fn try_from(form: FaultForm) -> Result<Self, Problem> {
        Ok(match form {
            FaultForm::Answer(answer) => answer.try_into()?,
            FaultForm::Replace(body) => Self::Replace(body),
            FaultForm::Delay { ms } => {
                Self::Delay(Duration::from_millis(within("body.fault.delay.ms", ms, 0, LONGEST_MS)?))
            }
            FaultForm::Hang => Self::Hang,
            FaultForm::HangAfterWork => Self::HangAfterWork,
            FaultForm::Close => Self::Close,
            FaultForm::CloseAfterWork => Self::CloseAfterWork,
            FaultForm::Reset => Self::Reset,
            FaultForm::ResetAfterWork => Self::ResetAfterWork,
            FaultForm::Wire(steps) => Self::Wire(script("body.fault.wire", steps)?),
            FaultForm::WireAfterWork(steps) => Self::WireAfterWork(script("body.fault.wire_after_work", steps)?),
        })
    }
}

impl From<&Fault> for FaultForm {
    fn from(fault: &Fault) -> Self {
        match fault {
            Fault::Answer { status, headers, body } => Self::Answer(AnswerForm {
                status: *status,
                headers: headers.clone(),
                body: Some(body.as_slice().into()),
            }),
            Fault::Replace(body) => Self::Replace(body.clone()),
            Fault::Delay(time) => Self::Delay { ms: milliseconds(*time) },
            Fault::Hang => Self::Hang,
            Fault::HangAfterWork => Self::HangAfterWork,
            Fault::Close => Self::Close,
            Fault::CloseAfterWork => Self::CloseAfterWork,
            Fault::Reset => Self::Reset,
            Fault::ResetAfterWork => Self::ResetAfterWork,
            Fault::Wire(steps) => Self::Wire(steps.iter().map(StepForm::from).collect()),
            Fault::WireAfterWork(steps) => Self::WireAfterWork(steps.iter().map(StepForm::from).collect()),
        }
    }
}

impl TryFrom<AnswerForm> for Fault {
    type Error = Problem;

    fn try_from(AnswerForm { status, mut headers, body }: AnswerForm) -> Result<Self, Problem> {
        const PLACE: &str = "body.fault.answer";
        within(&format!("{PLACE}.status"), status.into(), 200, 599)?;
        within(&format!("{PLACE}.headers: how many"), headers.len() as u64, 0, MOST_HEADERS as u64)?;
        for (number, (name, value)) in headers.iter().enumerate() {
            if HeaderName::try_from(name).is_err() || HeaderValue::try_from(value).is_err() {
                let place = format!("{PLACE}.headers[{number}]");
                return Err(Problem::wrong(place, format!("{name}: {value}"), "the name and value of a header"));
            }
        }
        let framing = |(name, _): &(String, String)| FRAMING.iter().any(|known| name.eq_ignore_ascii_case(known));
        if let Some(number) = headers.iter().position(framing) {
            let place = format!("{PLACE}.headers[{number}]");
            let got = headers.get(number).map(|(name, _)| name.clone()).unwrap_or_default();
            return Err(Problem::wrong(
                place,
                got,
                "a header that does not say where the body ends: for that use the fault wire",
            ));
        }
        let says_its_type = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        let content_type = body.as_ref().and_then(BytesForm::content_type).filter(|_| !says_its_type);
        headers.extend(content_type.map(|value| ("content-type".to_owned(), value.to_owned())));
        let body = body.map(|body| body.bytes(&format!("{PLACE}.body"))).transpose()?.unwrap_or_default();
        Ok(Self::Answer { status, headers, body })
    }
}

impl From<&Step> for StepForm {
    fn from(step: &Step) -> Self {
        match step {
            Step::Read => Self::Read,
            Step::Write(bytes) => Self::Write(bytes.as_slice().into()),
            Step::Slices(bytes) => Self::Slices(bytes.as_slice().into()),
            Step::Trickle(bytes, pause) => {
                Self::Trickle { bytes: bytes.as_slice().into(), pause_ms: milliseconds(*pause) }
            }
            Step::Hang => Self::Hang,
            Step::Reset => Self::Reset,
            Step::Repeat => Self::Repeat,
        }
    }
}

fn script(place: &str, steps: Vec<StepForm>) -> Result<Vec<Step>, Problem> {
    within(&format!("{place}: how many steps"), steps.len() as u64, 0, MOST_STEPS as u64)?;
    // Without a step that waits for the client, a script that repeats itself would never let go of the connection.
    let waits = steps.iter().any(|step| matches!(step, StepForm::Read | StepForm::Hang | StepForm::Trickle { .. }));
    if !waits && steps.iter().any(|step| matches!(step, StepForm::Repeat)) {
        return Err(Problem::wrong(place, "repeat without read", "a read before a repeat"));
    }
    let step = |(number, step)| {
        let place = format!("{place}[{number}]");
        Ok(match step {
            StepForm::Read => Step::Read,
            StepForm::Write(bytes) => Step::Write(bytes.bytes(&format!("{place}.write"))?),
            StepForm::Slices(bytes) => Step::Slices(bytes.bytes(&format!("{place}.slices"))?),
            StepForm::Trickle { bytes, pause_ms } => {
                let pause = within(&format!("{place}.trickle.pause_ms"), pause_ms, 1, LONGEST_MS)?;
                let bytes = bytes.bytes(&format!("{place}.trickle.bytes"))?;
                if bytes.is_empty() {
                    return Err(Problem::wrong(format!("{place}.trickle.bytes"), "none", "at least one byte"));
                }
                Step::Trickle(bytes, Duration::from_millis(pause))
            }
            StepForm::Hang => Step::Hang,
            StepForm::Reset => Step::Reset,
            StepForm::Repeat => Step::Repeat,
        })
    };
    steps.into_iter().enumerate().map(step).collect()
}

fn is_method(text: &str) -> bool {
    (1..=20).contains(&text.len()) && text.bytes().all(|letter| letter.is_ascii_uppercase())
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
