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
fn an_id_of_15_characters_is_that_of_18() {
    let accounts = "Id,Name\n001xx000003DGb1,Here\n";
    let contacts = "LastName,AccountId\nByron,001xx000003DGb1AAG\n";
    let mut org = Org::seeded(EPOCH);
    let ids = org.load(&[seed("Contact.csv", contacts), seed("Account.csv", accounts)]).unwrap();
    assert!(ids[0].starts_with("003") && ids[1].starts_with("001") && ids.len() == 2, "{ids:?}");
}

/// As a query answers: a parent within its child, by its URL or by its name.
const ANSWER: &str = r#"{"totalSize": 3, "done": true, "records": [
  {"attributes": {"type": "Account", "url": "/services/data/v60.0/sobjects/Account/001xx000003DGb2AAG"}, "Name": "Child",
   "ParentId": "001xx000003DGb9AAG", "Parent": {"attributes": {"type": "Account", "url": "/x/001xx000003DGb9AAG"}, "Name": "Top"}},
  {"attributes": {"type": "Account", "url": "/services/data/v60.0/sobjects/Account/001xx000003DGb1AAG"}, "Name": "Top"},
  {"attributes": {"type": "Contact"}, "LastName": "Byron",
   "Account": {"attributes": {"type": "Account", "url": "/x/001xx000003DGb2AAG"}, "Name": "Renamed"}}
]}"#;
const PRICES: &str = r#"[
  {"attributes": {"type": "Product2"}, "Name": "Pump"},
  {"attributes": {"type": "PricebookEntry"}, "UnitPrice": 5, "IsActive": true, "Product2": {"Name": "Pump"},
   "Pricebook2": {"Name": "Standard Price Book"}},
  {"attributes": {"type": "User"}, "Username": "ada@example.org", "Email": "ada@example.org", "LastName": "Byron", "Alias": "ada",
   "TimeZoneSidKey": "Europe/London", "LocaleSidKey": "en_US", "EmailEncodingKey": "UTF-8", "LanguageLocaleKey": "en_US",
   "Profile": {"Name": "Standard User"}}
]"#;

#[tokio::test]
async fn a_nested_parent_is_found_by_its_id_or_its_name() {
    let seeds = [seed("answer.json", ANSWER), seed("prices.json", PRICES)];
    let mock = MockSalesforce::builder().seed(seeds).connected_app(app()).start().await.unwrap();
    let contact = query(&mock, "SELECT Account.Name, Account.Parent.Name FROM Contact WHERE LastName = 'Byron'").await;
    let account = &contact["records"][0]["Account"];
    assert_eq!((&account["Name"], &account["Parent"]["Name"]), (&json!("Child"), &json!("Top")));
    let entry = query(&mock, "SELECT Product2.Name, Pricebook2.IsStandard FROM PricebookEntry").await;
    let entry = &entry["records"][0];
    assert_eq!((&entry["Product2"]["Name"], &entry["Pricebook2"]["IsStandard"]), (&json!("Pump"), &json!(true)));
    let user = query(&mock, "SELECT Profile.Name, IsActive FROM User WHERE Username = 'ada@example.org'").await;
    let user = &user["records"][0];
    assert_eq!((&user["Profile"]["Name"], &user["IsActive"]), (&json!("Standard User"), &json!(true)));
}

#[test]
fn a_parent_is_told_as_a_name_or_by_its_developer_name() {
    let mut org = Org::seeded(EPOCH);
    let records = r#"[
      {"attributes": {"type": "RecordType"}, "Name": "Key", "DeveloperName": "Key", "SobjectType": "Account"},
      {"attributes": {"type": "RecordType"}, "Name": "Key", "DeveloperName": "Key", "SobjectType": "Case"},
      {"attributes": {"type": "Lead", "url": "/x/Lead/00Qxx0000000001EAA"}, "LastName": "Byron", "Company": "Engines"},
      {"attributes": {"type": "Task"}, "Subject": "Call",
       "Who": {"attributes": {"type": "Name", "url": "/services/data/v60.0/sobjects/Lead/00Qxx0000000001EAA"}, "Name": "Byron"}}
    ]"#;
    let accounts = "Name,RecordType.DeveloperName\nAcme,Key\n";
    let ids = org.load(&[seed("records.json", records), seed("Account.csv", accounts)]).unwrap();
    let row = |object: &str, id: &str| org.row(object, id, None, "v60.0").unwrap();
    assert_eq!(row("Account", &ids[4])["RecordTypeId"], json!(ids[0]));
    assert_eq!(row("Task", &ids[3])["WhoId"], json!(ids[2]));
}

