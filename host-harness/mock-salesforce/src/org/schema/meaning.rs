//! What values of standard picklists mean to the org.
//!
//! Source: Metadata API Developer Guide, "StandardValue".

use crate::org::objects::{LOST, WON};

/// A value and what follows from it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ValueMeaning {
    /// The value.
    pub value: &'static str,
    /// Whether an opportunity, a case or a task is then closed.
    pub closed: bool,
    /// Whether an opportunity is then won.
    pub won: bool,
    /// Whether a task is then urgent.
    pub high_priority: bool,
    /// The forecast category of an opportunity; `Pipeline` if there is none.
    pub forecast: Option<&'static str>,
}

impl ValueMeaning {
    /// What a value means where nothing else is told: the values that every new org has.
    pub(crate) fn usual(object: &str, value: &str) -> Self {
        match (object, value) {
            ("Opportunity", WON) => Self { closed: true, won: true, forecast: Some("Closed"), ..Self::default() },
            ("Opportunity", LOST) => Self { closed: true, forecast: Some("Omitted"), ..Self::default() },
            ("Case", "Closed") | ("Task", "Completed") => Self { closed: true, ..Self::default() },
            ("Task", "High") => Self { high_priority: true, ..Self::default() },
            _ => Self::default(),
        }
    }
}
