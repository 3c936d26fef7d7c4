//! What axe-core finds wrong with a page: it runs inside of the page, as it is shown. `axe/` has its file as it is published
//! (axe-core 4.14.1, MPL-2.0); only tests read it.

use crate::browser::Browser;

const AXE: &str = include_str!("axe/axe.min.js");

/// Loads axe into the page; what it says of the page, `violations` tells.
pub(crate) async fn load(browser: &Browser) {
    browser.evaluate(AXE).await;
}

/// The rules that the page breaks as it is shown now, each with the elements that break it.
pub(crate) async fn violations(browser: &Browser) -> Vec<String> {
    // Style sheets are the page's own: nothing has to be fetched again.
    let script = "return axe.run(document, { preload: false, resultTypes: ['violations'] }).then(({ violations }) =>
        violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' ')}`))";
    serde_json::from_value(browser.evaluate(script).await).unwrap()
}
