//! Components with an action of their own, `list-open-quotes`, which sends nothing.

use std::path::Path;

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

const QUOTES: &str = "
    package acme:quotes@1.0.0;
    interface actions {
        use workflow:salesforce/types@0.2.1.{call-options, connection, error, json};
        list-open-quotes: func(connection: connection, account: string, options: call-options) -> result<json, error>;
    }
    world quotes {
        export workflow:salesforce/types@0.2.1;
        export actions;
    }";

/// `list-open-quotes`, which gives the same for whatever it is asked: at 1024 is the text, at 2048 the result that names it.
const LIST_OPEN_QUOTES: &str = r#"(module
    (memory (export "memory") 1)
    (data (i32.const 1024) "[\"Q-1\"]")
    (data (i32.const 2048) "\00\00\00\00\00\00\00\00\00\04\00\00\07\00\00\00")
    (global $heap (mut i32) (i32.const 4096))
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
        (local $start i32)
        (local.set $start (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
        (global.set $heap (i32.add (local.get $start) (local.get 3)))
        (local.get $start))
    (func (export "acme:quotes/actions@1.0.0#list-open-quotes")
        (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i64 i32 i32) (result i32)
        (i32.const 2048)))"#;

/// A component with an action of its own and none of the connector's.
#[must_use]
pub fn quotes() -> Vec<u8> {
    quotes_of(LIST_OPEN_QUOTES)
}

/// The same with more functions, in WAT, which nobody calls.
#[must_use]
pub fn quotes_beside(functions: &str) -> Vec<u8> {
    let module = LIST_OPEN_QUOTES.strip_suffix(')').unwrap();
    quotes_of(&format!("{module}{functions})"))
}

/// The same, whose action gives other bytes: seven, as the JSON of the other has.
#[must_use]
pub fn quotes_giving(seven: &str) -> Vec<u8> {
    assert_eq!(seven.len(), 7);
    quotes_of(&LIST_OPEN_QUOTES.replace(r#"[\"Q-1\"]"#, seven))
}

fn quotes_of(list_open_quotes: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    resolve.push_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit")).unwrap();
    let package = resolve.push_str("quotes.wit", QUOTES).unwrap();
    let world = resolve.select_world(&[package], Some("quotes")).unwrap();
    let mut module = wat::parse_str(list_open_quotes).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().module(&module).unwrap().validate(true).encode().unwrap()
}
