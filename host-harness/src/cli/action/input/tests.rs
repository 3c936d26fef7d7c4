//! What flags become.

use clap::Command;
use salesforce_actions::{Actions, Call};

use super::*;

async fn json(arguments: &[&str]) -> String {
    let own = Actions::of_connector();
    let flags = Flags::of(own, own.named(arguments[0]).unwrap());
    let command = flags.add_to(Command::new(arguments[0].to_owned()));
    let matches = command.try_get_matches_from(arguments).unwrap_or_else(|error| panic!("{error}"));
    let input = FlagValues::of(&flags, &matches).into_json(&flags).await.unwrap_or_else(|error| panic!("{error:?}"));
    Call::parse(own, arguments[0], &input).unwrap_or_else(|error| panic!("{error}: {input}"));
    input
}

#[tokio::test]
async fn flags_become_the_input_that_the_api_takes() {
    for (arguments, expected) in [
        (
            &[
                "soql-query",
                "SELECT Id FROM A WHERE N = :n",
                "--param",
                "n=O'Reilly",
                "--batch-size",
                "200",
                "--include-deleted",
            ][..],
            r#"{"query":{"soql":"SELECT Id FROM A WHERE N = :n","parameters":{"n":"O'Reilly"},"include_deleted":true,"batch_size":200}}"#,
        ),
        (&["soql-query", "S"], r#"{"query":{"soql":"S"}}"#),
        (&["next-page", "0r8"], r#"{"cursor":"0r8"}"#),
        (&["user-info"], "{}"),
        (
            &["get-record-field-values", "Account", "--id", "001", "--fields", "Name,Owner.Name", "--fields", "Id"],
            r#"{"object":"Account","key":{"id":"001"},"fields":["Name","Owner.Name","Id"]}"#,
        ),
        (
            &["get-record-field-values", "Account", "--external-id", "E__c=a=b", "--fields", "Name"],
            r#"{"object":"Account","key":{"external_id":{"field":"E__c","value":"a=b"}},"fields":["Name"]}"#,
        ),
        (
            &["get-record-field-values", "Account", "--id", "-5", "--fields", r"a\,b,-c"],
            r#"{"object":"Account","key":{"id":"-5"},"fields":["a,b","-c"]}"#,
        ),
        (
            &["create-or-update-record", "Account", "--create", "--fields", r#"{"N":0.10}"#],
            r#"{"object":"Account","target":"create","fields":{"N":0.10}}"#,
        ),
        (
            &["create-or-update-record", "Account", "--update", "001", "--fields", "{}", "--assignment-rule", "off"],
            r#"{"object":"Account","target":{"update":"001"},"fields":{},"save":{"assignment_rule":"off"}}"#,
        ),
        (
            &[
                "create-or-update-record",
                "Account",
                "--upsert",
                "E__c=42",
                "--update-only",
                "--fields",
                "{}",
                "--assignment-rule",
                "rule=01Q",
                "--allow-save",
                "--run-as-current-user",
            ],
            r#"{"object":"Account","target":{"upsert":{"external_id":{"field":"E__c","value":"42"},"update_only":true}},"fields":{},"save":{"assignment_rule":{"rule":"01Q"},"duplicate_rule":{"allow_save":true,"run_as_current_user":true}}}"#,
        ),
    ] {
        assert_eq!(json(arguments).await, expected);
    }
}

#[test]
fn what_is_missing_or_too_much_is_told() {
    let own = Actions::of_connector();
    for arguments in [
        &["create-or-update-record", "Account", "--fields", "{}"][..],
        &["create-or-update-record", "Account", "--create", "--update", "001", "--fields", "{}"],
        &["create-or-update-record", "Account", "--create"],
        &["create-or-update-record", "Account", "--create", "--update-only", "--fields", "{}"],
        &["get-record-field-values", "Account", "--fields", "Name"],
        &["get-record-field-values", "Account", "--id", "001"],
        &["soql-query"],
    ] {
        let flags = Flags::of(own, own.named(arguments[0]).unwrap());
        let command = flags.add_to(Command::new(arguments[0].to_owned()));
        assert!(command.try_get_matches_from(arguments).is_err(), "{arguments:?}");
    }
}
