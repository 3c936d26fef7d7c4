//! Values of WIT types as JSON, in both directions, and as WAVE, the text form of component values.
//!
//! | WIT | JSON |
//! |---|---|
//! | integers, floats, `bool`, `string`, `char` | number, `true` or `false`, text |
//! | `types.json` | itself, every digit untouched |
//! | `option<T>` | `null`, or `T` |
//! | `list<T>`, `tuple<...>` | list |
//! | `list<u8>` | base64 |
//! | `record` | object; names in snake case |
//! | `variant`, `result` | an object of one member, `{"update": "001..."}`; a case that holds nothing is its name, `"create"` |
//! | `enum`, `flags` | a name, a list of names |
//! | `list<soql.parameter>` | an object of names and values ([`parameters`](crate::parameters)) |
//!
//! Where JSON is read, an option, a bool, a list, and a record of such may be left out of a record; so may the same but
//! lists of the parameters of a function. An unknown member is an error: a misspelt one would otherwise be lost without a word.
//! A whole number may be written as `200`, `200.0` or `2e2`, as in JSON Schema.

mod cases;
mod defaults;
mod numbers;
mod parameters;
mod read;
mod wave;
mod write;

pub(crate) use defaults::{left_out, parameter_left_out};
pub(crate) use numbers::whole_number;
pub(crate) use read::{Input, LONGEST_BYTES, LONGEST_CSV, LONGEST_LIST, LONGEST_TEXT};
pub(crate) use wave::call;
pub use write::within;
pub(crate) use write::{Written, examined};

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::{Actions, Call};

    pub(super) fn own() -> &'static Arc<Actions> {
        Actions::of_connector()
    }

    fn refused(action: &str, input: &str) -> String {
        Call::parse(own(), action, input).unwrap_err().to_string()
    }

    #[test]
    fn every_action_reads_its_input() {
        for (action, input) in [
            (
                "soql-query",
                r#"{"query":{"soql":"SELECT Id FROM Account","parameters":{"a":"x","b":-12,"c":{"decimal":"0.10"},"d":null,
                "e":true,"f":{"date":"2026-11-24"},"h":[{"id":"001"},"y",null],"i":[],"j":{"like-contains":"5%"},
                "n":9007199254740993,"o":0.10,"a":"bound again"},"include_deleted":true,"batch_size":200,"max_records":7}}"#,
            ),
            ("soql-query", r#"{"query":{"soql":"SELECT Id FROM Account"}}"#),
            ("explain", r#"{"query":{"soql":"SELECT Id FROM Account"}}"#),
            ("user-info", "{}"),
            ("list-objects", "{}"),
            ("describe-object", r#"{"object":"Account","if_modified_since":"Tue, 24 Nov 2026 09:30:00 GMT"}"#),
            ("describe-json", r#"{"object":null}"#),
            ("org-limits", "{}"),
            ("record-counts", r#"{"objects":["Account","Invoice__c"]}"#),
            ("recent-items", r#"{"limit":7}"#),
            ("next-page", r#"{"cursor":"c\"\n"}"#),
            ("get-record-field-values", r#"{"object":"Account","key":{"id":"001"},"fields":["Name","Owner.Name"]}"#),
            (
                "get-record-field-values",
                r#"{"object":"A","key":{"external_id":{"field":"F","value":"v"}},"fields":["N"]}"#,
            ),
            (
                "create-or-update-record",
                r#"{"object":"A","target":"create","fields":{"N":9007199254740993.10,"N":null}}"#,
            ),
            (
                "create-or-update-record",
                r#"{"object":"A","target":{"update":"001"},"fields":{},"save":{"assignment_rule":"off","duplicate_rule":
                {"allow_save":true},"if_unmodified_since":"Tue, 24 Nov 2026 09:30:00 GMT"}}"#,
            ),
            (
                "create-or-update-record",
                r#"{"object":"A","target":{"upsert":{"external_id":{"field":"F","value":"v"},"update_only":true}},"fields":{},
                "save":{"assignment_rule":{"rule":"01Q"},"duplicate_rule":{"run_as_current_user":true}}}"#,
            ),
            ("create-records", r#"{"records":[{"object":"Account","fields":{"N":9007199254740993.10}}]}"#),
            (
                "create-records",
                r#"{"records":[],"all_or_none":true,"save":{"assignment_rule":"off","duplicate_rule":{"allow_save":true}}}"#,
            ),
            ("update-records", r#"{"records":[{"object":"Account","id":"001","fields":{}}],"all_or_none":false}"#),
            ("upsert-records", r#"{"object":"A","external_id_field":"E__c","records":[{"E__c":"1","N":0.10}]}"#),
            ("delete-records", r#"{"ids":["001","003"]}"#),
            ("get-records", r#"{"object":"A","ids":["001"],"fields":["Name"]}"#),
            ("updated-records", r#"{"object":"A","start":"2026-11-24T00:00:00Z","end":"2026-11-25T00:00:00Z"}"#),
            ("deleted-records", r#"{"object":"A","start":"2026-11-24T00:00:00Z","end":"2026-11-25T00:00:00Z"}"#),
            ("changed-records", r#"{"object":"A","request":{"fields":["Name"]}}"#),
            (
                "changed-records",
                r#"{"object":"A","request":{"fields":["Name"],"filter":{"condition":"Industry = :i","parameters":{"i":"x"}},
                "include_deleted":true,"position":"1","since":"2026-11-24T00:00:00Z","overlap_seconds":600,"max_records":5}}"#,
            ),
            ("search", r#"{"text":"acme","request":{}}"#),
            (
                "search",
                r#"{"text":"acme","request":{"objects":[{"object":"A","fields":["Name"],"limit":5},{"object":"B"}],
                "scope":"name","limit":7}}"#,
            ),
            ("sosl-search", r#"{"sosl":"FIND {:t}","parameters":{"t":"acme"}}"#),
            (
                "composite",
                r#"{"subrequests":[{"reference_id":"a","action":{"create":{"object":"A","fields":{"N":1.50}}}},
                {"reference_id":"b","action":{"update":{"object":"A","key":{"reference":"a.id"},"fields":{},
                "references":[{"field":"P","value":"a.id"}]}}},
                {"reference_id":"c","action":{"upsert":{"object":"A","external_id":{"field":"F","value":"v"},"fields":{}}}},
                {"reference_id":"d","action":{"delete":{"object":"A","key":{"id":"001"}}}},
                {"reference_id":"e","action":{"read":{"object":"A","key":{"reference":"a.id"},"fields":["N"]}}},
                {"reference_id":"f","action":{"query":{"soql":"x","parameters":{"n":"a"}}}}],"all_or_none":true}"#,
            ),
            ("graph", r#"{"graphs":[{"graph_id":"g","subrequests":[]}]}"#),
            ("invocable-action", r#"{"action":{"flow":"F"},"inputs":[{"a":1.50},{}]}"#),
            ("describe-invocable-action", r#"{"action":{"standard":"S"}}"#),
            ("quick-action", r#"{"name":"Q","fields":{}}"#),
            ("approval", r#"{"request":{"submit":{"record_id":"001"}}}"#),
            ("approval", r#"{"request":{"reject":{"work_item_id":"04i","comments":"no"}}}"#),
            ("apex-rest", r#"{"method":"put","path":"a/b","query":[{"name":"n","value":"v"}],"body":[1.50]}"#),
            ("run-report", r#"{"report_id":"00O","include_details":true}"#),
            ("start-report", r#"{"report_id":"00O"}"#),
            ("report-instance", r#"{"report_id":"00O","instance_id":"0LG"}"#),
            ("download-blob", r#"{"object":"Attachment","id":"00P","field":"Body","range":{"offset":0,"length":5}}"#),
            ("upload-file", r#"{"file_name":"a.txt","data":"aGk=","target":{"linked_to":"001"},"fields":{"A":1.50}}"#),
            (
                "link-file",
                r#"{"document_id":"069","record_id":"001","share_type":"inferred","visibility":"all-users"}"#,
            ),
            ("create-query-job", r#"{"query":{"soql":"x","parameters":{"n":"a"},"include_deleted":true}}"#),
            ("get-query-results", r#"{"cursor":"/services/data/v67.0/jobs/query/750/results","max_records":5}"#),
            (
                "create-ingest-job",
                r#"{"job":{"object":"A","operation":{"upsert":"F"},"line_ending":"crlf","column_delimiter":"tab"}}"#,
            ),
            ("create-ingest-job", r#"{"job":{"object":"A","operation":"hard-delete"}}"#),
            ("upload-job-data", r#"{"job_id":"750","csv":"N\n1\n"}"#),
            ("get-ingest-results", r#"{"job_id":"750","which":"failed"}"#),
            ("delete-job", r#"{"kind":"ingest","job_id":"750"}"#),
        ] {
            let call = Call::parse(own(), action, input).unwrap();
            assert_eq!((call.action().name.as_str(), &**call.input()), (action, input));
        }
    }

    #[test]
    fn wrong_inputs_say_where_what_was_expected_and_what_came() {
        for (action, input, words) in [
            ("soql-query", "{}", "missing field `query`"),
            ("soql-query", r#"{"query":{}}"#, "query: missing field `soql`"),
            ("soql-query", r#"{"query":"HUSH"}"#, "query: invalid type: text, expected an object"),
            (
                "soql-query",
                r#"{"query":{"soql":"x","paramters":{}}}"#,
                "query.paramters: unknown field, did you mean `parameters`?",
            ),
            (
                "soql-query",
                r#"{"query":{"soql":"x","include-deleted":true}}"#,
                "query.include-deleted: unknown field, did you mean `include_deleted`?",
            ),
            (
                "soql-query",
                r#"{"query":{"soql":"x","hush-2":1}}"#,
                "query: unknown field, expected `soql`, `parameters`,",
            ),
            (
                "soql-query",
                r#"{"query":{"soql":"x","parameters":{"a":[[1]]}}}"#,
                "query.parameters.a: expected a list of values",
            ),
            (
                "soql-query",
                r#"{"query":{"soql":"x","batch_size":65536}}"#,
                "query.batch_size: invalid value: a number above 65,535, expected a whole number from 0 to 65,535",
            ),
            (
                "soql-query",
                r#"{"query":{"soql":"x","batch_size":18446744073709551616}}"#,
                "query.batch_size: invalid value: a number above 18,446,744,073,709,551,615, expected a whole number from 0 to 65,535",
            ),
            (
                "soql-query",
                r#"{"query":{"soql":"x","batch_size":1e400}}"#,
                "query.batch_size: invalid value: a number above 18,446,744,073,709,551,615, expected a whole number from 0",
            ),
            (
                "soql-query",
                r#"{"query":{"soql":"\ud800HUSH"}}"#,
                "query.soql: invalid value: a text with half of a surrogate pair, expected a text of 0 to 100,000",
            ),
            (
                "create-or-update-record",
                r#"{"object":"A","target":"create","fields":{"Owner":[{"Name":"\ud800HUSH"}]}}"#,
                "fields.Owner[0].Name: invalid value: a text with half of a surrogate pair",
            ),
            (
                "soql-query",
                r#"{"query":{"soql":"x","parameters":{"n":"\ud800HUSH"}}}"#,
                "n: invalid value: a text with half",
            ),
            (
                "soql-query",
                r#"{"query":{"soql":"x","batch_size":2.5}}"#,
                "query.batch_size: invalid value: a number with a fraction, expected a whole number from 0",
            ),
            (
                "soql-query",
                r#"{"query":{"soql":"x","batch_size":-1}}"#,
                "query.batch_size: invalid value: a number below 0, expected a whole number from 0",
            ),
            (
                "soql-query",
                r#"{"query":{"soql":"x","include_deleted":"yes"}}"#,
                "query.include_deleted: invalid type: text, expected true or false",
            ),
            ("next-page", r#"{"cursor":1}"#, "cursor: invalid type: whole number, expected a text"),
            ("next-page", r#"{"cursor":"a","cursor":"HUSH"}"#, "duplicate field `cursor`"),
            ("get-record-field-values", r#"{"object":"A","key":{"id":"1"}}"#, "missing field `fields`"),
            (
                "get-record-field-values",
                r#"{"object":"A","key":{"id":"1"},"fields":["a",7]}"#,
                "fields[1]: invalid type: whole number, expected a text",
            ),
            ("get-record-field-values", r#"{"object":"A","fields":["F"]}"#, "missing field `key`"),
            (
                "get-record-field-values",
                r#"{"object":"A","key":"id","fields":["F"]}"#,
                r#"key: invalid type: the name of a case that holds a value, expected {"id": ...}"#,
            ),
            (
                "get-record-field-values",
                r#"{"object":"A","key":5.5,"fields":["F"]}"#,
                r#"key: invalid type: number, expected {"id": ...} or {"external_id": ...}"#,
            ),
            (
                "get-record-field-values",
                r#"{"object":"A","key":{"external-id":"id"},"fields":["F"]}"#,
                r#"key: unknown variant, did you mean {"external_id": ...}?"#,
            ),
            (
                "get-record-field-values",
                r#"{"object":"A","key":{"HUSH":"id"},"fields":["F"]}"#,
                r#"unknown variant, expected {"id": ...} or {"external_id": ...}"#,
            ),
            (
                "get-record-field-values",
                r#"{"object":"A","key":["id"],"fields":["F"]}"#,
                r#"key: invalid type: list, expected {"id": ...} or {"external_id": ...}"#,
            ),
            (
                "create-or-update-record",
                r#"{"object":"A","fields":{},"target":{"update":"1","upsert":{}}}"#,
                r#"target: expected one of "create", {"update": ...} or {"upsert": ...}, and not several"#,
            ),
            (
                "create-or-update-record",
                r#"{"object":"A","fields":{},"target":{"create":null}}"#,
                r#"target: invalid type: an object, for a case that holds nothing, expected "create""#,
            ),
            ("create-or-update-record", r#"{"object":"A","fields":{}}"#, "missing field `target`"),
            ("soql-query", "HUSH", "expected value at line 1"),
            ("HUSH", "{}", "expected one of soql-query, next-page, explain, "),
        ] {
            let error = refused(action, input);
            assert!(error.contains(words) && !error.to_uppercase().contains("HUSH"), "{error}, and not: {words}");
        }
    }

    /// An action of a component that takes one parameter `a` of this shape.
    pub(super) fn taking(shape: &str) -> Arc<Actions> {
        let action =
            r#"{"interface":"a:b/c","function":"f","name":"f","parameters":[{"name":"a","type":0}],"effect":"reads"}"#;
        let actions = format!(r#"{{"types":[{{"shape":{shape}}}],"actions":[{action}]}}"#);
        Arc::new(serde_json::from_str(&actions).unwrap())
    }

    #[test]
    fn records_of_a_batch_are_written_as_they_are_told() {
        use salesforce_runtime::Val;
        let record = |fields: &[(&str, Val)]| {
            Val::Record(fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
        };
        let text = |text: &str| Val::String(text.to_owned());
        let saved = record(&[
            ("id", text("001")),
            ("created", Val::Option(Some(Box::new(Val::Bool(true))))),
            ("event-uuid", Val::Option(None)),
        ]);
        let error = record(&[
            ("kind", Val::Enum("invalid-record".to_owned())),
            ("outcome", Val::Enum("rejected".to_owned())),
            ("retryable", Val::Bool(false)),
            ("retry-after-ms", Val::Option(None)),
            ("message", text("m")),
            ("status", Val::Option(Some(Box::new(Val::U16(200))))),
            ("problems", Val::List(Vec::new())),
            ("detail", Val::Option(Some(Box::new(text("{\"n\":0.10}"))))),
            ("request-id", Val::Option(None)),
        ]);
        let results = Val::List(vec![Val::Result(Ok(Some(Box::new(saved)))), Val::Result(Err(Some(Box::new(error))))]);
        let id = own().named("create-records").unwrap().result.unwrap();
        let value = record(&[("results", results), ("usage", Val::Option(None))]);
        let written = super::Written::of(own().types(), id, value, 1_000).unwrap_or_else(|_| unreachable!());
        let ok = r#"{"ok":{"id":"001","created":true,"event_uuid":null}}"#;
        let error = concat!(
            r#"{"error":{"kind":"invalid-record","outcome":"rejected","retryable":false,"retry_after_ms":null,"#,
            r#""message":"m","status":200,"problems":[],"detail":{"n":0.10},"request_id":null}}"#
        );
        let expected = format!(r#"{{"results":[{ok},{error}],"usage":null}}"#);
        assert_eq!(serde_json::to_string(&written).unwrap(), expected);
    }

    #[test]
    fn an_input_is_bounded() {
        let list = vec!["\"a\""; super::LONGEST_LIST + 1].join(",");
        let input = format!(r#"{{"object":"A","key":{{"id":"1"}},"fields":[{list}]}}"#);
        assert!(
            refused("get-record-field-values", &input).contains("fields: expected a list of at most 10,000 entries")
        );
        let input = format!(r#"{{"query":{{"soql":"{}"}}}}"#, "x".repeat(super::LONGEST_TEXT + 1));
        let words =
            "query.soql: invalid value: a text of 100,001 characters, expected a text of 0 to 100,000 characters";
        assert!(refused("soql-query", &input).contains(words));
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let input = format!(r#"{{"object":"A","target":"create","fields":{deep}}}"#);
        assert!(refused("create-or-update-record", &input).contains("expected lists and objects at most 32 deep"));
        let input = format!(r#"{{"object":"A","target":{deep},"fields":{{}}}}"#);
        assert!(refused("create-or-update-record", &input).contains("target: invalid type: list"));
    }
}
