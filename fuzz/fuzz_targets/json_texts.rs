//! The JSON slicer against serde_json: both accept the same texts, and see the same members, elements and strings.
#![no_main]

use libfuzzer_sys::fuzz_target;
use salesforce_connector::core::json::Json;
use serde_json::Value;

fuzz_target!(|body: &[u8]| {
    let ours = Json::parse(body, "anything");
    let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    match (serde_json::from_slice::<Value>(text), ours) {
        (Ok(theirs), Ok(ours)) => same(ours, &theirs),
        // It goes one level deeper, and reads no string that it is not asked for, so a lone surrogate in one is well.
        (Err(error), Ok(_)) => {
            let why = error.to_string();
            assert!(
                why.contains("recursion limit") || why.contains("surrogate") || why.contains("hex escape"),
                "{why}"
            );
        }
        (Ok(theirs), Err(error)) => panic!("{theirs}: {error:?}"),
        (Err(_), Err(_)) => {}
    }
});

fn same(ours: Json<'_>, theirs: &Value) {
    match theirs {
        Value::Null => assert!(ours.is_null()),
        Value::Array(theirs) => {
            let ours: Vec<_> = ours.elements().unwrap().collect();
            assert_eq!(ours.len(), theirs.len());
            ours.into_iter().zip(theirs).for_each(|(ours, theirs)| same(ours, theirs));
        }
        Value::Object(theirs) => {
            // A member that is there twice is refused when it is asked for; serde_json keeps the last.
            let ours = ours.object().unwrap();
            for (name, theirs) in theirs {
                if let Ok(Some(ours)) = ours.member(name) {
                    same(ours, theirs);
                } else {
                    assert!(theirs.is_null() || ours.member(name).is_err(), "{name:?} is missing");
                }
            }
        }
        Value::String(theirs) => assert_eq!(ours.text().as_ref(), Some(theirs)),
        Value::Bool(theirs) => assert_eq!(ours.as_str(), theirs.to_string()),
        // serde_json writes an exponent its own way.
        Value::Number(theirs) => assert_eq!(&ours.as_str().parse::<serde_json::Number>().unwrap(), theirs),
    }
}
