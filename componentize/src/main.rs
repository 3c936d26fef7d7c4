//! `componentize WORKSPACE TARGET FOLDER`: writes the connector, its streams, its activities and its WIT package of the workspace
//! into a folder and prints what they are, as JSON. `componentize encode MODULE COMPONENT`: makes a component of a core module that carries
//! its WIT. `componentize build WORKSPACE TARGET PACKAGE FEATURES COMPONENT`: builds one package with these features.
//!
//! `cargo xtask package`, `cargo xtask example-components` and build scripts run it, so that these need no WebAssembly library.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use componentize::{ACTIVITIES, ACTIVITY, CONNECTOR, Error, Identity, STREAMS, Surface, WitPackage};
use serde_json::{Value, json};

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let done = match arguments.as_slice() {
        [encode, module, component] if encode == "encode" => encoded(module.as_ref(), component.as_ref()),
        [build, workspace, target, package, features, component] if build == "build" => {
            built(workspace.as_ref(), target.as_ref(), [package, features], component.as_ref())
        }
        [workspace, target, folder] => {
            packaged(workspace.as_ref(), target.as_ref(), folder.as_ref()).map(|description| println!("{description}"))
        }
        _ => {
            eprintln!(
                "expected `componentize WORKSPACE TARGET FOLDER`, all three of them folders, `componentize encode MODULE COMPONENT`, \
                 both of them files, or `componentize build WORKSPACE TARGET PACKAGE FEATURES COMPONENT`"
            );
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Builds, writes and describes all of them.
fn packaged(workspace: &Path, target: &Path, folder: &Path) -> Result<Value, Error> {
    let wit = WitPackage::of(&workspace.join("wit"))?;
    let wit_name = wit.name.replace(':', "-");
    let wit_file = format!("{wit_name}-wit-{}.wasm", wit.version);
    let wit_text = format!("{wit_name}-{}.wit", wit.version);
    write(folder.join(&wit_file), &wit.bytes)?;
    write(folder.join(&wit_text), wit.text.as_bytes())?;

    let identity = Identity::of(workspace, CONNECTOR)?;
    let version = identity.annotation("version").unwrap_or_default();
    let mut activities = Vec::new();
    for (name, features) in ACTIVITIES {
        let file = format!("{name}-{version}.wasm");
        write(folder.join(&file), &componentize::component(workspace, ACTIVITY, features, target)?)?;
        activities.push(file);
    }
    Ok(json!({
        "rustc": identity.rustc,
        "connector": described(workspace, CONNECTOR, target, folder)?,
        "streams": described(workspace, STREAMS, target, folder)?,
        "streams_wit": text_beside(workspace, "streams", folder)?,
        "activities": activities,
        "activity_wit": text_beside(workspace, "activity", folder)?,
        "wit": wit_file,
        "wit_text": wit_text,
        "wit_package": format!("{}@{}", wit.name, wit.version),
    }))
}

/// Builds and writes the component of a package: what it is.
fn described(workspace: &Path, package: &str, target: &Path, folder: &Path) -> Result<Value, Error> {
    let identity = Identity::of(workspace, package)?;
    let component = componentize::component(workspace, package, &[], target)?;
    let surface = Surface::of(&component)?;
    let version = identity.annotation("version").unwrap_or_default();
    let file = format!("{}-{version}.wasm", identity.name);
    write(folder.join(&file), &component)?;
    Ok(json!({
        "name": identity.name,
        "version": version,
        "description": identity.annotation("description"),
        "file": file,
        "imports": surface.imports,
        "exports": surface.exports,
    }))
}

/// Writes the WIT of a folder below the connector's as text: the file's name.
fn text_beside(workspace: &Path, name: &str, folder: &Path) -> Result<String, Error> {
    let wit = WitPackage::beside(&workspace.join("wit"), &workspace.join("wit").join(name))?;
    let file = format!("{}-{}.wit", wit.name.replace(':', "-"), wit.version);
    write(folder.join(&file), wit.text.as_bytes())?;
    Ok(file)
}

/// Builds one package. Its features are separated by commas.
fn built(workspace: &Path, target: &Path, package: [&OsString; 2], component: &Path) -> Result<(), Error> {
    let [package, features] = package.map(|text| text.to_string_lossy());
    let features: Vec<_> = features.split(',').filter(|feature| !feature.is_empty()).collect();
    write(component.into(), &componentize::component(workspace, &package, &features, target)?)
}

/// Makes a component of a core module.
fn encoded(module: &Path, component: &Path) -> Result<(), Error> {
    let bytes = fs::read(module).map_err(|source| Error::Read { file: module.into(), source })?;
    write(component.into(), &componentize::encode(&bytes)?)
}

fn write(file: PathBuf, bytes: &[u8]) -> Result<(), Error> {
    fs::write(&file, bytes).map_err(|source| Error::Write { file, source })
}
