//! What the grammar takes, what it makes of it, and how each refusal reads.

use super::*;
use crate::soql::ast::{Comparison, Condition, DateRange, DateUnit, Literal};

fn select(soql: &str) -> Select {
    parse(soql).unwrap_or_else(|error| panic!("{soql}: {}", error.message)).select
}

fn condition(text: &str) -> Condition {
    select(&format!("SELECT Id FROM Account WHERE {text}")).condition.unwrap()
}

fn literal(text: &str) -> Literal {
    match condition(&format!("F = {text}")) {
        Condition::Compare(_, Comparison::Equal, literal) => literal,
        other => panic!("{other:?}"),
    }
}

/// The last line of the refusal.
fn refusal(soql: &str) -> String {
    let error = parse(soql).err().unwrap_or_else(|| panic!("{soql} was taken"));
    assert_eq!((error.status, error.code), (400, "MALFORMED_QUERY"), "{soql}");
    error.message.lines().last().unwrap().to_owned()
}

#[test]
fn every_clause_finds_its_place() {
    let select = select(
        "select Id, Owner.Name, (SELECT Id FROM Contacts LIMIT 2) FROM Account a WHERE a.Name = 'x' \
         ORDER BY Name DESC NULLS LAST, Id LIMIT 10 OFFSET 20",
    );
    assert_eq!(select.items.len(), 3);
    assert!(matches!(&select.items[1], Item::Value(Operand::Field(path), None) if path.names == ["Owner", "Name"]));
    assert!(matches!(&select.items[2], Item::Children(children) if children.limit == Some(2)));
    assert_eq!(select.alias.unwrap().text, "a");
    assert_eq!((select.order_by[0].descending, select.order_by[0].nulls_last), (true, true));
    assert_eq!((select.order_by[1].descending, select.order_by[1].nulls_last), (false, false));
    assert_eq!((select.limit, select.offset), (Some(10), Some(20)));
}

#[test]
fn aggregates_have_aliases() {
    let select = select(
        "SELECT Industry i, COUNT(Id), SUM(AnnualRevenue) s FROM Account GROUP BY Industry HAVING COUNT(Id) > 1",
    );
    let alias = |item: &Item| match item {
        Item::Value(_, alias) => alias.as_ref().map(|alias| alias.text.clone()),
        other => panic!("{other:?}"),
    };
    assert_eq!(select.items.iter().map(alias).collect::<Vec<_>>(), [Some("i".to_owned()), None, Some("s".to_owned())]);
    assert!(matches!(select.having, Some(Condition::Compare(Operand::Aggregate(Aggregate::Count, _), ..))));
    assert_eq!(super::super::parse("SELECT COUNT() FROM Account").unwrap().select.items, [Item::Count]);
}

#[test]
fn literals_are_values() {
    assert_eq!(literal("null"), Literal::Null);
    assert_eq!(literal("TRUE"), Literal::Boolean(true));
    assert_eq!(literal("-1.50"), Literal::Number("-1.5".parse().unwrap()));
    assert_eq!(literal("9007199254740993"), Literal::Number("9007199254740993".parse().unwrap()));
    assert_eq!(literal(r"'it\'s 50%'"), Literal::Text("it's 50%".to_owned()));
    assert_eq!(literal("2026-11-24"), Literal::Date("2026-11-24".parse().unwrap()));
    let moment = Literal::DateTime("2026-11-24T09:00:00Z".parse().unwrap());
    for text in ["2026-11-24T09:00:00Z", "2026-11-24T10:00:00+01:00", "2026-11-24T09:00:00.000+0000"] {
        assert_eq!(literal(text), moment, "{text}");
    }
    assert_eq!(literal("last_n_days:30"), Literal::DateRange(DateRange::Last(DateUnit::Day, 30)));
    assert_eq!(literal("TODAY"), Literal::DateRange(DateRange::Single(DateUnit::Day, 0)));
}

#[test]
fn and_or_and_not_bind_as_written() {
    let Condition::And(all) = condition("a = 1 AND (b = 2 OR c = 3) AND NOT d = 4") else { panic!("and") };
    assert!(matches!(all.as_slice(), [Condition::Compare(..), Condition::Or(_), Condition::Not(_)]));
    assert!(matches!(condition("NOT (a = 1 AND b = 2)"), Condition::Not(inner) if matches!(*inner, Condition::And(_))));
    assert!(matches!(condition("a NOT IN ('x', 'y')"), Condition::In(_, false, list) if list.len() == 2));
    assert!(matches!(condition("a IN (SELECT b FROM C)"), Condition::InSelect(_, true, _)));
    assert!(matches!(condition("a EXCLUDES ('x;y')"), Condition::Includes(_, false, _)));
}

#[test]
fn equal_queries_are_equal_wherever_their_words_stand() {
    assert_eq!(
        parse("SELECT Id FROM A WHERE b = 'x'").unwrap(),
        parse("SELECT  Id\nFROM A WHERE b='\\u0078'").unwrap()
    );
    assert_ne!(parse("SELECT Id FROM A WHERE b = 'x'").unwrap(), parse("SELECT Id FROM A WHERE b = 'y'").unwrap());
}

