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
}

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
        let (matching, before, after) = match matching % 4 {
            0 => (LikeMatch::Exact, false, false),
            1 => (LikeMatch::StartsWith, false, true),
            2 => (LikeMatch::EndsWith, true, false),
            _ => (LikeMatch::Contains, true, true),
        };
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
            assert_eq!(found, Literal::Number(text.parse().unwrap()));
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
    Input::Query(soql) => {
        if let Ok(bound) = bind(&soql, &[]) {
            assert_eq!(bound, soql);
        }
    }
});

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

/// The first of its two conditions.
fn first(query: Query) -> Condition {
    let Some(Condition::And(conditions)) = query.select.condition else { panic!("AND became something else") };
    conditions.into_iter().next().unwrap()
}
