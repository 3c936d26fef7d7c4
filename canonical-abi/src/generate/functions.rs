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
        let types: Vec<_> = function.params.iter().map(|parameter| &parameter.ty).collect();
        let arguments = self.offsets(types.iter().copied());
        let arguments = arguments.map(|offset| format!("canonical_abi::Lift::lift(from.add({offset}))"));
        let arguments = arguments.collect::<Vec<_>>().join(", ");
        let (component, name) = (self.component, snake(&function.name));
        let call = format!("canonical_abi::lower(<{component} as {module}::Guest>::{name}({arguments}))");
        let (parameters, body) = if types.is_empty() {
            (String::new(), call)
        } else if signature.indirect_params {
            ("from: *const u8".to_owned(), format!("unsafe {{ {call} }}"))
        } else {
            let values: Vec<_> = signature.params.iter().map(|kind| in_rust(*kind)).collect();
            let parameters = values.iter().enumerate().map(|(index, kind)| format!("flat{index}: {kind}"));
            let parameters = parameters.collect::<Vec<_>>().join(", ");
            (parameters, format!("unsafe {{ {}{call} }}", self.written(&types, &values)?))
        };
        let _ = write!(
            rust,
            "
const _: () = {{
    #[unsafe(export_name = \"{export}\")]
    unsafe extern \"C\" fn export({parameters}) -> *mut u8 {{
        {body}
    }}
}};
"
        );
        Ok(())
    }

    /// What writes flat arguments to memory, and says where that is.
    fn written(&self, types: &[&Type], values: &[&'static str]) -> Result<String, Error> {
        let mut stores = Stores::new(self, values);
        for (ty, offset) in types.iter().copied().zip(self.offsets(types.iter().copied())) {
            stores.store(ty, offset)?;
        }
        let size = self.sizes.params(types.iter().copied()).size.size_wasm32();
        Ok(format!(
            "let mut arguments = core::mem::MaybeUninit::<[u64; {}]>::uninit();
        let to = arguments.as_mut_ptr().cast::<u8>();
        {}let from = to.cast_const();
        ",
            size.div_ceil(8),
            stores.rust(),
        ))
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
