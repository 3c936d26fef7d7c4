use std::fs;

use super::exports;

/// What is written for an interface `things` with this in it, or why nothing is.
fn written(items: &str) -> Result<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let wit = format!("package a:b@1.0.0;\ninterface things {{\n{items}\n}}\nworld w {{ export things; }}");
    fs::write(folder.path().join("w.wit"), wit).unwrap();
    exports(&[folder.path()], "w", "crate::world", "crate::Component").map_err(|error| error.to_string())
}

fn contains(rust: &str, lines: &[&str]) {
    for line in lines {
        assert!(rust.contains(line), "expected {line:?} in\n{rust}");
    }
}

#[test]
fn a_record_lies_as_the_canonical_abi_has_it() {
    let rust = written(
        "record thing { %type: u8, at: option<u64>, the-name: string }
         get: func(it: thing) -> result<thing>;",
    )
    .unwrap();
    contains(
        &rust,
        &[
            "impl canonical_abi::Layout for crate::world::exports::a::b::things::Thing {\n    const SIZE: usize = 32;\n    \
             const ALIGN: usize = 8;",
            "type_: canonical_abi::Lift::lift(from.add(0)), at: canonical_abi::Lift::lift(from.add(8)), the_name: \
             canonical_abi::Lift::lift(from.add(24)),",
            "canonical_abi::Lower::lower(&self.the_name, to.add(24));",
        ],
    );
}

#[test]
fn a_variant_has_a_byte_that_tells_its_case() {
    let rust = written(
        "variant thing { none-at-all, number(u64), text(string) }
         enum way { there, back }
         get: func(things: list<thing>, way: way) -> result<thing>;",
    )
    .unwrap();
    contains(
        &rust,
        &[
            "const SIZE: usize = 16;",
            "0 => crate::world::exports::a::b::things::Thing::NoneAtAll, 1 => \
             crate::world::exports::a::b::things::Thing::Number(canonical_abi::Lift::lift(from.add(8))),",
            "crate::world::exports::a::b::things::Thing::Text(value) => { to.write(2); \
             canonical_abi::Lower::lower(value, to.add(8)); }",
            "crate::world::exports::a::b::things::Way::_lift(from.read())",
        ],
    );
}

#[test]
fn what_is_only_an_argument_is_not_lowered_and_what_is_only_a_result_not_lifted() {
    let rust = written(
        "record question { text: string }
         record answer { text: string }
         ask: func(it: question) -> result<answer>;",
    )
    .unwrap();
    contains(
        &rust,
        &[
            "Lift for crate::world::exports::a::b::things::Question",
            "Lower for crate::world::exports::a::b::things::Answer",
        ],
    );
    assert!(!rust.contains("Lower for crate::world::exports::a::b::things::Question"), "{rust}");
    assert!(!rust.contains("Lift for crate::world::exports::a::b::things::Answer"), "{rust}");
}

#[test]
fn flat_arguments_are_written_where_they_would_lie_in_memory() {
    let rust = written(
        "variant place { id(string), name(string) }
         get: func(place: place, limit: option<u64>, exact: bool) -> result<string, u32>;",
    )
    .unwrap();
    contains(
        &rust,
        &[
            "#[unsafe(export_name = \"a:b/things@1.0.0#get\")]",
            "fn export(flat0: u32, flat1: u32, flat2: u32, flat3: u32, flat4: u64, flat5: u32) -> *mut u8",
            "MaybeUninit::<[u64; 5]>",
            "to.add(0).cast::<u8>().write(flat0 as u8);",
            "to.add(4).cast::<u32>().write(flat1);",
            "to.add(8).cast::<u32>().write(flat2);",
            "to.add(16).cast::<u8>().write(flat3 as u8);",
            "to.add(24).cast::<u64>().write(flat4);",
            "to.add(32).cast::<u8>().write(flat5 as u8);",
            "<crate::Component as crate::world::exports::a::b::things::Guest>::get(canonical_abi::Lift::lift(from.add(0)), \
             canonical_abi::Lift::lift(from.add(16)), canonical_abi::Lift::lift(from.add(32)))",
        ],
    );
}

#[test]
fn payloads_that_lie_otherwise_are_told_apart() {
    let rust = written(
        "variant place { nowhere, id(string), at(u64), flag(bool) }
         get: func(place: place, exact: bool) -> result<string>;",
    )
    .unwrap();
    contains(
        &rust,
        &[
            "fn export(flat0: u32, flat1: u64, flat2: u32, flat3: u32) -> *mut u8",
            "to.add(0).cast::<u8>().write(flat0 as u8);",
            "match flat0 { 1 => { to.add(8).cast::<u32>().write(flat1 as u32);",
            "2 => { to.add(8).cast::<u64>().write(flat1);",
            "3 => { to.add(8).cast::<u8>().write(flat1 as u8);",
            "to.add(16).cast::<u8>().write(flat3 as u8);",
        ],
    );
}

#[test]
fn more_than_sixteen_come_in_memory() {
    let texts: Vec<_> = (0..9).map(|index| format!("t{index}: string")).collect();
    let rust = written(&format!("get: func({}) -> result<string>;", texts.join(", "))).unwrap();
    contains(&rust, &["fn export(from: *const u8) -> *mut u8", "canonical_abi::Lift::lift(from.add(64))"]);
}

#[test]
fn a_function_without_arguments_lifts_nothing() {
    let rust = written("get: func() -> result<string>;").unwrap();
    contains(
        &rust,
        &[
            "fn export() -> *mut u8 {\n        canonical_abi::lower(<crate::Component as crate::world::exports::a::b::things::Guest>::get())\n    }",
        ],
    );
}

#[test]
fn what_is_not_known_is_refused_by_name() {
    for (items, expected) in [
        (
            "get: func(it: f64) -> result<string>;",
            "float or char as an argument: expected records, variants, enums, options, lists, strings, integers or booleans",
        ),
        (
            "get: func(it: string) -> string;",
            "a:b/things@1.0.0#get: expected a function of its own, with a result<..> that is no enum",
        ),
        ("get: func(it: string) -> result;", "a:b/things@1.0.0#get: expected a result that is returned in memory"),
        (
            "resource thing;\nget: func(it: string) -> result<string>;",
            "thing, a resource: expected a record, variant, enum or a name for another type",
        ),
    ] {
        assert_eq!(written(items).unwrap_err(), expected);
    }
    let error = exports(&["/nowhere".as_ref()], "w", "crate::world", "crate::Component").unwrap_err().to_string();
    assert!(error.starts_with("/nowhere: "), "{error}");
}
