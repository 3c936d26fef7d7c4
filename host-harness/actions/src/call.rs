//! One call of an action, and what it gave.

use std::fmt;
use std::sync::Arc;

use salesforce_runtime::bindings::soql::Page;
use salesforce_runtime::bindings::types::{ApiUsage, CallOptions, Connection, ErrorKind};
use salesforce_runtime::{ActionResult, Execution, ExecutionError, HostFailure, Val};
use serde_json::value::RawValue;

use crate::action::{Action, Actions};
use crate::bytes::{self, FileCall};
use crate::json::{bounded, spelling, wrong};
use crate::page;
use crate::place;
use crate::types::{Shape, TypeId, Types};
use crate::value::{self, Input, Written, examined};

/// One call of an action, its input parsed.
#[derive(Clone)]
pub struct Call {
    actions: Arc<Actions>,
    action: Arc<Action>,
    input: Arc<str>,
    arguments: Vec<Val>,
}

/// What an action gave, examined.
pub struct Answer {
    actions: Arc<Actions>,
    action: Arc<Action>,
    value: Option<Val>,
    usage: Option<ApiUsage>,
    may_have_left: bool,
}

/// An input that is not what its action takes; says what was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    /// There is no such action.
    #[error("there is no such action; expected one of {}", spelling::listed(known))]
    NoSuchAction {
        /// Those that there are.
        known: Vec<String>,
    },
    /// The input is not what the action takes.
    #[error("{action}: {expected}")]
    Input {
        /// Its name.
        action: String,
        /// Where, what was expected and what kind of thing came.
        expected: String,
    },
}

impl Call {
    /// Reads the input of an action, JSON text.
    ///
    /// # Errors
    /// [`InputError`]: there is no such action, or where the input is not what was expected.
    pub fn parse(actions: &Arc<Actions>, action: &str, input: &str) -> Result<Call, InputError> {
        let Some(action) = actions.named(action) else {
            return Err(InputError::NoSuchAction { known: actions.iter().map(|action| action.name.clone()).collect() });
        };
        let arguments = wrong::read_seed(input.as_bytes(), Input { types: actions.types(), action })
            .map_err(|expected| InputError::Input { action: action.name.clone(), expected })?;
        Ok(Call { actions: actions.clone(), action: action.clone(), input: input.into(), arguments })
    }

    /// The actions that it is one of.
    #[must_use]
    pub fn actions(&self) -> &Arc<Actions> {
        &self.actions
    }

    /// Which action it is.
    #[must_use]
    pub fn action(&self) -> &Action {
        &self.action
    }

    /// The input as it came, JSON text.
    #[must_use]
    pub fn input(&self) -> &Arc<str> {
        &self.input
    }

    /// The function with its arguments in WAVE, the text form of component values.
    #[must_use]
    pub fn wave(&self) -> String {
        value::call(&self.action.function, &self.with_bytes(bytes::shown))
    }

    /// The arguments, with what stands for bytes made into something else.
    fn with_bytes(&self, made: fn(&Types, TypeId, Val) -> Val) -> Vec<Val> {
        let types = self.actions.types();
        let arguments = self.action.parameters.iter().zip(self.arguments.clone());
        arguments.map(|(parameter, value)| made(types, parameter.ty, value)).collect()
    }

