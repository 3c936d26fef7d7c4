//! What an execution was asked, as the fields of its form: to look at, to change, and to run again.

use super::fields::Fields;
use super::input::PARAMETER;
use salesforce_actions::Action;
use salesforce_actions::parameters::written;
use salesforce_runtime::bindings::records::{AssignmentRule, ExternalId, RecordKey, SaveOptions, Target};
use salesforce_runtime::bindings::soql::{Argument, Parameter, Query};

/// The form that asks for this; none if it cannot: for a further page, and for a list of different types.
pub(super) fn fields(connection: &str, component: Option<&str>, action: &Action) -> Option<Fields> {
    let mut fields = vec![("action", action.name().to_string()), ("connection", connection.to_owned())];
    fields.extend(component.map(|digest| ("component", digest.to_owned())));
    match action {
        Action::SoqlQuery(asked) => fields.extend(query(asked)?),
        Action::NextPage(_) => return None,
        Action::GetRecordFieldValues { object, key, fields: names } => {
            fields.push(("object", object.clone()));
            match key {
                RecordKey::Id(id) => fields.extend([("key", "id".to_owned()), ("record-id", id.clone())]),
                RecordKey::ExternalId(id) => {
                    fields.push(("key", "external-id".to_owned()));
                    fields.extend(external_id(id));
                }
            }
            fields.push(("fields", names.join(", ")));
        }
        Action::CreateOrUpdateRecord { object, target, fields: values, save } => {
            fields.push(("object", object.clone()));
            match target {
                Target::Create => fields.push(("target", "create".to_owned())),
                Target::Update(id) => fields.extend([("target", "update".to_owned()), ("record-id", id.clone())]),
                Target::Upsert(upsert) => {
                    fields.push(("target", "upsert".to_owned()));
                    fields.extend(external_id(&upsert.external_id));
                    fields.extend(ticked("update-only", upsert.update_only));
                }
            }
            fields.extend([("fields-as", "json".to_owned()), ("fields-json", values.clone())]);
            fields.extend(options(save));
        }
    }
    Some(fields.into_iter().collect())
}

fn query(query: &Query) -> Option<Vec<(&'static str, String)>> {
    let mut fields = vec![("soql", query.soql.clone())];
    for Parameter { name, argument } in &query.parameters {
        let (kind, many, value) = match argument {
            Argument::One(value) => {
                let (kind, text) = written(value);
                (kind, "one", text)
            }
            Argument::Many(values) => {
                let values: Vec<_> = values.iter().map(written).collect();
                let kind = values.first()?.0;
                let same = values.iter().all(|(other, _)| *other == kind);
                let escaped = |text: &String| text.replace('\\', "\\\\").replace(',', "\\,");
                let list: Vec<_> = values.iter().map(|(_, text)| escaped(text)).collect();
                same.then(|| (kind, "list", list.join(",")))?
            }
        };
        let [name_field, type_field, many_field, value_field] = PARAMETER;
        fields.extend([
            (name_field, name.clone()),
            (type_field, kind.to_owned()),
            (many_field, many.to_owned()),
            (value_field, value),
        ]);
    }
    fields.extend(query.batch_size.map(|size| ("batch-size", size.to_string())));
    fields.extend(query.max_records.map(|most| ("max-records", most.to_string())));
    fields.extend(ticked("include-deleted", query.include_deleted));
    Some(fields)
}

fn external_id(ExternalId { field, value }: &ExternalId) -> [(&'static str, String); 2] {
    [("external-field", field.clone()), ("external-value", value.clone())]
}

fn options(save: &SaveOptions) -> Vec<(&'static str, String)> {
    let mut fields = Vec::new();
    fields.extend(save.assignment_rule.as_ref().map(|rule| match rule {
        AssignmentRule::Off => ("assignment-rule", "off".to_owned()),
        AssignmentRule::Rule(id) => ("assignment-rule", id.clone()),
    }));
    if let Some(rule) = &save.duplicate_rule {
        fields.extend(ticked("allow-save", rule.allow_save));
        fields.extend(ticked("include-record-details", rule.include_record_details));
        fields.extend(ticked("run-as-current-user", rule.run_as_current_user));
    }
    fields.extend(save.if_unmodified_since.clone().map(|date| ("if-unmodified-since", date)));
    fields
}

fn ticked(name: &'static str, is_ticked: bool) -> Option<(&'static str, String)> {
    is_ticked.then(|| (name, "yes".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::input::input;
    use super::*;
    use salesforce_actions::ActionName;

    /// The input that the form makes of the fields that were made of an input.
    fn again(action: ActionName, asked: &str) -> Option<String> {
        let fields = fields("c", None, &Action::parse(action, asked).unwrap())?;
        Some(input(action, &fields).unwrap())
    }

    #[test]
    fn the_form_asks_for_the_same_again() {
        for (action, asked) in [
            (
                ActionName::SoqlQuery,
                r#"{"soql":"SELECT Id\nFROM A","parameters":{"n":"a,b","i":12,"d":{"decimal":"0.10"},"z":null,"l":["a,b","c\\d"],"p":{"like-contains":"x"}},"include_deleted":true,"batch_size":200,"max_records":5}"#,
            ),
            (ActionName::GetRecordFieldValues, r#"{"object":"A","id":"001","fields":["Name","Owner.Name"]}"#),
            (
                ActionName::GetRecordFieldValues,
                r#"{"object":"A","external_id":{"field":"E__c","value":"4 2"},"fields":["Id"]}"#,
            ),
            (ActionName::CreateOrUpdateRecord, r#"{"object":"A","fields":{"N":9007199254740993.10,"N":"x"}}"#),
            (
                ActionName::CreateOrUpdateRecord,
                r#"{"object":"A","upsert":{"field":"E","value":"1","update_only":true},"fields":{"N":1},"options":{"assignment_rule":"off","duplicate_rule":{"allow_save":true}}}"#,
            ),
        ] {
            assert_eq!(again(action, asked).as_deref(), Some(asked));
        }
    }

    #[test]
    fn what_the_form_cannot_ask_for_is_not_put_into_it() {
        assert_eq!(again(ActionName::NextPage, r#"{"cursor":"0r8"}"#), None);
        assert_eq!(again(ActionName::SoqlQuery, r#"{"soql":"S","parameters":{"l":[1,"a"]}}"#), None);
        assert_eq!(again(ActionName::SoqlQuery, r#"{"soql":"S","parameters":{"l":[]}}"#), None);
    }
}
