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
    /// How likely an opportunity then is, in percent.
    pub probability: Option<u32>,
}

/// How likely the open stages of a new org are.
const STAGES: [(&str, u32); 8] = [
    ("Prospecting", 10),
    ("Qualification", 10),
    ("Needs Analysis", 20),
    ("Value Proposition", 50),
    ("Id. Decision Makers", 60),
    ("Perception Analysis", 70),
    ("Proposal/Price Quote", 75),
    ("Negotiation/Review", 90),
];

impl ValueMeaning {
    /// What a value means where nothing else is told: the values that every new org has.
    pub(crate) fn usual(object: &str, value: &str) -> Self {
        match (object, value) {
            ("Opportunity", WON) => {
                Self { closed: true, won: true, forecast: Some("Closed"), probability: Some(100), ..Self::default() }
            }
            ("Opportunity", LOST) => {
                Self { closed: true, forecast: Some("Omitted"), probability: Some(0), ..Self::default() }
            }
            ("Opportunity", open) => {
                let known = STAGES.iter().find(|(stage, _)| *stage == open);
                Self { probability: known.map(|(_, percent)| *percent), ..Self::default() }
            }
            ("Case", "Closed") | ("Task", "Completed") => Self { closed: true, ..Self::default() },
            ("Task", "High") => Self { high_priority: true, ..Self::default() },
            _ => Self::default(),
        }
    }
}
