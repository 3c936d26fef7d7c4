//! One field as describe tells it.
//!
//! Source: SOAP API Developer Guide, "Field" of "DescribeSObjectResult".

use serde_json::{Map, Value as Json, json};

use crate::org::schema::{Field, Kind, Object, OnDelete};

/// What `fields` of its object has for it.
pub(super) fn describe(object: &Object, field: &Field) -> Json {
    let mut described = by_schema(field);
    let controller = field.controller.and_then(|name| object.fields.get(object.place(name)?));
    if let (Some(controller), Some(choices)) = (controller, described.get_mut("picklistValues")) {
        for choice in choices.as_array_mut().into_iter().flatten().filter_map(Json::as_object_mut) {
            let valid_for = choice.get("value").and_then(Json::as_str);
            let valid_for = valid_for.map(|value| field.dependency.valid_for(value, controller));
            choice.insert("validFor".to_owned(), json!(valid_for));
        }
    }
    if let Some(told) = &field.described {
        described.extend(told.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
    described.sort_keys();
    Json::Object(described)
}

/// What follows from more than the field itself: the answers of its parents, and the user's rights.
const NOT_ITS_OWN: [&str; 7] = [
    "cascadeDelete",
    "createable",
    "defaultedOnCreate",
    "permissionable",
    "relationshipOrder",
    "restrictedDelete",
    "updateable",
];

/// What is told of a field beside what would be told anyway: an org has many fields, and much is told of each.
pub(in crate::org) fn beside_schema(field: &Field, told: Map<String, Json>) -> Map<String, Json> {
    let by_schema = by_schema(field);
    let is_new = |(name, value): &(String, Json)| NOT_ITS_OWN.contains(&&**name) || by_schema.get(name) != Some(value);
    told.into_iter().filter(is_new).collect()
}

fn by_schema(field: &Field) -> Map<String, Json> {
    let lookup = match &field.kind {
        Kind::Reference(lookup) => Some(lookup),
        _ => None,
    };
    let (precision, scale) = match field.kind {
        Kind::Number { precision, scale, .. } => (precision, scale),
        _ => (0, 0),
    };
    let mut referenced: Vec<_> = lookup.into_iter().flat_map(|lookup| lookup.targets()).collect();
    referenced.sort_unstable();
    let is_polymorphic = referenced.len() > 1;
    let is_detail = field.is_custom() && lookup.is_some_and(|lookup| lookup.on_delete == OnDelete::Cascade);
    let is_restricting = lookup.is_some_and(|lookup| lookup.on_delete == OnDelete::Restrict);
    let is_compound = field.kind.is_compound();
    let is_boolean = matches!(field.kind, Kind::Boolean);
    let org_fills_it = field.required && !field.writable && (!field.is_name || field.auto_number.is_some());
    let is_its_makers = matches!(field.name, "OwnerId" | "CurrencyIsoCode");
    let members = [
        ("aggregatable", json!(field.kind.is_aggregatable())),
        ("aiPredictionField", json!(false)),
        ("autoNumber", json!(field.auto_number.is_some())),
        ("byteLength", json!(byte_length(field))),
        ("calculated", json!(field.calculated)),
        ("calculatedFormula", Json::Null),
        ("cascadeDelete", json!(is_detail)),
        ("caseSensitive", json!(field.case_sensitive)),
        ("compoundFieldName", json!(field.part_of)),
        ("controllerName", json!(field.controller)),
        ("createable", json!(field.writable)),
        ("custom", json!(field.is_custom())),
        ("defaultValue", default_value(field)),
        ("defaultValueFormula", json!(field.default.filter(|_| is_number(field)))),
        (
            "defaultedOnCreate",
            json!(field.default.is_some() || is_boolean || is_its_makers || org_fills_it || field.is_optional_name()),
        ),
        ("dependentPicklist", json!(field.controller.is_some())),
        ("deprecatedAndHidden", json!(false)),
        ("digits", json!(if matches!(field.kind, Kind::Integer) { 8 } else { 0 })),
        ("displayLocationInDecimal", json!(false)),
        ("encrypted", json!(field.described_as == Some("encryptedstring"))),
        ("externalId", json!(field.external_id)),
        ("extraTypeInfo", extra_type(field)),
        // By its distance alone.
        ("filterable", json!(field.kind.is_filterable() || is_compound)),
        ("filteredLookupInfo", Json::Null),
        ("formulaTreatNullNumberAsZero", json!(false)),
        ("groupable", json!(field.kind.is_groupable())),
        ("highScaleNumber", json!(false)),
        ("htmlFormatted", json!(false)),
        ("idLookup", json!(field.is_key())),
        ("inlineHelpText", Json::Null),
        ("label", json!(field.label)),
        ("length", json!(field.length())),
        ("mask", Json::Null),
        ("maskType", Json::Null),
        ("name", json!(field.name)),
        ("nameField", json!(field.is_name)),
        ("namePointing", json!(is_polymorphic)),
        ("nillable", json!(!field.required)),
        ("permissionable", json!(!field.required && field.writable && !field.is_optional_name())),
        ("picklistValues", choices(field)),
        ("polymorphicForeignKey", json!(is_polymorphic)),
        ("precision", json!(precision)),
        ("queryByDistance", json!(is_compound)),
        ("referenceTargetField", Json::Null),
        ("referenceTo", json!(referenced)),
        ("relationshipName", json!(lookup.map(|lookup| lookup.relationship))),
        ("relationshipOrder", if is_detail { json!(0) } else { Json::Null }),
        ("restrictedDelete", json!(is_restricting)),
        (
            "restrictedPicklist",
            json!(matches!(field.kind, Kind::Picklist { restricted: true, .. } | Kind::MultiPicklist(_))),
        ),
        ("scale", json!(scale)),
        ("searchPrefilterable", json!(false)),
        ("soapType", json!(soap_type(field))),
        ("sortable", json!(field.kind.is_sortable())),
        ("type", json!(field.type_name())),
        ("unique", json!(field.unique)),
        ("updateable", json!(field.writable && !field.set_once)),
        ("writeRequiresMasterRead", json!(false)),
    ];
    super::members(members).collect()
}

fn is_number(field: &Field) -> bool {
    matches!(field.kind, Kind::Integer | Kind::Number { .. })
}

/// The default of a number is a formula.
fn default_value(field: &Field) -> Json {
    match field.kind {
        Kind::Boolean => json!(field.default == Some("true")),
        _ if is_number(field) => Json::Null,
        _ => json!(field.default),
    }
}

/// Three bytes a character, but for Ids.
fn byte_length(field: &Field) -> usize {
    match field.kind {
        Kind::Id | Kind::Reference(_) => field.length(),
        _ => field.length() * 3,
    }
}

fn extra_type(field: &Field) -> Json {
    match field.kind {
        Kind::LongText(_) => json!("plaintextarea"),
        Kind::Text(_) if field.described_as == Some("textarea") => json!("plaintextarea"),
        _ => Json::Null,
    }
}

fn choices(field: &Field) -> Json {
    let values = match &field.kind {
        Kind::Picklist { values, .. } | Kind::MultiPicklist(values) => *values,
        _ => &[],
    };
    let choice = |value: &&str| {
        let is_default = field.default == Some(*value);
        json!({"active": true, "defaultValue": is_default, "label": field.labels.of(value), "validFor": null, "value": value})
    };
    values.iter().map(choice).collect()
}

fn soap_type(field: &Field) -> &'static str {
    match field.kind {
        Kind::Id | Kind::Reference(_) => "tns:ID",
        Kind::Boolean => "xsd:boolean",
        Kind::Integer => "xsd:int",
        Kind::Number { .. } => "xsd:double",
        Kind::Date => "xsd:date",
        Kind::DateTime => "xsd:dateTime",
        Kind::Time => "xsd:time",
        Kind::Address => "urn:address",
        Kind::Location => "urn:location",
        Kind::Base64 => "xsd:base64Binary",
        // Text of every kind.
        _ => "xsd:string",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn of_what_another_org_tells_only_what_differs_is_kept() {
        let field = Field::new("Tier__c", "Tier", Kind::Text(80));
        let object = Object::new("Pump__c", "Pump", "Pumps", "a01", vec![field.clone()]);
        let Json::Object(mut told) = describe(&object, &field) else { panic!("no object") };
        told.insert("inlineHelpText".to_owned(), json!("Gold?"));
        told.insert("new".to_owned(), Json::Null);
        let kept = beside_schema(&field, told.clone());
        let names: Vec<_> = kept.keys().map(String::as_str).filter(|name| !NOT_ITS_OWN.contains(name)).collect();
        assert_eq!((names, kept.len()), (vec!["inlineHelpText", "new"], NOT_ITS_OWN.len() + 2));
        told.sort_keys();
        assert_eq!(describe(&object, &Field { described: Some(Arc::new(kept)), ..field }), Json::Object(told));
    }
}
