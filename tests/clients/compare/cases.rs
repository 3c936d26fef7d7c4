//! What is called, by ours and by others' clients.

mod bulk;
mod files;

/// How a client does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// A function of its own for it.
    Function,
    /// A request whose path and body the caller writes.
    Request,
}

/// A call on an org of its own.
pub(super) struct Case {
    pub(super) name: &'static str,
    /// Ours.
    pub(super) action: &'static str,
    /// JSON.
    pub(super) input: &'static str,
    /// Actions with their input, done before.
    pub(super) before: &'static [(&'static str, &'static str)],
    pub(super) jsforce: Option<By>,
    pub(super) simple_salesforce: Option<By>,
    /// Where parts of what ours gives are in what theirs give; their names are translated beside that.
    pub(super) places: &'static [(&'static str, &'static str)],
}

use By::{Function, Request};

impl By {
    /// As the scripts say it, and the table in `docs/FUNCTIONS.md`.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Function => "function",
            Request => "request",
        }
    }
}

/// Of a record that was saved, and of one that was refused, among several.
const RESULTS: &[(&str, &str)] = &[
    ("results[].ok.id", "[].id"),
    ("results[].ok.created", "[].created"),
    ("results[].error.problems[].code", "[].errors[].statusCode"),
    ("results[].error.problems[].message", "[].errors[].message"),
    ("results[].error.problems[].fields", "[].errors[].fields"),
];

/// All of them.
pub(super) fn cases() -> impl Iterator<Item = &'static Case> {
    CASES.iter().chain(bulk::CASES).chain(files::CASES)
}

