use serde_json::json;

use super::*;
use crate::org::{EPOCH, Record, Schema};
use crate::soql::{self, QueryOptions, cursor::Cursor};

const COUNT: usize = 10_000_000;

fn org() -> Org {
    let mut org = Org::of(Schema::standard(false), EPOCH);
    org.generate(&format!("lead={COUNT}").parse().unwrap()).unwrap();
    org
}

fn open(org: &Org, soql: &str) -> Result<Cursor, ApiError> {
    let options = QueryOptions { include_deleted: false, version: "v67.0", user_id: "0055g0000000000" };
    Cursor::open(org, soql::parse(soql).unwrap(), &options)
}

fn id(number: usize) -> String {
    RecordId::numbered("00Q", number.try_into().unwrap()).unwrap().to_string()
}

/// The numbers of the records at some positions of a result.
fn numbers(cursor: &Cursor, positions: std::ops::Range<usize>) -> Vec<usize> {
    let records = cursor.records(positions).unwrap();
    let number = |record: &serde_json::Value| {
        let company = record["Company"].as_str().unwrap();
        company.strip_prefix("Company ").unwrap().parse().unwrap()
    };
    records.iter().map(number).collect()
}

#[test]
fn numbers_answer_queries_by_what_is_in_their_order() {
    let org = org();
    let (middle, late) = (id(5_000_000), id(9_999_990));
    let moment = made(9_999_000);
    for (rest, len, first, last) in [
        ("", COUNT, 0, COUNT - 1),
        ("ORDER BY Id DESC", COUNT, COUNT - 1, 0),
        ("ORDER BY Id LIMIT 5 OFFSET 7", 5, 7, 11),
        ("ORDER BY SystemModstamp, Id LIMIT 5", 5, 0, 4),
        (&format!("WHERE Id > '{late}' ORDER BY Id LIMIT 2000"), 9, 9_999_991, COUNT - 1),
        (&format!("WHERE Id > '{middle}' ORDER BY Id LIMIT 2000"), 2_000, 5_000_001, 5_002_000),
        (&format!("WHERE Id = '{middle}'"), 1, 5_000_000, 5_000_000),
        (&format!("WHERE Id IN ('{late}', '{middle}')"), 2, 5_000_000, 9_999_990),
        (&format!("WHERE Id > '{middle}' AND Company <= 'company 005000003'"), 3, 5_000_001, 5_000_003),
        (&format!("WHERE SystemModstamp >= {moment} ORDER BY SystemModstamp, Id"), 1_000, 9_999_000, COUNT - 1),
        (&format!("WHERE SystemModstamp >= {moment} AND Status != null"), 1_000, 9_999_000, COUNT - 1),
        (&format!("WHERE SystemModstamp >= {moment} ORDER BY NumberOfEmployees DESC"), 1_000, COUNT - 1, 9_999_000),
    ] {
        let soql = format!("SELECT Company FROM Lead {rest}");
        let cursor = open(&org, &soql).unwrap_or_else(|error| panic!("{soql}: {}", error.message));
        assert_eq!((cursor.len(), cursor.total_size()), (len, len as i64), "{soql}");
        assert_eq!(numbers(&cursor, 0..1), [first], "{soql}");
        assert_eq!(numbers(&cursor, len - 1..len + 5), [last], "{soql}");
        assert!(cursor.bytes() < 1_000_000, "{soql}");
    }
    MADE.set(0);
    let count = |soql: &str| open(&org, soql).unwrap().total_size();
    assert_eq!(count("SELECT COUNT() FROM Lead"), COUNT as i64);
    assert_eq!(count(&format!("SELECT COUNT() FROM Lead WHERE Id > '{middle}'")), COUNT as i64 - 5_000_001);
    assert_eq!(org.count("Lead"), COUNT);
    assert_eq!(MADE.get(), 0, "a count makes no record");
    let page = open(&org, &format!("SELECT Company FROM Lead WHERE Id > '{middle}' ORDER BY Id")).unwrap();
    assert_eq!(numbers(&page, 4_000..6_000), (5_004_001..5_006_001).collect::<Vec<_>>());
    assert_eq!(MADE.get(), 2_000, "a page makes its own records");
}

#[test]
fn a_record_is_a_function_of_its_number() {
    let org = org();
    let id = id(1_234_567);
    let row = org.row("Lead", &id, None, "v67.0").unwrap();
    for (field, value) in [
        ("Id", json!(id)),
        ("Company", json!("Company 001234567")),
        ("Name", json!("First Name 001234567 Last Name 001234567")),
        ("Email", json!("person001234567@example.com")),
        ("CreatedDate", json!("2000-01-15T06:56:07.000+0000")),
        ("IsDeleted", json!(false)),
        ("NumberOfEmployees", json!(1_234_567)),
        ("OwnerId", json!(org.users()[0].id)),
    ] {
        assert_eq!(row[field], value, "{field}");
    }
    assert_eq!(org.row("Lead", &id, None, "v67.0").unwrap(), row);
    assert_eq!(org.row("Lead", "00Q5g00000zzzzz", None, "v67.0").unwrap_err().code, "NOT_FOUND");
    assert_eq!(org.records("Lead", Some(&id), 3, false).unwrap().len(), 3);
}

#[test]
fn what_numbers_do_not_answer_is_refused_by_name() {
    let mut org = org();
    let refused = |error: ApiError| {
        assert_eq!((error.status, error.code), (501, "UNKNOWN_TO_THE_MOCK"));
        assert!(error.message.starts_with("the records of Lead are generated"), "{}", error.message);
    };
    for soql in [
        "SELECT Id FROM Lead WHERE Status = 'Open - Not Contacted' LIMIT 1",
        "SELECT Id FROM Lead ORDER BY Status LIMIT 1",
        "SELECT COUNT(Id) FROM Lead",
        "SELECT Id FROM Account WHERE OwnerId IN (SELECT OwnerId FROM Lead)",
    ] {
        refused(open(&org, soql).unwrap_err());
    }
    let body = Record::from_iter([("LastName".to_owned(), json!("x")), ("Company".to_owned(), json!("x"))]);
    let options = crate::org::WriteOptions::new("0055g0000000000", "v67.0");
    refused(org.create("Lead", &body, &options).unwrap_err());
    refused(org.update("Lead", &id(1), &body, &options).unwrap_err());
    refused(org.delete("Lead", &id(1), &options).unwrap_err());
    refused(org.add_record("Lead", &body).unwrap_err());
    refused(org.updated("Lead", EPOCH, EPOCH).unwrap_err());
}

#[test]
fn only_what_can_be_generated_is() {
    for wrong in ["Lead", "=5", "Lead=0", "Lead=x", "Lead=916132833", "Lead=-1", "Lead=1e7"] {
        let error = wrong.parse::<Generate>().unwrap_err().to_string();
        let expected = "expected OBJECT=COUNT with a count from 1 to 916132832, such as Lead=10000000";
        assert_eq!(error, format!("{wrong}: {expected}"));
    }
    let mut org = org();
    for (wrong, expected) in [
        ("Thing=5", "an object of the org"),
        ("Invoice_Paid__e=5", "an object whose records the org keeps"),
        ("Account=5", "an object without records"),
        ("lead=5", "an object that is generated once"),
    ] {
        let error = org.generate(&wrong.parse().unwrap()).unwrap_err().to_string();
        assert!(error.contains(&format!("expected {expected}")), "{error}");
    }
}
