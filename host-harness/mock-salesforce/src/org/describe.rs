//! Describe: the org's schema as JSON. Not for records.
//!
//! What the describe answers of another org said of an object or a field is told as they said it, but for URLs.
//!
//! Source: REST API Developer Guide, "Describe Global" and "sObject Describe"; SOAP API Developer Guide,
//! "DescribeSObjectResult"; the keys are those of an org's answers in version 61.0.

pub(in crate::org) mod field;

use serde_json::{Map, Value as Json, json};

use super::{
    Org,
    schema::{Lookup, Object, OnDelete},
    table::Table,
    value::Value,
};
use crate::ApiError;

impl Org {
    /// The body of `GET /sobjects`.
    #[must_use]
    pub fn describe_global(&self, version: &str) -> Json {
        let sobjects: Vec<_> = self.objects().map(|object| summary(object, version)).collect();
        json!({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": sobjects})
    }

    /// What `GET /sobjects` tells of one object.
    ///
    /// # Errors
    /// Unknown object: 404 `NOT_FOUND`.
    pub fn summary(&self, object: &str, version: &str) -> Result<Json, ApiError> {
        Ok(Json::Object(summary(self.object(object)?, version)))
    }

    /// The body of `GET /sobjects/{object}/describe`. `url` is where the org is reached: `https://example.my.salesforce.com`.
    ///
    /// # Errors
    /// Unknown object: 404 `NOT_FOUND`.
    pub fn describe(&self, object: &str, version: &str, url: &str) -> Result<Json, ApiError> {
        let object = self.object(object)?;
        let mut described = summary(object, version);
        described.extend(members(beside_summary(object)));
        described.insert("childRelationships".to_owned(), self.child_relationships(object));
        if let Some(told) = &object.described {
            for (name, value) in
                told.iter().filter(|(name, _)| !matches!(name.as_str(), "fields" | "urls" | "recordTypeInfos"))
            {
                let value = if name == "childRelationships" { &self.seen_children(value) } else { value };
                described.insert(name.clone(), at_version(value, version));
            }
        }
        let record_types = self.record_type_infos(object, version);
        described.insert("recordTypeInfos".to_owned(), at_version(&record_types, version));
        let fields = object.seen_fields().map(|(_, seen)| field::describe(object, seen));
        described.insert("fields".to_owned(), fields.collect());
        if let Some(Json::Object(urls)) = described.get_mut("urls") {
            let row = format!("{url}/{{ID}}");
            urls.extend(members([
                ("uiDetailTemplate", json!(row)),
                ("uiEditTemplate", json!(format!("{row}/e"))),
                ("uiNewRecord", json!(format!("{url}/{}/e", object.key_prefix))),
            ]));
        }
        described.sort_keys();
        Ok(Json::Object(described))
    }

    fn child_relationships(&self, object: &Object) -> Json {
        let relationship = |(child, place, lookup): (&Table, usize, &Lookup)| {
            json!({
                "cascadeDelete": lookup.on_delete == OnDelete::Cascade,
                "childSObject": child.object.name,
                "deprecatedAndHidden": false,
                "field": child.object.fields.get(place).map(|field| field.name),
                "junctionIdListNames": [],
                "junctionReferenceTo": [],
                "relationshipName": lookup.children,
                "restrictedDelete": lookup.on_delete == OnDelete::Restrict,
            })
        };
        self.lookups_to(object.name).map(relationship).collect()
    }

    /// Of child relationships as another org told them, those whose object and field whoever looks may see, as far as the org has
    /// them.
    fn seen_children(&self, told: &Json) -> Json {
        let is_seen = |child: &&Json| {
            let name = |member: &str| child.get(member).and_then(Json::as_str).unwrap_or_default();
            let (child, field) = (name("childSObject"), name("field"));
            match self.find_table(child) {
                Some(table) => table.object.place(field).is_none() || table.object.field(field).is_some(),
                None => !self.has(child),
            }
        };
        told.as_array().into_iter().flatten().filter(is_seen).cloned().collect()
    }

    /// When the schema, or what describe tells of records, last changed.
    #[must_use]
    pub fn metadata_changed(&self) -> jiff::Timestamp {
        let changed = self.record_type_rows().filter_map(|(table, row)| {
            match row.value(table.object.place("LastModifiedDate")?) {
                Value::DateTime(moment) => Some(*moment),
                _ => None,
            }
        });
        changed.chain([self.schema_since]).max().unwrap_or(self.schema_since)
    }
}

fn members<const N: usize>(members: [(&str, Json); N]) -> impl Iterator<Item = (String, Json)> {
    members.into_iter().map(|(name, value)| (name.to_owned(), value))
}

/// What describe global and describe both tell.
fn summary(object: &Object, version: &str) -> Map<String, Json> {
    let url = format!("/services/data/{version}/sobjects/{}", object.name);
    let is_kept = !object.is_event();
    let mut summary: Map<_, _> = members([
        ("activateable", json!(false)),
        ("associateEntityType", Json::Null),
        ("associateParentEntity", Json::Null),
        ("createable", json!((object.createable || object.is_event()) && object.access.create)),
        ("custom", json!(object.is_custom())),
        ("customSetting", json!(object.custom_setting)),
        ("deepCloneable", json!(false)),
        ("deletable", json!(object.deletable && object.access.delete)),
        ("deprecatedAndHidden", json!(false)),
        ("feedEnabled", json!(object.has_feed)),
        ("hasSubtypes", json!(false)),
        ("isInterface", json!(false)),
        ("isSubtype", json!(false)),
        ("keyPrefix", json!(object.key_prefix)),
        ("label", json!(object.label)),
        ("labelPlural", json!(object.plural)),
        ("layoutable", json!(true)),
        ("mergeable", json!(object.mergeable)),
        ("mruEnabled", json!(true)),
        ("name", json!(object.name)),
        ("queryable", json!(is_kept)),
        ("replicateable", json!(is_kept)),
        ("retrieveable", json!(is_kept)),
        ("searchable", json!(is_kept)),
        ("triggerable", json!(true)),
        ("undeletable", json!(object.undeletable)),
        ("updateable", json!(is_kept && object.access.edit)),
    ])
    .collect();
    if let Some(told) = &object.described {
        for (name, value) in &mut summary {
            if let Some(told) = told.get(name) {
                *value = told.clone();
            }
        }
    }
    let urls = json!({
        "approvalLayouts": format!("{url}/describe/approvalLayouts"),
        "compactLayouts": format!("{url}/describe/compactLayouts"),
        "describe": format!("{url}/describe"),
        "layouts": format!("{url}/describe/layouts"),
        "listviews": format!("{url}/listviews"),
        "quickActions": format!("{url}/quickActions"),
        "rowTemplate": format!("{url}/{{ID}}"),
        "sobject": url,
    });
    summary.insert("urls".to_owned(), urls);
    summary
}

/// What describe alone tells.
fn beside_summary(object: &Object) -> [(&'static str, Json); 14] {
    let all = json!({"label": format!("All {}", object.plural.to_lowercase()), "name": "everything"});
    let mine = json!({"label": format!("My {}", object.plural.to_lowercase()), "name": "mine"});
    let scopes = if object.place("OwnerId").is_some() { vec![all, mine] } else { vec![all] };
    [
        ("actionOverrides", json!([])),
        ("compactLayoutable", json!(!object.is_event())),
        ("defaultImplementation", Json::Null),
        ("extendedBy", Json::Null),
        ("extendsInterfaces", Json::Null),
        ("implementedBy", Json::Null),
        ("implementsInterfaces", Json::Null),
        ("listviewable", Json::Null),
        ("lookupLayoutable", Json::Null),
        ("namedLayoutInfos", json!([])),
        ("networkScopeFieldName", Json::Null),
        ("searchLayoutable", json!(!object.is_event())),
        ("sobjectDescribeOption", json!("FULL")),
        ("supportedScopes", json!(scopes)),
    ]
}

/// The same JSON, its paths of the REST API at this version.
fn at_version(json: &Json, version: &str) -> Json {
    match json {
        Json::String(text) => {
            let rest = text.strip_prefix("/services/data/").and_then(|rest| rest.split_once('/'));
            rest.map_or_else(|| json.clone(), |(_, rest)| Json::String(format!("/services/data/{version}/{rest}")))
        }
        Json::Array(items) => items.iter().map(|item| at_version(item, version)).collect(),
        Json::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), at_version(value, version))).collect()
        }
        _ => json.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::org::EPOCH;

