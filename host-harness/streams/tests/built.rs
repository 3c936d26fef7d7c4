//! The streams component, built as it is shipped.

use std::path::Path;
use std::sync::LazyLock;

/// Its bytes.
pub(crate) static COMPONENT: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("guest");
    componentize::component(&workspace, componentize::STREAMS, &[], &target).unwrap_or_else(|error| panic!("{error}"))
});
