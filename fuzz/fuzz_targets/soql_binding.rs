//! Binding: whatever a value is, the query keeps its structure, and the value comes back exactly from the mock's own
//! parser. And a query without placeholders is not touched.
#![no_main]

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use mock_salesforce::soql::ast::{Comparison, Condition, Literal, Operand, PatternPart, Query};
use mock_salesforce::soql::parse;
use salesforce_connector::core::soql::{Argument, LikeMatch, Parameter, Value, bind};

#[derive(Debug, Arbitrary)]
enum Input {
    Text(String),
    List(Vec<String>),
    Like(String, u8),
    Integer(i64),
    Decimal(String),
    Date(String),
    Datetime(String),
    Id(String),
    Query(String),
    Moment(Moment),
    Day(u16, u8, u8),
    Number(Number),
    Pattern(Vec<Part>),
    Outside(String, u8),
    Count(i64, u8),
    Function(u8, u8, u8),
    Time(String),
    Currency(String),
}

/// A datetime in every form that Salesforce returns.
#[derive(Debug, Arbitrary)]
struct Moment {
    seconds: u32,
    milliseconds: Option<u16>,
    offset_minutes: i16,
    has_colon: bool,
}

/// A number as JSON and SOQL write it. One of its first two parts is there.
#[derive(Debug, Arbitrary)]
struct Number {
    whole: Option<i32>,
    fraction: Option<u8>,
    exponent: Option<i8>,
}

/// What a pattern of one's own is made of.
#[derive(Debug, Arbitrary)]
enum Part {
    Any,
    One,
    Char(char),
}

/// Two conditions, the first a comparison.
const EQUAL: &str = "SELECT Id FROM Account WHERE Name = :x AND IsDeleted = false LIMIT 7";

