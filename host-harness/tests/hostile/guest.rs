//! Components of our world, written by hand: a core module in text, with an export for every function of the WIT.

use std::path::{Path, PathBuf};

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::abi::{AbiVariant, WasmType};
use wit_parser::{LiftLowerAbi, ManglingAndAbi, Resolve, WasmExport, WasmExportKind, WorldId, WorldItem};

/// A connector that does this in every call, and then answers with nothing but zeroes: empty texts, no records.
#[derive(Clone, Copy)]
pub(crate) struct Guest {
    /// Imports, in WebAssembly text.
    pub(crate) imports: &'static str,
    /// Functions, tables, globals, data and a start function.
    pub(crate) definitions: &'static str,
    /// The body of `$act`, whose parameters `$url` and `$url_length` are the org's or login URL in memory, and `$token`
    /// and `$token_length` the access token or the client's Id.
    pub(crate) act: &'static str,
}

impl Guest {
    pub(crate) const IDLE: Guest = Guest { imports: "", definitions: "", act: "" };

    pub(crate) fn acting(act: &'static str) -> Guest {
        Guest { act, ..Guest::IDLE }
    }

    /// Of the world `connector`.
    pub(crate) fn component(self) -> Vec<u8> {
        self.component_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit"))
    }

    /// Of the world of this name in another folder of WIT.
    pub(crate) fn component_of(self, wit: &Path) -> Vec<u8> {
        let mut resolve = Resolve::default();
        let (package, _) = resolve.push_dir(wit).unwrap();
        let world = resolve.select_world(&[package], Some("connector")).unwrap();
        let mut module = wat::parse_str(self.module(&exports(&resolve, world))).unwrap();
        embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
        ComponentEncoder::default().module(&module).unwrap().validate(true).encode().unwrap()
    }

    /// Results are at 64 KiB, where nothing is written; `$scratch` is for what imports answer; the heap begins at 1 MiB.
    fn module(self, exports: &str) -> String {
        let Guest { imports, definitions, act } = self;
        format!(
            r#"(module
                {imports}
                (memory (export "memory") 64)
                (global $result (mut i32) (i32.const 65536))
                (global $scratch i32 (i32.const 131072))
                (global $heap (mut i32) (i32.const 1048576))
                {definitions}
                (func $act (param $url i32) (param $url_length i32) (param $token i32) (param $token_length i32) {act})
                (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
                    (local $start i32)
                    (local.set $start (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
                    (global.set $heap (i32.add (local.get $start) (local.get 3)))
                    (local.get $start))
                {exports})"#
        )
    }
}

/// The functions of the world's interfaces, each with `$act` in it. The first things in the parameters of all of
/// them are a URL and another text.
fn exports(resolve: &Resolve, world: WorldId) -> String {
    let mut text = String::new();
    for (key, item) in &resolve.worlds[world].exports {
        let WorldItem::Interface { id, .. } = item else { continue };
        for function in resolve.interfaces[*id].functions.values() {
            let signature = resolve.wasm_signature(AbiVariant::GuestExport, function);
            let parameters: Vec<_> = signature.params.iter().map(core_type).collect();
            let texts = if signature.indirect_params {
                "(i32.load (local.get 0)) (i32.load offset=4 (local.get 0))
                (i32.load offset=8 (local.get 0)) (i32.load offset=12 (local.get 0))"
            } else {
                "(local.get 0) (local.get 1) (local.get 2) (local.get 3)"
            };
            let export = WasmExport::Func { interface: Some(key), func: function, kind: WasmExportKind::Normal };
            let name = resolve.wasm_export_name(ManglingAndAbi::Legacy(LiftLowerAbi::Sync), export);
            text.push_str(&format!(
                "(func (export \"{name}\") (param {}) (result i32) (call $act {texts}) (global.get $result))\n",
                parameters.join(" ")
            ));
        }
    }
    text
}

fn core_type(of: &WasmType) -> &'static str {
    match of {
        WasmType::I64 | WasmType::PointerOrI64 => "i64",
        WasmType::F32 => "f32",
        WasmType::F64 => "f64",
        WasmType::I32 | WasmType::Pointer | WasmType::Length => "i32",
    }
}

/// The WIT of a world that exports the connector's `types` and this interface of another package.
pub(crate) fn wit_of_actions(interface: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit");
    copy(&wit.join("deps"), &directory.path().join("deps"));
    let salesforce = directory.path().join("deps/salesforce");
    std::fs::create_dir_all(&salesforce).unwrap();
    for file in ["types.wit", "oauth.wit", "soql.wit", "records.wit"] {
        std::fs::copy(wit.join(file), salesforce.join(file)).unwrap();
    }
    let text = format!(
        "package acme:quotes@1.0.0;
        interface actions {{
            use workflow:salesforce/types@0.2.1.{{api-usage, call-options, connection, error, json}};
            {interface}
        }}
        world connector {{ export workflow:salesforce/types@0.2.1; export actions; }}"
    );
    std::fs::write(directory.path().join("quotes.wit"), text).unwrap();
    directory
}

/// A copy of our WIT in which one thing is different.
pub(crate) fn wit_with(file: &str, before: &str, after: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit"), directory.path());
    let file = directory.path().join(file);
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains(before), "{before}");
    std::fs::write(file, text.replace(before, after)).unwrap();
    directory
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let from: PathBuf = entry.unwrap().path();
        let to = to.join(from.file_name().unwrap());
        if from.is_dir() {
            copy(&from, &to);
        } else {
            std::fs::copy(from, to).unwrap();
        }
    }
}
