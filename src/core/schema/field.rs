//! The fields of an object, as forms and pickers need them.

use super::valid_for::decode;
use crate::core::error::Result;
use crate::core::json::Json;
use crate::core::place::{Entry, read_each};

/// A field. See `field` in `wit/schema.wit`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is documented once, in wit/schema.wit")]
pub struct Field {
    pub name: String,
    pub label: String,
    pub field_type: String,
    pub length: u32,
    pub precision: u32,
    pub scale: u32,
    pub required: bool,
    pub nillable: bool,
    pub createable: bool,
    pub updateable: bool,
    pub custom: bool,
    pub unique: bool,
    pub external_id: bool,
    pub id_lookup: bool,
    pub calculated: bool,
    pub filterable: bool,
    pub sortable: bool,
    pub name_field: bool,
    pub default_value: Option<String>,
    pub inline_help_text: Option<String>,
    pub reference_to: Vec<String>,
    pub relationship_name: Option<String>,
    pub polymorphic_foreign_key: bool,
    pub picklist_values: Vec<PicklistValue>,
    pub restricted_picklist: bool,
    pub controller_name: Option<String>,
}

/// A value of a picklist. See `picklist-value` in `wit/schema.wit`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is documented once, in wit/schema.wit")]
pub struct PicklistValue {
    pub value: String,
    pub label: String,
    pub active: bool,
    pub default_value: bool,
    pub valid_for: Option<Vec<String>>,
}

/// The members of an entry that are read.
const MEMBERS: [&str; 26] = [
    "name",
    "label",
    "type",
    "length",
    "precision",
    "scale",
    "nillable",
    "defaultedOnCreate",
    "createable",
    "updateable",
    "custom",
    "unique",
    "externalId",
    "idLookup",
    "calculated",
    "filterable",
    "sortable",
    "nameField",
    "defaultValue",
    "inlineHelpText",
    "referenceTo",
    "relationshipName",
    "polymorphicForeignKey",
    "picklistValues",
    "restrictedPicklist",
    "controllerName",
];

/// Names of controlling values in one answer: more than real dependencies have, and no more than an instance has room for.
const MOST_VALID_FOR: usize = 100_000;

/// Reads the list of fields, and resolves what is said of one by the values of another.
pub(super) fn read_fields(entries: Vec<Json<'_>>) -> Result<Vec<Field>> {
    let mut fields = Vec::with_capacity(entries.len().min(1_024));
    let mut picklists = Vec::new();
    read_each("fields", entries, &MEMBERS, &mut |entry| {
        let choices = entry.elements("picklistValues");
        let field = Field::read(entry, choices.clone());
        if field.controller_name.is_some() {
            picklists.push((fields.len(), choices));
        }
        fields.push(field);
    })?;
    let mut room = MOST_VALID_FOR;
    for (index, choices) in picklists {
        let valid_for = valid_for(&fields, index, choices, &mut room).map_err(|error| error.within("fields", index))?;
        if let Some(field) = fields.get_mut(index) {
            for (value, valid_for) in field.picklist_values.iter_mut().zip(valid_for) {
                value.valid_for = valid_for;
            }
        }
    }
    Ok(fields)
}

impl Field {
    /// All but the name and the type may be missing.
    fn read(field: &mut Entry<'_, '_>, choices: Vec<Json<'_>>) -> Self {
        let name = field.required("name");
        let mut picklist_values = Vec::with_capacity(choices.len().min(1_024));
        let read = read_each("picklistValues", choices, &["value", "label", "active", "defaultValue"], &mut |value| {
            picklist_values.push(PicklistValue::read(value));
        });
        field.keep(read);
        let [nillable, createable] = ["nillable", "createable"].map(|name| field.flag(name));
        Self {
            label: field.shown_or("label", &name),
            name,
            field_type: field.required("type"),
            length: field.small("length"),
            precision: field.small("precision"),
            scale: field.small("scale"),
            required: !nillable && !field.flag("defaultedOnCreate") && createable,
            nillable,
            createable,
            updateable: field.flag("updateable"),
            custom: field.flag("custom"),
            unique: field.flag("unique"),
            external_id: field.flag("externalId"),
            id_lookup: field.flag("idLookup"),
            calculated: field.flag("calculated"),
            filterable: field.flag("filterable"),
            sortable: field.flag("sortable"),
            name_field: field.flag("nameField"),
            default_value: field.member("defaultValue").map(|value| value.as_str().into()),
            inline_help_text: field.shown("inlineHelpText"),
            reference_to: field.texts("referenceTo"),
            relationship_name: field.text("relationshipName"),
            polymorphic_foreign_key: field.flag("polymorphicForeignKey"),
            picklist_values,
            restricted_picklist: field.flag("restrictedPicklist"),
            controller_name: field.text("controllerName"),
        }
    }
}

impl PicklistValue {
    fn read(entry: &mut Entry<'_, '_>) -> Self {
        let value = entry.required("value");
        Self {
            label: entry.shown_or("label", &value),
            value,
            active: entry.flag("active"),
            default_value: entry.flag("defaultValue"),
            valid_for: None,
        }
    }
}