const CASES: &[Case] = &[
    Case {
        name: "query",
        action: "soql-query",
        input: r#"{"query": {"soql": "SELECT Id, Name, Owner.Name, AnnualRevenue, (SELECT LastName FROM Contacts LIMIT 2) FROM Account ORDER BY Id LIMIT 3"}}"#,
        before: &[],
        jsforce: Some(Function),
        simple_salesforce: Some(Function),
        places: &[],
    },
    Case {
        name: "digits",
        action: "soql-query",
        input: r#"{"query": {"soql": "SELECT Ledger_Sequence__c, Exchange_Rate__c, Amount__c FROM Invoice__c WHERE Invoice_Number__c = '2026/00000'"}}"#,
        before: &[],
        jsforce: Some(Function),
        simple_salesforce: Some(Function),
        places: &[],
    },
    Case {
        name: "next-page",
        action: "next-page",
        input: r#"{"cursor": {"soql": "SELECT Id, Name FROM Account ORDER BY Id"}}"#,
        before: &[],
        jsforce: Some(Function),
        simple_salesforce: Some(Function),
        places: &[],
    },
    Case {
        name: "explain",
        action: "explain",
        input: r#"{"query": {"soql": "SELECT Id FROM Account WHERE Name = 'x'"}}"#,
        before: &[],
        jsforce: Some(Function),
        simple_salesforce: Some(Request),
        places: &[("", "plans")],
    },
    Case {
        name: "get",
        action: "get-record-field-values",
        input: r#"{"object": "Account", "key": {"id": "0015g0000000001AAA"}, "fields": ["Id", "Name", "Phone", "NumberOfEmployees"]}"#,
        before: &[],
        jsforce: Some(Function),
        simple_salesforce: Some(Function),
        places: &[("values", "")],
    },
    Case {
        name: "create",
        action: "create-or-update-record",
        input: r#"{"object": "Account", "target": "create", "fields": {"Name": "Compared & \"quoted\"", "NumberOfEmployees": 7}}"#,
        before: &[],
        jsforce: Some(Function),
        simple_salesforce: Some(Function),
        places: &[],
    },
    Case {
        name: "update",
        action: "create-or-update-record",
        input: r#"{"object": "Account", "target": {"update": "0015g0000000001AAA"}, "fields": {"NumberOfEmployees": 8}}"#,
        before: &[],
        jsforce: Some(Function),
        simple_salesforce: Some(Function),
        places: &[],
    },
    Case {
        name: "upsert",
        action: "create-or-update-record",
        input: r#"{"object": "Invoice__c", "target": {"upsert": {"external_id": {"field": "Invoice_Number__c", "value": "C-1"}}}, "fields": {"Amount__c": 12.5}}"#,
        before: &[],
        jsforce: Some(Function),
        simple_salesforce: Some(Function),
        places: &[],
    },
    Case {
        name: "upsert-slash",
        action: "create-or-update-record",
        input: r#"{"object": "Invoice__c", "target": {"upsert": {"external_id": {"field": "Invoice_Number__c", "value": "C/1"}}}, "fields": {"Amount__c": 12.5}}"#,
        before: &[],
        jsforce: Some(Function),
        simple_salesforce: Some(Function),
        places: &[],
    },
    Case {
        name: "delete",
        action: "delete-record",
        input: r#"{"object": "Opportunity", "key": {"id": "0065g0000000001AAA"}}"#,
        before: &[],
        jsforce: Some(Function),
        simple_salesforce: Some(Function),
        places: &[],
    },
    Case {
        name: "create-many",
        action: "create-records",
        input: r#"{"records": [{"object": "Contact", "fields": {"LastName": "One"}}, {"object": "Contact", "fields": {"FirstName": "No"}},
            {"object": "Contact", "fields": {"LastName": "Three"}}]}"#,
        before: &[],
        jsforce: Some(Function),
        simple_salesforce: Some(Request),
        places: RESULTS,
    },
    Case {
        name: "create-many-all-or-none",
        action: "create-records",
        input: r#"{"records": [{"object": "Contact", "fields": {"LastName": "One"}}, {"object": "Contact", "fields": {"FirstName": "No"}}],
            "all_or_none": true}"#,
        before: &[],
        jsforce: Some(Function),
        simple_salesforce: Some(Request),
        places: RESULTS,
    },
    Case {
        name: "update-many",
        action: "update-records",
        input: r#"{"records": [{"object": "Account", "id": "0015g0000000002AAA", "fields": {"Phone": "2"}},
            {"object": "Account", "id": "0015g0000000001AAA", "fields": {"Phone": "1"}}]}"#,
        before: &[],
        jsforce: Some(Function),
        simple_salesforce: Some(Request),
        places: RESULTS,
    },
    Case {
        name: "upsert-many",
        action: "upsert-records",
        input: r#"{"object": "Account", "external_id_field": "ERP_Id__c", "records": [{"ERP_Id__c": "C-1", "Name": "New"},
            {"ERP_Id__c": "ERP-000001", "Phone": "1"}]}"#,
        before: &[],
        jsforce: Some(Function),
        simple_salesforce: Some(Request),
        places: RESULTS,
    },
    Case {
        name: "delete-many",
        action: "delete-records",
        input: r#"{"ids": ["0065g0000000002AAA", "0065g00000zzzzzAAA", "0065g0000000001AAA"]}"#,
        before: &[],
        jsforce: Some(Function),
        simple_salesforce: Some(Request),
        places: RESULTS,
    },
    Case {
        name: "get-many",
        action: "get-records",
        input: r#"{"object": "Account", "ids": ["0015g0000000002AAA", "0015g00000zzzzzAAA", "0015g0000000001AAA"], "fields": ["Id", "Name"]}"#,
        before: &[],
        jsforce: Some(Function),
        simple_salesforce: Some(Request),
        places: &[("records", "")],
    },
    Case {
        name: "composite",
        action: "composite",
        input: r#"{"subrequests": [
            {"reference_id": "a", "action": {"create": {"object": "Account", "fields": {"Name": "Composite"}}}},
            {"reference_id": "c", "action": {"create": {"object": "Contact", "fields": {"LastName": "C"},
                "references": [{"field": "AccountId", "value": "a.id"}]}}},
            {"reference_id": "r", "action": {"read": {"object": "Account", "key": {"reference": "a.id"}, "fields": ["Name"]}}}],
            "all_or_none": true}"#,
        before: &[],
        jsforce: Some(Request),
        simple_salesforce: Some(Request),
        places: &[
            ("results[].ok.saved.id", "compositeResponse[].body.id"),
            ("results[].ok.values", "compositeResponse[].body"),
        ],
    },
    Case {
        name: "graph",
        action: "graph",
        input: r#"{"graphs": [{"graph_id": "g", "subrequests": [
            {"reference_id": "a", "action": {"create": {"object": "Account", "fields": {"Name": "Graph"}}}}]}]}"#,
        before: &[],
        jsforce: Some(Request),
        simple_salesforce: Some(Request),
        places: &[
            ("graphs[].graph_id", "graphs[].graphId"),
            ("graphs[].successful", "graphs[].isSuccessful"),
            ("graphs[].results[].ok.saved.id", "graphs[].graphResponse.compositeResponse[].body.id"),
        ],
    },
    Case {
        name: "list-objects",
        action: "list-objects",
        input: "{}",
        before: &[],
        jsforce: Some(Function),
        simple_salesforce: Some(Function),
        places: &[("objects", "sobjects")],
    },
    Case {
        name: "describe",
        action: "describe-object",
        input: r#"{"object": "Invoice__c"}"#,
        before: &[],
        jsforce: Some(Function),
        simple_salesforce: Some(Function),
        places: &[("object", "")],
    },
    Case {
        name: "describe-json",
        action: "describe-json",
        input: r#"{"object": "Account"}"#,
        before: &[],
        jsforce: Some(Function),
        simple_salesforce: Some(Function),
        places: &[("description", "")],
    },
    Case {
        name: "search",
        action: "search",
        input: r#"{"text": "Acme", "request": {"objects": [{"object": "Account", "fields": ["Id", "Name"]}]}}"#,
        before: &[],
        jsforce: Some(Request),
        simple_salesforce: Some(Request),
        places: &[("records", "searchRecords")],
    },
    Case {
        name: "sosl",
        action: "sosl-search",
        input: r#"{"sosl": "FIND {Acme} IN NAME FIELDS RETURNING Account(Id, Name)"}"#,
        before: &[],
        jsforce: Some(Function),
        simple_salesforce: Some(Function),
        places: &[("records", "searchRecords")],
    },
    Case {
        name: "updated",
        action: "updated-records",
        input: r#"{"object": "Opportunity", "start": "2026-11-20T00:00:00Z", "end": "2026-11-27T00:00:00Z"}"#,
        before: &[(
            "create-or-update-record",
            r#"{"object": "Opportunity", "target": {"update": "0065g0000000003AAA"}, "fields": {"Amount": 5}}"#,
        )],
        jsforce: Some(Function),
        simple_salesforce: Some(Function),
        places: &[],
    },
    Case {
        name: "deleted",
        action: "deleted-records",
        input: r#"{"object": "Opportunity", "start": "2026-11-20T00:00:00Z", "end": "2026-11-27T00:00:00Z"}"#,
        before: &[("delete-record", r#"{"object": "Opportunity", "key": {"id": "0065g0000000003AAA"}}"#)],
        jsforce: Some(Function),
        simple_salesforce: Some(Function),
        places: &[("records", "deletedRecords")],
    },
    Case {
        name: "limits",
        action: "org-limits",
        input: "{}",
        before: &[],
        jsforce: Some(Function),
        simple_salesforce: Some(Function),
        places: &[],
    },
    Case {
        name: "record-counts",
        action: "record-counts",
        input: r#"{"objects": ["User", "Contact"]}"#,
        before: &[],
        jsforce: Some(Request),
        simple_salesforce: Some(Request),
        places: &[("counts[].object", "sObjects[].name"), ("counts[].count", "sObjects[].count")],
    },
    Case {
        name: "recent",
        action: "recent-items",
        input: r#"{"limit": 5}"#,
        before: &[],
        jsforce: Some(Function),
        simple_salesforce: Some(Request),
        places: &[("items[].object", "[].attributes.type"), ("items[].id", "[].Id"), ("items[].name", "[].Name")],
    },
    Case {
        name: "invocable-action",
        action: "invocable-action",
        input: r#"{"action": {"apex": "Compared"}, "inputs": [{"a": 1}, {}]}"#,
        before: &[],
        jsforce: Some(Request),
        simple_salesforce: Some(Request),
        places: &[("results[].ok", "[].outputValues")],
    },
    Case {
        name: "describe-invocable-action",
        action: "describe-invocable-action",
        input: r#"{"action": {"apex": "Compared"}}"#,
        before: &[],
        jsforce: Some(Request),
        simple_salesforce: Some(Request),
        places: &[],
    },
    Case {
        name: "approval",
        action: "approval",
        input: r#"{"request": {"submit": {"record_id": "0065g0000000001AAA", "comments": "Please"}}}"#,
        before: &[],
        jsforce: Some(Request),
        simple_salesforce: Some(Request),
        places: &[
            ("record_id", "[].entityId"),
            ("instance_id", "[].instanceId"),
            ("status", "[].instanceStatus"),
            ("actor_ids", "[].actorIds"),
            ("new_work_item_ids", "[].newWorkitemIds"),
        ],
    },
    Case {
        name: "apex-rest",
        action: "apex-rest",
        input: r#"{"method": "get", "path": "compared/1", "query": []}"#,
        before: &[],
        jsforce: Some(Function),
        simple_salesforce: Some(Function),
        places: &[("body.json", "")],
    },
    Case {
        name: "user-info",
        action: "user-info",
        input: "{}",
        before: &[],
        jsforce: Some(Function),
        simple_salesforce: None,
        places: &[],
    },
];
