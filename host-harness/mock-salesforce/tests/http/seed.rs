//! Records out of files.

use mock_salesforce::MockSalesforce;
use mock_salesforce::org::files::{Seed, Source};
use mock_salesforce::org::{EPOCH, Org};
use serde_json::json;

use crate::fixture::*;

const TREE: &str = r#"{"records": [
  {"attributes": {"type": "Account", "referenceId": "AccountRef1"}, "Name": "Seeded", "ERP_Id__c": "S-1",
   "Contacts": {"records": [
     {"attributes": {"type": "Contact", "referenceId": "ContactRef1"}, "LastName": "Byron", "ReportsToId": "@ContactRef2"}
   ]}},
  {"attributes": {"type": "Contact", "referenceId": "ContactRef2"}, "LastName": "Babbage", "AccountId": "@AccountRef1"},
  {"attributes": {"type": "Task"}, "Subject": "Call", "WhoId": "@ContactRef2", "Description": null}
]}"#;
const INVOICES: &str = "Id,Invoice_Number__c,Account__r.ERP_Id__c,Amount__c,Reviewed__c,Notes__c,Status__c\n\
    a00xx0000000001AAA,N-1,S-1,12.5,TRUE,\"two\nlines\",\n\
    a00xx0000000002AAA,N-2,S-1,,false,,#N/A\n";

fn seed(path: &str, text: &str) -> Seed {
    Seed { source: Source { path: path.into(), text: text.to_owned() }, object: None }
}

#[tokio::test]
async fn records_come_from_trees_and_tables() {
    // The table is first, so that its lookups lead to records of a later file.
    let seeds = [seed("data/Invoice__c.csv", INVOICES), seed("data/Account.json", TREE)];
    let mock = MockSalesforce::builder().seed(seeds).connected_app(app()).start().await.unwrap();
    let soql = "SELECT Name, (SELECT LastName, ReportsTo.LastName FROM Contacts ORDER BY LastName), \
                (SELECT Invoice_Number__c, Amount__c, Reviewed__c, Notes__c, Status__c FROM Invoices__r ORDER BY Invoice_Number__c) \
                FROM Account WHERE ERP_Id__c = 'S-1'";
    let account = query(&mock, soql).await["records"][0].clone();
    let contacts = &account["Contacts"]["records"];
    assert_eq!((&contacts[0]["LastName"], &contacts[1]["LastName"]), (&json!("Babbage"), &json!("Byron")));
    assert_eq!(contacts[1]["ReportsTo"]["LastName"], "Babbage");
    let invoices = &account["Invoices__r"]["records"];
    assert_eq!((&invoices[0]["Amount__c"], &invoices[0]["Reviewed__c"]), (&json!(12.5), &json!(true)));
    assert_eq!((&invoices[0]["Notes__c"], &invoices[0]["Status__c"]), (&json!("two\nlines"), &json!("Draft")));
    assert_eq!((&invoices[1]["Amount__c"], &invoices[1]["Status__c"]), (&json!(null), &json!(null)));
    let task = query(&mock, "SELECT Who.LastName FROM Task").await;
    assert_eq!(task["records"][0]["Who"]["LastName"], "Babbage");
}

#[test]
fn a_plan_stands_for_its_files() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/http/data/plan");
    let seeds = Seed::read(&format!("{folder}/Account-Contact-plan.json")).unwrap();
    let ids = Org::seeded(EPOCH).load(&seeds).unwrap();
    assert!(ids[0].starts_with("001") && ids[1].starts_with("003") && ids.len() == 2, "{ids:?}");
    let missing = Seed::read(&format!("{folder}/none.json")).unwrap_err();
    assert_eq!(missing.path, std::path::Path::new(folder).join("none.json"));
}

#[test]
fn an_id_of_elsewhere_names_a_record() {
    let accounts = "Id,Name\n001xx000003DGb1AAG,Here\n";
    let contacts = "LastName,AccountId\nByron,001xx000003DGb1AAG\n";
    let mut org = Org::seeded(EPOCH);
    let mut persons = seed("people.csv", contacts);
    persons.object = Some("Contact".to_owned());
    let ids = org.load(&[persons, seed("Account.csv", accounts)]).unwrap();
    assert!(ids[0].starts_with("003") && ids[1].starts_with("001") && ids.len() == 2, "{ids:?}");
}

#[test]
fn what_is_wrong_is_told_and_nothing_is_kept() {
    let mut org = Org::seeded(EPOCH);
    let before = org.count("Account");
    for (path, text, problem) in [
        (
            "Account.json",
            TREE.replace("\"@ContactRef2\"}", "\"@Nobody\"}"),
            "Account.json:4: ReportsToId: no record has the referenceId @Nobody",
        ),
        (
            "Account.json",
            TREE.replace("LastName\": \"Babbage\"", "LastNme\": \"Babbage\""),
            "Account.json:6: INVALID_FIELD: No such column 'LastNme' on sobject of type Contact",
        ),
        (
            "Account.json",
            TREE.replace("\"type\": \"Task\"", "\"type\": \"Chore\""),
            "Account.json:7: the org has no object Chore",
        ),
        (
            "Account.json",
            TREE.replace("ContactRef1\"", "ContactRef2\""),
            "Account.json:6: @ContactRef2 is the record of line 4 already",
        ),
        (
            "Account.json",
            "{\"records\": [\n{\"Name\": \"x\"}]}".to_owned(),
            "Account.json:2: a record without attributes.type",
        ),
        ("Account.json", "{\"rows\": []}".to_owned(), "Account.json:1: expected {\"records\""),
        ("Account.json", "{\"records\": [\n{\"attributes\": ]}".to_owned(), "Account.json:2: expected value"),
        (
            "Invoice__c.csv",
            INVOICES.replace("Notes__c", "Nots__c"),
            "Invoice__c.csv:1: column \"Nots__c\": Invoice__c has no such field",
        ),
        (
            "Invoice__c.csv",
            INVOICES.replace("N-2,S-1,", "N-2,"),
            "Invoice__c.csv:4: 6 cells: expected 7, as in the header",
        ),
        ("Invoice__c.csv", INVOICES.replace("12.5", "much"), "Invoice__c.csv:2: JSON_PARSER_ERROR: Cannot deserialize"),
        (
            "Bills.csv",
            INVOICES.to_owned(),
            "Bills.csv: the org has no object Bills: expected a file called after its object, or OBJECT=Bills.csv",
        ),
    ] {
        let good = seed("Account.csv", "Name,ERP_Id__c\nGood,S-1\n");
        let seeds = if path.ends_with(".json") { vec![seed(path, &text)] } else { vec![good, seed(path, &text)] };
        let error = org.load(&seeds).unwrap_err().to_string();
        assert!(error.starts_with(problem), "{error}\n{problem}");
        assert_eq!(org.count("Account"), before);
    }
}