fuzz_target!(|input: Input| match input {
    Input::Text(text) => {
        assert_eq!(literal(Value::Text(text.clone())), Some(Literal::Text(text)));
    }
    Input::List(texts) if !texts.is_empty() => {
        let values = texts.iter().cloned().map(Value::Text).collect();
        let query =
            bound("SELECT Id FROM Account WHERE Name IN :x AND IsDeleted = false LIMIT 7", Argument::Many(values));
        let Condition::In(_, true, found) = first(query.unwrap()) else { panic!("IN became something else") };
        assert_eq!(found, texts.into_iter().map(Literal::Text).collect::<Vec<_>>());
    }
    Input::List(_) => {}
    Input::Like(text, matching) => {
        let (matching, before, after) = matching_of(matching);
        let pattern = Argument::One(Value::LikePattern { text: text.clone(), matching });
        let query = bound("SELECT Id FROM Account WHERE Name LIKE :x AND IsDeleted = false LIMIT 7", pattern);
        let Condition::Like(_, found) = first(query.unwrap()) else { panic!("LIKE became something else") };
        let any = |yes: bool| yes.then_some(PatternPart::Any);
        let characters = text.chars().map(PatternPart::Char);
        assert_eq!(found, any(before).into_iter().chain(characters).chain(any(after)).collect::<Vec<_>>());
    }
    Input::Integer(number) => {
        assert_eq!(literal(Value::Integer(number)), Some(Literal::Number(number.into())));
    }
    Input::Decimal(text) => {
        if let Some(found) = literal(Value::Decimal(text.clone())) {
            // The mock's numbers read no exponent that it has not the digits for: `Number` looks at those.
            if !text.contains(['e', 'E']) {
                assert_eq!(found, Literal::Number(text.parse().unwrap()));
            }
        }
    }
    Input::Date(text) => {
        if let Some(found) = literal(Value::Date(text.clone())) {
            assert!(matches!(found, Literal::Date(date) if date.to_string() == text), "{found:?}");
        }
    }
    Input::Datetime(text) => {
        if let Some(found) = literal(Value::Datetime(text)) {
            assert!(matches!(found, Literal::DateTime(_)), "{found:?}");
        }
    }
    Input::Id(text) => {
        if let Some(found) = literal(Value::Id(text.clone())) {
            assert_eq!(found, Literal::Text(text));
        }
    }
    Input::Moment(moment) => check_moment(&moment),
    Input::Day(year, month, day) => check_day(year % 10_000, month % 100, day % 100),
    Input::Number(number) => check_number(&number),
    Input::Pattern(parts) => {
        let text: String = parts
            .iter()
            .map(|part| match part {
                Part::Any => "%".to_owned(),
                Part::One => "_".to_owned(),
                Part::Char(character @ ('%' | '_' | '\\')) => format!("\\{character}"),
                Part::Char(character) => character.to_string(),
            })
            .collect();
        let pattern = Argument::One(Value::LikePattern { text, matching: LikeMatch::Pattern });
        let query = bound("SELECT Id FROM Account WHERE Name LIKE :x AND IsDeleted = false LIMIT 7", pattern);
        let Condition::Like(_, found) = first(query.unwrap()) else { panic!("LIKE became something else") };
        let expected = parts.iter().map(|part| match part {
            Part::Any => PatternPart::Any,
            Part::One => PatternPart::One,
            Part::Char(character) => PatternPart::Char(*character),
        });
        assert_eq!(found, expected.collect::<Vec<_>>());
    }
    // Outside of LIKE a pattern is a text or nothing: the mock, like Salesforce, takes no escaped wildcards there.
    Input::Outside(text, matching) => {
        let (matching, _, _) = matching_of(matching);
        let value = Value::LikePattern { text: text.clone(), matching };
        match literal(value) {
            Some(found) => assert_eq!((matching, found), (LikeMatch::Exact, Literal::Text(text))),
            None => assert_ne!(matching, LikeMatch::Exact),
        }
    }
    Input::Count(number, place) => {
        let soql = match place % 3 {
            0 => "SELECT Id FROM Account LIMIT :x",
            1 => "SELECT Id FROM Account LIMIT 1 OFFSET :x",
            _ => "SELECT Id FROM Account WHERE CreatedDate > LAST_N_DAYS::x",
        };
        assert_eq!(bind(soql, &[one(Value::Integer(number))]).is_ok(), number >= 0);
        assert!(bind(soql, &[one(Value::Text(number.to_string()))]).is_err());
    }
    // Blanks around the colon change nothing.
    Input::Function(before, after, number) => {
        let blanks = |count: u8| " \n\t"[..usize::from(count % 4)].to_owned();
        let soql =
            format!("SELECT Id FROM Account WHERE CreatedDate > LAST_N_DAYS{}:{}", blanks(before), blanks(after));
        let written = format!("{soql}{number}");
        assert_eq!(bind(&written, &[]).unwrap(), written);
        assert_eq!(bind(&format!("{soql}:x"), &[one(Value::Integer(number.into()))]).unwrap(), written);
        parse(&written).unwrap();
    }
    Input::Time(text) => {
        if let Ok(bound) = bind(EQUAL, &[one(Value::Time(text.clone()))]) {
            let form = |byte: u8| if byte.is_ascii_digit() { b'0' } else { byte };
            let literal = bound.split(' ').nth(7).unwrap();
            assert_eq!(literal.bytes().map(form).collect::<Vec<_>>(), b"00:00:00.000Z", "{text}");
            assert_eq!(literal[..8], text[..8]);
        }
    }
    Input::Currency(text) => {
        if let Ok(bound) = bind(EQUAL, &[one(Value::Currency(text.clone()))]) {
            assert_eq!(bound, EQUAL.replace(":x", &text));
            assert!(text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'.'));
        }
    }
    Input::Query(soql) => {
        if let Ok(bound) = bind(&soql, &[]) {
            assert_eq!(bound, soql);
        }
    }
});

/// How a pattern matches, and whether it has a wildcard before and after.
fn matching_of(number: u8) -> (LikeMatch, bool, bool) {
    match number % 4 {
        0 => (LikeMatch::Exact, false, false),
        1 => (LikeMatch::StartsWith, false, true),
        2 => (LikeMatch::EndsWith, true, false),
        _ => (LikeMatch::Contains, true, true),
    }
}

fn one(value: Value) -> Parameter {
    Parameter { name: "x".to_owned(), argument: Argument::One(value) }
}

