//! What an org runs of its own: invocable actions, quick actions, approval processes, Apex REST.
//! <https://developer.salesforce.com/docs/atlas.en-us.api_action.meta/api_action/actions_intro_invoking.htm>
//!
//! Nobody knows what it does, so nothing here is sent again once it may have arrived.

mod apex_rest;
mod approval;
mod invocable;
mod path;
mod quick_action;

pub use apex_rest::{Answer, Body, Call, apex_rest};
pub use approval::{Approval, Decision, Step, Submission, approval};
pub use invocable::{Invocable, Invocations, Kind, describe, invoke};
pub use path::{Parameter, RestPath};
pub use quick_action::{QuickAction, quick_action};

use super::error::{Error, Result};

/// The API name of something that runs, perhaps with a namespace: it can change no path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionName(String);

impl ActionName {
    /// A letter, then letters, digits and underscores; at most 255 characters.
    pub fn parse(name: &str, text: &str) -> Result<Self> {
        if super::name::is_api_name(text) {
            Ok(Self(text.into()))
        } else {
            Err(Error::invalid_argument(name, "an API name, such as Escalate_Case"))
        }
    }
}

#[cfg(test)]
mod tests;
