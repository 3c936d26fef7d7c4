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
        let shown = own.show(&Elements { fields: &fields, wrong: None }).into_string();
        shown.split("name=\"query.include-deleted\"").nth(1).unwrap().split('>').next().unwrap().contains("checked")
    };
    assert_eq!(["yes", "no", ""].map(shown), [true, false, false]);
}
