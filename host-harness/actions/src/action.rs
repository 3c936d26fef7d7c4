//! Actions: the exported functions that a tenant's step may call, described by their WIT.
//!
//! An action is a function `func(connection, ..., options: call-options) -> result<T, error>` with the types of
//! `workflow:salesforce/types`. Its input is a JSON object of the parameters between, by name; its output is `T` as JSON.

use std::collections::HashSet;
use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::types::{Field, Label, TypeId, Types, member};
use crate::wit::{self, is_own_interface};

/// What a type cannot say of the connector's own actions. Those of other components count as writes.
const EFFECTS: &[(&str, Effect)] = &[
    ("soql-query", Effect::Reads),
    ("next-page", Effect::Reads),
    ("explain", Effect::Reads),
    ("get-record-field-values", Effect::Reads),
    ("create-or-update-record", Effect::Writes),
    ("delete-record", Effect::Writes),
    ("create-records", Effect::Writes),
    ("update-records", Effect::Writes),
    ("upsert-records", Effect::Writes),
    ("delete-records", Effect::Writes),
    ("get-records", Effect::Reads),
    ("composite", Effect::Writes),
    ("graph", Effect::Writes),
    ("list-objects", Effect::Reads),
    ("describe-object", Effect::Reads),
    ("describe-json", Effect::Reads),
    ("search", Effect::Reads),
    ("sosl-search", Effect::Reads),
    ("updated-records", Effect::Reads),
    ("deleted-records", Effect::Reads),
    ("changed-records", Effect::Reads),
    ("org-limits", Effect::Reads),
    ("record-counts", Effect::Reads),
    ("recent-items", Effect::Reads),
    ("invocable-action", Effect::Writes),
    ("describe-invocable-action", Effect::Reads),
    ("quick-action", Effect::Writes),
    ("approval", Effect::Writes),
    ("apex-rest", Effect::Writes),
    ("run-report", Effect::Reads),
    ("start-report", Effect::Writes),
    ("report-instance", Effect::Reads),
    ("create-query-job", Effect::Writes),
    ("get-query-job", Effect::Reads),
    ("get-query-results", Effect::Reads),
    ("create-ingest-job", Effect::Writes),
    ("upload-job-data", Effect::Writes),
    ("close-ingest-job", Effect::Writes),
    ("get-ingest-job", Effect::Reads),
    ("get-ingest-results", Effect::Reads),
    ("abort-job", Effect::Writes),
    ("delete-job", Effect::Writes),
    ("download-blob", Effect::Reads),
    ("upload-file", Effect::Writes),
    ("link-file", Effect::Writes),
    ("user-info", Effect::Reads),
];

const FILES: &[(&str, &str)] = &[
    ("types.wit", include_str!("../wit/types.wit")),
    ("oauth.wit", include_str!("../wit/oauth.wit")),
    ("soql.wit", include_str!("../wit/soql.wit")),
    ("records.wit", include_str!("../wit/records.wit")),
    ("collections.wit", include_str!("../wit/collections.wit")),
    ("composite.wit", include_str!("../wit/composite.wit")),
    ("schema.wit", include_str!("../wit/schema.wit")),
    ("search.wit", include_str!("../wit/search.wit")),
    ("changes.wit", include_str!("../wit/changes.wit")),
    ("limits.wit", include_str!("../wit/limits.wit")),
    ("invoke.wit", include_str!("../wit/invoke.wit")),
    ("reports.wit", include_str!("../wit/reports.wit")),
    ("bulk.wit", include_str!("../wit/bulk.wit")),
    ("files.wit", include_str!("../wit/files.wit")),
];

/// What a call may do at Salesforce.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// It changes nothing, and may be repeated.
    Reads,
    /// It may change something. After a lost answer nobody knows whether it has.
    Writes,
}

/// One action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// The interface that exports it, with its version, e.g. `workflow:salesforce/soql@0.2.1`.
    pub interface: String,
    /// The function, e.g. `soql-query`.
    pub function: String,
    /// What it is called: its function's name; where a component has two of the same name, or one that is the connector's
    /// own in another interface, with the interface before it, e.g. `acme:quotes/actions.soql-query`.
    pub name: String,
    /// What `///` says of it in the WIT; empty where the WIT was not at hand.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub docs: String,
    /// Between the connection and the options.
    pub parameters: Vec<Field>,
    /// What it gives; none: nothing but that it went well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<TypeId>,
    /// What it may do.
    pub effect: Effect,
}

/// The actions of a component, with their types.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Actions {
    types: Types,
    #[serde(with = "shared")]
    actions: Vec<Arc<Action>>,
    #[serde(skip)]
    near_misses: Vec<String>,
}

