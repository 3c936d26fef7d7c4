//! The flags of an action that a tenant's component might bring.

use std::sync::Arc;

use clap::{Args, Command};
use salesforce_actions::{Actions, Call};

use super::super::add_own_flags;
use super::super::input::FlagValues;
use super::super::page::PageOptions;
use super::*;
use crate::cli::{Failure, GlobalOptions};

const TYPES: &str = r#"{"shape":"text"},
    {"shape":"bytes"},
    {"shape":{"integer":{"signed":true,"bits":16}}},
    {"shape":{"option":2}},
    {"shape":{"record":[{"name":"sku","type":0},{"name":"count","type":3}]}},
    {"shape":{"option":4}},
    {"shape":{"list":4}},
    {"shape":{"enum":[{"name":"low","docs":"Cheap. Slow."},{"name":"high"}]}},
    {"docs":"What is taken off.","shape":{"variant":[{"name":"none"},{"name":"percent","docs":"Of the price.","type":2},
        {"name":"tier","type":7},{"name":"both","type":4}]}},
    {"shape":{"option":8}},
    {"shape":"json"},
    {"shape":"parameters"},
    {"shape":"bool"},
    {"shape":{"option":12}},
    {"shape":{"record":[{"name":"first","type":0},{"name":"second","type":13}]}},
    {"shape":{"variant":[{"name":"all"},{"name":"by-record","type":14}]}},
    {"shape":{"list":2}},
    {"shape":{"list":0}},
    {"shape":{"list":7}},
    {"shape":{"variant":[{"name":"all"},{"name":"some","type":16}]}}"#;