#[test]
fn a_name_is_looked_for_among_all_records_of_the_files() {
    let mut org = Org::seeded(EPOCH);
    let contacts = seed("Contact.csv", "LastName,Account.Name\nByron,Twin\n");
    let ids = org.load(&[contacts.clone(), seed("Account.csv", "Name\nTwin\n")]).unwrap();
    assert_eq!(org.row("Contact", &ids[0], Some(&["AccountId"]), "v60.0").unwrap()["AccountId"], json!(ids[1]));
    let error = org.load(&[contacts, seed("Account.csv", "Name\nTwin\n")]).unwrap_err();
    assert!(error.problem.contains("several records of Account are called"), "{error}");
}

#[test]
fn a_nested_parent_that_is_not_one_record_is_refused() {
    let mut org = Org::seeded(EPOCH);
    for (parent, problem) in [
        (r#"{"Name": "Twin"}"#, "several records of Account are called \"Twin\""),
        (r#"{"Industry": "Banking", "Phone": "1"}"#, "Account does not say which Account it is"),
        (
            r#"{"attributes": {"type": "Account", "url": "/x/001xx000003DGb2AAG"}, "Name": "No"}"#,
            "no Account is called",
        ),
    ] {
        let text = format!(
            r#"[{{"attributes": {{"type": "Account"}}, "Name": "Twin"}}, {{"attributes": {{"type": "Account"}}, "Name": "Twin"}},
            {{"attributes": {{"type": "Contact"}}, "LastName": "A", "Account": {parent}}}]"#
        );
        let error = org.load(&[seed("twins.json", &text)]).unwrap_err();
        assert!(error.problem.contains(problem) && error.line == Some(2), "{error}");
    }
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
        (
            "Invoice__c.csv",
            INVOICES.replace("12.5", "much"),
            "Invoice__c.csv:2: Amount__c: JSON_PARSER_ERROR: Cannot deserialize",
        ),
        ("Account.csv", " \n".to_owned(), "Account.csv: an empty file: expected the API names of fields of Account"),
        ("Account.csv", "Name\nA\n\"B\nC\n".to_owned(), "Account.csv:3: a quote that opens a cell is never closed"),
        ("Account.csv", "Name\n\"A\"B\n".to_owned(), "Account.csv:2: text after the quote that closes a cell"),
        ("Account.csv", "Name,name\nA,B\n".to_owned(), "Account.csv:1: two columns are about Name: expected one"),
        (
            "Contact.csv",
            "LastName,AccountId,Account.ERP_Id__c\nA,,S-1\n".to_owned(),
            "Contact.csv:1: two columns are about AccountId: expected one",
        ),
        ("Account.csv", "Name,ERP_Id__c\nA\n".to_owned(), "Account.csv:2: 1 cell: expected 2, as in the header"),
        (
            "Account.json",
            "[{\"attributes\": {\"type\": \"Account\"}, \"Name\": \"A\",\n\"name\": \"B\"}]".to_owned(),
            "Account.json:2: \"name\" after \"Name\": expected each field of a record once",
        ),
        (
            "Contact.csv",
            "LastName,AccountId\nA,001xx000003DGb1AAG\n".to_owned(),
            "Contact.csv:2: AccountId: no record has the Id \"001xx000003DGb1AAG\": seed that record too, or leave AccountId out",
        ),
        (
            "Contact.csv",
            "LastName,Account.Name\nA,Nobody\n".to_owned(),
            "Contact.csv:2: Account: no Account is called \"Nobody\": seed that record too, or leave Account out",
        ),
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