/// As if none of them were shared.
mod shared {
    use super::{Action, Arc, Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(actions: &[Arc<Action>], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(actions.iter().map(|action| &**action))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Arc<Action>>, D::Error> {
        Ok(Vec::<Action>::deserialize(deserializer)?.into_iter().map(Arc::new).collect())
    }
}

impl Actions {
    /// Those of the connector.
    #[must_use]
    pub fn of_connector() -> &'static Arc<Actions> {
        static OWN: LazyLock<Arc<Actions>> = LazyLock::new(|| Arc::new(wit::of_files(FILES).unwrap_or_default()));
        &OWN
    }

    /// The cases of an enum of the connector's WIT, with what is said of each, e.g. `error-kind`.
    #[must_use]
    pub fn cases_of_connector(name: &str) -> Vec<Label> {
        wit::enum_of_files(FILES, name)
    }

    /// What the connector's WIT says, with the names of members as JSON has them: `` `batch-size` `` becomes `` `batch_size` ``.
    #[must_use]
    pub fn said_of_json(docs: &str) -> String {
        static MEMBERS: LazyLock<HashSet<String>> = LazyLock::new(|| wit::members_of_files(FILES));
        if docs.matches('`').count() % 2 == 1 {
            return docs.to_owned();
        }
        let spelled = |code: &str| {
            let name = |name: &str| if MEMBERS.contains(name) { member(name) } else { name.to_owned() };
            code.split('.').map(name).collect::<Vec<_>>().join(".")
        };
        let parts = docs.split('`').enumerate();
        let parts = parts.map(|(number, part)| if number % 2 == 1 { spelled(part) } else { part.to_owned() });
        parts.collect::<Vec<_>>().join("`")
    }

    /// Names each action, and takes from the connector's own what a binary does not say.
    pub(crate) fn new(types: Types, mut actions: Vec<Action>, near_misses: Vec<String>) -> Actions {
        let mut seen = HashSet::new();
        let twice: HashSet<String> = actions
            .iter()
            .filter(|action| !seen.insert(&action.function))
            .map(|action| action.function.clone())
            .collect();
        for action in &mut actions {
            let own = EFFECTS.iter().find(|(name, _)| *name == action.function);
            match (is_own_interface(&action.interface), own) {
                (true, Some((_, effect))) => action.effect = *effect,
                (false, own) if own.is_some() || twice.contains(&action.function) => {
                    let interface = action.interface.split('@').next().unwrap_or_default();
                    action.name = format!("{interface}.{}", action.function);
                }
                _ => {}
            }
        }
        // The connector's own first, in the order of the table.
        let place =
            |action: &Action| EFFECTS.iter().position(|(name, _)| *name == action.name).unwrap_or(EFFECTS.len());
        actions.sort_by_key(place);
        Actions { types, actions: actions.into_iter().map(Arc::new).collect(), near_misses }
    }

    /// The types of their parameters and results.
    #[must_use]
    pub fn types(&self) -> &Types {
        &self.types
    }

    /// All of them: the connector's own first.
    pub fn iter(&self) -> impl Iterator<Item = &Action> {
        self.actions.iter().map(|action| &**action)
    }

    /// The action of this name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Arc<Action>> {
        self.actions.iter().find(|action| action.name == name)
    }

    /// Exported functions that are nearly actions, each with why it is none: `acme:quotes/actions@1.0.0.list: ...`. They are
    /// known of a component's binary alone, and neither stored nor sent.
    #[must_use]
    pub fn near_misses(&self) -> &[String] {
        &self.near_misses
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.actions.is_empty()
    }

    /// Where a component has the connector's own functions, with their very types: what the WIT says of them.
    #[must_use]
    pub fn documented(mut self) -> Actions {
        let own = Actions::of_connector();
        for action in &mut self.actions {
            if let Some(found) =
                own.actions.iter().find(|own| own.interface == action.interface && own.function == action.function)
                && action.docs.is_empty()
            {
                Arc::make_mut(action).docs.clone_from(&found.docs);
            }
        }
        self.types.document(&own.types);
        self
    }
}

impl Action {
    /// Whether it is one of the connector's own interfaces that exports it.
    #[must_use]
    pub fn is_own(&self) -> bool {
        is_own_interface(&self.interface)
    }

    /// Whether a call can change something at Salesforce.
    #[must_use]
    pub fn writes(&self) -> bool {
        self.effect == Effect::Writes
    }

    /// The first sentence or line of what is said of it; the name where nothing is.
    #[must_use]
    pub fn summary(&self) -> &str {
        summary(&self.docs).unwrap_or(&self.name)
    }
}

impl Effect {
    /// Of the action of this name, whichever component has it: only the connector's own are known to read.
    #[must_use]
    pub fn of(action: &str) -> Effect {
        EFFECTS.iter().find(|(name, _)| *name == action).map_or(Effect::Writes, |(_, effect)| *effect)
    }
}

