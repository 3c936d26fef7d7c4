//! How an execution stands.

/// How an execution stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ExecutionState {
    /// It has been begun and has no result yet.
    Running,
    /// It did what was asked.
    Succeeded,
    /// It did not; `error` says why, and what the caller may do next.
    Failed,
    /// Somebody ended it before it had a result. It read only: nothing was changed.
    Cancelled,
    /// It may have changed something at Salesforce, and nobody can say: look before you repeat it.
    Unknown,
}

impl ExecutionState {
    /// All of them.
    pub(crate) const ALL: [ExecutionState; 5] = [
        ExecutionState::Running,
        ExecutionState::Succeeded,
        ExecutionState::Failed,
        ExecutionState::Cancelled,
        ExecutionState::Unknown,
    ];

    /// The name, e.g. `succeeded`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            ExecutionState::Running => "running",
            ExecutionState::Succeeded => "succeeded",
            ExecutionState::Failed => "failed",
            ExecutionState::Cancelled => "cancelled",
            ExecutionState::Unknown => "unknown",
        }
    }

    pub(crate) fn named(name: &str) -> Option<ExecutionState> {
        ExecutionState::ALL.into_iter().find(|state| state.as_str() == name)
    }
}
