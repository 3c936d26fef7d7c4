//! How a server of tests is set up. `program` is the `harness` of the test program's package.

use std::fs::{DirBuilder, Permissions};
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt, symlink};
use std::path::Path;

use salesforce_server::ServerOptions;
use salesforce_verify::CompilerCommand;
use tempfile::TempDir;

/// The command that compiles somebody else's component.
pub fn compiler(program: &str) -> CompilerCommand {
    CompilerCommand { program: program.into(), arguments: vec!["compile-for-verify".into()] }
}

/// Plain HTTP on a free port of loopback, with orgs on loopback.
pub fn options(program: &str, data: &Path) -> ServerOptions {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let mut options = ServerOptions::new(address, data.to_owned(), compiler(program));
    options.loopback_orgs = true;
    options
}

/// A directory for a server's data, which shares compiled code with those of other tests in `shared`.
pub fn data_directory(shared: &str) -> TempDir {
    let data = tempfile::Builder::new().permissions(Permissions::from_mode(0o700)).tempdir().unwrap();
    let compiled = Path::new(shared).join("compiled");
    DirBuilder::new().recursive(true).mode(0o700).create(&compiled).unwrap();
    symlink(compiled, data.path().join("compiled")).unwrap();
    data
}
