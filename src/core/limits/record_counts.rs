//! How many records objects have, about.

use crate::core::api_usage::ApiUsage;
use crate::core::call_options::CallOptions;
use crate::core::connection::Connection;
use crate::core::encoding::form;
use crate::core::error::{Error, Result, printable};
use crate::core::http::{Request, Transport};
use crate::core::json::{Object, required};
use crate::core::name::{ObjectName, doubled};
use crate::core::place::read_each;
use crate::core::send::{Repeat, send};

/// How many records an object has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordCount {
    /// API name of the object, as the org writes it.
    pub object: String,
    /// How many, at some time not long ago.
    pub count: u64,
}

/// The counts asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountList {
    /// In the order in which they were asked for.
    pub counts: Vec<RecordCount>,
    /// Those of the objects of which the answer told none.
    pub missing: Vec<String>,
    /// API usage.
    pub usage: Option<ApiUsage>,
}

/// 1 to 200 objects, each once.
pub fn parse_objects(objects: &[String]) -> Result<Vec<ObjectName>> {
    if !(1..=200).contains(&objects.len()) {
        return Err(Error::invalid_argument("objects", "1 to 200 API names of objects"));
    }
    if let Some(twice) = doubled(&mut objects.iter().map(String::as_str)) {
        let expected = ["each object once, but ", &printable(twice, 40), " came twice"].concat();
        return Err(Error::invalid_argument("objects", &expected));
    }
    let parse = |(index, object): (usize, &String)| {
        ObjectName::parse(object).map_err(|_| {
            let name = format!("objects[{index}]");
            Error::invalid_argument(&name, "the API name of an object, such as Account or Invoice__c")
        })
    };
    objects.iter().enumerate().map(parse).collect()
}

/// Reads how many records each of the objects has.
pub fn record_counts(
    transport: &mut dyn Transport,
    connection: &Connection,
    objects: &[ObjectName],
    options: &CallOptions,
) -> Result<CountList> {
    let names: Vec<_> = objects.iter().map(ObjectName::as_str).collect();
    let path = ["/limits/recordCount?", &form(&[("sObjects", &names.join(","))])].concat();
    let response = send(transport, &Request::get(connection, &path), Repeat::Safe, options)?;
    let counts = read(&response.body, &names).map_err(|error| error.with_answer(&response))?;
    let mut found = CountList { counts: Vec::new(), missing: Vec::new(), usage: ApiUsage::of(&response) };
    for (name, count) in names.into_iter().zip(counts) {
        match count {
            Some(count) => found.counts.push(count),
            None => found.missing.push(name.into()),
        }
    }
    Ok(found)
}

