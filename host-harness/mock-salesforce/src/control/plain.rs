//! What is wrong with a member of a body, by its place and in plain words.

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

use super::document;
use super::problem::Problem;
use crate::plain_words::{self, MOMENT, told};

/// Why this body is no `T`.
pub(super) fn problem<T: DeserializeOwned>(
    body: &Value,
    error: &serde_path_to_error::Error<serde_json::Error>,
) -> Problem {
    let At { place, pointer, value } = at(body, error.path());
    let words = match told(error.inner()) {
        // So it says of what is neither text nor object where one of several names belongs.
        words if words == "expected value" => of_no_name::<T>(body, &pointer).unwrap_or(words),
        words => words,
    };
    if let Some(member) = words.strip_prefix("missing field ") {
        let place = format!("{place}.{}", member.trim_matches('`'));
        return Problem::wrong(place, "nothing", format!("a value: GET {} tells which", document::PATH));
    }
    let got = value.map_or_else(|| "nothing".to_owned(), Value::to_string);
    let expected = words.rsplit_once(", expected ").map_or("", |(_, expected)| expected).replace('`', "");
    let expected = if words.starts_with("unknown field") {
        format!("no member of this name, but {}", expected.replace("one of ", ""))
    } else if words.starts_with("unknown variant") {
        expected
    } else if let Some(plain) = plain_words::plain(&expected) {
        plain.to_owned()
    } else if words.starts_with(MOMENT) {
        MOMENT.to_owned()
    } else {
        format!("what GET {} tells of it", document::PATH)
    };
    Problem::wrong(place, got, expected)
}

/// What would be wrong with a name that no form has, at this place: that lists those that they have.
fn of_no_name<T: DeserializeOwned>(body: &Value, pointer: &str) -> Option<String> {
    let mut body = body.clone();
    *body.pointer_mut(pointer)? = Value::String(String::new());
    serde_json::from_str::<T>(&body.to_string()).err().map(|error| told(&error))
}

/// Where a path leads to.
struct At<'a> {
    /// As it is told.
    place: String,
    /// As RFC 6901 has it.
    pointer: String,
    value: Option<&'a Value>,
}

fn at<'a>(body: &'a Value, path: &Path) -> At<'a> {
    let mut at = At { place: "body".to_owned(), pointer: String::new(), value: Some(body) };
    for segment in path {
        match segment {
            Segment::Seq { index } => {
                at.place = format!("{}[{index}]", at.place);
                at.pointer = format!("{}/{index}", at.pointer);
                at.value = at.value.and_then(|value| value.get(index));
            }
            // A form without content is a text, which stands where its object would.
            Segment::Enum { .. } if at.value.is_some_and(|value| !value.is_object()) => {}
            Segment::Map { key } | Segment::Enum { variant: key } => {
                at.place = format!("{}.{key}", at.place);
                at.pointer = format!("{}/{}", at.pointer, key.replace('~', "~0").replace('/', "~1"));
                at.value = at.value.and_then(|value| value.get(key));
            }
            Segment::Unknown => {}
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its refusals are looked at")]
    struct Form {
        count: u64,
        #[serde(default)]
        kinds: Vec<Kind>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    #[expect(dead_code, reason = "only its refusals are looked at")]
    enum Kind {
        Still,
        Wait { ms: u16 },
    }

    #[test]
    fn what_is_wrong_is_told_by_its_place_and_in_plain_words() {
        let told = |body: &str| {
            let error = serde_path_to_error::deserialize::<_, Form>(&mut serde_json::Deserializer::from_str(body));
            let problem = problem::<Form>(&serde_json::from_str(body).unwrap(), &error.unwrap_err());
            let problem = serde_json::to_value(problem).unwrap();
            ["place", "got", "expected"].map(|name| problem[name].as_str().unwrap().to_owned())
        };
        for (body, expected) in [
            (r#"{"count": "5"}"#, ["body.count", "\"5\"", "a whole number from 0 on"]),
            (r#"{"count": -1}"#, ["body.count", "-1", "a whole number from 0 on"]),
            (r#"{"kinds": []}"#, ["body.count", "nothing", "a value: GET /__mock/openapi.json tells which"]),
            (r#"{"cuont": 1}"#, ["body.cuont", "1", "no member of this name, but count or kinds"]),
            (r#"{"kinds": {}}"#, ["body.kinds", "{}", "a list"]),
            (r#"{"kinds": ["still", "wiat"]}"#, ["body.kinds[1]", "\"wiat\"", "still or wait"]),
            (
                r#"{"kinds": [{"wait": {"ms": 70000}}]}"#,
                ["body.kinds[0].wait.ms", "70000", "a whole number from 0 to 65535"],
            ),
            ("[]", ["body", "[]", "an object"]),
        ] {
            assert_eq!(told(body), expected, "{body}");
        }
    }
}