    fn described(object: &str) -> Json {
        Org::seeded(EPOCH).describe(object, "v60.0", "https://org.example").unwrap()
    }

    fn member<'a>(list: &'a Json, key: &str, value: &str) -> &'a Json {
        list.as_array().unwrap().iter().find(|item| item[key] == value).unwrap()
    }

    #[test]
    fn global_lists_every_object_with_its_urls() {
        let global = Org::seeded(EPOCH).describe_global("v60.0");
        let invoice = member(&global["sobjects"], "name", "Invoice__c");
        assert_eq!(invoice["keyPrefix"], "a00");
        assert_eq!(invoice["custom"], true);
        assert_eq!(invoice["urls"]["rowTemplate"], "/services/data/v60.0/sobjects/Invoice__c/{ID}");
    }

    #[test]
    fn fields_tell_what_clients_plan_by() {
        let account = described("account");
        let erp_id = member(&account["fields"], "name", "ERP_Id__c");
        for property in ["externalId", "unique", "idLookup", "nillable", "createable", "custom"] {
            assert_eq!(erp_id[property], true, "{property}");
        }
        let parent = member(&account["fields"], "name", "ParentId");
        assert_eq!((&parent["type"], &parent["relationshipName"]), (&json!("reference"), &json!("Parent")));
        assert_eq!(parent["referenceTo"], json!(["Account"]));
        let created = member(&account["fields"], "name", "CreatedDate");
        assert_eq!((&created["createable"], &created["nillable"]), (&json!(false), &json!(false)));
        let contacts = member(&account["childRelationships"], "relationshipName", "Contacts");
        assert_eq!((&contacts["childSObject"], &contacts["field"]), (&json!("Contact"), &json!("AccountId")));
    }

    #[test]
    fn every_key_of_a_real_answer_is_there() {
        let account = described("Account");
        assert_eq!(account.as_object().unwrap().len(), 45);
        assert!(account.as_object().unwrap().keys().is_sorted());
        assert_eq!(account["urls"]["uiDetailTemplate"], "https://org.example/{ID}");
        assert_eq!(account["urls"]["uiNewRecord"], "https://org.example/001/e");
        for field in account["fields"].as_array().unwrap() {
            assert_eq!(field.as_object().unwrap().len(), 57, "{field}");
            assert!(field.as_object().unwrap().keys().is_sorted());
        }
    }

    #[test]
    fn types_lengths_and_compounds_are_as_in_an_org() {
        let account = described("Account");
        let field = |name| member(&account["fields"], "name", name);
        for (name, kind, soap, length, bytes) in [
            ("Id", "id", "tns:ID", 18, 18),
            ("ParentId", "reference", "tns:ID", 18, 18),
            ("Name", "string", "xsd:string", 255, 765),
            ("BillingStreet", "textarea", "xsd:string", 255, 765),
            ("BillingAddress", "address", "urn:address", 0, 0),
            ("Type", "picklist", "xsd:string", 255, 765),
            ("Description", "textarea", "xsd:string", 32_000, 96_000),
            ("NumberOfEmployees", "int", "xsd:int", 0, 0),
            ("AnnualRevenue", "currency", "xsd:double", 0, 0),
            ("CreatedDate", "datetime", "xsd:dateTime", 0, 0),
        ] {
            let told = field(name);
            let is = (&told["type"], &told["soapType"], &told["length"], &told["byteLength"]);
            assert_eq!(is, (&json!(kind), &json!(soap), &json!(length), &json!(bytes)), "{name}");
        }
        assert_eq!(field("BillingCity")["compoundFieldName"], "BillingAddress");
        assert_eq!(field("BillingAddress")["queryByDistance"], true);
        let task = described("Task");
        let who = member(&task["fields"], "name", "WhoId");
        assert_eq!((&who["polymorphicForeignKey"], &who["referenceTo"]), (&json!(true), &json!(["Contact", "Lead"])));
    }

    #[test]
    fn paths_are_those_of_the_version_asked_for() {
        let told = json!({"a": ["/services/data/v61.0/sobjects/X/describe"], "b": "v61.0"});
        assert_eq!(
            at_version(&told, "v67.0"),
            json!({"a": ["/services/data/v67.0/sobjects/X/describe"], "b": "v61.0"})
        );
    }

    #[test]
    fn picklists_tell_their_values_and_default() {
        let invoice = described("Invoice__c");
        let status = member(&invoice["fields"], "name", "Status__c");
        assert_eq!(status["restrictedPicklist"], true);
        assert_eq!(member(&status["picklistValues"], "value", "Draft")["defaultValue"], true);
        assert_eq!(member(&status["picklistValues"], "value", "Paid")["defaultValue"], false);
    }
}
