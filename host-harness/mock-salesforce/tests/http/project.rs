//! What a Salesforce DX project tells beside fields of its own objects.

use mock_salesforce::MockSalesforce;
use mock_salesforce::org::Schema;
use mock_salesforce::org::files::{Seed, Source};
use serde_json::{Value, json};

use crate::fixture::*;

fn source(path: &str, text: &str) -> Source {
    Source { path: path.into(), text: text.to_owned() }
}

fn field(object: &str, name: &str, rest: &str) -> Source {
    let text = format!("<CustomField><fullName>{name}</fullName><label>{name}</label>{rest}</CustomField>");
    source(&format!("objects/{object}/fields/{name}.field-meta.xml"), &text)
}

fn object(name: &str, rest: &str) -> Source {
    source(&format!("objects/{name}/{name}.object-meta.xml"), &format!("<CustomObject>{rest}</CustomObject>"))
}

async fn org_of(sources: &[Source], seeds: Vec<Seed>) -> MockSalesforce {
    let schema = Schema::of_sources(sources, false).unwrap_or_else(|error| panic!("{error}"));
    MockSalesforce::builder().schema(schema).seed(seeds).connected_app(app()).start().await.unwrap()
}

fn error(sources: &[Source]) -> String {
    Schema::of_sources(sources, false).unwrap_err().to_string()
}

async fn described(mock: &MockSalesforce, object: &str) -> Value {
    rest(mock, "GET", &format!("sobjects/{object}/describe")).send().await.json()
}

fn member<'a>(object: &'a Value, name: &str) -> &'a Value {
    object["fields"].as_array().unwrap().iter().find(|field| field["name"] == name).unwrap()
}

#[tokio::test]
async fn fields_of_activities_are_those_of_tasks_and_events() {
    let mock = org_of(&[field("Activity", "Room__c", "<type>Text</type><length>9</length>")], Vec::new()).await;
    for object in ["Task", "Event"] {
        assert_eq!(member(&described(&mock, object).await, "Room__c")["length"], 9, "{object}");
    }
    assert_eq!(rest(&mock, "GET", "sobjects/Activity/describe").send().await.status, 404);
}

#[test]
fn a_standard_object_that_the_mock_has_not_is_not_made_up() {
    let told = error(&[field("Contract", "Term__c", "<type>Text</type>")]);
    let start = "objects/Contract/fields/Term__c.field-meta.xml: the mock has no standard object Contract: expected its \
                 describe answer beside the project: sf sobject describe --sobject Contract --json";
    assert!(told.starts_with(start), "{told}");
    let settings = Schema::of_sources(&[object("Contract", "<enableFeeds>true</enableFeeds>")], false).unwrap();
    assert!(settings.objects().iter().all(|object| object.name != "Contract"));
    let answer = json!({"name": "Contract", "keyPrefix": "800", "fields": [{"name": "Id", "type": "id"}]});
    let both = [source("Contract.json", &answer.to_string()), field("Contract", "Term__c", "<type>Text</type>")];
    let schema = Schema::of_sources(&both, false).unwrap();
    let contract = schema.objects().iter().find(|object| object.name == "Contract").unwrap();
    assert!(contract.field("Term__c").is_some());
}

