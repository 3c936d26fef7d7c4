//! Components that export or import something else than our world.

use std::fs;

use salesforce_runtime::component::CONNECTOR;
use salesforce_verify::{Check, Verdict};

use crate::guest::{Guest, wit_with};
use crate::tenant::{Host, assert_failed, finding, options};

#[tokio::test]
async fn a_missing_interface_and_a_missing_function_are_named() {
    let host = Host::start().await;
    let without_records = wit_with("world.wit", "  export records;\n", "");
    let component = Guest::IDLE.component_of(without_records.path());
    host.assert_refused(
        component,
        Check::Exports,
        "workflow:salesforce/records@0.2.0: expected this interface, found none",
    )
    .await;

    let without_revoke = wit_with("oauth.wit", "  revoke: func(", "  revoke-all: func(");
    let component = Guest::IDLE.component_of(without_revoke.path());
    host.assert_refused(component, Check::Exports, "oauth.revoke: expected a function, found none").await;
    host.assert_refused(wat::parse_str("(component)").unwrap(), Check::Exports, "workflow:salesforce/types@0.2.0")
        .await;
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
