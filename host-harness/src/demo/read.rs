//! The steps that only read. They run against the mock, where the demo knows what must come, and against real orgs.

use std::collections::HashSet;

use salesforce_actions::display::json::readable;

use super::stage::expect;
use super::tour::{Tour, parameter, query, records, text};
use crate::cli::{Effect, Failure, table_of};
use salesforce_runtime::bindings::records::RecordKey;
use salesforce_runtime::bindings::soql::{Argument, Value};

/// Pages of a real org that are fetched: it may have millions of records.
const MOST_PAGES: usize = 5;

/// What the org is known to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Org {
    /// The mock's, with so many accounts.
    Seeded {
        /// Live accounts.
        accounts: usize,
    },
    /// Somebody's.
    Real,
}

/// All reading steps.
///
/// # Errors
/// Any step that does not do what it says.
pub(super) async fn read(tour: &mut Tour, org: Org) -> Result<(), Failure> {
    who(tour).await?;
    bound_parameters(tour, org).await?;
    pages(tour, org).await?;
    children(tour, org).await?;
    field_values(tour, org).await
}

async fn who(tour: &mut Tour) -> Result<(), Failure> {
    tour.stage.begin("Who is connected?")?;
    tour.stage.asked("oauth.user-info")?;
    let user = tour.user().await?;
    expect(user.user_id.starts_with("005"), "the Id of a user")?;
    let name = user.name.unwrap_or_default();
    let username = user.username.unwrap_or_default();
    tour.stage.answered(&format!("{name} <{username}>, user {}, org {}", user.user_id, user.organization_id))?;
    tour.stage.end()
}

async fn bound_parameters(tour: &mut Tour, org: Org) -> Result<(), Failure> {
    tour.stage.begin("SOQL query with bound parameters")?;
    let departments = ["Sales", "IT"];
    let page = tour
        .query(&query(
            "SELECT Name, LastName, Department, Birthdate, Account.Name\nFROM Contact\n\
             WHERE LastName = :name AND Department IN :departments AND Birthdate >= :born\n\
             ORDER BY Birthdate, Id LIMIT 5",
            vec![
                parameter("name", Argument::One(Value::Text("O'Neill".to_owned()))),
                parameter("departments", Argument::Many(departments.map(|name| Value::Text(name.to_owned())).to_vec())),
                parameter("born", Argument::One(Value::Date("1985-01-01".to_owned()))),
            ],
        ))
        .await?;
    let contacts = records(&page)?;
    let fits = contacts.iter().all(|contact| {
        text(contact, "LastName") == "O'Neill"
            && departments.contains(&text(contact, "Department"))
            && text(contact, "Birthdate") >= "1985-01-01"
    });
    expect(fits && (org == Org::Real || contacts.len() == 5), "contacts that fit all three parameters")?;
    tour.stage.answered(&format!("{} contacts\n{}", page.count, table_of(&page.records, None)))?;
    tour.stage.end()
}

async fn pages(tour: &mut Tour, org: Org) -> Result<(), Failure> {
    tour.stage.begin("All accounts, page by page")?;
    let wanted = query("SELECT Id, Name FROM Account ORDER BY Name", Vec::new());
    let mut page = tour.query(&wanted).await?;
    tour.stage.asked("next-page  the cursor of each page, until there is none")?;
    let mut counts = vec![page.count.to_string()];
    let mut ids = HashSet::new();
    loop {
        ids.extend(records(&page)?.iter().map(|account| text(account, "Id").to_owned()));
        match &page.next {
            Some(cursor) if org != Org::Real || counts.len() < MOST_PAGES => page = tour.next_page(cursor).await?,
            _ => break,
        }
        counts.push(page.count.to_string());
    }
    if let Org::Seeded { accounts } = org {
        let all =
            u64::try_from(accounts).is_ok_and(|accounts| Some(accounts) == page.total_size) && ids.len() == accounts;
        expect(all && counts.len() > 1 && page.next.is_none(), "every account once, over several pages")?;
    }
    let usage = page.usage.map(|usage| format!("; API requests used: {} of {}", usage.used, usage.allowed));
    tour.stage.answered(&format!(
        "{} pages of {} records: {} different accounts of {}{}",
        counts.len(),
        counts.join(" + "),
        ids.len(),
        total(page.total_size),
        usage.unwrap_or_default()
    ))?;
    tour.stage.end()
}