#[tokio::test]
async fn custom_metadata_and_custom_settings_have_fields_of_their_own() {
    let sources = [
        field("Rate__mdt", "Value__c", "<type>Number</type><precision>5</precision><scale>2</scale>"),
        // The object's own file comes last.
        field("zone__c", "On__c", "<type>Checkbox</type>"),
        object("zone__c", "<customSettingsType>Hierarchy</customSettingsType>"),
    ];
    let rates = "DeveloperName,MasterLabel,Value__c\nBase,Base rate,1.5\n";
    let seed = Seed { source: source("Rate__mdt.csv", rates), object: None };
    let mock = org_of(&sources, vec![seed]).await;
    let found = query(&mock, "SELECT MasterLabel, Value__c FROM Rate__mdt WHERE DeveloperName = 'Base'").await;
    assert_eq!(
        (&found["records"][0]["MasterLabel"], &found["records"][0]["Value__c"]),
        (&json!("Base rate"), &json!(1.5))
    );
    let rate = described(&mock, "Rate__mdt").await;
    assert_eq!((&rate["custom"], &rate["createable"]), (&json!(true), &json!(false)));
    let zone = described(&mock, "zone__c").await;
    assert_eq!(zone["customSetting"], true);
    assert_eq!(member(&zone, "SetupOwnerId")["referenceTo"], json!(["Organization", "Profile", "User"]));
    assert!(zone["fields"].as_array().unwrap().iter().all(|field| field["name"] != "OwnerId"));
}

#[tokio::test]
async fn records_of_custom_metadata_types_come_with_the_project() {
    let record = |name: &str, value: &str| {
        let text = format!(
            "<CustomMetadata xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><label>The {name}</label>{value}\
             </CustomMetadata>"
        );
        source(&format!("customMetadata/{name}.md-meta.xml"), &text)
    };
    let value = |field: &str, value: &str| format!("<values><field>{field}</field><value>{value}</value></values>");
    let sources = [
        field("Rate__mdt", "Value__c", "<type>Number</type><precision>5</precision><scale>2</scale>"),
        field("Rate__mdt", "On__c", "<type>Checkbox</type>"),
        record("Rate.Base", &(value("Value__c", "1.5") + &value("On__c", "true"))),
        record("Rate.None", "<values><field>Value__c</field><value xsi:nil=\"true\"/></values>"),
        record("Rate.Wrong", &value("Vlue__c", "1.5")),
        record("Zone.North", ""),
        source(
            "objects/Account/validationRules/A.validationRule-meta.xml",
            "<ValidationRule><active>true</active></ValidationRule>",
        ),
        source(
            "objects/Account/validationRules/B.validationRule-meta.xml",
            "<ValidationRule><active>false</active></ValidationRule>",
        ),
    ];
    let schema = Schema::of_sources(&sources, false).unwrap();
    let left_out =
        "customMetadata/Rate.Wrong.md-meta.xml: the record is left out: INVALID_FIELD: No such column 'Vlue__c'";
    assert!(schema.notes()[1].starts_with(left_out), "{:?}", schema.notes());
    let unknown = "customMetadata/Zone.North.md-meta.xml: the record is left out: the org has no object Zone__mdt";
    assert_eq!(schema.notes()[2], unknown);
    let rules = "the mock evaluates no formulas: 1 active validation rule (Account.A): it refuses nothing.";
    assert!(schema.notes()[0].starts_with(rules) && schema.notes().len() == 3, "{:?}", schema.notes());
    let mock = org_of(&sources, Vec::new()).await;
    let soql = "SELECT DeveloperName, MasterLabel, Value__c, On__c FROM Rate__mdt ORDER BY DeveloperName";
    let check = async || {
        let rates = query(&mock, soql).await["records"].clone();
        let base = json!([rates[0]["DeveloperName"], rates[0]["MasterLabel"], rates[0]["Value__c"], rates[0]["On__c"]]);
        assert_eq!(base, json!(["Base", "The Rate.Base", 1.5, true]));
        assert_eq!((&rates[1]["DeveloperName"], &rates[1]["Value__c"]), (&json!("None"), &json!(null)));
    };
    check().await;
    mock.org(mock_salesforce::org::Org::clear_records);
    check().await;
}

