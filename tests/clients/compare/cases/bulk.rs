//! Jobs of the Bulk API.

use super::By::{Function, Request};
use super::Case;

const QUERY: (&str, &str) = (
    "create-query-job",
    r#"{"query": {"soql": "SELECT Id, Name, NumberOfEmployees FROM Account WHERE Name != null ORDER BY Id LIMIT 5"}}"#,
);
const UPDATE: (&str, &str) = ("create-ingest-job", r#"{"job": {"object": "Account", "operation": "update"}}"#);
/// One record that is there, and one that is not.
const DATA: (&str, &str) = (
    "upload-job-data",
    r#"{"job_id": "7505g0000000001AAA", "csv": "Id,Phone\n0015g0000000001AAA,\"1, or 2\"\n0015g00000zzzzzAAA,3\n"}"#,
);
const CLOSE: (&str, &str) = ("close-ingest-job", JOB);
const JOB: &str = r#"{"job_id": "7505g0000000001AAA"}"#;
const ABORT: (&str, &str) = ("abort-job", r#"{"kind": "ingest", "job_id": "7505g0000000001AAA"}"#);

/// Of rows: what theirs gives is the rows or their text, and nothing beside them.
const ROWS: &[(&str, &str)] = &[("csv", "")];

/// All are of the first job of its org.
pub(super) const CASES: &[Case] = &[
    Case {
        name: "bulk-query",
        action: QUERY.0,
        input: QUERY.1,
        before: &[],
        jsforce: Some(Function),
        simple_salesforce: Some(Request),
        places: &[],
    },
    Case {
        name: "bulk-query-job",
        action: "get-query-job",
        input: JOB,
        before: &[QUERY],
        jsforce: Some(Function),
        simple_salesforce: Some(Request),
        places: &[],
    },
    Case {
        name: "bulk-rows",
        action: "get-query-results",
        input: r#"{"cursor": "/services/data/v60.0/jobs/query/7505g0000000001AAA/results"}"#,
        before: &[QUERY],
        jsforce: Some(Function),
        simple_salesforce: Some(Function),
        places: ROWS,
    },
    Case {
        name: "bulk-next-rows",
        action: "get-query-results",
        input: r#"{"cursor": {"cursor": "/services/data/v60.0/jobs/query/7505g0000000001AAA/results", "max_records": 2},
            "max_records": 2}"#,
        before: &[QUERY],
        jsforce: None,
        simple_salesforce: Some(Function),
        places: ROWS,
    },
    Case {
        name: "bulk-load",
        action: "create-ingest-job",
        input: r#"{"job": {"object": "Account", "operation": {"upsert": "ERP_Id__c"}}}"#,
        before: &[],
        jsforce: Some(Function),
        simple_salesforce: Some(Request),
        places: &[],
    },
    Case {
        name: "bulk-upload",
        action: DATA.0,
        input: DATA.1,
        before: &[UPDATE],
        jsforce: Some(Function),
        simple_salesforce: Some(Function),
        places: &[("count", "numberRecordsTotal")],
    },
    Case {
        name: "bulk-close",
        action: CLOSE.0,
        input: CLOSE.1,
        before: &[UPDATE, DATA],
        jsforce: Some(Function),
        simple_salesforce: Some(Request),
        places: &[],
    },
    Case {
        name: "bulk-load-job",
        action: "get-ingest-job",
        input: JOB,
        before: &[UPDATE, DATA, CLOSE],
        jsforce: Some(Function),
        simple_salesforce: Some(Function),
        places: &[],
    },
    Case {
        name: "bulk-successful",
        action: "get-ingest-results",
        input: r#"{"job_id": "7505g0000000001AAA", "which": "successful"}"#,
        before: &[UPDATE, DATA, CLOSE],
        jsforce: Some(Function),
        simple_salesforce: Some(Function),
        places: ROWS,
    },
    Case {
        name: "bulk-failed",
        action: "get-ingest-results",
        input: r#"{"job_id": "7505g0000000001AAA", "which": "failed"}"#,
        before: &[UPDATE, DATA, CLOSE],
        jsforce: Some(Function),
        simple_salesforce: Some(Function),
        places: ROWS,
    },
    Case {
        name: "bulk-unprocessed",
        action: "get-ingest-results",
        input: r#"{"job_id": "7505g0000000001AAA", "which": "unprocessed"}"#,
        before: &[UPDATE, DATA, ABORT],
        jsforce: Some(Function),
        simple_salesforce: Some(Function),
        places: ROWS,
    },
    Case {
        name: "bulk-abort",
        action: ABORT.0,
        input: ABORT.1,
        before: &[UPDATE, DATA],
        jsforce: Some(Function),
        simple_salesforce: Some(Request),
        places: &[],
    },
    Case {
        name: "bulk-delete",
        action: "delete-job",
        input: r#"{"kind": "query", "job_id": "7505g0000000001AAA"}"#,
        before: &[QUERY],
        jsforce: Some(Function),
        simple_salesforce: Some(Request),
        places: &[],
    },
];
