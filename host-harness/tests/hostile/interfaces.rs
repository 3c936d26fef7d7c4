//! Components that export or import something else than our world.

use std::fs;
use std::sync::Arc;

use salesforce_actions::Call;
use salesforce_runtime::bindings::soql::Query;
use salesforce_runtime::bindings::types::{CallOptions, Connection, Outcome};
use salesforce_runtime::component::CONNECTOR;
use salesforce_runtime::egress::EgressPolicy;
use salesforce_runtime::{ExecutionError, HostFailureKind, Runtime, RuntimeOptions};
use salesforce_verify::{Check, Verdict};

use crate::guest::{Guest, wit_of_actions, wit_with};
use crate::tenant::{Host, assert_failed, finding, options, patient};

#[tokio::test]
async fn a_missing_interface_and_a_missing_function_are_named() {
    let host = Host::start().await;
    // An interface may be missing, and those that use its types; its checks do not apply then. This component answers with
    // nothing in the others.
    let of_records = "  export records;\n  export collections;\n  export composite;\n";
    let without_records = wit_with("world.wit", of_records, "");
    let component = Guest::IDLE.component_of(without_records.path());
    let report = host.verify(component, &patient()).await;
    assert_eq!(finding(&report, Check::RecordsSave).verdict, Verdict::DoesNotApply, "{report:?}");
    assert_eq!(finding(&report, Check::SoqlQuery).verdict, Verdict::Failed, "{report:?}");
    let names: Vec<_> = report.actions.unwrap().iter().map(|action| action.name.clone()).collect();
    let has = |name: &str| names.iter().any(|other| other == name);
    assert!(["soql-query", "list-objects", "user-info"].into_iter().all(has), "{names:?}");
    assert!(!["delete-record", "create-records", "composite"].into_iter().any(has), "{names:?}");

    let without_revoke = wit_with("oauth.wit", "  revoke: func(", "  revoke-all: func(");
    let component = Guest::IDLE.component_of(without_revoke.path());
    host.assert_refused(component, Check::Exports, "oauth.revoke: expected a function, found none").await;
    let nothing = wat::parse_str("(component)").unwrap();
    host.assert_refused(nothing, Check::Exports, "expected a function of the form func(connection, ...").await;
    let stranger = wit_with("world.wit", "  export records;\n", "  export records;\n  export more;\n");
    fs::write(stranger.path().join("more.wit"), "interface more { f: func(a: string, b: string) -> string; }").unwrap();
    let component = Guest::IDLE.component_of(stranger.path());
    host.assert_refused(component, Check::Exports, "workflow:salesforce/more@0.2.1: expected one of").await;
}

#[tokio::test]
async fn a_component_of_a_compatible_version_is_one_of_ours() {
    let host = Host::start().await;
    let of_version = |version: &str| {
        let now = format!("package workflow:salesforce@{};", env!("CARGO_PKG_VERSION"));
        wit_with("types.wit", &now, &format!("package workflow:salesforce@{version};"))
    };
    for version in ["0.2.0", "0.2.999"] {
        // It lacks what came after it, and has what comes after ours. Without bulk and files, of which 0.2.0 knows nothing.
        let wit = of_version(version);
        if version == "0.2.0" {
            let world = wit.path().join("world.wit");
            let text = fs::read_to_string(&world).unwrap();
            let is_later = |line: &str| ["0.2.1", "export bulk", "export files"].iter().any(|word| line.contains(word));
            let first: Vec<_> = text.lines().filter(|line| !is_later(line)).collect();
            fs::write(&world, first.join("\n")).unwrap();
            ["bulk.wit", "files.wit"].iter().for_each(|file| fs::remove_file(wit.path().join(file)).unwrap());
        }
        let report = host.verify(Guest::IDLE.component_of(wit.path()), &patient()).await;
        assert_eq!(finding(&report, Check::Exports).verdict, Verdict::Passed, "{version}: {report:?}");
        let actions = report.actions.unwrap();
        let query = actions.iter().find(|action| action.name == "soql-query").unwrap();
        assert_eq!(query.interface, format!("workflow:salesforce/soql@{version}"));
    }
    let wit = of_version("0.3.0");
    let told = "workflow:salesforce/soql@0.3.0: expected one of";
    host.assert_refused(Guest::IDLE.component_of(wit.path()), Check::Exports, told).await;
}

