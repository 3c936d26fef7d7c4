//! The domains of Salesforce. No other module is named here: `xtask` compiles this file too, for its list of where tokens go.

/// Domains that Salesforce owns and serves orgs from; each matches itself and what is below it, label by label.
pub const SALESFORCE_DOMAINS: [&str; 6] =
    ["salesforce.com", "force.com", "cloudforce.com", "salesforce.mil", "crmforce.mil", "sfcrmproducts.cn"];
