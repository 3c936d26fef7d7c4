//! The forms of the connector's own actions, and of one that a tenant's component might bring.

mod choices;

use std::sync::Arc;

use super::*;
use salesforce_actions::{Actions, InputError};

/// An action with every kind of type.
const QUOTES: &str = r#"{"types":[
    {"shape":"text"},
    {"name":{"interface":"acme:quotes/actions","name":"tier"},"shape":{"enum":[{"name":"acme"},{"name":"gold","docs":"Dear."}]}},
    {"name":{"interface":"acme:quotes/actions","name":"extras"},"shape":{"flags":[{"name":"gift-wrap"},{"name":"express"}]}},
    {"shape":{"integer":{"signed":true,"bits":32}}},
    {"shape":{"float":{"bits":64}}},
    {"shape":{"option":3}},
    {"shape":{"list":0}},
    {"shape":{"record":[{"name":"sku","type":0},{"name":"count","type":5}]}},
    {"shape":{"list":7}},
    {"shape":{"variant":[{"name":"none"},{"name":"percent","type":4},{"name":"item","docs":"Of one.","type":7}]}},
    {"shape":{"option":9}},
    {"shape":{"option":7}},
    {"shape":"bool"},
    {"shape":{"option":12}},
    {"shape":"bytes"},
    {"shape":"json"},
    {"shape":"char"},
    {"shape":{"tuple":[0,12]}},
    {"shape":{"result":{"ok":0,"error":null}}},
    {"name":{"interface":"acme:quotes/actions","name":"order"},"docs":"The shop's\nown order.\n\nMore.","shape":{"record":[
        {"name":"note","type":0},{"name":"tier","type":1},{"name":"extras","type":2},{"name":"discount","type":10},
        {"name":"single","type":11},{"name":"rush","type":13},{"name":"tags","type":6},{"name":"lines","type":8},
        {"name":"mark","type":16},{"name":"pair","type":17},{"name":"before","type":18}]}}],
  "actions":[{"interface":"acme:quotes/actions@1.0.0","function":"quote","name":"quote",
    "docs":"Prices an order. It is not sent.\n\nErrors: none.",
    "parameters":[{"name":"order","type":19},{"name":"component","type":0},{"name":"lines","type":8},{"name":"picture","type":14},
        {"name":"more","type":15}],
    "result":0,"effect":"writes"}]}"#;

pub(in super::super) fn of_quotes() -> Arc<Actions> {
    Arc::new(serde_json::from_str(QUOTES).unwrap())
}

fn form(actions: &Actions, action: &str) -> Form {
    Form::of(actions, actions.named(action).unwrap())
}

fn read(action: &str, pairs: &[(&str, &str)]) -> Result<String, Wrong> {
    let own = Actions::of_connector();
    let text = form(own, action).read(&Fields::of(pairs))?;
    // What the form makes is what the action takes, but for what it checks itself.
    match Call::parse(own, action, &text) {
        Ok(_) | Err(InputError::Input { .. }) => Ok(text),
        Err(error) => panic!("{error}"),
    }
}

/// What the form makes of the fields that were made of an input.
fn again(actions: &Arc<Actions>, action: &str, asked: &str) -> Option<String> {
    let form = form(actions, action);
    let pairs = form.refill(&Call::parse(actions, action, asked).unwrap())?;
    Some(form.read(&pairs.into_iter().collect()).unwrap())
}

fn row(
    name: &'static str,
    kind: &'static str,
    many: &'static str,
    value: &'static str,
) -> [(&'static str, &'static str); 4] {
    [
        ("query.parameters.name", name),
        ("query.parameters.type", kind),
        ("query.parameters.many", many),
        ("query.parameters.value", value),
    ]
}

fn query_with(rows: &[[(&str, &str); 4]]) -> Result<String, Wrong> {
    let pairs: Vec<_> = [("query.soql", "SELECT Id\r\nFROM Account")].into_iter().chain(rows.concat()).collect();
    read("soql-query", &pairs)
}

#[test]
fn parameter_rows_become_parameters() {
    let text = query_with(&[
        row("n", "text", "one", "O'Reilly, \"x\""),
        row(":i", "integer", "one", "12"),
        row("big", "integer", "one", "9007199254740993"),
        row("d", "decimal", "one", "0.10"),
        row("b", "boolean", "one", "true"),
        row("z", "null", "one", ""),
        row("day", "date", "one", "2026-11-24"),
        row("l", "text", "list", r"a\,b,c"),
        row("", "text", "one", ""),
    ]);
    let expected = concat!(
        r#"{"query":{"soql":"SELECT Id\nFROM Account","parameters":{"n":"O'Reilly, \"x\"","i":12,"big":9007199254740993,"#,
        r#""d":{"decimal":"0.10"},"b":true,"z":null,"day":{"date":"2026-11-24"},"l":["a,b","c"]}}}"#
    );
    assert_eq!(text.unwrap(), expected);
}