fn total(total_size: Option<u64>) -> String {
    total_size.map_or_else(|| "an unknown number".to_owned(), |total| total.to_string())
}

async fn children(tour: &mut Tour, org: Org) -> Result<(), Failure> {
    tour.stage.begin("A child sub-query")?;
    let asked = match org {
        Org::Seeded { .. } => query(
            "SELECT Name, (SELECT Name, Email FROM Contacts ORDER BY CreatedDate)\nFROM Account WHERE Name = :name",
            vec![parameter("name", Argument::One(Value::Text("Acme Corporation".to_owned())))],
        ),
        Org::Real => query("SELECT Name, (SELECT Name FROM Contacts LIMIT 3) FROM Account LIMIT 3", Vec::new()),
    };
    let page = tour.query(&asked).await?;
    tour.stage.answered(&table_of(&page.records, None))?;
    expect(org == Org::Real || !page.children.is_empty(), "more contacts than one page of a sub-query holds")?;
    for child in page.children {
        tour.stage.answered(&format!(
            "{} of {} {} are here; the page says where the others are",
            child.count,
            total(child.total_size),
            child.relationship
        ))?;
        tour.stage.asked("next-page  the cursor of the sub-query")?;
        let more = tour.next_page(&child.next).await?;
        let whole = u64::from(child.count) + u64::from(more.count) == child.total_size.unwrap_or_default();
        expect(org == Org::Real || whole, "the other contacts")?;
        tour.stage.answered(&format!("the other {}", more.count))?;
    }
    tour.stage.end()
}

async fn field_values(tour: &mut Tour, org: Org) -> Result<(), Failure> {
    tour.stage.begin("Get record field values, a relationship path among them")?;
    let (first, fields): (_, &[&str]) = match org {
        Org::Seeded { .. } => (
            query("SELECT Id FROM Account WHERE ERP_Id__c = 'ERP-000000'", Vec::new()),
            &["Name", "Owner.Name", "Parent.Name", "AnnualRevenue"],
        ),
        Org::Real => (
            query("SELECT Id FROM Account ORDER BY CreatedDate LIMIT 1", Vec::new()),
            &["Name", "Owner.Name", "Industry"],
        ),
    };
    let page = tour.query(&first).await?;
    let found = records(&page)?;
    let Some(id) = found.first().map(|account| text(account, "Id")) else {
        expect(org == Org::Real, "an account")?;
        tour.stage.answered("this org has no account to read")?;
        return tour.stage.end();
    };
    let fields: Vec<String> = fields.iter().map(|&field| field.to_owned()).collect();
    tour.stage.asked(&format!("get-record-field-values  Account {id}, {}", fields.join(", ")))?;
    let (options, key) = (tour.options, RecordKey::Id(id.to_owned()));
    let values = tour
        .call(Effect::Read, async |execution, connection| {
            execution.get_record_field_values(&connection, "Account", &key, &fields, options).await
        })
        .await?;
    let keys: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&readable(&values.values))
        .map_err(|error| Failure::Demo(format!("expected an object of values: {error}")))?;
    expect(keys.keys().eq(&fields), "exactly the fields that were asked for")?;
    let exact =
        values.values.contains("9007199254740993") && keys.get("Parent.Name").is_some_and(|parent| parent.is_null());
    expect(org == Org::Real || exact, "an integer beyond 2^53 with every digit, and null for an empty lookup")?;
    tour.stage.answered(&values.values)?;
    tour.stage.end()
}