    /// The call by its types, if it is one of the connector's that take or give a file.
    pub(crate) fn file(&self) -> Option<FileCall<'_>> {
        FileCall::of(&self.action, &self.arguments)
    }

    /// Makes the call. An execution makes one, so a call that is made again takes a new execution.
    ///
    /// A component refuses an argument by its name in the WIT, `batch-size: expected ...`. Here the message names its place in
    /// the input, as [`Call::parse`] does: `query.batch_size: expected ...`.
    ///
    /// # Errors
    /// As [`Execution::act`], and [`HostFailureKind::BadResult`](salesforce_runtime::HostFailureKind::BadResult) if it gave what its interface does not allow.
    pub async fn run(
        &self,
        execution: Execution,
        connection: &Connection,
        options: CallOptions,
    ) -> Result<Answer, ExecutionError> {
        let Action { interface, function, .. } = &*self.action;
        let given = match self.file() {
            Some(call) => call.run(execution, connection, options).await,
            None => {
                let arguments = self.with_bytes(bytes::listed);
                execution.act(interface, function, connection, arguments, options).await
            }
        };
        let given = given.map_err(|error| self.placed(error))?;
        let ActionResult { mut value, usage, may_have_left } = given;
        if let (Some(value), Some(id)) = (&mut value, self.action.result) {
            examined(self.actions.types(), id, value, usage)
                .map_err(|breach| ExecutionError::Host(HostFailure::breach(breach, may_have_left)))?;
        }
        Ok(Answer { actions: self.actions.clone(), action: self.action.clone(), value, usage, may_have_left })
    }

    /// The error of a component that was called with these arguments, with the place in the input where it names one of them.
    #[must_use]
    pub fn placed(&self, mut error: ExecutionError) -> ExecutionError {
        if let ExecutionError::Connector(error) = &mut error
            && error.kind == ErrorKind::InvalidArgument
            && let Some((name, words)) = error.message.split_once(": ")
            && let Some(place) = place::named(self.actions.types(), &self.action, &self.arguments, name)
        {
            error.message = format!("{place}: {words}");
        }
        error
    }
}

impl Answer {
    /// Use of the org's daily API allowance, where Salesforce told it.
    #[must_use]
    pub fn usage(&self) -> Option<ApiUsage> {
        self.usage
    }

    /// Whether a request may have left the host: what became of it is then unknown if the answer cannot be passed on.
    #[must_use]
    pub fn may_have_left(&self) -> bool {
        self.may_have_left
    }

    /// How many bytes of JSON text it holds, about.
    #[must_use]
    pub fn json_bytes(&self) -> usize {
        fn texts(value: &Val) -> usize {
            match value {
                Val::String(text) => text.len(),
                Val::List(values) | Val::Tuple(values) => values.iter().map(texts).sum(),
                Val::Record(fields) => fields.iter().map(|(_, value)| texts(value)).sum(),
                Val::Variant(_, Some(value)) | Val::Option(Some(value)) => texts(value),
                _ => 0,
            }
        }
        self.value.as_ref().map_or(0, texts)
    }

    /// How many records came, or were saved.
    #[must_use]
    pub fn records(&self) -> u32 {
        let (Some(id), Some(Val::Record(fields))) = (self.action.result, &self.value) else { return 1 };
        match fields.iter().find(|(name, _)| name == "count") {
            Some((_, Val::U32(count))) if self.actions.types().is_own(id, "soql", "page") => *count,
            _ => 1,
        }
    }

    /// A page of records; its text is not checked to be JSON.
    ///
    /// # Errors
    /// It is something else, which only another component than the connector gives.
    pub fn into_page(self) -> Result<Page, HostFailure> {
        let is_page = self.action.result.is_some_and(|id| self.actions.types().is_own(id, "soql", "page"));
        let page = self.value.filter(|_| is_page).and_then(page::of_value);
        page.ok_or_else(|| HostFailure::breach("no page of records", self.may_have_left))
    }

    /// The answer as JSON text of at most so many bytes, `null` where the action gives nothing: see
    /// [`value`](crate::value) for how. The component's text is checked where it is, and copied once.
    ///
    /// # Errors
    /// As [`NotGiven::failure`](crate::json::NotGiven::failure).
    pub fn into_json(self, most: usize) -> Result<Box<RawValue>, HostFailure> {
        let written = match (self.action.result, self.value) {
            (Some(id), Some(value)) => Written::of(self.actions.types(), id, value, most),
            _ => Ok(Written::Null),
        };
        written.and_then(|written| bounded(&written, most)).map_err(|error| error.failure(self.may_have_left))
    }

    /// As [`Answer::into_json`], of any length.
    ///
    /// # Errors
    /// As [`Answer::into_json`], which only another component than the connector can give.
    pub fn to_json(self) -> Result<Box<RawValue>, HostFailure> {
        self.into_json(usize::MAX)
    }
}

/// Without its arguments: they are people's data.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("action", &self.action.name).finish_non_exhaustive()
    }
}

/// Without what it gave.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.action.result.map(|id| matches!(self.actions.types().shape(id), Shape::Record(_)));
        f.debug_struct("Answer").field("action", &self.action.name).field("is_record", &kind).finish_non_exhaustive()
    }
}