#[tokio::test]
async fn a_name_is_optional_and_numbers_are_written_as_told() {
    let name = |rest: &str| format!("<nameField><label>Name</label>{rest}</nameField>");
    let format = |format: &str| format!("<displayFormat>{format}</displayFormat><startingNumber>42</startingNumber>");
    let sources = [
        object("Pump__c", &name("<type>Text</type>")),
        field("Pump__c", "Number__c", &format!("<type>AutoNumber</type>{}", format("A{000}"))),
        object("Order_Line__c", &name(&format!("<type>AutoNumber</type>{}", format("PU-{YYYY}-{00000}")))),
    ];
    let mock = org_of(&sources, Vec::new()).await;
    let create = async |object: &str, body: Value| {
        let made = rest(&mock, "POST", &format!("sobjects/{object}")).json(&body).send().await;
        assert_eq!(made.status, 201, "{}", made.text());
        made.json()["id"].as_str().unwrap().to_owned()
    };
    let id = create("Pump__c", json!({})).await;
    let pump = query(&mock, "SELECT Name, Number__c FROM Pump__c").await["records"][0].clone();
    assert_eq!((&pump["Name"], &pump["Number__c"]), (&json!(id), &json!("A042")));
    let described = described(&mock, "Pump__c").await;
    let name = member(&described, "Name");
    assert_eq!(
        json!([name["nillable"], name["defaultedOnCreate"], name["createable"], name["permissionable"]]),
        json!([true, true, true, false])
    );
    create("Order_Line__c", json!({})).await;
    let year = mock.org(|org| org.now().to_string()[..4].to_owned());
    let line = query(&mock, "SELECT Name FROM Order_Line__c").await["records"][0].clone();
    assert_eq!(line["Name"], json!(format!("PU-{year}-00042")));
}

#[tokio::test]
async fn defaults_of_numbers_and_checkboxes_apply_and_are_described() {
    let number = "<type>Number</type><precision>5</precision><scale>1</scale><defaultValue>2.5</defaultValue>";
    let sources = [
        field("Pump__c", "Size__c", number),
        field("Pump__c", "On__c", "<type>Checkbox</type><defaultValue>true</defaultValue>"),
        field("Pump__c", "Late__c", "<type>Number</type><defaultValue>1 + 1</defaultValue>"),
        field(
            "Pump__c",
            "Kind__c",
            "<type>Picklist</type><valueSet><controllingField>On__c</controllingField></valueSet>",
        ),
    ];
    let mut mock = org_of(&sources, Vec::new()).await;
    // A project, and then what the mock described of it.
    for _ in 0..2 {
        let made = rest(&mock, "POST", "sobjects/Pump__c").json(&json!({"Name": "P"})).send().await;
        assert_eq!(made.status, 201, "{}", made.text());
        let pump = query(&mock, "SELECT Size__c, On__c, Late__c FROM Pump__c").await["records"][0].clone();
        assert_eq!(json!([pump["Size__c"], pump["On__c"], pump["Late__c"]]), json!([2.5, true, null]));
        let told = described(&mock, "Pump__c").await;
        let (size, kind) = (member(&told, "Size__c"), member(&told, "Kind__c"));
        assert_eq!((&size["defaultValueFormula"], &size["defaultValue"]), (&json!("2.5"), &json!(null)));
        assert_eq!(member(&told, "On__c")["defaultValue"], true);
        assert_eq!((&kind["dependentPicklist"], &kind["controllerName"]), (&json!(true), &json!("On__c")));
        mock = org_of(&[source("Pump__c.json", &told.to_string())], Vec::new()).await;
    }
}

/// A picklist of these values that depends on another field.
fn dependent(controller: &str, values: &[&str], settings: &[(&str, &[&str])]) -> String {
    let value = |value: &&str| format!("<value><fullName>{value}</fullName></value>");
    let with = |with: &&str| format!("<controllingFieldValue>{with}</controllingFieldValue>");
    let setting = |(value, with_all): &(&str, &[&str])| {
        let with_all: String = with_all.iter().map(with).collect();
        format!("<valueSettings>{with_all}<valueName>{value}</valueName></valueSettings>")
    };
    format!(
        "<type>Picklist</type><valueSet><controllingField>{controller}</controllingField><valueSetDefinition>{}\
         </valueSetDefinition>{}</valueSet>",
        values.iter().map(value).collect::<String>(),
        settings.iter().map(setting).collect::<String>()
    )
}

