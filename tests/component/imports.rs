//! What the component asks of its host, to the letter, and how big it is.

use salesforce_runtime::component::{CONNECTOR, HOSTED, describe};
use salesforce_runtime::{LoadError, Runtime, RuntimeOptions};

#[test]
fn f95_the_component_imports_http_a_clock_and_random_bytes_and_nothing_else() {
    let mut imports = describe(CONNECTOR).unwrap().imports;
    imports.sort();
    assert_eq!(
        imports,
        [
            "wasi:clocks/monotonic-clock@0.2.2",
            "wasi:http/outgoing-handler@0.2.2",
            "wasi:http/types@0.2.2",
            "wasi:io/error@0.2.2",
            "wasi:io/poll@0.2.2",
            "wasi:io/streams@0.2.2",
            "wasi:random/random@0.2.2",
        ]
    );
}

#[test]
fn f95_the_component_for_this_host_imports_its_egress_and_nothing_else() {
    assert_eq!(describe(HOSTED).unwrap().imports, ["workflow:salesforce-host/egress@0.1.0"]);
}

/// A component of somebody else is held to WASI, whatever it does: what is this host's own may change with it.
#[test]
fn no_other_component_may_import_the_egress_of_this_host() {
    let runtime = Runtime::new(RuntimeOptions::default()).unwrap();
    let Err(LoadError::Import { names }) = runtime.load(HOSTED) else { panic!() };
    assert_eq!(names, ["workflow:salesforce-host/egress@0.1.0"]);
}

#[test]
fn the_components_export_their_interfaces() {
    for component in [CONNECTOR, HOSTED] {
        assert_exports_all(component);
    }
}

fn assert_exports_all(component: &[u8]) {
    let mut exports = describe(component).unwrap().exports;
    exports.sort();
    let names = [
        "bulk",
        "changes",
        "collections",
        "composite",
        "files",
        "invoke",
        "limits",
        "oauth",
        "records",
        "reports",
        "schema",
        "search",
        "soql",
        "types",
    ];
    assert_eq!(exports, names.map(|name| format!("workflow:salesforce/{name}@0.2.1")));
}

#[test]
fn the_component_names_no_folder_of_the_machine_that_built_it() {
    let home = std::env::home_dir().unwrap();
    let workspace = support::sources::workspace().canonicalize().unwrap();
    for folder in [home.to_str().unwrap(), workspace.to_str().unwrap()] {
        for component in [CONNECTOR, HOSTED] {
            let named = component.windows(folder.len()).any(|window| window == folder.as_bytes());
            assert!(folder.len() < 2 || !named, "{folder}");
        }
    }
}

/// Breadth has its price in every upload, compilation and instance. ARCHITECTURE.md says what the bytes are; the ten functions of `bulk`
/// are 31,000 of them, the three of `files` 14,000.
#[test]
fn the_component_stays_small() {
    assert!(CONNECTOR.len() < 366_000, "{} bytes", CONNECTOR.len());
    assert!(HOSTED.len() < CONNECTOR.len(), "{} bytes", HOSTED.len());
}

/// The standard library's search for text, and for a character that the compiler does not know, brings nine kilobytes of
/// messages and tables along: `core::text` is there for it.
#[test]
fn the_component_has_no_search_of_the_standard_library() {
    let message = b"is not a char boundary";
    assert!(!CONNECTOR.windows(message.len()).any(|window| window == message));
}