/// What Salesforce returns is bound, and is the same moment to the mock.
fn check_moment(moment: &Moment) {
    let seconds = moment.seconds % 86_400;
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let fraction = moment.milliseconds.map_or(String::new(), |milliseconds| format!(".{:03}", milliseconds % 1_000));
    let offset = moment.offset_minutes % 841;
    let (sign, minutes) = (if offset < 0 { '-' } else { '+' }, offset.unsigned_abs());
    let colon = if moment.has_colon { ":" } else { "" };
    let local = format!("2026-06-01T{hour:02}:{minute:02}:{second:02}{fraction}{sign}{:02}", minutes / 60);
    let found = literal(Value::Datetime(format!("{local}{colon}{:02}", minutes % 60)));
    let expected = literal(Value::Datetime(format!("{local}:{:02}", minutes % 60)));
    assert!(matches!(found, Some(Literal::DateTime(_))), "{local}");
    assert_eq!(found, expected);
}

/// The days of the calendar are bound, from the year 1 on, and no others.
fn check_day(year: u16, month: u8, day: u8) {
    let text = format!("{year:04}-{month:02}-{day:02}");
    let exists = year > 0 && text.parse::<jiff::civil::Date>().is_ok();
    let is_bound = |value| bind(EQUAL, &[one(value)]).is_ok();
    assert_eq!(is_bound(Value::Date(text.clone())), exists, "{text}");
    assert_eq!(is_bound(Value::Datetime(format!("{text}T09:30:00Z"))), exists, "{text}");
}

/// What is written with an exponent, or without a digit before the point, is the same number as it is bound.
fn check_number(number: &Number) {
    let fraction = number.fraction.map_or(String::new(), |fraction| format!(".{fraction}"));
    let whole = number.whole.map_or(String::new(), |whole| whole.to_string());
    if whole.is_empty() && fraction.is_empty() {
        return;
    }
    let exponent = number.exponent.map_or(String::new(), |exponent| format!("e{}", exponent % 20));
    let text = format!("{whole}{fraction}{exponent}");
    let bound = bind(EQUAL, &[one(Value::Decimal(text.clone()))]).expect("a number is bound");
    let plain = bound.split("= ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
    assert!(!plain.contains(['e', 'E']), "{plain}");
    assert_eq!(plain.parse::<f64>().unwrap(), text.parse::<f64>().unwrap());
}

/// The literal that a value becomes between two others conditions, if it may be bound and the mock can hold it.
fn literal(value: Value) -> Option<Literal> {
    let soql = "SELECT Id, Name FROM Account WHERE Name = :x AND IsDeleted = false ORDER BY Id LIMIT 7";
    match first(bound(soql, Argument::One(value))?) {
        Condition::Compare(Operand::Field(_), Comparison::Equal, literal) => Some(literal),
        other => panic!("a comparison became {other:?}"),
    }
}

/// The query with its one parameter bound, which differs from the same with another value in that condition alone.
fn bound(soql: &str, argument: Argument) -> Option<Query> {
    let harmless = match &argument {
        Argument::Many(_) => Argument::Many(vec![Value::Text("x".to_owned())]),
        Argument::One(_) => Argument::One(Value::Text("x".to_owned())),
    };
    let with = |argument| bind(soql, &[Parameter { name: "x".to_owned(), argument }]);
    let text = with(argument).ok()?;
    assert!(has_common_escapes(&text), "{text}");
    let query = match parse(&text) {
        Ok(query) => query,
        // The mock holds 28 digits and the years that have a calendar; to say so is not to misunderstand.
        Err(_) if !text.contains('\'') => return None,
        Err(error) => panic!("{text}: {error:?}"),
    };
    let (mut one, mut other) = (query.clone(), parse(&with(harmless).unwrap()).unwrap());
    for query in [&mut one, &mut other] {
        let Some(Condition::And(conditions)) = &mut query.select.condition else { panic!("AND became something else") };
        assert_eq!(conditions.len(), 2);
        conditions.remove(0);
    }
    assert_eq!(one, other, "{text}");
    Some(query)
}

/// Whether its escapes are those that every reader of SOQL takes for the same.
fn has_common_escapes(soql: &str) -> bool {
    let mut characters = soql.chars();
    while let Some(character) = characters.next() {
        if character == '\\' && !characters.next().is_some_and(|escaped| "'\\%_nrtu".contains(escaped)) {
            return false;
        }
    }
    true
}

/// The first of its two conditions.
fn first(query: Query) -> Condition {
    let Some(Condition::And(conditions)) = query.select.condition else { panic!("AND became something else") };
    conditions.into_iter().next().unwrap()
}
