//! HTTP dates and Retry-After: the same moment that an independent reader sees, and never a wait beyond the bound.
#![no_main]

use std::time::UNIX_EPOCH;

use libfuzzer_sys::fuzz_target;
use salesforce_connector::core::{http_date, retry_after};

fuzz_target!(|texts: (&str, &str)| {
    let (text, date) = texts;
    let seconds =
        |text: &str| httpdate::parse_http_date(text).ok()?.duration_since(UNIX_EPOCH).ok().map(|time| time.as_secs());
    let ours = http_date::parse(text);
    if let Some(ours) = ours
        && !text.contains(":60 GMT")
    {
        assert_eq!(seconds(text), Some(ours), "{text:?}");
    }
    // The one form that may be written.
    if let Some(theirs) = seconds(text)
        && httpdate::fmt_http_date(UNIX_EPOCH + std::time::Duration::from_secs(theirs)) == text
    {
        assert_eq!(ours, Some(theirs), "{text:?}");
    }
    for wait in [retry_after::parse(text, None), retry_after::parse(text, Some(date))].into_iter().flatten() {
        assert!(wait <= 3_600_000, "{text:?} {date:?}");
    }
});
