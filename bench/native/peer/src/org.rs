//! What all of them are told, and what all ask for.

use std::path::PathBuf;

use serde_json::{Value, json};

/// Where to send requests, and whom to trust.
#[derive(clap::Args)]
pub struct Org {
    /// Origin, http or https.
    #[arg(long)]
    pub url: String,
    /// Access token.
    #[arg(long)]
    pub token: String,
    /// The only certificate authority to trust, as PEM.
    #[arg(long)]
    pub ca: Option<PathBuf>,
}

impl Org {
    /// The collection that accounts are created in.
    pub fn accounts(&self) -> String {
        format!("{}/services/data/v67.0/sobjects/Account/", self.url)
    }

    /// Fields of one account.
    pub fn account(&self) -> String {
        format!("{}001Kp00000AbCdEIAV?fields=Id,Name,Industry,Phone,AnnualRevenue", self.accounts())
    }

    /// Where queries go.
    pub fn query(&self) -> String {
        format!("{}/services/data/v67.0/query", self.url)
    }
}

/// A query of 50 pages.
pub const ALL: &str =
    "SELECT Id, Name, Industry, Phone, AnnualRevenue, CreatedDate, LastModifiedDate, Website, ParentId FROM Account";

/// The same query, of one page.
pub fn one_page() -> String {
    format!("{ALL} LIMIT 2000")
}

/// The record that is created.
pub fn new_account() -> Value {
    json!({"Name": "Acme Industries", "Industry": "Manufacturing", "Phone": "+49 30 1234567"})
}
