//! Rows of a query as Salesforce sends them: accounts of about 373 bytes.

use std::fmt::Write;

/// The fields of a query that these rows answer.
pub(crate) const FIELDS: &str =
    "Id, Name, Industry, Phone, AnnualRevenue, CreatedDate, LastModifiedDate, Website, ParentId";

const NAMES: [&str; 8] = [
    "Acme Industries",
    "Müller & Söhne GmbH",
    r#"The \"Blue\" Harbour Company"#,
    "株式会社サンプル",
    "Grand Hotels and Resorts Ltd",
    r"Path\\Finder Logistics",
    "Société d’Électricité",
    "United Oil and Gas Corp.",
];
const INDUSTRIES: [&str; 5] =
    [r#""Manufacturing""#, r#""Hospitality""#, "null", r#""Energy""#, r#""Apparel & Textiles""#];
const REVENUES: [&str; 5] = ["1.25E7", "350000000.0", "null", "0.1", "5600000.55"];
const WEBSITES: [&str; 4] = [r#""https://www.example.com""#, "null", r#""www.example.org""#, "null"];

/// Appends the row with this number.
pub(super) fn write_row(json: &mut String, number: usize) {
    let id = id("001", number);
    let name = pick(&NAMES, number);
    let (industry, revenue, website) = (pick(&INDUSTRIES, number), pick(&REVENUES, number), pick(&WEBSITES, number));
    let (day, second) = (number % 28 + 1, number % 60);
    let parent =
        if number.is_multiple_of(4) { format!(r#""{}""#, self::id("001", number / 4)) } else { "null".to_owned() };
    let phone = number * 7919 % 10_000_000;
    json.push_str(r#"{"attributes":{"type":"Account","url":"/services/data/v67.0/sobjects/Account/"#);
    let _infallible = write!(json, r#"{id}"}},"Id":"{id}","Name":"{name} {number}","Industry":{industry},"#);
    let _infallible = write!(json, r#""Phone":"+49 30 {phone:07}","AnnualRevenue":{revenue},"#);
    let _infallible = write!(json, r#""CreatedDate":"2025-03-{day:02}T09:30:{second:02}.000+0000","#);
    let _infallible = write!(json, r#""LastModifiedDate":"2026-11-{day:02}T17:05:{second:02}.000+0000","#);
    let _infallible = write!(json, r#""Website":{website},"ParentId":{parent}}}"#);
}

/// A record Id of 18 characters.
pub(super) fn id(prefix: &str, number: usize) -> String {
    const CHECKS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    let short = format!("{prefix}Kp{number:010}");
    let checks = short.as_bytes().chunks(5).map(|part| {
        let capitals = part.iter().rev().fold(0, |bits, letter| bits << 1 | usize::from(letter.is_ascii_uppercase()));
        char::from(CHECKS.get(capitals).copied().unwrap_or(b'A'))
    });
    short.chars().chain(checks).collect()
}

fn pick(list: &'static [&'static str], number: usize) -> &'static str {
    list.get(number % list.len()).copied().unwrap_or("null")
}
