//! Arguments and answers that want the token somewhere else, or their text somewhere it must not be.

use mock_salesforce::Fault;

use super::bench::{ACCOUNTS, Bench, DEFAULTS, ONCE, QUERY};
use super::expect::{Checked, expect, expect_error};
use super::soql::plain;
use salesforce_runtime::bindings::records::Target;
use salesforce_runtime::bindings::types::{Connection, ErrorKind, Outcome};

pub(super) async fn text(bench: &Bench<'_>) -> Checked {
    let token = |token: &str| Connection { access_token: token.to_owned(), ..bench.connection.clone() };
    let version = |version: &str| Connection { api_version: Some(version.to_owned()), ..bench.connection.clone() };
    let plant = bench.plant();
    for connection in [
        token(""),
        token(&format!("{plant}\r\nx: y")),
        token(&format!("{plant} y")),
        version("v67.0\r\nx: y"),
        version("v67.0/../.."),
        version("v67.0?x="),
        version(""),
    ] {
        refuses(bench, &connection, "for a token or version with what cannot be in one").await?;
    }
    expect(bench.requests() == 0, || "nothing to be sent with such a token or version".to_owned())
}

pub(super) async fn instance_url(bench: &Bench<'_>) -> Checked {
    let elsewhere = bench.elsewhere();
    for instance_url in [
        "https://example.com",
        "http://x.my.salesforce.com",
        "https://salesforce.com.evil.example",
        "https://evilsalesforce.com",
        "https://x.my.salesforce.com@evil.example",
        "https://x.my.salesforce.com:8443",
        "https://x.my.salesforce.com/path",
        "https://x.my.salesforce.com\\@evil.example",
        "https://169.254.169.254",
        "https://[fd00::1]",
        &format!("{elsewhere}/path"),
        &format!("{elsewhere}?x"),
        &elsewhere.replacen("https://", "https://x.my.salesforce.com@", 1),
        "",
    ] {
        let connection = Connection { instance_url: instance_url.to_owned(), ..bench.connection.clone() };
        refuses(bench, &connection, &format!("for the instance URL {instance_url:?}")).await?;
    }
    Ok(())
}

async fn refuses(bench: &Bench<'_>, connection: &Connection, when: &str) -> Checked {
    let page = bench.execution().soql_query(connection, &plain("SELECT Id FROM User"), DEFAULTS).await;
    let error = bench.refused("soql-query", page)?;
    expect_error(&error, ErrorKind::InvalidArgument, Outcome::NotSent, when)
}

pub(super) async fn redirect(bench: &Bench<'_>) -> Checked {
    let elsewhere = format!("{}{QUERY}?q=SELECT+Id+FROM+User", bench.elsewhere());
    let same_host = format!("{}{QUERY}?q=SELECT+Id+FROM+User", bench.mock.url());
    for status in [301, 302, 303, 307, 308] {
        for location in [&elsewhere, &same_host] {
            let before = bench.requests();
            bench.fault(QUERY, Fault::status(status, &[("location", location)]));
            let error = bench.query_error(&plain("SELECT Id FROM User")).await?;
            expect_error(&error, ErrorKind::InvalidResponse, Outcome::Unknown, &format!("for a redirect ({status})"))?;
            expect(bench.requests() == before + 1, || {
                "no redirect to be followed, to the same host neither".to_owned()
            })?;
        }
    }
    bench.fault(ACCOUNTS, Fault::status(307, &[("location", &format!("{}{ACCOUNTS}", bench.elsewhere()))]));
    let error = bench.save_error("Account", &Target::Create, r#"{"Name":"Once"}"#).await?;
    expect(error.outcome == Outcome::Unknown, || "a redirected create to be of unknown outcome".to_owned())
}

pub(super) async fn answer(bench: &Bench<'_>) -> Checked {
    let deep = format!(r#"{{"totalSize":1,"done":true,"records":[{}{}]}}"#, "[".repeat(100_000), "]".repeat(100_000));
    let plant = bench.plant();
    let record = format!(r#"{{"totalSize":1,"done":true,"records":[{{"Name":"{plant}"#);
    for (body, what) in [
        (format!("<html>{plant} maintenance</html>"), "a page for people"),
        (plant.to_owned(), "plain text"),
        (String::new(), "nothing"),
        (record.clone(), "JSON that is cut off"),
        (format!(r#"{record}"}}]}} x"#), "JSON with something after it"),
        (r#"{"totalSize":1,"done":true,"records":[NaN]}"#.to_owned(), "a number that is none"),
        (deep, "JSON that is nested 100,000 deep"),
    ] {
        bench.fault(QUERY, Fault::Answer { status: 200, headers: Vec::new(), body: body.into() });
        let page = bench.execution().soql_query(&bench.connection, &plain("SELECT Id FROM User"), ONCE).await;
        let error = bench.refused("soql-query", page)?;
        expect_error(&error, ErrorKind::InvalidResponse, Outcome::Unknown, &format!("for {what}"))?;
    }
    bench.fault(
        ACCOUNTS,
        Fault::Answer { status: 201, headers: Vec::new(), body: format!("<html>{plant}").into_bytes() },
    );
    let error = bench.save_error("Account", &Target::Create, r#"{"Name":"Once"}"#).await?;
    expect_error(&error, ErrorKind::InvalidResponse, Outcome::Unknown, "for a create that is answered in HTML")
}
