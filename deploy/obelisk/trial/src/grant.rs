//! Whether a call gets its own token with client credentials whose secret the engine puts into the form.

use serde_json::json;

use crate::engine::Server;
use crate::site::Site;
use crate::{Broken, org};

const QUERY: &str = "workflow:salesforce-activity/actions@0.2.1.soql-query";

/// One server, one query.
pub(crate) async fn run(site: &Site) -> Broken {
    println!("\nClient credentials\n");
    let mock = org::start().await;
    let server = Server::start(site, "grants", &mock, Some("client-credentials.toml")).await;
    let query = json!({
        "soql": "SELECT COUNT() FROM Account", "parameters": [], "include_deleted": false, "batch_size": null,
        "max_records": null,
    });
    let id = server.submit(QUERY, &json!([query])).await;
    let result = server.result(&id).await;
    let tokens = mock.ledger().token_requests("client_credentials");
    println!("  {} accounts, by {tokens} token that the call asked for", result["ok"]["total_size"]);
    if result["ok"]["total_size"].as_u64().is_some_and(|accounts| accounts > 0) && tokens == 1 {
        Broken::new()
    } else {
        vec![format!("expected one token and the number of accounts: {tokens} tokens, {result}")]
    }
}