#[test]
fn refusals_say_what_is_wrong() {
    for (soql, message) in [
        ("", "expecting 'SELECT', found '<EOF>'"),
        ("DELETE FROM Account", "expecting 'SELECT', found 'DELETE'"),
        ("SELECT FROM Account", "unexpected token: 'FROM'"),
        ("SELECT Id, FROM Account", "unexpected token: 'FROM'"),
        ("SELECT * FROM Account", "unexpected token: '*'"),
        ("SELECT Id Account", "expecting 'FROM', found '<EOF>'"),
        ("SELECT Id FROM", "unexpected token: '<EOF>'"),
        ("SELECT Id FROM Account WHERE", "unexpected token: '<EOF>'"),
        ("SELECT Id FROM Account WHERE a", "unexpected token: '<EOF>'"),
        ("SELECT Id FROM Account WHERE a = b", "unexpected token: 'b'"),
        ("SELECT Id FROM Account WHERE a == 1", "unexpected token: '='"),
        ("SELECT Id FROM Account WHERE a = 1 AND b = 2 OR c = 3", "unexpected token: 'OR'"),
        ("SELECT Id FROM Account WHERE a = :name", "Bind variables only allowed in Apex code"),
        ("SELECT Id FROM Account WHERE a LIKE 5", "unexpected token: '5'"),
        ("SELECT Id FROM Account WHERE a IN 'x'", "expecting '(', found 'x'"),
        ("SELECT Id FROM Account WHERE a IN ()", "unexpected token: ')'"),
        ("SELECT Id FROM Account WHERE a = 12abc", "unexpected token: '12abc'"),
        ("SELECT Id FROM Account WHERE a = 2026-02-30", "unexpected token: '2026-02-30'"),
        ("SELECT Id FROM Account WHERE a = LAST_N_DAYS:x", "unexpected token: 'x'"),
        ("SELECT Id FROM Account WHERE a = LAST_N_DAYS:-1", "unexpected token: '-1'"),
        ("SELECT Id FROM Account WHERE a = LAST_N_DAYS", "expecting ':', found '<EOF>'"),
        (r"SELECT Id FROM Account WHERE a = '\q'", r"Illegal escape sequence: \q"),
        ("SELECT Id FROM Account WHERE CALENDAR_YEAR(a) = 1", "unexpected token: '('"),
        ("SELECT Id FROM Account USING SCOPE mine", "unexpected token: 'USING'"),
        ("SELECT Id FROM Account WITH SECURITY_ENFORCED", "unexpected token: 'WITH'"),
        ("SELECT Id FROM Account FOR VIEW", "unexpected token: 'FOR'"),
        ("SELECT Id FROM Account ALL ROWS", "ALL ROWS not allowed in this context"),
        ("SELECT Id FROM Account, Contact", "unexpected token: ','"),
        ("SELECT Id FROM Account LIMIT -1", "unexpected token: '-1'"),
        ("SELECT Id FROM Account LIMIT 1.5", "unexpected token: '1.5'"),
        ("SELECT Id FROM Account OFFSET 5 LIMIT 1", "unexpected token: 'LIMIT'"),
        ("SELECT Id FROM Account HAVING a = 1", "unexpected token: 'HAVING'"),
        ("SELECT Id FROM Account GROUP BY ROLLUP(a)", "unexpected token: '('"),
        ("SELECT 'FIELDS'(ALL) FROM Account", "unexpected token: 'FIELDS'"),
        ("SELECT 'COUNT'() FROM Account", "unexpected token: 'COUNT'"),
        ("SELECT FIELDS(SOME) FROM Account", "unexpected token: 'SOME'"),
        ("SELECT toLabel(Type) FROM Account", "unexpected token: '('"),
    ] {
        assert_eq!(refusal(soql), message, "{soql}");
    }
}

#[test]
fn an_offset_beyond_2000_is_out_of_range() {
    assert!(parse("SELECT Id FROM Account OFFSET 2000").is_ok());
    let error = parse("SELECT Id FROM Account OFFSET 2001").unwrap_err();
    assert_eq!(error.code, "NUMBER_OUTSIDE_VALID_RANGE");
    assert!(error.message.ends_with("Maximum SOQL offset allowed is 2000"));
}

#[test]
fn size_and_depth_are_bounded() {
    let long = format!("SELECT Id FROM Account WHERE Name = '{}'", "x".repeat(MAX_LENGTH));
    assert_eq!(refusal(&long), "SOQL statements cannot be longer than 100000 characters.");
    for open in ["(", "NOT "] {
        let deep = format!("SELECT Id FROM Account WHERE {} a = 1", open.repeat(20_000));
        assert_eq!(refusal(&deep), "conditions are nested too deeply");
    }
    let selects = "SELECT Id, (".repeat(8_000);
    assert_eq!(refusal(&selects), "SOQL sub-selects are nested too deeply");
    let joins = "SELECT Id FROM A WHERE Id IN (".repeat(3_000);
    assert_eq!(refusal(&joins), "SOQL sub-selects are nested too deeply");
}
