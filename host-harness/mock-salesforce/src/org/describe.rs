//! Describe: the org's schema as JSON. Not for records.
//!
//! Source: REST API Developer Guide, "Describe Global" and "sObject Describe"; SOAP API Developer Guide,
//! "DescribeSObjectResult".

use serde_json::{Map, Value as Json, json};

use super::{
    Org,
    schema::{Field, Kind, Object, OnDelete},
};
use crate::ApiError;

impl Org {
    /// The body of `GET /sobjects`.
    #[must_use]
    pub fn describe_global(&self, version: &str) -> Json {
        let sobjects: Vec<_> = self.objects().map(|object| summary(object, version)).collect();
        json!({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": sobjects})
    }

    /// The body of `GET /sobjects/{object}/describe`.
    ///
    /// # Errors
    /// Unknown object: 404 `NOT_FOUND`.
    pub fn describe(&self, object: &str, version: &str) -> Result<Json, ApiError> {
        let object = self.object(object)?;
        let mut described = summary(object, version);
        described.insert("fields".to_owned(), object.seen_fields().map(|(_, seen)| field(seen)).collect());
        described.insert("childRelationships".to_owned(), self.child_relationships(object));
        described.insert("recordTypeInfos".to_owned(), json!([{
            "active": true,
            "available": true,
            "defaultRecordTypeMapping": true,
            "developerName": "Master",
            "master": true,
            "name": "Master",
            "recordTypeId": "012000000000000AAA",
            "urls": {"layout": format!("/services/data/{version}/sobjects/{}/describe/layouts/012000000000000AAA", object.name)},
        }]));
        described.insert("supportedScopes".to_owned(), json!([{"label": "All records", "name": "everything"}]));
        Ok(Json::Object(described))
    }

    fn child_relationships(&self, object: &Object) -> Json {
        let relationship = |(child, place, lookup): (&super::table::Table, usize, &super::schema::Lookup)| {
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
}

/// What describe global and describe both tell.
fn summary(object: &Object, version: &str) -> Map<String, Json> {
    let url = format!("/services/data/{version}/sobjects/{}", object.name);
    let is_kept = !object.is_event();
    let members = [
        ("activateable", json!(false)),
        ("associateEntityType", Json::Null),
        ("associateParentEntity", Json::Null),
        ("createable", json!((object.open || object.is_event()) && object.access.create)),
        ("custom", json!(object.is_custom())),
        ("customSetting", json!(false)),
        ("deepCloneable", json!(false)),
        ("deletable", json!(object.open && object.access.delete)),
        ("deprecatedAndHidden", json!(false)),
        ("feedEnabled", json!(false)),
        ("hasSubtypes", json!(false)),
        ("isInterface", json!(false)),
        ("isSubtype", json!(false)),
        ("keyPrefix", json!(object.key_prefix)),
        ("label", json!(object.label)),
        ("labelPlural", json!(object.plural)),
        ("layoutable", json!(true)),
        ("mergeable", json!(false)),
        ("mruEnabled", json!(true)),
        ("name", json!(object.name)),
        ("queryable", json!(is_kept)),
        ("replicateable", json!(is_kept)),
        ("retrieveable", json!(is_kept)),
        ("searchable", json!(is_kept)),
        ("triggerable", json!(true)),
        ("undeletable", json!(false)),
        ("updateable", json!(is_kept && object.access.edit)),
        (
            "urls",
            json!({
                "sobject": url,
                "describe": format!("{url}/describe"),
                "rowTemplate": format!("{url}/{{ID}}"),
            }),
        ),
    ];
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn field(field: &Field) -> Json {
    let lookup = match &field.kind {
        Kind::Reference(lookup) => Some(lookup),
        _ => None,
    };
    let (values, restricted) = match &field.kind {
        Kind::Picklist { values, restricted } => (*values, *restricted),
        Kind::MultiPicklist(values) => (*values, true),
        _ => (&[] as &[&str], false),
    };
    let (precision, scale) = match field.kind {
        Kind::Number { precision, scale, .. } => (precision, scale),
        _ => (0, 0),
    };
    let choice = |value: &&str| {
        let default = field.default == Some(*value);
        json!({"active": true, "defaultValue": default, "label": value, "validFor": null, "value": value})
    };
    let has_default = field.default.is_some() || matches!(field.kind, Kind::Boolean) || field.name == "OwnerId";
    json!({
        "aggregatable": field.kind.is_aggregatable(),
        "autoNumber": field.auto_number.is_some(),
        "byteLength": field.length() * 3,
        "calculated": false,
        "caseSensitive": field.case_sensitive,
        "createable": field.writable,
        "custom": field.is_custom(),
        "defaultValue": match field.kind {
            Kind::Boolean => json!(false),
            _ => json!(field.default),
        },
        "defaultedOnCreate": has_default || !field.writable,
        "deprecatedAndHidden": false,
        "digits": if matches!(field.kind, Kind::Integer) { 8 } else { 0 },
        "externalId": field.external_id,
        "extraTypeInfo": match field.kind {
            Kind::LongText(_) => json!("plaintextarea"),
            _ => Json::Null,
        },
        "filterable": field.kind.is_filterable(),
        "groupable": field.kind.is_groupable(),
        "idLookup": field.is_key(),
        "label": field.label,
        "length": field.length(),
        "name": field.name,
        "nameField": field.is_name,
        "namePointing": false,
        "nillable": !field.required,
        "permissionable": !field.required && field.writable,
        "picklistValues": values.iter().map(choice).collect::<Vec<_>>(),
        "polymorphicForeignKey": false,
        "precision": precision,
        "referenceTo": lookup.map(|lookup| vec![lookup.to]).unwrap_or_default(),
        "relationshipName": lookup.map(|lookup| lookup.relationship),
        "restrictedPicklist": restricted,
        "scale": scale,
        "soapType": soap_type(field),
        "sortable": field.kind.is_sortable(),
        "type": field.kind.type_name(),
        "unique": field.unique,
        "updateable": field.writable,
    })
}

fn soap_type(field: &Field) -> &'static str {
    match field.kind {
        Kind::Id | Kind::Reference(_) => "tns:ID",
        Kind::Boolean => "xsd:boolean",
        Kind::Integer => "xsd:int",
        Kind::Number { .. } => "xsd:double",
        Kind::Date => "xsd:date",
        Kind::DateTime => "xsd:dateTime",
        _ => "xsd:string",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::org::EPOCH;

    fn described(object: &str) -> Json {
        Org::seeded(EPOCH).describe(object, "v60.0").unwrap()
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
    fn picklists_tell_their_values_and_default() {
        let invoice = described("Invoice__c");
        let status = member(&invoice["fields"], "name", "Status__c");
        assert_eq!(status["restrictedPicklist"], true);
        assert_eq!(member(&status["picklistValues"], "value", "Draft")["defaultValue"], true);
        assert_eq!(member(&status["picklistValues"], "value", "Paid")["defaultValue"], false);
    }
}
