//! What a component asks for and offers, and the WIT of a folder as the binary package that tools fetch from registries.

use std::path::Path;

use wit_component::{DecodedWasm, WitPrinter};
use wit_parser::{PackageId, Resolve};

use crate::error::Error;

/// The names at the border of a component, in its own order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surface {
    /// What it needs of its host, e.g. `wasi:http/types@0.2.2`.
    pub imports: Vec<String>,
    /// What it offers.
    pub exports: Vec<String>,
}

impl Surface {
    /// Reads a component.
    ///
    /// # Errors
    /// It is none.
    pub fn of(component: &[u8]) -> Result<Self, Error> {
        let DecodedWasm::Component(resolve, world) = wit_component::decode(component).map_err(Error::wasm)? else {
            return Err(Error::wasm("it is a WIT package and no component"));
        };
        let world = resolve.worlds.get(world).ok_or_else(|| Error::wasm("it has no world"))?;
        let [imports, exports] =
            [&world.imports, &world.exports].map(|items| items.keys().map(|key| resolve.name_world_key(key)).collect());
        Ok(Self { imports, exports })
    }
}

/// A WIT package in two forms, documentation included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitPackage {
    /// Namespace and name, as in `workflow:salesforce`.
    pub name: String,
    /// Its version.
    pub version: String,
    /// In the binary format.
    pub bytes: Vec<u8>,
    /// As text in one file, with the packages that it uses nested in it.
    pub text: String,
}

impl WitPackage {
    /// Reads a folder of WIT files; what they use is below its `deps`.
    ///
    /// # Errors
    /// A file is missing or is not WIT, or the package has no version.
    pub fn of(folder: &Path) -> Result<Self, Error> {
        Self::read(Resolve::default(), folder)
    }

    /// Reads a folder of WIT files that use packages of another folder and what is below its `deps`.
    ///
    /// # Errors
    /// As [`WitPackage::of`].
    pub fn beside(other: &Path, folder: &Path) -> Result<Self, Error> {
        let mut resolve = Resolve::default();
        resolve.push_dir(other).map_err(Error::wit)?;
        Self::read(resolve, folder)
    }

    fn read(mut resolve: Resolve, folder: &Path) -> Result<Self, Error> {
        let (package, _) = resolve.push_dir(folder).map_err(Error::wit)?;
        let name = resolve.packages.get(package).map(|package| package.name.clone());
        let name = name.ok_or_else(|| Error::Wit("there is no package".to_owned()))?;
        let version = name.version.as_ref().ok_or_else(|| Error::Wit(format!("package {name} has no version")))?;
        let used = used_by(&resolve, package);
        let mut printer = WitPrinter::default();
        printer.print(&resolve, package, &used).map_err(Error::wit)?;
        Ok(Self {
            name: format!("{}:{}", name.namespace, name.name),
            version: version.to_string(),
            bytes: wit_component::encode(&resolve, package).map_err(Error::wit)?,
            text: format!("{}\n", printer.output.to_string().trim_end()),
        })
    }
}

/// The packages that a package uses, by whatever way, in the order of their making.
fn used_by(resolve: &Resolve, package: PackageId) -> Vec<PackageId> {
    let mut used = vec![package];
    let mut next = 0;
    while let Some(user) = used.get(next).copied() {
        next += 1;
        for package in resolve.package_direct_deps(user) {
            if !used.contains(&package) {
                used.push(package);
            }
        }
    }
    resolve.packages.iter().map(|(id, _)| id).filter(|id| *id != package && used.contains(id)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours() -> WitPackage {
        WitPackage::of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit")).unwrap()
    }

    #[test]
    fn our_wit_is_a_package_with_its_documentation() {
        let package = ours();
        assert_eq!(
            (package.name.as_str(), package.version.as_str()),
            ("workflow:salesforce", env!("CARGO_PKG_VERSION"))
        );
        let DecodedWasm::WitPackage(resolve, id) = wit_component::decode(&package.bytes).unwrap() else {
            panic!("it is no WIT package");
        };
        let interfaces: Vec<_> = resolve.packages[id].interfaces.keys().map(String::as_str).collect();
        assert_eq!(interfaces.len(), 14, "{interfaces:?}");
        let oauth = &resolve.interfaces[resolve.packages[id].interfaces["oauth"]];
        assert!(oauth.docs.contents.is_some());
    }

    #[test]
    fn the_text_is_the_whole_package() {
        let package = ours();
        let mut resolve = Resolve::default();
        let id = resolve.push_str("one-file.wit", &package.text).unwrap();
        assert_eq!(wit_component::encode(&resolve, id).unwrap(), package.bytes);
    }

    #[test]
    fn a_package_is_no_component() {
        let error = Surface::of(&ours().bytes).unwrap_err().to_string();
        assert!(error.ends_with("it is a WIT package and no component"), "{error}");
    }

    #[test]
    fn a_folder_without_wit_is_named() {
        let error = WitPackage::of(Path::new("no-such-folder")).unwrap_err().to_string();
        assert!(error.starts_with("cannot read the WIT: ") && error.contains("no-such-folder"), "{error}");
    }
}
