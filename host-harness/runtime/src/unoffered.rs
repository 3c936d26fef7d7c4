//! Stands in for what a component imports and this host does not offer: whatever is called of it traps.
//!
//! For measuring components that were built for other hosts. Nothing that runs components for others uses it.

use wasmtime::bail;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, Linker, ResourceType};

use super::imports;
use super::store::State;

/// A resource that cannot be had.
struct Unoffered;

/// Links the rest of a component's imports.
pub(super) fn trap(linker: &mut Linker<State>, component: &Component) -> wasmtime::Result<()> {
    let engine = linker.engine().clone();
    // An interface names the resources that it only uses, too: the first one to name a resource is the one that has it.
    let mut resources = Vec::new();
    for (interface, import) in component.component_type().imports(&engine) {
        let ComponentItem::ComponentInstance(import) = import.ty else { continue };
        let is_offered = imports::is_offered(interface);
        for (name, item) in import.exports(&engine) {
            match item.ty {
                ComponentItem::Resource(resource) if !resources.contains(&resource) => {
                    resources.push(resource);
                    if !is_offered {
                        let unoffered = ResourceType::host::<Unoffered>();
                        linker.instance(interface)?.resource(name, unoffered, |_, _| Ok(()))?;
                    }
                }
                ComponentItem::ComponentFunc(_) if !is_offered => {
                    let function = format!("{interface}#{name}");
                    let trap = move |_: wasmtime::StoreContextMut<'_, State>, _, _: &[_], _: &mut [_]| {
                        bail!("{function} is not offered by this host")
                    };
                    linker.instance(interface)?.func_new(name, trap)?;
                }
                _ => {}
            }
        }
    }
    Ok(())
}