/// The first sentence of a text of several.
#[must_use]
pub fn summary(docs: &str) -> Option<&str> {
    let paragraph = docs.split("\n\n").next()?.trim();
    let is_end = |at: &usize| {
        let (before, after) = paragraph.split_at(*at);
        (after.starts_with(". ") || after.starts_with(".\n")) && !before.ends_with("e.g") && !before.ends_with("i.e")
    };
    let mut dots = paragraph.match_indices('.').map(|(at, _)| at);
    let end = dots.find(is_end).map_or(paragraph.len(), |at| at + 1);
    paragraph.get(..end).map(|text| text.trim_end_matches('.')).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_of_the_form_is_an_action_and_in_the_table() {
        let names: Vec<_> = Actions::of_connector().iter().map(|action| action.name.as_str()).collect();
        assert!(names.iter().eq(EFFECTS.iter().map(|(name, _)| name)), "{names:?}");
        for action in Actions::of_connector().iter() {
            assert!(action.is_own() && !action.docs.is_empty(), "{}", action.name);
            assert_eq!(action.effect, EFFECTS.iter().find(|(name, _)| *name == action.name).unwrap().1);
        }
    }

    #[test]
    fn the_first_sentence_says_what_it_is_for() {
        let query = Actions::of_connector().named("soql-query").unwrap();
        assert_eq!(query.summary(), "Runs a query and returns its first page, or several (`max-records`)");
        assert_eq!(summary(""), None);
        assert_eq!(summary("A name, e.g. `Account`.\nNot a label. It."), Some("A name, e.g. `Account`"));
    }

    #[test]
    fn members_are_spelled_as_json_has_them_and_nothing_else_is() {
        for (wit, json) in [
            (
                "Several (`max-records`), see `error.retry-after-ms`.",
                "Several (`max_records`), see `error.retry_after_ms`.",
            ),
            ("By `external-id`; `update-only`", "By `external_id`; `update_only`"),
            // A kind, an outcome, an action and a type are written like that in JSON too, or not at all.
            (
                "`session-expired`, `not-sent`, `soql-query`, `child-cursor`",
                "`session-expired`, `not-sent`, `soql-query`, `child-cursor`",
            ),
            // Names alone, and in backticks alone.
            ("batch-size of `x-batch-size` and `batch-size: 7`", "batch-size of `x-batch-size` and `batch-size: 7`"),
            ("`batch-size` and one ` more", "`batch-size` and one ` more"),
        ] {
            assert_eq!(Actions::said_of_json(wit), json);
        }
    }

    #[test]
    fn every_kind_of_error_is_described() {
        let kinds = Actions::cases_of_connector("error-kind");
        assert!(kinds.len() > 30 && kinds.iter().all(|kind| !kind.docs.is_empty()), "{kinds:?}");
        let outcomes: Vec<_> = Actions::cases_of_connector("outcome").into_iter().map(|outcome| outcome.name).collect();
        assert_eq!(outcomes, ["not-sent", "rejected", "unknown"]);
    }

    #[test]
    fn names_tell_functions_apart() {
        let action = |interface: &str, function: &str| Action {
            interface: interface.to_owned(),
            function: function.to_owned(),
            name: function.to_owned(),
            docs: String::new(),
            parameters: Vec::new(),
            result: None,
            effect: Effect::Writes,
        };
        let all = vec![
            action("acme:quotes/actions@1.0.0", "list"),
            action("acme:orders/actions@1.0.0", "list"),
            action("acme:orders/actions@1.0.0", "soql-query"),
            action("acme:orders/actions@1.0.0", "cancel"),
            action("workflow:salesforce/soql@0.2.1", "soql-query"),
        ];
        let actions = Actions::new(Types::default(), all, Vec::new());
        let names: Vec<_> = actions.iter().map(|action| (action.name.as_str(), action.effect)).collect();
        assert_eq!(
            names,
            [
                ("soql-query", Effect::Reads),
                ("acme:quotes/actions.list", Effect::Writes),
                ("acme:orders/actions.list", Effect::Writes),
                ("acme:orders/actions.soql-query", Effect::Writes),
                ("cancel", Effect::Writes),
            ]
        );
    }

    #[test]
    fn what_is_written_is_read_again_and_checked() {
        let own = Actions::of_connector();
        let text = serde_json::to_string(&**own).unwrap();
        let again: Actions = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string(&again).unwrap(), text);
        let forward = r#"{"types":[{"shape":{"list":1}},{"shape":"bool"}],"actions":[]}"#;
        assert!(serde_json::from_str::<Actions>(forward).is_err());
        let itself = r#"{"types":[{"shape":{"option":0}}],"actions":[]}"#;
        assert!(serde_json::from_str::<Actions>(itself).is_err());
    }
}
