//! `acme:quotes/actions`: list the open quotes of an account, and create or update one.
//!
//! ```text
//! lib (the actions) ── org (one request over WASI HTTP, within the call's limits)
//!                └──── error (what failed, and what became of the request)
//! ```

mod error;
mod org;
mod world;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};

use error::{invalid_argument, invalid_response};
use org::{Answer, Org};
use world::exports::acme::quotes::actions::{
    CallOptions, Connection, Error, Guest, NewQuote, Quote, QuoteStatus, SavedQuote,
};

struct Quotes;

impl Guest for Quotes {
    fn list_open_quotes(connection: Connection, account: String, options: CallOptions) -> Result<Vec<Quote>, Error> {
        let org = Org::new(&connection, &options)?;
        let soql = format!(
            "SELECT Id, Invoice_Number__c, Status__c, Amount__c, Issued__c FROM Invoice__c \
             WHERE Account__c = {} AND Status__c IN ('Draft', 'Sent') \
             ORDER BY Issued__c DESC NULLS LAST, Id LIMIT 200",
            literal(&account)
        );
        let answer = org.get(&format!("query?q={}", encoded(&soql)))?;
        let page: Page = read(&answer)?;
        if !page.done {
            // Never give a part for the whole.
            return Err(invalid_response("expected all records in one page"));
        }
        page.records.into_iter().map(quote).collect()
    }

    fn upsert_quote(connection: Connection, quote: NewQuote, options: CallOptions) -> Result<SavedQuote, Error> {
        let org = Org::new(&connection, &options)?;
        // `.` and `..` would be steps of the path, in any encoding.
        let is_number = (1..=40).contains(&quote.number.chars().count());
        if !is_number || [".", ".."].contains(&quote.number.as_str()) {
            return Err(invalid_argument("number: expected 1 to 40 characters, not only dots"));
        }
        let body = Value::Object(fields(&quote)?).to_string();
        let number = encoded(&quote.number);
        let answer = org.patch(&format!("sobjects/Invoice__c/Invoice_Number__c/{number}"), body)?;
        let saved: Saved = read(&answer)?;
        Ok(SavedQuote { id: saved.id, created: saved.created, usage: answer.usage })
    }
}

/// A page of a query.
#[derive(Deserialize)]
struct Page<'a> {
    done: bool,
    #[serde(borrow)]
    records: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Invoice {
    #[serde(rename = "Id")]
    id: String,
    #[serde(rename = "Invoice_Number__c")]
    number: Option<String>,
    #[serde(rename = "Status__c")]
    status: String,
    #[serde(rename = "Amount__c")]
    amount: Option<Number>,
    #[serde(rename = "Issued__c")]
    issued: Option<String>,
}

#[derive(Deserialize)]
struct Saved {
    id: String,
    created: bool,
}

fn quote(record: &RawValue) -> Result<Quote, Error> {
    let invoice: Invoice = serde_json::from_str(record.get())
        .map_err(|_| invalid_response("a record is not as the query asked for it"))?;
    Ok(Quote {
        id: invoice.id,
        number: invoice.number.unwrap_or_default(),
        status: match invoice.status.as_str() {
            "Draft" => QuoteStatus::Draft,
            "Sent" => QuoteStatus::Sent,
            _ => return Err(invalid_response("a record has another status than was asked for")),
        },
        amount: invoice.amount.map(|amount| amount.to_string()),
        issued: invoice.issued,
        fields: record.get().into(),
    })
}

/// The body of an upsert. The external Id is in the path, and Salesforce refuses it in both.
fn fields(quote: &NewQuote) -> Result<Map<String, Value>, Error> {
    let mut fields: Map<String, Value> = match &quote.more {
        Some(more) => serde_json::from_str(more)
            .map_err(|_| invalid_argument("more: expected a JSON object of API names to values"))?,
        None => Map::new(),
    };
    let status = match quote.status {
        QuoteStatus::Draft => "Draft",
        QuoteStatus::Sent => "Sent",
        QuoteStatus::Accepted => "Paid",
        QuoteStatus::Withdrawn => "Void",
    };
    fields.insert("Account__c".into(), quote.account.as_str().into());
    fields.insert("Status__c".into(), status.into());
    if let Some(amount) = &quote.amount {
        let amount: Number =
            amount.parse().map_err(|_| invalid_argument("amount: expected a decimal number such as 1250.50"))?;
        fields.insert("Amount__c".into(), amount.into());
    }
    if let Some(issued) = &quote.issued {
        fields.insert("Issued__c".into(), issued.as_str().into());
    }
    Ok(fields)
}

/// A SOQL literal. Whatever the text holds, it cannot end the literal and so become a part of the query.
fn literal(text: &str) -> String {
    let mut literal = String::from("'");
    for character in text.chars() {
        match character {
            '\'' | '\\' => literal.extend(['\\', character]),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            _ => literal.push(character),
        }
    }
    literal.push('\'');
    literal
}

/// For a segment of a path, or a value of a query.
fn encoded(text: &str) -> impl std::fmt::Display {
    utf8_percent_encode(text, NON_ALPHANUMERIC)
}

/// An answer that was cut off is no JSON, so nothing is taken for whole that is not.
fn read<'a, T: Deserialize<'a>>(answer: &'a Answer) -> Result<T, Error> {
    serde_json::from_slice(&answer.body).map_err(|_| invalid_response("expected the JSON that Salesforce documents"))
}
