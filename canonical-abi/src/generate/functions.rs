//! A function for each export.

use std::fmt::Write as _;

use wit_parser::abi::{AbiVariant, WasmType};
use wit_parser::{Function, FunctionKind, Type, TypeDefKind};

use super::flat::Stores;
use super::names::snake;
use super::{Error, World};

impl World<'_> {
    pub(super) fn function(
        &self,
        module: &str,
        interface: &str,
        function: &Function,
        rust: &mut String,
    ) -> Result<(), Error> {
        let export = format!("{interface}#{}", function.name);
        if function.kind != FunctionKind::Freestanding || !self.is_result(function) {
            return Err(Error::Unknown(export, "a function of its own, with a result<..> that is no enum"));
        }
        let signature = self.resolve.wasm_signature(AbiVariant::GuestExport, function);
        if !signature.retptr {
            return Err(Error::Unknown(export, "a result that is returned in memory"));
        }
        let types = function.params.iter().map(|parameter| &parameter.ty);
        let (parameters, arguments, prelude) = if signature.indirect_params {
            ("from: *const u8".to_owned(), self.offsets(types.clone()), String::new())
        } else {
            let values: Vec<_> = signature.params.iter().map(|kind| in_rust(*kind)).collect();
            let parameters = values.iter().enumerate().map(|(index, kind)| format!("flat{index}: {kind}"));
            let parameters = parameters.collect::<Vec<_>>().join(", ");
            let size = self.sizes.params(types.clone()).size.size_wasm32();
            let mut stores = Stores::new(self, &values);
            for (ty, offset) in types.clone().zip(self.offsets(types.clone())) {
                stores.store(ty, offset)?;
            }
            let prelude = format!(
                "let mut arguments = core::mem::MaybeUninit::<[u64; {}]>::uninit();
        let to = arguments.as_mut_ptr().cast::<u8>();
        {}let from = to.cast_const();
        ",
                size.div_ceil(8),
                stores.rust(),
            );
            (parameters, self.offsets(types), prelude)
        };
        let arguments = arguments.map(|offset| format!("canonical_abi::Lift::lift(from.add({offset}))"));
        let arguments = arguments.collect::<Vec<_>>().join(", ");
        let (component, name) = (self.component, snake(&function.name));
        let _ = write!(
            rust,
            "
const _: () = {{
    #[unsafe(export_name = \"{export}\")]
    unsafe extern \"C\" fn export({parameters}) -> *mut u8 {{ unsafe {{
        {prelude}canonical_abi::lower(<{component} as {module}::Guest>::{name}({arguments}))
    }} }}
}};
"
        );
        Ok(())
    }

    fn is_result(&self, function: &Function) -> bool {
        let Some(Type::Id(id)) = function.result else {
            return false;
        };
        self.resolve.types.get(id).is_some_and(|definition| matches!(definition.kind, TypeDefKind::Result(_)))
    }
}

fn in_rust(kind: WasmType) -> &'static str {
    match kind {
        WasmType::I64 | WasmType::PointerOrI64 => "u64",
        WasmType::I32 | WasmType::Pointer | WasmType::Length => "u32",
        WasmType::F32 => "f32",
        WasmType::F64 => "f64",
    }
}
