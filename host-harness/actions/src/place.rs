//! The place in an action's input of an argument that a component names by its name in the WIT.

use salesforce_runtime::Val;

use crate::action::Action;
use crate::types::{Field, Shape, TypeId, Types, member};

/// The place of what a component calls `batch-size`, or `external-id.value` where one name does not tell: as JSON has it,
/// `query.batch_size`. None if nothing that was given has that name, or several things have.
pub(crate) fn named(types: &Types, action: &Action, arguments: &[Val], name: &str) -> Option<String> {
    let mut search = Search { types, name: name.split('.').collect(), found: Vec::new() };
    for (Field { name, ty, .. }, value) in action.parameters.iter().zip(arguments) {
        search.look(*ty, value, &mut vec![name.clone()]);
    }
    match search.found.as_slice() {
        [place] => Some(place.clone()),
        _ => None,
    }
}

/// A search for the places whose path ends with a name.
struct Search<'a> {
    types: &'a Types,
    name: Vec<&'a str>,
    found: Vec<String>,
}

impl Search<'_> {
    fn look(&mut self, id: TypeId, value: &Val, path: &mut Vec<String>) {
        match (self.types.shape(id), value) {
            (Shape::Option(of), Val::Option(given)) => {
                if let Some(value) = given {
                    self.look(*of, value, path);
                }
                return;
            }
            (Shape::Record(fields), Val::Record(values)) => {
                for (Field { ty, .. }, (name, value)) in fields.iter().zip(values) {
                    self.inside(name, path, |search, path| search.look(*ty, value, path));
                }
            }
            (Shape::Variant(cases), Val::Variant(name, Some(value))) => {
                let ty = cases.iter().find(|case| case.name == *name).and_then(|case| case.ty);
                self.inside(name, path, |search, path| {
                    if let Some(ty) = ty {
                        search.look(ty, value, path);
                    }
                });
            }
            (Shape::List(of), Val::List(entries)) => {
                if let Some(list) = path.pop() {
                    for (index, entry) in entries.iter().enumerate() {
                        self.inside(&format!("{list}[{index}]"), path, |search, path| search.look(*of, entry, path));
                    }
                    path.push(list);
                }
            }
            // A query's parameters have names of their own, which are told behind `parameters.` alone.
            (Shape::Parameters, Val::List(parameters)) if self.name.len() > 1 => {
                for parameter in parameters {
                    if let Val::Record(fields) = parameter
                        && let Some((_, Val::String(name))) = fields.iter().find(|(field, _)| field == "name")
                    {
                        self.inside(name, path, |search, path| search.note(path));
                    }
                }
            }
            _ => {}
        }
        self.note(path);
    }

    fn inside(&mut self, name: &str, path: &mut Vec<String>, look: impl FnOnce(&mut Self, &mut Vec<String>)) {
        path.push(name.to_owned());
        look(self, path);
        path.pop();
    }

    /// The path ends with the name; what is in an entry of a list may be named by the entry and what it is called there.
    fn is_meant(&self, path: &[String]) -> bool {
        if !self.name.iter().any(|name| name.ends_with(']')) {
            return path.iter().rev().map(String::as_str).take(self.name.len()).eq(self.name.iter().rev().copied());
        }
        let mut left = path.iter();
        let is_last = path.last().map(String::as_str) == self.name.last().copied();
        is_last && self.name.iter().all(|name| left.any(|step| step == name))
    }

    fn note(&mut self, path: &[String]) {
        if self.is_meant(path) {
            let place = path.iter().map(|name| member(name)).collect::<Vec<_>>().join(".");
            // A query's parameter may have been given twice.
            if !self.found.contains(&place) {
                self.found.push(place);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Actions;
    use crate::json::wrong;
    use crate::value::Input;

    /// The place of a name in an input.
    fn place(action: &str, input: &str, name: &str) -> Option<String> {
        let own = Actions::of_connector();
        let (types, action) = (own.types(), own.named(action).unwrap());
        let arguments = wrong::read_seed(input.as_bytes(), Input { types, action }).unwrap();
        super::named(types, action, &arguments, name)
    }

    #[test]
    fn what_is_in_an_entry_of_a_list_is_found_by_the_entry() {
        let composite = r#"{"subrequests":[
            {"reference_id":"a","action":{"create":{"object":"A","fields":{},"references":[{"field":"F","value":"b.id"}]}}},
            {"reference_id":"b","action":{"upsert":{"object":"A","external_id":{"field":"F","value":"v"},"fields":{},
                "references":[],"update_only":false}}}],"all_or_none":true}"#;
        for (name, found) in [
            ("subrequests[0].reference-id", Some("subrequests[0].reference_id")),
            ("subrequests[0].object", Some("subrequests[0].action.create.object")),
            ("subrequests[0].references[0].value", Some("subrequests[0].action.create.references[0].value")),
            ("subrequests[1].external-id.field", Some("subrequests[1].action.upsert.external_id.field")),
            ("subrequests[1]", Some("subrequests[1]")),
            ("subrequests[2].object", None),
        ] {
            assert_eq!(place("composite", composite, name).as_deref(), found, "{name}");
        }
        let search = r#"{"text":"t","request":{"objects":[{"object":"A","fields":[]}]}}"#;
        assert_eq!(place("search", search, "objects[0].object").as_deref(), Some("request.objects[0].object"));
    }

    #[test]
    fn an_argument_is_found_by_its_name_in_the_wit() {
        let query = r#"{"query":{"soql":"S","parameters":{"n":1,"soql":2},"batch_size":1}}"#;
        for (name, found) in [
            ("batch-size", Some("query.batch_size")),
            ("parameters.n", Some("query.parameters.n")),
            ("parameters", Some("query.parameters")),
            ("query.soql", Some("query.soql")),
            ("soql", Some("query.soql")),
            // It was not given.
            ("max-records", None),
            ("the component", None),
            ("", None),
        ] {
            assert_eq!(place("soql-query", query, name).as_deref(), found, "{name}");
        }
        let twice = r#"{"query":{"soql":"S","parameters":{"n":1,"n":2}}}"#;
        assert_eq!(place("soql-query", twice, "parameters.n").as_deref(), Some("query.parameters.n"));
        let read = |key: &str| format!(r#"{{"object":"A","key":{key},"fields":["F"]}}"#);
        for (key, name, found) in [
            (r#"{"id":"1"}"#, "key.id", "key.id"),
            (r#"{"external_id":{"field":"F","value":"v"}}"#, "external-id.value", "key.external_id.value"),
            (r#"{"external_id":{"field":"F","value":"v"}}"#, "object", "object"),
        ] {
            assert_eq!(place("get-record-field-values", &read(key), name).as_deref(), Some(found));
        }
        let save = r#"{"object":"A","fields":{},"target":{"upsert":{"external_id":{"field":"F","value":"v"}}},
            "save":{"assignment_rule":{"rule":"1"},"if_unmodified_since":"now"}}"#;
        for (name, found) in [
            ("external-id.field", "target.upsert.external_id.field"),
            ("assignment-rule.rule", "save.assignment_rule.rule"),
            ("if-unmodified-since", "save.if_unmodified_since"),
            ("fields", "fields"),
        ] {
            assert_eq!(place("create-or-update-record", save, name).as_deref(), Some(found));
        }
    }
}
