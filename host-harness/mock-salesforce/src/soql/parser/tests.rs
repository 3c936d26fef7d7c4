//! What the grammar takes, what it makes of it, and how each refusal reads.

use super::*;
use crate::soql::ast::{
    Aggregate, Comparison, Condition, DatePart, DateRange, DateUnit, FilterScope, Item, Literal, Operand, Subtotals,
    Zone,
};

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
    for text in [
        "2026-11-24T09:00:00Z",
        "2026-11-24T10:00:00+01:00",
        "2026-11-24T09:00:00.000+0000",
        "2026-11-24t09:00:00.000000000000z",
    ] {
        assert_eq!(literal(text), moment, "{text}");
    }
    assert_eq!(literal("last_n_days:30"), Literal::DateRange(DateRange::Last(DateUnit::Day, 30)));
    assert_eq!(literal("TODAY"), Literal::DateRange(DateRange::Single(DateUnit::Day, 0)));
}

#[test]
fn and_or_and_not_bind_as_written() {
    let Condition::And(all) = condition("a = 1 AND (b = 2 OR c = 3) AND (NOT d = 4)") else { panic!("and") };
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
        ("SELECT Id FROM Account WHERE a IN 'x'", "expecting '(', found 'x'"),
        ("SELECT Id FROM Account WHERE a IN ()", "unexpected token: ')'"),
        ("SELECT Id FROM Account WHERE a = 12abc", "unexpected token: 'abc'"),
        ("SELECT Id FROM Account WHERE a = 1e5", "unexpected token: 'e5'"),
        ("SELECT Id FROM Account WHERE a = 1 AND NOT (b = 2)", "unexpected token: 'NOT'"),
        ("SELECT Id FROM Account WHERE NOT NOT a = 1", "unexpected token: 'NOT'"),
        ("SELECT Id FROM Account WHERE NOT a = 1 AND b = 2", "unexpected token: 'AND'"),
        ("SELECT Id FROM Account WHERE Name == 'x'", "unexpected token: '='"),
        ("SELECT Id FROM Account ;", "unexpected token: ';'"),
        ("SELECT Id FROM Account Like", "unexpected token: 'Like'"),
        ("SELECT COUNT(Id) asc FROM Account", "expecting 'FROM', found 'asc'"),
        ("SELECT Id Account FROM Limit", "unexpected token: 'Limit'"),
        ("SELECT COUNT(), Id FROM Account", "expecting 'FROM', found ','"),
        ("SELECT Id FROM Account . Name", "unexpected token: '.'"),
        ("SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact LIMIT 1)", "expecting ')', found 'LIMIT'"),
        (r"SELECT Id FROM Account WHERE a = '50\%'", r"Illegal escape sequence: \%"),
        (r"SELECT Id FROM Account WHERE a IN ('a\_b')", r"Illegal escape sequence: \_"),
        ("SELECT Id FROM Account WHERE a = 2026-02-30", "unexpected token: '2026-02-30'"),
        ("SELECT Id FROM Account WHERE a = LAST_N_DAYS:x", "unexpected token: 'x'"),
        ("SELECT Id FROM Account WHERE a = LAST_N_DAYS:-1", "unexpected token: '-'"),
        ("SELECT Id FROM Account WHERE a = LAST_N_DAYS", "expecting ':', found '<EOF>'"),
        (r"SELECT Id FROM Account WHERE a = '\q'", r"Illegal escape sequence: \q"),
        ("SELECT Id FROM Account ALL ROWS", "ALL ROWS not allowed in this context"),
        ("SELECT Id FROM Account LIMIT 1.5", "unexpected token: '1.5'"),
        ("SELECT Id FROM Account OFFSET 5 LIMIT 1", "unexpected token: 'LIMIT'"),
        ("SELECT Id FROM Account HAVING a = 1", "unexpected token: 'HAVING'"),
        ("SELECT 'FIELDS'(ALL) FROM Account", "unexpected token: 'FIELDS'"),
        ("SELECT 'COUNT'() FROM Account", "unexpected token: 'COUNT'"),
    ] {
        assert_eq!(refusal(soql), message, "{soql}");
    }
}

#[test]
fn numbers_out_of_range_are_no_matter_of_grammar() {
    assert!(parse("SELECT Id FROM Account LIMIT +5 OFFSET 2000").is_ok());
    let digits = "9".repeat(40);
    for (clause, message) in [
        ("OFFSET 2001", "Maximum SOQL offset allowed is 2000"),
        ("OFFSET -1", "Maximum SOQL offset allowed is 2000"),
        ("LIMIT - 1", "LIMIT takes a number from 0 on"),
        (&format!("WHERE a = {digits}"), "the number has more digits than a number can have"),
    ] {
        let error = parse(&format!("SELECT Id FROM Account {clause}")).unwrap_err();
        assert_eq!((error.status, error.code), (400, "NUMBER_OUTSIDE_VALID_RANGE"), "{clause}");
        assert!(error.message.ends_with(message), "{}", error.message);
    }
}