/// An action `f` with these parameters, by name and the number of their type.
fn actions(types: &str, parameters: &[(&str, usize)]) -> Arc<Actions> {
    let parameters: Vec<_> =
        parameters.iter().map(|(name, ty)| format!(r#"{{"name":"{name}","type":{ty}}}"#)).collect();
    let action = format!(
        r#"{{"interface":"a:b/c","function":"f","name":"f","parameters":[{}],"effect":"writes"}}"#,
        parameters.join(",")
    );
    serde_json::from_str(&format!(r#"{{"types":[{types}],"actions":[{action}]}}"#)).unwrap()
}

fn flags(actions: &Actions) -> Flags<'_> {
    Flags::of(actions, actions.named("f").unwrap())
}

/// With all that commands of actions have beside.
fn command(actions: &Actions) -> Command {
    let own = add_own_flags(GlobalOptions::augment_args(Command::new("f")), actions, actions.named("f").unwrap());
    flags(actions).add_to(own)
}

async fn input(actions: &Arc<Actions>, arguments: &[&str]) -> Result<String, String> {
    let matches = command(actions).try_get_matches_from([&["f"], arguments].concat());
    let matches = matches.map_err(|error| error.to_string())?;
    let flags = flags(actions);
    let input = FlagValues::of(&flags, &matches).into_json(&flags).await.map_err(|failure| match failure {
        Failure::Usage(words) => words,
        other => format!("{other:?}"),
    })?;
    Call::parse(actions, "f", &input).map(|_| input).map_err(|error| flags.told(&error))
}

#[tokio::test]
async fn every_value_has_a_flag_and_an_error_names_it() {
    let all = [("note", 0), ("picture", 1), ("single", 5), ("lines", 6), ("priority", 7), ("off", 9), ("more", 10)];
    let actions = actions(TYPES, &all);
    command(&actions).debug_assert();
    let least = ["-5", "--picture", "aGk=", "--lines", "[]", "--priority", "low", "--more", "-1.50"];
    assert_eq!(
        input(&actions, &least).await.unwrap(),
        r#"{"note":"-5","picture":"aGk=","lines":[],"priority":"low","more":-1.50}"#
    );
    for (arguments, part) in [
        (&["--off", "none"][..], r#""off":"none""#),
        (&["--off", "percent=-5"], r#""off":{"percent":-5}"#),
        (&["--off", "tier=high"], r#""off":{"tier":"high"}"#),
        (&["--off", r#"both={"sku":"x"}"#], r#""off":{"both":{"sku":"x"}}"#),
        (&["--sku", "-x", "--count", "-3"], r#""single":{"sku":"-x","count":-3}"#),
    ] {
        let input = input(&actions, &[&least[..], arguments].concat()).await.unwrap();
        assert!(input.contains(part), "{part}: {input}");
    }
    for (arguments, words) in [
        (&["--count", "1"][..], "--sku: expected a value, found none"),
        (
            &["--sku", "x", "--count", "99999"],
            "--count: invalid value: a number above 32,767, expected a whole number from -32,768",
        ),
        (&["--off", "nothing"], "--off: expected one of none, percent=N, tier=low|high, both=JSON"),
        (&["--off", "percent"], "--off: expected one of none"),
        (&["--off", "none=1"], "--off: expected one of none"),
        (&["--off", "percent=much"], "--off: invalid type: text, expected a whole number"),
        (&["--off", "both={"], "--off: expected JSON"),
    ] {
        let wrong = input(&actions, &[&least[..], arguments].concat()).await.unwrap_err();
        // The place in JSON is told only of JSON that was typed.
        let has_place = wrong.contains(" at line ");
        assert!(wrong.starts_with(words) && has_place == words.contains("expected JSON"), "{words}: {wrong}");
    }
    let instead = |flag: &str, value| {
        let at = least.iter().position(|argument| *argument == flag).unwrap() + 1;
        let mut arguments = least;
        arguments[at] = value;
        arguments
    };
    for (flag, value, words) in [
        ("--picture", "?", "--picture: invalid value: a text that is no base64, expected base64"),
        ("--lines", r#"[{"sku":1}]"#, "--lines: [0].sku: invalid type: whole number, expected a text"),
        ("--lines", r#"[{"cuont":1}]"#, "--lines: [0].cuont: unknown field, did you mean `count`?"),
        ("--lines", "{}", "--lines: invalid type: object, expected a list"),
    ] {
        let wrong = input(&actions, &instead(flag, value)).await.unwrap_err();
        assert!(wrong.starts_with(words), "{words}: {wrong}");
    }
    let missing = input(&actions, &["x"]).await.unwrap_err();
    for flag in ["--picture <BASE64>", "--lines <JSON>", "--priority <PRIORITY>", "--more <JSON>"] {
        assert!(missing.contains(flag), "{flag}: {missing}");
    }
}

#[tokio::test]
async fn a_list_that_must_be_given_may_be_empty() {
    let mut types = TYPES.to_owned();
    types.push_str(r#",{"shape":{"record":[{"name":"of","type":19}]}}"#);
    let actions = actions(&types, &[("numbers", 16), ("texts", 17), ("priorities", 18), ("which", 20)]);
    command(&actions).debug_assert();
    let given = async |numbers, texts, priorities, of| {
        let flags = ["--numbers", numbers, "--texts", texts, "--priorities", priorities, "--of", of];
        input(&actions, &flags).await
    };
    assert_eq!(
        given("[]", "[]", "[]", "some=[]").await.unwrap(),
        r#"{"numbers":[],"texts":[],"priorities":[],"which":{"of":{"some":[]}}}"#
    );
    assert_eq!(
        given("1,-2", r"\[]", "low,high", "some=3,4").await.unwrap(),
        r#"{"numbers":[1,-2],"texts":["[]"],"priorities":["low","high"],"which":{"of":{"some":[3,4]}}}"#
    );
    assert_eq!(given("1", "[],x", "low", "all").await.unwrap().matches(r#"["[]","x"]"#).count(), 1);
    for (numbers, priorities, words) in
        [("1,[]", "low", "--numbers: invalid type: text"), ("1", "low,[]", "--priorities: unknown")]
    {
        let wrong = given(numbers, "x", priorities, "all").await.unwrap_err();
        assert!(wrong.starts_with(words), "{words}: {wrong}");
    }
    let missing = input(&actions, &["--numbers", "1"]).await.unwrap_err();
    assert!(missing.contains("--texts <A,B>"), "{missing}");
}

#[test]
fn help_says_what_a_value_is() {
    let all = [("picture", 1), ("off", 9), ("priority", 7), ("server", 10), ("count", 2), ("lines", 6), ("table", 16)];
    let help = command(&actions(TYPES, &all)).render_long_help().to_string();
    for words in [
        "Bytes in base64; `-` reads them as they are from standard input, `@FILE` from a file",
        "What is taken off.",
        "One of: none, percent=N, tier=low|high, both=JSON",
        "- percent=N: Of the price. A whole number from -32,768 to 32,767",
        "Cheap",
        "--argument-server <JSON>",
        "--table <A,B>",
        "The parameter server: the flag of that name means something else here",
        "The parameter count",
        "A whole number from -32,768 to 32,767",
        "Each is a whole number from -32,768 to 32,767",
        "`[]` is an empty list",
        r#"JSON: [{"sku": TEXT, "count": N}, ...]"#,
    ] {
        assert!(help.contains(words), "{words}: {help}");
    }
}

#[test]
fn parameters_that_are_called_like_flags_of_the_program_have_flags_of_their_own() {
    let program = GlobalOptions::augment_args(PageOptions::augment_args(Command::new("f")));
    let names: Vec<_> = program.get_arguments().filter_map(|argument| argument.get_long()).collect();
    let with = |ty| {
        let named: Vec<_> = names.iter().map(|name| (*name, ty)).chain([("token", ty), ("param", ty)]).collect();
        actions(TYPES, &named)
    };
    for ty in [0, 4, 10, 11] {
        command(&with(ty)).debug_assert();
    }
}

/// Four fields a level, fourteen levels deep.
#[tokio::test]
async fn a_parameter_with_too_many_fields_is_json() {
    let mut types = vec![r#"{"shape":"text"}"#.to_owned()];
    for below in 0..14 {
        let fields = ["a", "b", "c", "d"].map(|name| format!(r#"{{"name":"{name}","type":{below}}}"#));
        types.push(format!(r#"{{"shape":{{"record":[{}]}}}}"#, fields.join(",")));
    }
    let actions = actions(&types.join(","), &[("all", 14), ("many", 14), ("few", 1)]);
    let names: Vec<_> = flags(&actions).leaves.into_iter().map(|leaf| leaf.flag).collect();
    assert_eq!(names, ["all", "many", "a", "b", "c", "d"]);
    let help = command(&actions).render_long_help().to_string();
    assert!(help.contains("As JSON: it has more fields than there are flags for"), "{help}");
    let few = ["--a", "1", "--b", "2", "--c", "3", "--d", "4"];
    let given = [&["--all", "{}", "--many-file", "/nowhere/x"], &few[..]].concat();
    assert!(input(&actions, &given).await.unwrap_err().contains("/nowhere/x"));
    let given = [&["--all", "{}", "--many", r#"{"a":1}"#], &few[..]].concat();
    let wrong = input(&actions, &given).await.unwrap_err();
    assert_eq!(wrong, "--all: missing field `a`");
}

#[tokio::test]
async fn a_case_that_holds_a_record_takes_json_and_no_text_of_its_first_field() {
    let actions = actions(TYPES, &[("which", 15)]);
    command(&actions).debug_assert();
    let given = input(&actions, &["--by-record", r#"{"first":"x","second":false}"#]).await;
    assert_eq!(given.unwrap(), r#"{"which":{"by_record":{"first":"x","second":false}}}"#);
    let wrong = input(&actions, &["--by-record", "x"]).await.unwrap_err();
    assert!(wrong.starts_with("--by-record: expected JSON"), "{wrong}");
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), r#"{"first":"y"}"#).unwrap();
    let path = file.path().to_str().unwrap();
    assert_eq!(input(&actions, &["--by-record-file", path]).await.unwrap(), r#"{"which":{"by_record":{"first":"y"}}}"#);
    assert!(input(&actions, &["--which-all", "--by-record-file", path]).await.is_err());
}

#[tokio::test]
async fn what_may_be_false_or_left_out_can_be_either() {
    let actions = actions(TYPES, &[("sure", 13)]);
    command(&actions).debug_assert();
    assert_eq!(input(&actions, &[]).await.unwrap(), "{}");
    assert_eq!(input(&actions, &["--sure"]).await.unwrap(), r#"{"sure":true}"#);
    assert_eq!(input(&actions, &["--sure=false"]).await.unwrap(), r#"{"sure":false}"#);
    assert!(input(&actions, &["--sure=no"]).await.is_err());
}
