//! What the component asks of its host, to the letter.

use salesforce_runtime::component::describe;
use salesforce_streams::COMPONENT;

#[test]
fn f95_the_component_imports_http_a_clock_and_random_bytes_of_wasi_0_3_and_nothing_else() {
    let mut imports = describe(COMPONENT).unwrap().imports;
    imports.sort();
    assert_eq!(
        imports,
        [
            "wasi:clocks/monotonic-clock@0.3.0",
            "wasi:clocks/types@0.3.0",
            "wasi:http/client@0.3.0",
            "wasi:http/types@0.3.0",
            "wasi:random/random@0.3.0",
        ]
    );
}

#[test]
fn the_component_exports_its_interfaces() {
    let mut exports = describe(COMPONENT).unwrap().exports;
    exports.sort();
    let own = ["bulk", "files", "queries"].map(|name| format!("workflow:salesforce-streams/{name}@0.1.0"));
    assert_eq!(exports, [&own[0], &own[1], &own[2], "workflow:salesforce/types@0.2.1"]);
}

#[test]
fn a_component_of_wasi_0_2_is_refused() {
    let runtime = salesforce_streams::Runtime::new(salesforce_runtime::RuntimeOptions::default()).unwrap();
    let error = runtime.load(salesforce_runtime::component::CONNECTOR).err().unwrap().to_string();
    assert!(error.contains("wasi:http/outgoing-handler@0.2.2, which this host does not offer"), "{error}");
}

#[test]
fn the_usual_runtime_refuses_the_streams_component() {
    let runtime = salesforce_runtime::Runtime::new(salesforce_runtime::RuntimeOptions::default()).unwrap();
    let error = runtime.load(COMPONENT).err().unwrap().to_string();
    assert!(error.contains("wasi:http/client@0.3.0, which this host does not offer"), "{error}");
    assert!(runtime.compile(COMPONENT).is_err(), "its engine does not know streams");
}
