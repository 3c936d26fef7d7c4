//! What the form asks for, and never decides by itself.

use super::*;

#[test]
fn a_choice_that_nobody_made_is_asked_for() {
    let own = Actions::of_connector();
    let fields = Fields::default();
    for (action, choice, cases) in
        [("create-or-update-record", "target", 3), ("get-record-field-values", "key", 2), ("delete-record", "key", 2)]
    {
        let shown = form(own, action).show(&Elements { fields: &fields, wrong: None }).into_string();
        let radios: Vec<_> =
            shown.split("<input ").filter(|input| input.contains(&format!(" name=\"{choice}\""))).collect();
        assert_eq!(radios.len(), cases, "{shown}");
        for radio in radios {
            let radio = radio.split('>').next().unwrap();
            assert!(radio.contains(" required") && !radio.contains(" checked"), "{radio}");
        }
        let wrong = read(action, &[("object", "A")]).unwrap_err();
        assert!(wrong.element == format!("input.{choice}") && wrong.words.contains("found nothing"), "{wrong:?}");
    }
}

#[test]
fn a_box_is_ticked_by_its_own_value_alone() {
    for (name, value) in [("query.include-deleted", "no"), ("query.include-deleted", "true")] {
        let wrong = read("soql-query", &[("query.soql", "S"), (name, value)]).unwrap_err();
        assert_eq!((wrong.element, wrong.words.contains("expected yes or nothing")), (format!("input.{name}"), true));
    }
    let shown = |value| {
        let fields = Fields::of(&[("query.include-deleted", value)]);
        let own = form(Actions::of_connector(), "soql-query");
        let shown = own.options(&Elements { fields: &fields, wrong: None }).fields.into_string();
        shown.split("name=\"query.include-deleted\"").nth(1).unwrap().split('>').next().unwrap().contains("checked")
    };
    assert_eq!(["yes", "no", ""].map(shown), [true, false, false]);
}

#[test]
fn what_is_rarely_given_is_folded_and_open_if_it_is_given_or_wrong() {
    let options = |action: &str, pairs: &[(&str, &str)], wrong: Option<&str>| {
        let wrong = wrong.map(|element| Wrong { element: element.to_owned(), words: String::new() });
        let (fields, own) = (Fields::of(pairs), form(Actions::of_connector(), action));
        let elements = Elements { fields: &fields, wrong: wrong.as_ref() };
        let (common, options) = (own.show(&elements).into_string(), own.options(&elements));
        (common, options.fields.into_string(), options.are_used)
    };
    let (common, rare, are_used) = options("soql-query", &[("query.soql", "S"), ("query.parameters.name", "n")], None);
    for name in ["query.include-deleted", "query.batch-size", "query.max-records"] {
        let name = format!("name=\"{name}\"");
        assert!(rare.contains(&name) && !common.contains(&name), "{name}");
    }
    assert!(common.contains("name=\"query.soql\"") && common.contains("query.parameters.name") && !are_used);
    assert!(options("soql-query", &[("query.batch-size", "200")], None).2);
    assert!(options("soql-query", &[], Some("input.query.batch-size")).2);
    assert!(!options("soql-query", &[], Some("input.query.soql")).2);
    // Where all may be left out, nothing is folded.
    let (common, rare, _) = options("list-objects", &[], None);
    assert!(common.contains("if-modified-since") && rare.is_empty(), "{common} {rare}");
    // A record that is folded by itself is no option among others.
    let (common, rare, _) = options("create-or-update-record", &[], None);
    assert!(common.contains("name=\"target\"") && !common.contains("name=\"save.") && rare.is_empty(), "{rare}");
}