#[tokio::test]
async fn a_component_may_have_actions_of_its_own_alone() {
    let host = Host::start().await;
    let wit = wit_of_actions(
        "/// A quote.
        record quote { number: u32, total: f64, state: status, lines: list<tuple<string, s8>>, raw: option<json>, usage: option<api-usage> }
        enum status { open, won-at-last }
        variant which { all, of-account(string), within(window) }
        record window { days: u16, closed: bool }
        flags extras { prices, notes }
        list-quotes: func(connection: connection, which: which, extras: extras, options: call-options) -> result<quote, error>;
        forget: func(connection: connection, options: call-options) -> result<_, error>;",
    );
    let component = Guest::IDLE.component_of(wit.path());
    let report = host.verify(component.clone(), &options()).await;
    assert!(report.may_run, "{report:?}");
    for check in [Check::OauthBegin, Check::EveryExport, Check::Secrets, Check::Requests, Check::Claims, Check::Egress]
    {
        assert_eq!(finding(&report, check).verdict, Verdict::DoesNotApply, "{check:?}");
    }
    assert!(finding(&report, Check::Secrets).details.join("").contains("are not called"), "{report:?}");
    let actions = Arc::new(report.actions.unwrap());
    assert!(actions.iter().all(|action| action.writes() && action.interface == "acme:quotes/actions@1.0.0"));

    let connector = Runtime::new(RuntimeOptions::default()).unwrap().load(&component).unwrap();
    let connection = Connection {
        instance_url: "https://x.my.salesforce.com".to_owned(),
        access_token: "00D!t".to_owned(),
        api_version: None,
    };
    let options = CallOptions { deadline_ms: None, max_response_bytes: None, attempts: None };
    for (action, input, result) in [
        (
            "list-quotes",
            r#"{"which":{"within":{"days":7}},"extras":["notes"]}"#,
            r#"{"number":0,"total":0.0,"state":"open","lines":[],"raw":null,"usage":null}"#,
        ),
        (
            "list-quotes",
            r#"{"which":"all"}"#,
            r#"{"number":0,"total":0.0,"state":"open","lines":[],"raw":null,"usage":null}"#,
        ),
        ("forget", "{}", "null"),
    ] {
        let call = Call::parse(&actions, action, input).unwrap();
        let answer = call.run(connector.execution(EgressPolicy::default()), &connection, options).await.unwrap();
        assert_eq!(answer.to_json().unwrap().get(), result);
    }
    for (number, told) in [("inf", "inf"), ("nan", "NaN")] {
        let act = format!("(f64.store offset=16 (global.get $result) (f64.const {number}))");
        let component = Guest::acting(act.leak()).component_of(wit.path());
        let strange = Runtime::new(RuntimeOptions::default()).unwrap().load(&component).unwrap();
        let call = Call::parse(&actions, "list-quotes", r#"{"which":"all"}"#).unwrap();
        let answer = call.run(strange.execution(EgressPolicy::default()), &connection, options).await.unwrap();
        let failure = answer.to_json().unwrap_err();
        assert_eq!((failure.kind, failure.outcome), (HostFailureKind::BadResult, Outcome::NotSent));
        assert!(failure.message.contains(&format!("not JSON ({told}, which JSON has no number for)")), "{failure}");
    }
    let error = Call::parse(&actions, "list-quotes", r#"{"which":{"within":{"days":70000}}}"#).unwrap_err();
    let words = "which.within.days: invalid value: a number above 65,535, expected a whole number from 0 to 65,535";
    assert!(error.to_string().contains(words), "{error}");
    // The typed functions of the world are not there.
    let query = Query {
        soql: "S".to_owned(),
        parameters: Vec::new(),
        include_deleted: false,
        batch_size: None,
        max_records: None,
    };
    let refused = connector.execution(EgressPolicy::default()).soql_query(&connection, &query, options).await;
    let Err(ExecutionError::Host(failure)) = refused else { panic!("{refused:?}") };
    assert_eq!((failure.kind, failure.outcome), (HostFailureKind::NotExported, Outcome::NotSent));
}

#[tokio::test]
async fn a_function_that_is_nearly_an_action_is_told_with_why() {
    let host = Host::start().await;
    let near = "near: func(connection: connection) -> result<string, error>;";
    let told = "acme:quotes/actions@1.0.0.near is no action: it has no last parameter `options: call-options`";
    let action = "forget: func(connection: connection, options: call-options) -> result<_, error>;";
    let beside = Guest::IDLE.component_of(wit_of_actions(&format!("{action}\n{near}")).path());
    let report = host.verify(beside, &options()).await;
    assert!(report.may_run, "{report:?}");
    assert_eq!(finding(&report, Check::Exports).details, ["1: forget", told]);
    let alone = Guest::IDLE.component_of(wit_of_actions(near).path());
    host.assert_refused(alone, Check::Exports, told).await;
}

#[tokio::test]
async fn s04_actions_that_are_too_many_or_too_deep_to_describe_are_refused() {
    let host = Host::start().await;
    let form = "options: call-options) -> result<_, error>;";
    let many: String = (0..201).map(|number| format!("do{number}: func(connection: connection, {form}\n")).collect();
    let deep: String = (1..30).map(|number| format!("type t{number} = list<t{}>;\n", number - 1)).collect();
    let long = "f".repeat(201);
    for (interface, words) in [
        (many, "expected at most 200 functions"),
        (
            format!("type t0 = u16;\n{deep}f: func(connection: connection, a: t29, {form}"),
            "expected types at most 16 deep in one another",
        ),
        (format!("{long}: func(connection: connection, {form}"), "names of at most 200 characters"),
    ] {
        let component = Guest::IDLE.component_of(wit_of_actions(&interface).path());
        host.assert_refused(component, Check::Exports, words).await;
    }
}

#[tokio::test]
async fn a_type_that_differs_is_told_field_by_field() {
    let host = Host::start().await;
    for (file, before, after, difference) in [
        (
            "soql.wit",
            "batch-size: option<u16>",
            "batch-size: option<u32>",
            "soql.query.batch-size: expected option<u16>, found option<u32>",
        ),
        (
            "soql.wit",
            "total-size: option<u64>,\n    /// Where to go on; none",
            "/// Where to go on; none",
            "soql.page.total-size: expected this field, found none",
        ),
        (
            "types.wit",
            "access-token: string",
            "access-token: list<u8>",
            "types.connection.access-token: expected string, found list<u8>",
        ),
        ("types.wit", "    not-sent,\n", "", "types.outcome.not-sent: expected this case, found none"),
        (
            "types.wit",
            "used: u32,",
            "used: u32,\n    extra: bool,",
            "types.api-usage.extra: expected no such field, found one",
        ),
        ("records.wit", "update(string)", "update(u64)", "records.target.update: expected string, found u64"),
        (
            "oauth.wit",
            "    access-token,\n    /// What new access tokens are got with.\n    refresh-token,\n",
            "    refresh-token,\n    access-token,\n",
            "oauth.token-type: expected the order access-token, refresh-token, found refresh-token, access-token",
        ),
        (
            "oauth.wit",
            "-> result<_, error>",
            "-> result<bool, error>",
            "oauth.revoke.result.ok: expected nothing, found bool",
        ),
        (
            "soql.wit",
            "-> result<json, error>",
            "-> json",
            "soql.explain.result: expected result<string, a record of 9 fields>, found string",
        ),
    ] {
        let wit = wit_with(file, before, after);
        let report = host.verify(Guest::IDLE.component_of(wit.path()), &options()).await;
        assert_failed(&report, Check::Exports, difference);
        assert_eq!(finding(&report, Check::CompileTime).verdict, Verdict::NotRun);
    }
}

#[tokio::test]
async fn our_own_connector_and_any_component_of_its_world_have_the_right_types() {
    let host = Host::start().await;
    for component in [CONNECTOR.to_vec(), Guest::IDLE.component()] {
        let report = host.verify(component, &options()).await;
        assert_eq!(finding(&report, Check::Exports).verdict, Verdict::Passed, "{report:?}");
        assert_eq!(finding(&report, Check::Loads).verdict, Verdict::Passed, "{report:?}");
    }
}

/// A component of our world that also imports this, with a function that it needs.
fn importing(package: &str, interface: &str) -> Vec<u8> {
    let name = format!("{package}/{interface}@0.2.2");
    let wit = wit_with("world.wit", "world connector {\n", &format!("world connector {{\n  import {name};\n"));
    let folder = wit.path().join("deps").join(package.replace(':', "-"));
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("it.wit"), format!("package {package}@0.2.2;\ninterface {interface} {{ get: func(); }}"))
        .unwrap();
    let imports = format!("(import \"{name}\" \"get\" (func $get))");
    Guest { imports: imports.leak(), act: "(loop $again (call $get) (br $again))", ..Guest::IDLE }
        .component_of(wit.path())
}

#[tokio::test]
async fn an_import_that_is_not_offered_is_named_and_nothing_is_compiled() {
    let host = Host::start().await;
    for (package, interface) in [
        ("wasi:filesystem", "preopens"),
        ("wasi:sockets", "tcp"),
        // A component that floods standard output does not come so far: it is offered none.
        ("wasi:cli", "stdout"),
        ("wasi:cli", "environment"),
        ("tenant:spy", "glass"),
    ] {
        let report = host.verify(importing(package, interface), &options()).await;
        assert_failed(
            &report,
            Check::Imports,
            &format!("it imports {package}/{interface}@0.2.2; this host offers wasi:io/error"),
        );
        assert_eq!(finding(&report, Check::Exports).verdict, Verdict::Passed, "{report:?}");
        assert_eq!(finding(&report, Check::CompileTime).verdict, Verdict::NotRun);
    }
}

#[tokio::test]
async fn an_offered_import_of_another_type_does_not_load() {
    let wit = wit_with("deps/random/random.wit", "get-random-u64: func() -> u64;", "get-random-u64: func() -> string;");
    let guest = Guest {
        imports: r#"(import "wasi:random/random@0.2.2" "get-random-u64" (func $random (param i32)))"#,
        act: "(call $random (global.get $scratch))",
        ..Guest::IDLE
    };
    let report = Host::start().await.verify(guest.component_of(wit.path()), &options()).await;
    assert_failed(&report, Check::Loads, "wasi:random/random@0.2.2");
}

#[tokio::test]
async fn names_that_a_component_made_up_cannot_write_to_a_terminal() {
    // The binary format takes only names that WIT could write, so what is left is their length and number.
    let imports: String =
        (0..500).map(|number| format!(r#"(import "tenant:{0}/x{number}" (instance))"#, "a".repeat(2000))).collect();
    let component = wat::parse_str(format!("(component {imports})")).unwrap();
    let report = Host::start().await.verify(component, &options()).await;
    assert_failed(&report, Check::Imports, "and 480 more");
    assert!(serde_json::to_string(&report).unwrap().len() < 20_000);
}