/// The count of each of the names, in their order. The answer has an order of its own.
fn read(body: &[u8], names: &[&str]) -> Result<Vec<Option<RecordCount>>> {
    let entries = required("sObjects", Object::parse(body, "a list of counts")?.elements("sObjects")?)?;
    let mut counts = vec![None; names.len()];
    read_each("sObjects", entries, &["name", "count"], &mut |entry| {
        let object = entry.required("name");
        let count = entry.count("count");
        let place = names.iter().position(|name| name.eq_ignore_ascii_case(&object));
        let why = match place.and_then(|place| counts.get_mut(place)) {
            Some(empty @ None) => {
                *empty = Some(RecordCount { object, count });
                return;
            }
            Some(Some(_)) => "expected each object once, but this one came twice",
            None => "expected an object that was asked for, but another came",
        };
        entry.keep(Err(Error::invalid_response(why)))
    })?;
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::error::{ErrorKind, Outcome};
    use crate::core::http::{Failure, Method};
    use crate::core::script::{Script, answer};

    fn run(script: &mut Script, objects: &[&str]) -> Result<CountList> {
        let connection = Connection::parse("https://example.my.salesforce.com", "00D!TOKEN", None).unwrap();
        let objects = parse_objects(&objects.iter().map(|object| (*object).to_string()).collect::<Vec<_>>())?;
        record_counts(script, &connection, &objects, &CallOptions::parse(None, None, None).unwrap())
    }

    fn refused(body: &str) -> Box<Error> {
        run(&mut Script::new([Ok(answer(200, body))]), &["Account", "Contact"]).unwrap_err()
    }

    #[test]
    fn counts_come_in_the_order_asked_for_and_the_rest_is_missing() {
        let body =
            r#"{"sObjects":[{"count":18446744073709551615,"name":"Account"},{"count":0,"name":"Contact","new":1}]}"#;
        let mut script = Script::new([Ok(answer(200, body))]);
        let counts = run(&mut script, &["Nope__c", "contact", "Account", "AccountFeed"]).unwrap();
        let told: Vec<_> = counts.counts.iter().map(|count| (count.object.as_str(), count.count)).collect();
        assert_eq!(told, [("Contact", 0), ("Account", u64::MAX)]);
        assert_eq!(counts.missing, ["Nope__c", "AccountFeed"]);
        assert_eq!(counts.usage, Some(ApiUsage { used: 18, allowed: 5000 }));
        let expected = "https://example.my.salesforce.com/services/data/v67.0/limits/recordCount\
                        ?sObjects=Nope__c,contact,Account,AccountFeed";
        assert_eq!((script.requests[0].0, script.requests[0].1.as_str()), (Method::Get, expected));
    }

    #[test]
    fn an_answer_without_any_is_no_error() {
        let counts = run(&mut Script::new([Ok(answer(200, r#"{"sObjects":[]}"#))]), &["Nope__c"]).unwrap();
        assert_eq!((counts.counts.len(), counts.missing), (0, vec!["Nope__c".to_owned()]));
    }

    #[test]
    fn objects_are_asked_for_once_each_by_their_names() {
        let many: Vec<String> = (0..201).map(|number| format!("A{number}__c")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        for (objects, words) in [
            (&[][..], "objects: expected 1 to 200 API names of objects"),
            (&many, "objects: expected 1 to 200 API names of objects"),
            (&["Account", "ACCOUNT"], "objects: expected each object once, but ACCOUNT came twice"),
            (&["Account", "a,b"], "objects[1]: expected the API name of an object, such as Account or Invoice__c"),
            (&["A&x=1"], "objects[0]: expected the API name of an object, such as Account or Invoice__c"),
            (&[""], "objects[0]: expected the API name of an object, such as Account or Invoice__c"),
        ] {
            let error = run(&mut Script::new([]), objects).unwrap_err();
            assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidArgument, Outcome::NotSent));
            assert_eq!(error.message, words);
        }
        assert!(run(&mut Script::new([Ok(answer(200, r#"{"sObjects":[]}"#))]), &many[..200]).is_ok());
    }

    #[test]
    fn more_than_an_address_holds_is_not_sent() {
        let long: Vec<String> = (0..100).map(|number| format!("A{number}{}", "x".repeat(200))).collect();
        let long: Vec<&str> = long.iter().map(String::as_str).collect();
        let error = run(&mut Script::new([]), &long).unwrap_err();
        assert_eq!((error.kind, error.outcome), (ErrorKind::RequestTooLarge, Outcome::NotSent));
    }

    #[test]
    fn an_answer_of_another_form_is_refused_and_told_by_its_place() {
        for (body, words) in [
            ("{}", "expected sObjects, but it is missing"),
            (r#"{"sObjects":{}}"#, "expected sObjects to be a list"),
            (r#"{"sObjects":[{"name":"Account"}]}"#, "sObjects[0]: expected count, but it is missing"),
            (r#"{"sObjects":[{"count":1}]}"#, "sObjects[0]: expected name, but it is missing"),
            (r#"{"sObjects":[{"name":"Account","count":-1}]}"#, "sObjects[0]: expected count to be a whole number"),
            (r#"{"sObjects":[{"name":"Account","count":1.5}]}"#, "sObjects[0]: expected count to be a whole number"),
            (
                r#"{"sObjects":[{"name":"Account","count":1},{"name":"Lead","count":1}]}"#,
                "sObjects[1]: expected an object that was asked for, but another came",
            ),
            (
                r#"{"sObjects":[{"name":"Account","count":1},{"name":"account","count":1}]}"#,
                "sObjects[1]: expected each object once, but this one came twice",
            ),
        ] {
            let error = refused(body);
            assert_eq!((error.kind, error.status), (ErrorKind::InvalidResponse, Some(200)), "{body}");
            assert_eq!(error.message, words);
        }
    }

    #[test]
    fn a_lost_answer_is_read_again() {
        let mut script = Script::new([Err(Failure::Interrupted), Ok(answer(200, r#"{"sObjects":[]}"#))]);
        assert!(run(&mut script, &["Account"]).is_ok());
        assert_eq!(script.sent(), 2);
    }
}
