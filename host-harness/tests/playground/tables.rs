//! What a table, and a file made of it, says of rows that are not in it.

use mock_salesforce::{Fault, Matcher};

use crate::stage::{Answer, Stage};

const QUERY: &str = "/services/data/v67.0/query";
const NESTED: &str = r#"{"totalSize":2,"done":true,"records":[{"Name":"none","Contacts":null},{"Name":"some","Contacts":
    {"totalSize":260,"done":false,"nextRecordsUrl":"/services/data/v67.0/query/01gOUTER-2","records":[{"Name":"c0","Cases":
    {"totalSize":9,"done":false,"nextRecordsUrl":"/services/data/v67.0/query/01gINNER-1","records":[{"N":1.50}]}},
    {"Name":"c1","Cases":null}]}}]}"#;

/// Has the org answer with this text, and asks it.
async fn answered(stage: &Stage, body: &str) -> Answer {
    let headers = vec![("content-type".to_owned(), "application/json;charset=UTF-8".to_owned())];
    let fault = Fault::Answer { status: 200, headers, body: body.as_bytes().to_vec() };
    stage.mock.push_fault(Matcher::path(QUERY), fault);
    let answer = stage.run(&[("action", "soql-query"), ("query.soql", "SELECT Name FROM Account")]).await;
    assert_eq!(answer.element("result-state"), "Succeeded", "{answer:?}");
    answer
}

async fn csv(stage: &Stage, answer: &Answer) -> Answer {
    let csv = stage.get(&format!("/console/executions/{}/result.csv", answer.element("result-execution"))).await;
    assert_eq!(csv.status, 200, "{csv:?}");
    csv
}

fn file_name(answer: &Answer) -> &str {
    answer.headers["content-disposition"].to_str().unwrap()
}

#[tokio::test]
async fn f109_half_an_emoji_in_one_record_hides_no_other() {
    let stage = Stage::start().await;
    let body = r#"{"totalSize":2,"done":true,"records":[{"Name":"a\ud83d"},{"Name":"b"}]}"#;
    let answer = answered(&stage, body).await;
    assert_eq!(answer.element("result-table"), "Namea\u{fffd}b");
    let csv = csv(&stage, &answer).await;
    assert_eq!(csv.text, "Name\r\na\u{fffd}\r\nb\r\n");
    assert!(!file_name(&csv).contains("partial"), "{csv:?}");
}

#[tokio::test]
async fn the_answer_to_a_count_is_in_its_file() {
    let stage = Stage::start().await;
    stage.mock.push_fault(
        Matcher::path(QUERY),
        Fault::json(200, &serde_json::json!({"totalSize": 7, "done": true, "records": []})),
    );
    let answer = stage.run(&[("action", "soql-query"), ("query.soql", "SELECT COUNT() FROM Account")]).await;
    assert_eq!(answer.element("result-count"), "The count is 7.");
    assert_eq!(csv(&stage, &answer).await.text, "count\r\n7\r\n");
}

#[tokio::test]
async fn f110_a_cell_that_is_cut_says_so_at_every_depth_and_its_rest_is_a_button_away() {
    let stage = Stage::start().await;
    let answer = answered(&stage, NESTED).await;
    for words in
        ["<summary>2 of 260</summary>", "<summary>1 of 9</summary>", "More rows of Contacts.0.Cases of record 2"]
    {
        assert!(answer.text.contains(words), "{words}: {answer:?}");
    }
    assert!(answer.element("result-partial").starts_with("2 sub-queries have more rows"), "{answer:?}");
    let csv = csv(&stage, &answer).await;
    assert!(file_name(&csv).ends_with("-partial.csv\""), "{csv:?}");
    assert!(csv.text.contains(r#"{""count"":2,""totalSize"":260,""records"":[{""Name"":""c0"","#), "{csv:?}");
    assert!(csv.text.contains(r#"""totalSize"":9,""done"":false"#) && csv.text.contains("1.50"), "{csv:?}");

    for (cursor, count) in [("01gINNER-1", 8), ("01gOUTER-2", 258)] {
        let path = format!("{QUERY}/{cursor}");
        assert!(answer.text.contains(&format!(r#"name="cursor" value="{path}""#)), "{answer:?}");
        let rows =
            serde_json::json!({"totalSize": count, "done": true, "records": vec![serde_json::json!({"N": 2}); count]});
        stage.mock.push_fault(Matcher::path(&path), Fault::json(200, &rows));
        let rest = stage.run(&[("action", "soql-query"), ("query.soql", "S"), ("cursor", &path)]).await;
        assert_eq!(rest.element("result-count"), format!("{count} of {count} records."), "{rest:?}");
    }
}

#[tokio::test]
async fn a_file_of_one_page_of_several_is_partial_too() {
    let stage = Stage::start().await;
    let query = [("action", "soql-query"), ("query.soql", "SELECT Id FROM Account"), ("query.batch-size", "200")];
    let answer = stage.run(&query).await;
    assert!(file_name(&csv(&stage, &answer).await).ends_with("-partial.csv\""));
}

#[tokio::test]
async fn what_salesforce_says_keeps_its_lines_and_shows_what_is_hidden() {
    let stage = Stage::start().await;
    let message = "\nSELECT Id, Foo\n           ^\nERROR \u{202e}evil";
    let body = serde_json::json!([{"errorCode": "MALFORMED_QUERY", "message": message}]);
    stage.mock.push_fault(Matcher::path(QUERY), Fault::json(400, &body));
    let answer = stage.run(&[("action", "soql-query"), ("query.soql", "SELECT Id, Foo")]).await;
    assert!(answer.text.contains("<pre>SELECT Id, Foo\n           ^\nERROR \\u{202e}evil</pre>"), "{answer:?}");
    assert_eq!(answer.element("result-error"), "Salesforce refused with MALFORMED_QUERY (status 400)");
    assert!(!answer.text.contains('\u{202e}'), "{answer:?}");
}