#[tokio::test]
async fn dependent_picklists_tell_which_values_are_valid() {
    let land = "<type>Picklist</type><valueSet><valueSetDefinition><value><fullName>DE</fullName></value>\
                <value><fullName>AT</fullName></value></valueSetDefinition></valueSet>";
    let cities =
        dependent("Land__c", &["Wien", "Neustadt", "Nowhere"], &[("Wien", &["AT"]), ("Neustadt", &["DE", "AT"])]);
    let sources = [
        field("Pump__c", "City__c", &cities),
        field("Pump__c", "Land__c", land),
        field("Pump__c", "On__c", "<type>Checkbox</type>"),
        field(
            "Pump__c",
            "Mode__c",
            &dependent("On__c", &["off", "low"], &[("low", &["checked"]), ("off", &["unchecked"])]),
        ),
        field("Pump__c", "Lost__c", &dependent("Gone__c", &["x"], &[("x", &["y"])])),
    ];
    let mut mock = org_of(&sources, Vec::new()).await;
    // A project, and then what the mock described of it.
    for _ in 0..2 {
        let told = described(&mock, "Pump__c").await;
        let valid_for = |name: &str| -> Vec<Value> {
            let values = member(&told, name)["picklistValues"].as_array().unwrap();
            values.iter().map(|value| value["validFor"].clone()).collect()
        };
        assert_eq!(valid_for("City__c"), ["QAAA", "wAAA", "AAAA"]);
        assert_eq!(valid_for("Mode__c"), ["gAAA", "QAAA"]);
        assert_eq!((valid_for("Land__c"), valid_for("Lost__c")), (vec![Value::Null; 2], vec![Value::Null]));
        mock = org_of(&[source("Pump__c.json", &told.to_string())], Vec::new()).await;
    }
}

#[test]
fn packages_agree_about_a_field() {
    let of = |package: &str, length: u8| {
        let mut file = field("Pump__c", "Code__c", &format!("<type>Text</type><length>{length}</length>"));
        file.path = std::path::Path::new(package).join(file.path);
        file
    };
    assert!(Schema::of_sources(&[of("one", 5), of("two", 5)], false).is_ok());
    let path = "objects/Pump__c/fields/Code__c.field-meta.xml";
    assert_eq!(
        error(&[of("one", 5), of("two", 6)]),
        format!("two/{path}: Code__c of Pump__c differs from that in one/{path}: expected one of them")
    );
}

#[test]
fn what_is_no_describe_answer_is_told() {
    let expected =
        "expected an answer of /sobjects/X/describe, an object with \"name\" and \"fields\", or a list of them";
    let package = error(&[source("package.json", "{\"name\": \"my-app\", \"version\": \"1.0.0\"}")]);
    assert_eq!(package, format!("package.json:1: missing field `fields`: {expected}"));
    let length = |length: Value| {
        let fields = json!([{"name": "Id", "type": "id"}, {"name": "Code__c", "type": "string", "length": length}]);
        error(&[source("X.json", &json!({"name": "X__c", "fields": fields}).to_string())])
    };
    assert_eq!(length(json!(-1)), "X.json:1: length of Code__c: integer `-1`: expected a whole number from 0 on");
    assert_eq!(length(json!("ten")), "X.json:1: length of Code__c: string \"ten\": expected a whole number from 0 on");
}

#[test]
fn a_file_that_is_not_utf_8_is_told_what_to_do() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let error = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        std::fs::write(&path, bytes).unwrap();
        Source::read(&path).unwrap_err().problem
    };
    let utf_16 = "UTF-16, as > of PowerShell writes it: expected UTF-8; save it as UTF-8";
    assert_eq!(error("utf-16.json", b"\xff\xfe{\0}\0"), utf_16);
    assert_eq!(error("latin-1.json", b"{\"\xfc\"}"), "byte 2 is no UTF-8: expected UTF-8; save it as UTF-8");
}
