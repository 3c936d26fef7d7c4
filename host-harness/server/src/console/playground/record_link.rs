//! A record's page in its org.
//!
//! Where it leads is what the host knows of the connection. A result, which a tenant's component may have made up, gives the
//! record's Id alone.

use maud::{Markup, html};
use salesforce_connector::core::record_id::RecordId;
use salesforce_runtime::egress::Origin;

/// Makes links to the records of a connection's org; none where it is not reached over TLS.
#[derive(Default)]
pub(super) struct Records {
    instance: Option<Origin>,
}

impl Records {
    /// Of the org whose API is at this URL, by what the host knows.
    pub(super) fn of(instance_url: Option<&str>) -> Records {
        let instance = instance_url.and_then(|url| url.parse::<Origin>().ok());
        Records { instance: instance.filter(|origin| origin.to_string().starts_with("https://")) }
    }

    /// A value of this column, with a link if it is a record's Id.
    pub(super) fn cell(&self, column: &str, shown: &str) -> Markup {
        match self.page(column, shown) {
            Some(page) => html! {
                a href=(page) target="_blank" rel="noopener noreferrer" title="Open in Salesforce" { (shown) }
            },
            None => html! { (shown) },
        }
    }

    fn page(&self, column: &str, text: &str) -> Option<String> {
        let name = column.rsplit('.').next().unwrap_or_default();
        let instance = self.instance.as_ref().filter(|_| name == "id" || name.ends_with("Id"))?;
        let id = RecordId::parse("id", text).ok()?;
        Some(format!("{instance}/lightning/r/{}/view", id.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_leads_to_its_record_in_the_connections_own_org() {
        let records = Records::of(Some("https://acme.my.salesforce.com"));
        let page = "https://acme.my.salesforce.com/lightning/r/001D000000IqhSLIAZ/view";
        for column in ["Id", "id", "Owner.Id", "AccountId"] {
            assert_eq!(records.page(column, "001D000000IqhSLIAZ").as_deref(), Some(page), "{column}");
        }
        let link = records.cell("Id", "001D000000IqhSLIAZ").into_string();
        assert!(link.contains(r#"rel="noopener noreferrer""#) && link.contains(page), "{link}");
        for (column, text) in [
            ("Name", "001D000000IqhSLIAZ"),
            ("Id", "001D000000IqhSLIAA"),
            ("Id", "//evil.example/"),
            ("Id", "../../x"),
            ("Id", "001"),
            ("Id", ""),
        ] {
            assert_eq!(records.page(column, text), None, "{column} {text}");
        }
    }

    #[test]
    fn nothing_leads_to_an_org_without_tls_or_to_no_org() {
        for instance in ["http://127.0.0.1:8080", "javascript:alert(1)", "https://a.example/path?", ""] {
            assert_eq!(Records::of(Some(instance)).page("Id", "001D000000IqhSLIAZ"), None, "{instance}");
        }
        assert_eq!(Records::default().page("Id", "001D000000IqhSLIAZ"), None);
        let markup = Records::default().cell("Id", "<b>").into_string();
        assert_eq!(markup, "&lt;b&gt;");
    }
}
