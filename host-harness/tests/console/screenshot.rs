//! Pictures of pages, for the README.

use std::path::Path;

use crate::browser::{Browser, Screen};

/// Takes a picture of the page on a screen, which it leaves in place.
///
/// Where the environment variable `CONSOLE_SCREENSHOTS` names a folder of the workspace, the picture becomes its NAME.png.
pub(crate) async fn screenshot(browser: &Browser, screen: Screen, name: &str) {
    browser.look_with(screen).await;
    let png = browser.png().await;
    assert_eq!(size(&png), Some(screen.size()), "of the picture {name}");
    if let Some(folder) = std::env::var_os("CONSOLE_SCREENSHOTS") {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        std::fs::write(workspace.join(folder).join(format!("{name}.png")), png).unwrap();
    }
}

/// Width and height of a PNG: its signature, then the chunk IHDR.
fn size(png: &[u8]) -> Option<(u32, u32)> {
    let header = png.strip_prefix(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")?;
    let (width, header) = header.split_first_chunk()?;
    let (height, _) = header.split_first_chunk()?;
    Some((u32::from_be_bytes(*width), u32::from_be_bytes(*height)))
}