#[test]
fn what_the_mock_does_not_know_is_refused_by_name() {
    let mut seen = Vec::new();
    for (soql, unknown) in [
        ("SELECT FORMAT(toLabel(Type)) FROM Opportunity", Unknown::Format),
        ("SELECT Id FROM Opportunity WHERE FORMAT(Amount) = 'x'", Unknown::Format),
        ("SELECT Id FROM Opportunity ORDER BY FORMAT(Amount)", Unknown::Format),
        ("SELECT convertCurrency(SUM(Amount)) FROM Opportunity", Unknown::Function),
        ("SELECT Id FROM Opportunity WHERE convertTimezone(CreatedDate) = null", Unknown::ConvertTimezone),
        ("SELECT FIELDS(SOME) FROM Account", Unknown::Fields),
        ("SELECT MEDIAN(Amount) FROM Opportunity", Unknown::Function),
        ("SELECT MAX(toLabel(Type)) FROM Account", Unknown::Function),
        ("SELECT Id FROM Opportunity WHERE a + b > 5", Unknown::Arithmetic),
        ("SELECT Id FROM Account USING SCOPE team", Unknown::Scope),
        ("SELECT Id FROM Account USING LOOKUP x", Unknown::Lookup),
        ("SELECT Id FROM Account WITH DATA CATEGORY a__c AT (b__c, c__c) AND d__c BELOW e__c", Unknown::DataCategory),
        ("SELECT Id FROM Account WITH Network = 'x'", Unknown::With),
        ("SELECT Id FROM Account WITH RecordVisibilityContext (a = 1, b = true)", Unknown::With),
        ("SELECT Id FROM Account BIND a = 'x'", Unknown::Bind),
        ("SELECT Id FROM Account UPDATE STATS", Unknown::Update),
        ("SELECT (SELECT Id FROM Contacts) c FROM Account", Unknown::Alias),
        ("SELECT Id FROM Account $ all of them", Unknown::Comment),
    ] {
        let error = parse(soql).unwrap_err();
        assert_eq!((error.status, error.code), (501, "UNKNOWN_TO_THE_MOCK"), "{soql}");
        assert!(
            error.message.ends_with(&format!("the mock does not know {}", unknown.name())),
            "{soql}: {}",
            error.message
        );
        // What is no SOQL at all is told first.
        let malformed = format!("{} )", soql.split(" $").next().unwrap());
        assert_eq!(parse(&malformed).unwrap_err().code, "MALFORMED_QUERY", "{malformed}");
        seen.push(unknown);
    }
    // Whether an org has several currencies is not for the parser to know.
    seen.extend([Unknown::ConvertCurrency, Unknown::Money]);
    assert!(Unknown::ALL.iter().all(|unknown| seen.contains(unknown)));
}

#[test]
fn functions_clauses_and_words_that_change_nothing() {
    let of = |text: &str| match &select(&format!("SELECT {text} FROM A")).items[0] {
        Item::Value(operand, _) => operand.clone(),
        other => panic!("{other:?}"),
    };
    assert!(matches!(of("calendar_year(a.b)"), Operand::Date(DatePart::CalendarYear, Zone::Utc, _)));
    assert!(matches!(of("HOUR_IN_DAY(convertTimezone(a))"), Operand::Date(DatePart::HourInDay, Zone::User, _)));
    assert!(matches!(of("toLabel(a)"), Operand::Label(path) if path.names == ["a"]));
    assert!(matches!(of("GROUPING(a)"), Operand::Grouping(_)));
    assert!(matches!(of("convertCurrency(a.b)"), Operand::Converted(path) if path.names == ["a", "b"]));
    assert!(matches!(of("FORMAT(convertCurrency(a))"), Operand::Format(of) if matches!(*of, Operand::Converted(_))));
    assert!(matches!(of("DISTANCE(a, GEOLOCATION(1, -2.5), 'mi')"), Operand::Distance(_)));

    let whole = select("SELECT Order o FROM Group g USING SCOPE mine, g.Owner w GROUP BY CUBE(Order)");
    assert_eq!((whole.scope, whole.subtotals, whole.group_by.len()), (Some(FilterScope::Mine), Subtotals::Cube, 1));
    assert_eq!(whole.related[0].path.names, ["g", "Owner"]);
    let select = select("SELECT TYPEOF Owner WHEN User THEN Name, Email ELSE Name END FROM Case");
    assert!(matches!(&select.items[0], Item::TypeOf(of) if of.when[0].1.len() == 2 && of.otherwise.len() == 1));

    for same in ["WITH SECURITY_ENFORCED", "WITH user_mode", "FOR VIEW", "FOR REFERENCE", "UPDATE TRACKING, VIEWSTAT"] {
        assert_eq!(parse(&format!("SELECT Id FROM Account {same}")), parse("SELECT Id FROM Account"), "{same}");
    }
}

#[test]
fn size_and_depth_are_bounded() {
    let long = format!("SELECT Id FROM Account WHERE Name = '{}'", "x".repeat(MAX_LENGTH));
    assert_eq!(refusal(&long), "SOQL statements cannot be longer than 100000 characters.");
    for open in ["(", "(NOT "] {
        let deep = format!("SELECT Id FROM Account WHERE {} a = 1", open.repeat(15_000));
        assert_eq!(refusal(&deep), "conditions are nested too deeply");
    }
    let selects = "SELECT Id, (".repeat(8_000);
    assert_eq!(refusal(&selects), "SOQL sub-selects are nested too deeply");
    let joins = "SELECT Id FROM A WHERE Id IN (".repeat(3_000);
    assert_eq!(refusal(&joins), "SOQL sub-selects are nested too deeply");
}