/// For each value of a dependent picklist, for which values of its controlling field it may be chosen.
fn valid_for(
    fields: &[Field],
    index: usize,
    choices: Vec<Json<'_>>,
    room: &mut usize,
) -> Result<Vec<Option<Vec<String>>>> {
    let controller = fields.get(index).and_then(|field| field.controller_name.as_deref()).unwrap_or_default();
    let mut all = Vec::new();
    // The user may not see it: then its values are not known.
    let Some(controlling) = fields.iter().find(|field| field.name.eq_ignore_ascii_case(controller)) else {
        return Ok(all);
    };
    let controlling: Vec<_> = match controlling.field_type.as_str() {
        "boolean" => vec!["false", "true"],
        _ => controlling.picklist_values.iter().map(|value| value.value.as_str()).collect(),
    };
    read_each("picklistValues", choices, &["validFor"], &mut |entry| {
        let values = entry.text("validFor").map(|bits| match decode(&bits, &controlling, room) {
            Ok(values) => values,
            Err(error) => entry.keep(Err(error)),
        });
        all.push(values);
    })?;
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::error::ErrorKind;
    use serde_json::{Value, json};

    fn read(fields: &Value) -> Result<Vec<Field>> {
        let text = fields.to_string();
        read_fields(Json::parse(text.as_bytes(), "fields").unwrap().elements().unwrap().collect())
    }

    fn one(field: Value) -> Field {
        read(&json!([field])).unwrap().remove(0)
    }

    #[test]
    fn a_field_is_told_as_the_org_tells_it() {
        let told = json!({"aggregatable": true, "name": "Price__c", "label": "Price", "type": "currency", "length": 0, "precision": 18,
            "scale": 2, "nillable": true, "createable": true, "updateable": true, "custom": true, "unique": false, "externalId": false,
            "filterable": true, "sortable": true, "calculated": false, "inlineHelpText": "Net", "defaultValue": null,
            "picklistValues": [], "referenceTo": [], "relationshipName": null, "soapType": "xsd:double"});
        let field = one(told);
        assert_eq!(
            (field.name.as_str(), field.label.as_str(), field.field_type.as_str()),
            ("Price__c", "Price", "currency")
        );
        assert_eq!((field.length, field.precision, field.scale), (0, 18, 2));
        assert!(
            field.nillable
                && field.createable
                && field.updateable
                && field.custom
                && field.filterable
                && field.sortable
        );
        assert!(!field.unique && !field.external_id && !field.calculated && !field.required && !field.name_field);
        assert_eq!((field.default_value, field.inline_help_text.as_deref()), (None, Some("Net")));
        assert_eq!((field.reference_to.len(), field.relationship_name, field.picklist_values.len()), (0, None, 0));
    }

    #[test]
    fn a_value_is_required_where_a_create_has_none_otherwise() {
        for (nillable, defaulted, createable, required) in [
            (false, false, true, true),
            (true, false, true, false),
            (false, true, true, false),
            (false, false, false, false),
        ] {
            let field =
                one(json!({"name": "A", "type": "string", "nillable": nillable, "defaultedOnCreate": defaulted,
                "createable": createable}));
            assert_eq!(field.required, required, "{nillable} {defaulted} {createable}");
        }
    }

    #[test]
    fn a_default_is_json_as_it_came() {
        for (told, expected) in [(json!(true), Some("true")), (json!("Draft"), Some("\"Draft\"")), (json!(null), None)]
        {
            let field = one(json!({"name": "A", "type": "string", "defaultValue": told}));
            assert_eq!(field.default_value.as_deref(), expected);
        }
        let text = br#"[{"name":"A","type":"double","defaultValue":0.10}]"#;
        let fields = read_fields(Json::parse(text, "x").unwrap().elements().unwrap().collect()).unwrap();
        assert_eq!(fields[0].default_value.as_deref(), Some("0.10"));
    }

    #[test]
    fn a_lookup_names_its_objects_and_its_path() {
        let field = one(json!({"name": "WhoId", "type": "reference", "referenceTo": ["Contact", "Lead"],
            "relationshipName": "Who", "polymorphicForeignKey": true}));
        assert_eq!(field.reference_to, ["Contact", "Lead"]);
        assert_eq!((field.relationship_name.as_deref(), field.polymorphic_foreign_key), (Some("Who"), true));
    }

    #[test]
    fn new_types_and_absent_members_are_no_error() {
        let field = one(json!({"name": "A", "type": "hologram", "label": null, "new": {"a": [1]}}));
        assert_eq!((field.field_type.as_str(), field.label.as_str(), field.length), ("hologram", "A", 0));
    }

    fn value(name: &str, bits: Option<&str>) -> Value {
        json!({"active": true, "defaultValue": false, "label": null, "validFor": bits, "value": name})
    }

    fn dependent(controller: &str, values: &[Value]) -> Value {
        json!({"name": "City__c", "type": "picklist", "restrictedPicklist": true, "controllerName": controller,
            "dependentPicklist": true, "picklistValues": values})
    }

    #[test]
    fn a_dependent_picklist_names_the_controlling_values() {
        let country =
            json!({"name": "Country__c", "type": "picklist", "picklistValues": [value("DE", None), value("AT", None)]});
        let city = dependent(
            "country__c",
            &[value("Wien", Some("QAAA")), value("Neustadt", Some("wAAA")), value("Nowhere", Some("AAAA"))],
        );
        // Whichever comes first.
        for fields in [json!([country, city]), json!([city, country])] {
            let fields = read(&fields).unwrap();
            let city = fields.iter().find(|field| field.name == "City__c").unwrap();
            let valid_for: Vec<_> = city.picklist_values.iter().map(|value| value.valid_for.clone().unwrap()).collect();
            assert_eq!(valid_for, [vec!["AT".to_owned()], vec!["DE".to_owned(), "AT".to_owned()], vec![]]);
            assert!(city.restricted_picklist && city.controller_name.as_deref() == Some("country__c"));
            let country = fields.iter().find(|field| field.name == "Country__c").unwrap();
            assert!(country.picklist_values.iter().all(|value| value.valid_for.is_none()));
        }
    }

    #[test]
    fn a_checkbox_controls_by_false_and_true() {
        let on = json!({"name": "On__c", "type": "boolean"});
        let fields =
            read(&json!([on, dependent("On__c", &[value("a", Some("gAAA")), value("b", Some("QAAA"))])])).unwrap();
        let valid_for: Vec<_> =
            fields[1].picklist_values.iter().map(|value| value.valid_for.clone().unwrap()).collect();
        assert_eq!(valid_for, [["false"], ["true"]]);
    }

    #[test]
    fn without_bits_or_controlling_field_nothing_is_said() {
        let country = json!({"name": "Country__c", "type": "picklist", "picklistValues": [value("DE", None)]});
        for fields in [
            json!([country, dependent("Country__c", &[value("Wien", None)])]),
            json!([country, dependent("Hidden__c", &[value("Wien", Some("gAAA"))])]),
        ] {
            assert_eq!(read(&fields).unwrap()[1].picklist_values[0].valid_for, None);
        }
    }

    #[test]
    fn what_has_another_form_is_told_by_its_place() {
        let country = json!({"name": "Country__c", "type": "picklist", "picklistValues": [value("DE", None)]});
        for (fields, words) in [
            (json!([{"type": "string"}]), "fields[0]: expected name, but it is missing"),
            (json!([country, {"name": "A"}]), "fields[1]: expected type, but it is missing"),
            (json!([{"name": "A", "type": 1}]), "fields[0]: expected type to be a text"),
            (json!([{"name": "A", "type": "a", "length": -1}]), "fields[0]: expected length to be a whole number"),
            (
                json!([{"name": "A", "type": "a", "length": 4_294_967_296_u64}]),
                "fields[0]: expected length to be a number below 4,294,967,296",
            ),
            (json!([{"name": "A", "type": "a", "nillable": 1}]), "fields[0]: expected nillable to be true or false"),
            (
                json!([{"name": "A", "type": "a", "referenceTo": [1]}]),
                "fields[0]: expected referenceTo to be a list of texts",
            ),
            (
                json!([{"name": "A", "type": "a", "picklistValues": {}}]),
                "fields[0]: expected picklistValues to be a list",
            ),
            (
                json!([{"name": "A", "type": "a", "picklistValues": [{"value": "x"}, {}]}]),
                "fields[0]: picklistValues[1]: expected value, but it is missing",
            ),
            (
                json!([country, dependent("Country__c", &[value("a", None), value("Wien", Some("g A"))])]),
                "fields[1]: picklistValues[1]: expected validFor to be a set of bits in base64",
            ),
        ] {
            assert_eq!(read(&fields).unwrap_err().message, words);
        }
    }

    #[test]
    fn pairs_of_values_are_bounded() {
        let values = |count: usize, bits: Option<&str>| {
            (0..count).map(|number| value(&number.to_string(), bits)).collect::<Vec<_>>()
        };
        let country = json!({"name": "C", "type": "picklist", "picklistValues": values(300, None)});
        let all = "/".repeat(50);
        let fits = read(&json!([country, dependent("C", &values(333, Some(&all)))])).unwrap();
        assert_eq!(fits[1].picklist_values[332].valid_for.as_ref().unwrap().len(), 300);
        let error = read(&json!([country, dependent("C", &values(334, Some(&all)))])).unwrap_err();
        assert_eq!(error.kind, ErrorKind::ResponseTooLarge);
        assert!(error.message.starts_with("fields[1]: picklistValues[333]: the picklists depend"), "{}", error.message);
    }

    #[test]
    fn ten_thousand_fields_are_read() {
        let fields: Vec<_> =
            (0..10_000).map(|number| json!({"name": format!("F{number}__c"), "type": "string"})).collect();
        assert_eq!(read(&json!(fields)).unwrap().len(), 10_000);
    }
}
