//! Values of global and standard value sets of a Salesforce DX project.

use std::path::{Path, PathBuf};

use mock_salesforce::MockSalesforce;
use mock_salesforce::org::Schema;
use mock_salesforce::org::files::Source;
use serde_json::{Value, json};

use crate::fixture::*;

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/http/data/project")
}

async fn mock() -> MockSalesforce {
    let schema = Schema::read(&[project()], false).unwrap_or_else(|error| panic!("{error}"));
    MockSalesforce::builder().schema(schema).connected_app(app()).start().await.unwrap()
}

/// A new record with these of its fields, or the code of the refusal.
async fn create(mock: &MockSalesforce, object: &str, body: Value, fields: &str) -> Result<Value, String> {
    let answer = rest(mock, "POST", &format!("sobjects/{object}")).json(&body).send().await;
    if answer.status != 201 {
        return Err(answer.error().1);
    }
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    let mut record = rest(mock, "GET", &format!("sobjects/{object}/{id}?fields={fields}")).send().await.json();
    record.as_object_mut().unwrap().retain(|name, _| !["attributes", "Id"].contains(&name.as_str()));
    Ok(record)
}

async fn values(mock: &MockSalesforce, object: &str, field: &str) -> Vec<(String, bool)> {
    let described = rest(mock, "GET", &format!("sobjects/{object}/describe")).send().await.json();
    let field = described["fields"].as_array().unwrap().iter().find(|known| known["name"] == field).unwrap().clone();
    let values = field["picklistValues"].as_array().unwrap().iter();
    values.map(|value| (value["value"].as_str().unwrap().to_owned(), value["defaultValue"] == true)).collect()
}

#[tokio::test]
async fn fields_have_the_values_of_the_set_that_they_name() {
    let mock = mock().await;
    let materials = [("Steel".to_owned(), true), ("Brass".to_owned(), false)];
    assert_eq!(values(&mock, "Pump__c", "Material__c").await, materials, "inactive values are none");
    let pump = async |body: Value| create(&mock, "Pump__c", body, "Material__c,Spare_Material__c,Coatings__c").await;
    let made = pump(json!({"Spare_Material__c": "Gold", "Coatings__c": "Steel;Brass"})).await;
    let told = json!({"Material__c": "Steel", "Spare_Material__c": "Gold", "Coatings__c": "Steel;Brass"});
    assert_eq!(made, Ok(told), "a default, a value that no restriction forbids, several values");
    let refused = Err("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST".to_owned());
    for body in [
        json!({"Material__c": "Gold"}),
        json!({"Material__c": "Lead"}),
        json!({"Coatings__c": "Steel;Gold"}),
        json!({"Branch__c": "Banking"}),
    ] {
        assert_eq!(pump(body.clone()).await, refused, "{body}");
    }
    assert!(pump(json!({"Branch__c": "Brewing"})).await.is_ok(), "a standard set of a custom field");
    assert!(pump(json!({"Colour__c": "any"})).await.is_ok(), "nobody knows the values of a set that no file tells");
}

#[tokio::test]
async fn standard_fields_have_the_values_of_their_sets() {
    let mock = mock().await;
    let industries = [("Energy".to_owned(), false), ("Brewing".to_owned(), false)];
    assert_eq!(values(&mock, "Account", "Industry").await, industries);
    assert_eq!(values(&mock, "Lead", "Industry").await, industries);
    assert!(values(&mock, "Account", "Rating").await.len() > 1, "what no file tells stays");
    let account = create(&mock, "Account", json!({"Name": "A", "Industry": "Else"}), "Industry").await;
    assert_eq!(account, Ok(json!({"Industry": "Else"})), "standard picklists are not restricted");
    let lead = create(&mock, "Lead", json!({"LastName": "L", "Company": "C"}), "Status").await;
    assert_eq!(lead, Ok(json!({"Status": "Fresh"})));
}

#[tokio::test]
async fn stages_mean_what_their_set_says() {
    let mock = mock().await;
    let fields = "IsClosed,IsWon,ForecastCategory,ForecastCategoryName,Probability";
    for (stage, closed, won, forecast, name, probability) in [
        ("Offered", false, false, "BestCase", "Best Case", json!(50)),
        ("Ordered", true, true, "Closed", "Closed", json!(100)),
        ("Closed Won", false, false, "Pipeline", "Pipeline", json!(null)),
    ] {
        let body = json!({"Name": "O", "StageName": stage, "CloseDate": "2026-06-15"});
        let made = create(&mock, "Opportunity", body, fields).await;
        let told = json!({"IsClosed": closed, "IsWon": won, "ForecastCategory": forecast, "ForecastCategoryName": name,
            "Probability": probability});
        assert_eq!(made, Ok(told), "{stage}");
    }
}

#[test]
fn what_is_wrong_with_a_set_is_told_with_file_and_line() {
    let source = |path: &str, text: &str| Source { path: path.into(), text: text.to_owned() };
    let error = |sources: &[Source]| Schema::of_sources(sources, false).unwrap_err().to_string();
    let path = "globalValueSets/A.globalValueSet-meta.xml";
    assert_eq!(
        error(&[source(path, "\n<StandardValueSet/>")]),
        format!("{path}:2: <StandardValueSet>: expected <GlobalValueSet>")
    );
    let nameless = "<GlobalValueSet>\n<customValue><label>x</label></customValue></GlobalValueSet>";
    assert_eq!(error(&[source(path, nameless)]), format!("{path}:2: <customValue>: expected <fullName>"));
    let many = format!(
        "<GlobalValueSet>{}</GlobalValueSet>",
        "<customValue><fullName>x</fullName></customValue>".repeat(10_001)
    );
    assert_eq!(error(&[source(path, &many)]), format!("{path}:1: 10001 values: expected at most 10000"));
    let empty = "<GlobalValueSet/>";
    let twice = [source(path, empty), source("other/A.globalValueSet-meta.xml", empty)];
    assert_eq!(error(&twice), format!("other/A.globalValueSet-meta.xml: the value set A is told already, in {path}"));
}

#[test]
fn a_folder_of_value_sets_is_one_of_a_project() {
    let sets = project().join("force-app/main/default/standardValueSets");
    assert!(Schema::read(&[sets], false).is_ok());
}
