//! What of the environment belongs to the build that asks for a component, and is kept from the component's own.

use std::ffi::OsStr;
use std::process::Command;

/// What guests are compiled for: no adapter, so that they import nothing but what their WIT names.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// Takes out of a command's environment what would make the guest depend on who asks for it.
pub(crate) fn cleaned(command: &mut Command) -> &mut Command {
    for (name, _) in std::env::vars_os() {
        if belongs_to_the_host_build(&name) {
            command.env_remove(name);
        }
    }
    command
}

/// True for what cargo, clippy or a coverage tool set for the crate being built: flags, wrappers, `CARGO_CFG_...`. The
/// guest is built the same way whoever asks for it. `CARGO_HOME`, `CARGO_NET_...` and the like are left as they are.
fn belongs_to_the_host_build(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let exact = [
        "RUSTFLAGS",
        "RUSTDOCFLAGS",
        "CARGO_ENCODED_RUSTFLAGS",
        "RUSTC_WRAPPER",
        "RUSTC_WORKSPACE_WRAPPER",
        "CLIPPY_ARGS",
        "CLIPPY_CONF_DIR",
        "TARGET",
        "HOST",
        "OUT_DIR",
        "PROFILE",
        "DEBUG",
        "OPT_LEVEL",
        "NUM_JOBS",
        "CARGO_MANIFEST_DIR",
        "CARGO_MANIFEST_PATH",
        "CARGO_MANIFEST_LINKS",
        "CARGO_TARGET_DIR",
        "CARGO_BUILD_TARGET",
        "CARGO_BUILD_RUSTFLAGS",
        "CARGO_BUILD_TARGET_DIR",
    ];
    let prefixes = ["CARGO_CFG_", "CARGO_PKG_", "CARGO_FEATURE_", "CARGO_PROFILE_", "CARGO_TARGET_", "DEP_"];
    exact.contains(&&*name) || prefixes.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_of_the_asking_build_are_kept_out_and_the_users_set_up_stays() {
        for name in ["RUSTFLAGS", "CARGO_PKG_NAME", "CARGO_PROFILE_RELEASE_LTO", "RUSTC_WORKSPACE_WRAPPER", "DEP_Z"] {
            assert!(belongs_to_the_host_build(name.as_ref()), "{name}");
        }
        for name in ["CARGO_HOME", "CARGO_NET_OFFLINE", "CARGO_HTTP_PROXY", "PATH", "RUSTUP_TOOLCHAIN"] {
            assert!(!belongs_to_the_host_build(name.as_ref()), "{name}");
        }
    }
}