#[test]
fn wrong_rows_are_told() {
    let twice = query_with(&[row("n", "text", "one", "1"), row("n", "text", "one", "2")]).unwrap_err();
    assert!(twice.words.contains("n is there twice") && twice.element == "input.query.parameters", "{twice:?}");
    assert!(query_with(&[row("", "text", "one", "x")]).unwrap_err().words.contains("a name"));
}

#[test]
fn a_record_is_asked_for_by_id_or_external_id() {
    let by = |pairs: &[(&str, &str)]| read("get-record-field-values", pairs);
    let text = by(&[("object", "Account"), ("key", "id"), ("key.id", " 001 "), ("fields", "Name,\r\n Owner.Name ,")]);
    assert_eq!(text.unwrap(), r#"{"object":"Account","key":{"id":"001"},"fields":["Name","Owner.Name"]}"#);
    let external = [
        ("object", "A"),
        ("key", "external-id"),
        ("key.external-id.field", "E__c"),
        ("key.external-id.value", " 4 2"),
        ("fields", "Id"),
    ];
    let expected = r#"{"object":"A","key":{"external_id":{"field":"E__c","value":" 4 2"}},"fields":["Id"]}"#;
    assert_eq!(by(&external).unwrap(), expected);
    for (pairs, element) in [
        (&[("object", "A"), ("key.id", "1"), ("fields", "Id")][..], "input.key"),
        (&[("object", "A"), ("key", "id"), ("fields", "Id")], "input.key.id"),
        (&[("object", "A"), ("key", "id"), ("key.id", "1")], "input.fields"),
        (&[("key.id", "1"), ("fields", "Id")], "input.object"),
        (&[("object", "A"), ("key", "other"), ("fields", "Id")], "input.key"),
    ] {
        let wrong = by(pairs).unwrap_err();
        assert!(wrong.element == element && wrong.words.contains(": expected "), "{wrong:?}");
    }
}

#[test]
fn field_rows_keep_their_order_and_every_digit() {
    let mut pairs = vec![
        ("object", "Account"),
        ("target", "upsert"),
        ("target.upsert.external-id.field", "E__c"),
        ("target.upsert.external-id.value", "1"),
    ];
    for (name, kind, value) in [
        ("Name", "text", " A \"b\" "),
        ("N__c", "number", "9007199254740993.10"),
        ("B__c", "boolean", "false"),
        ("Z__c", "null", ""),
        ("Owner", "json", r#"{"Email":"x","a":1,"a":2}"#),
    ] {
        pairs.extend([("fields.name", name), ("fields.type", kind), ("fields.value", value)]);
    }
    let fields = r#""fields":{"Name":" A \"b\" ","N__c":9007199254740993.10,"B__c":false,"Z__c":null,"Owner":{"Email":"x","a":1,"a":2}}"#;
    let target = r#""target":{"upsert":{"external_id":{"field":"E__c","value":"1"}}}"#;
    assert_eq!(
        read("create-or-update-record", &pairs).unwrap(),
        format!(r#"{{"object":"Account",{target},{fields}}}"#)
    );
    assert_eq!(
        read("create-or-update-record", &[("object", "A"), ("target", "create")]).unwrap(),
        r#"{"object":"A","target":"create","fields":{}}"#
    );
}

#[test]
fn raw_fields_are_passed_as_they_are_and_options_are_named() {
    let pairs = [
        ("object", "Lead"),
        ("target", "update"),
        ("target.update", "00Q"),
        ("fields.as", "json"),
        ("fields.json", "{\"N\": 1.50,\r\n \"N\": 2}"),
        ("fields.name", "ignored"),
        ("save.assignment-rule", "off"),
        ("save.duplicate-rule", "yes"),
        ("save.duplicate-rule.allow-save", "yes"),
        ("save.if-unmodified-since", "Tue, 24 Nov 2026 09:30:00 GMT"),
    ];
    let options = r#"{"assignment_rule":"off","duplicate_rule":{"allow_save":true},"if_unmodified_since":"Tue, 24 Nov 2026 09:30:00 GMT"}"#;
    let expected = format!(
        "{{\"object\":\"Lead\",\"target\":{{\"update\":\"00Q\"}},\"fields\":{{\"N\": 1.50,\n \"N\": 2}},\"save\":{options}}}"
    );
    assert_eq!(read("create-or-update-record", &pairs).unwrap(), expected);
    for wrong in ["{", ""] {
        let text = [("object", "A"), ("target", "create"), ("fields.as", "json"), ("fields.json", wrong)];
        assert_eq!(read("create-or-update-record", &text).unwrap_err().element, "input.fields.json");
    }
    for (kind, value) in
        [("number", "true"), ("number", "1.x"), ("boolean", "yes"), ("null", "x"), ("json", "{"), ("txt", "x")]
    {
        let row = [
            ("object", "A"),
            ("target", "create"),
            ("fields.name", "F"),
            ("fields.type", kind),
            ("fields.value", value),
        ];
        let wrong = read("create-or-update-record", &row).unwrap_err();
        assert!(wrong.element == "input.fields" && wrong.words.contains("F: expected "), "{wrong:?}");
    }
}

#[test]
fn the_form_asks_for_the_same_again() {
    let own = Actions::of_connector();
    for (action, asked) in [
        (
            "soql-query",
            r#"{"query":{"soql":"\nSELECT Id\nFROM A","parameters":{"n":"a,b","i":12,"d":{"decimal":"0.10"},"z":null,"l":["a,b","c\\d"],"p":{"like-contains":"x"}},"include_deleted":true,"batch_size":200,"max_records":5}}"#,
        ),
        ("explain", r#"{"query":{"soql":"SELECT Id FROM A"}}"#),
        ("user-info", "{}"),
        ("get-record-field-values", r#"{"object":"A","key":{"id":"001"},"fields":["Name","Owner.Name"]}"#),
        (
            "get-record-field-values",
            r#"{"object":"A","key":{"external_id":{"field":"E__c","value":" 4 2\n"}},"fields":["Id"]}"#,
        ),
        ("create-or-update-record", r#"{"object":"A","target":"create","fields":{"N":9007199254740993.10,"N":"x"}}"#),
        ("create-or-update-record", r#"{"object":"A","target":{"update":"001"},"fields":{"é\u0000":1e400}}"#),
        (
            "create-or-update-record",
            r#"{"object":"A","target":{"upsert":{"external_id":{"field":"E","value":"1"},"update_only":true}},"fields":{"N":1},"save":{"assignment_rule":"off","duplicate_rule":{"allow_save":true},"if_unmodified_since":"x"}}"#,
        ),
        (
            "create-or-update-record",
            r#"{"object":"A","target":"create","fields":{},"save":{"assignment_rule":{"rule":"01Q"},"duplicate_rule":{}}}"#,
        ),
    ] {
        assert_eq!(again(own, action, asked).as_deref(), Some(asked));
    }
    // The same, with what may be left out left out.
    let asked = r#" {"query":{"soql":"S","parameters":{},"include_deleted":false,"batch_size":null}}"#;
    assert_eq!(again(own, "soql-query", asked).as_deref(), Some(r#"{"query":{"soql":"S"}}"#));
}

#[test]
fn what_the_form_cannot_ask_for_is_not_put_into_it() {
    let own = Actions::of_connector();
    for (action, asked) in [
        ("soql-query", r#"{"query":{"soql":"S","parameters":{"l":[1,"a"]}}}"#),
        ("soql-query", r#"{"query":{"soql":"S","parameters":{"l":[]}}}"#),
        ("soql-query", r#"{"query":{"soql":"S","parameters":{"l":"a\nb"}}}"#),
        ("soql-query", r#"{"query":{"soql":"S","parameters":{"l":1,"l":2}}}"#),
        ("soql-query", r#"{"query":{"soql":"S\u0007"}}"#),
        ("soql-query", r#"{"query":{"soql":""}}"#),
        ("get-record-field-values", r#"{"object":" A","key":{"id":"001"},"fields":["Name"]}"#),
        ("get-record-field-values", r#"{"object":"A","key":{"id":"001"},"fields":["Name",""]}"#),
        (
            "create-or-update-record",
            r#"{"object":"A","target":"create","fields":{},"save":{"if_unmodified_since":""}}"#,
        ),
    ] {
        assert_eq!(again(own, action, asked), None, "{asked}");
    }
}

#[test]
fn every_type_has_its_field() {
    let quotes = of_quotes();
    let form = form(&quotes, "quote");
    let least = r#"{"order":{"note":"n","tier":"acme","mark":"x","pair":["a",true],"before":"error"},"component":"c","lines":[],"picture":"","more":{}}"#;
    let always = [
        ("order.mark", "x"),
        ("order.pair", r#"["a",true]"#),
        ("order.before", "error"),
        (".component", "c"),
        ("component", "of the form itself"),
    ];
    let few = [&always[..], &[("order.note", "n"), ("order.tier", "acme")]].concat();
    assert_eq!(form.read(&Fields::of(&few)).unwrap(), least);
    let mut pairs = always.to_vec();
    pairs.extend([
        ("order.note", "two\r\nlines"),
        ("order.tier", "gold"),
        ("order.extras", "gift-wrap"),
        ("order.extras", "express"),
        ("order.discount", "percent"),
        ("order.discount.percent", "12.50"),
        ("order.single", "yes"),
        ("order.single.sku", "a"),
        ("order.single.count", "-3"),
        ("order.rush", "false"),
        ("order.tags", "a\\,b\nc"),
        ("order.lines", r#"[{"sku": "x"}]"#),
        ("lines", r#"[{"sku":"y","count":1}]"#),
        ("picture", "aGk=\r\n"),
        ("more.as", "json"),
        ("more.json", "[1.50]"),
    ]);
    let expected = concat!(
        r#"{"order":{"note":"two\nlines","tier":"gold","extras":["gift-wrap","express"],"discount":{"percent":12.50},"#,
        r#""single":{"sku":"a","count":-3},"rush":false,"tags":["a,b","c"],"lines":[{"sku": "x"}],"mark":"x","pair":["a",true],"#,
        r#""before":"error"},"component":"c","lines":[{"sku":"y","count":1}],"picture":"aGk=","more":[1.50]}"#
    );
    assert_eq!(form.read(&Fields::of(&pairs)).unwrap(), expected);
    for asked in [least, expected] {
        assert_eq!(again(&quotes, "quote", asked).as_deref(), Some(asked));
    }
    for (name, value) in [
        ("order.mark", ""),
        ("order.note", ""),
        ("order.tier", ""),
        ("order.before", ""),
        (".component", ""),
        ("order.single", "no"),
        ("order.single.sku", ""),
        ("order.single.count", "1.5"),
        ("order.rush", "perhaps"),
        ("order.discount.percent", "much"),
        ("order.lines", "["),
    ] {
        let pairs: Vec<_> = [(name, value)].into_iter().chain(pairs.iter().copied()).collect();
        assert_eq!(form.read(&Fields::of(&pairs)).unwrap_err().element, format!("input.{name}"));
    }
}

#[test]
fn what_an_action_finds_wrong_is_told_at_the_innermost_field() {
    let quotes = of_quotes();
    let form = form(&quotes, "quote");
    for (error, element, words) in [
        ("order.single.count: invalid value: number", "input.order.single.count", "Count: invalid value: number"),
        ("order.discount.percent: expected ...", "input.order.discount.percent", "Percent: value: expected ..."),
        ("order.lines[3].sku_no: expected a text", "input.order.lines", "Lines: [3].sku_no: expected a text"),
        ("order.unknown_one: expected ...", "input.order", "Order: unknown_one: expected ..."),
        ("component: expected ...", "input..component", "Component: expected ..."),
        ("expected value at line 1 column 1", "playground-form", "expected value at line 1 column 1"),
    ] {
        assert_eq!(form.wrong_at(error), Wrong { element: element.to_owned(), words: words.to_owned() });
    }
}

/// Two types a level, each of two of the level below: 65,536 fields.
#[test]
fn a_form_is_never_more_than_a_page() {
    let mut types = vec![r#"{"shape":"text"}"#.to_owned()];
    for below in 0..14 {
        types.push(format!(
            r#"{{"shape":{{"record":[{{"name":"a","type":{below}}},{{"name":"b","type":{below}}},{{"name":"c","type":{below}}},{{"name":"d","type":{below}}}]}}}}"#
        ));
    }
    let action = r#"{"interface":"a:b/c","function":"f","name":"f","parameters":[{"name":"all","type":14},{"name":"few","type":1}],"effect":"reads"}"#;
    let actions: Actions =
        serde_json::from_str(&format!(r#"{{"types":[{}],"actions":[{action}]}}"#, types.join(","))).unwrap();
    let form = form(&actions, "f");
    let (fields, wrong) = (Fields::default(), None);
    let shown = form.show(&Elements { fields: &fields, wrong }).into_string();
    assert!(shown.len() < 10_000 && shown.contains("name=\"few.d\"") && !shown.contains("all."), "{shown}");
    let few = ["few.a", "few.b", "few.c", "few.d"].map(|name| (name, "x"));
    let text = form.read(&Fields::of(&[&[("all", r#"{"a":1}"#)], &few[..]].concat())).unwrap();
    assert_eq!(text, r#"{"all":{"a":1},"few":{"a":"x","b":"x","c":"x","d":"x"}}"#);
}
