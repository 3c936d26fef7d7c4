use super::*;
use serde_json::json;

use crate::soql::QueryRows;

fn reader(user_id: &str) -> Reader<'_> {
    Reader { user_id, version: "v67.0", now: "2026-06-15T12:00:00Z".parse().unwrap() }
}

fn result(records: Vec<Value>) -> Cursor {
    let total_size = i64::try_from(records.len()).unwrap();
    QueryRows { total_size, records }.into()
}

fn rows(count: usize) -> Vec<Value> {
    (0..count).map(|number| json!({"n": number})).collect()
}

fn locator<R>(page: &Page<R>) -> &str {
    page.next_records_url.as_deref().unwrap().strip_prefix("/services/data/v67.0/query/").unwrap()
}

#[test]
fn every_row_comes_once_and_in_order() {
    let mut locators = Locators::default();
    let first = locators.first_page(result(rows(4500)), 2000, reader("u")).unwrap();
    let second = locators.next_page(locator(&first), 2000, reader("u")).unwrap();
    let third = locators.next_page(locator(&second), 2000, reader("u")).unwrap();
    assert!(locator(&first).ends_with("-2000") && locator(&second).ends_with("-4000"));
    assert!(!first.done && !second.done && third.done);
    assert_eq!((first.records.len(), second.records.len(), third.records.len()), (2000, 2000, 500));
    assert_eq!(second.records[0].get(), "{\"n\":2000}");
    assert_eq!(third.records[499].get(), "{\"n\":4499}");
    assert_eq!(third.total_size, 4500);
}

#[test]
fn a_page_can_be_read_again() {
    let mut locators = Locators::default();
    let first = locators.first_page(result(rows(300)), 200, reader("u")).unwrap();
    for _ in 0..2 {
        assert_eq!(locators.next_page(locator(&first), 200, reader("u")).unwrap().records.len(), 100);
    }
}

#[test]
fn a_result_that_fits_needs_no_locator() {
    let page = Locators::default().first_page(result(rows(200)), 200, reader("u")).unwrap();
    assert!(page.done && page.next_records_url.is_none());
}

#[test]
fn a_large_child_result_is_cut_into_pages_of_its_own() {
    let mut locators = Locators::default();
    let child = json!({"totalSize": 450, "done": true, "records": rows(450)});
    let record = json!({"attributes": {}, "Contacts": child, "Owner": {"attributes": {}}});
    let page = locators.first_page(result(vec![record]), 2000, reader("u")).unwrap();
    let child = &page.records[0]["Contacts"];
    assert_eq!(child["records"].as_array().unwrap().len(), CHILD_PAGE);
    assert_eq!(child["done"], false);
    let url = child["nextRecordsUrl"].as_str().unwrap();
    let next = locators.next_page(url.rsplit('/').next().unwrap(), 2000, reader("u")).unwrap();
    assert_eq!((next.records.len(), next.done, next.total_size), (CHILD_PAGE, false, 450));
}

/// Parents, each with so many children.
fn parents(locators: &mut Locators, count: usize, children: usize) -> Page<Value> {
    let parent = |_| json!({"Contacts": {"totalSize": children, "done": true, "records": rows(children)}});
    locators.first_page(result((0..count).map(parent).collect()), 2000, reader("u")).unwrap()
}

#[test]
fn children_count_toward_the_page() {
    let mut locators = Locators::default();
    let first = parents(&mut locators, 1_000, 4);
    assert_eq!(first.records.len(), 400, "400 parents with 4 children each are 2,000 rows");
    let second = locators.next_page(locator(&first), 500, reader("u")).unwrap();
    assert!(locator(&first).ends_with("-400") && locator(&second).ends_with("-500"));
    let single = parents(&mut Locators::default(), 2, 201);
    assert_eq!(single.records.len(), 2, "only the children on the page count");
}

#[test]
fn children_of_children_have_pages_of_their_own() {
    let mut locators = Locators::default();
    let cases = json!({"totalSize": 201, "done": true, "records": rows(201)});
    let contacts = json!({"totalSize": 2, "done": true, "records": [{"Cases": cases}, {"Cases": null}]});
    let page = locators.first_page(result(vec![json!({"Contacts": contacts})]), 2000, reader("u")).unwrap();
    let contacts = &page.records[0]["Contacts"];
    assert_eq!((&contacts["done"], contacts["records"].as_array().unwrap().len()), (&json!(false), 1));
    let cases = &contacts["records"][0]["Cases"];
    assert_eq!((&cases["done"], cases["records"].as_array().unwrap().len()), (&json!(false), CHILD_PAGE));
    for (cut, rest) in [(contacts, "{\"Cases\":null}"), (cases, "{\"n\":200}")] {
        let locator = cut["nextRecordsUrl"].as_str().unwrap().rsplit('/').next().unwrap();
        assert_eq!(locators.next_page(locator, 2000, reader("u")).unwrap().records[0].get(), rest);
    }
}

fn child_locator(record: &Value) -> &str {
    record["Contacts"]["nextRecordsUrl"].as_str().unwrap().rsplit('/').next().unwrap()
}

#[test]
fn a_further_page_ends_the_child_cursors_before_it_if_the_org_does_so() {
    for ends_child_cursors in [false, true] {
        let paging = Paging { ends_child_cursors, ..Paging::default() };
        let mut locators = Locators::new(paging);
        let first = parents(&mut locators, 10, 201);
        let child = child_locator(&first.records[8]);
        assert!(locators.next_page(child, 200, reader("u")).is_ok());
        let second = locators.next_page(locator(&first), 200, reader("u")).unwrap();
        let record: Value = serde_json::from_str(second.records[0].get()).unwrap();
        assert!(locators.next_page(child_locator(&record), 200, reader("u")).is_ok());
        assert_eq!(locators.next_page(child, 200, reader("u")).is_err(), ends_child_cursors);
    }
}

#[test]
fn a_cut_parent_comes_again_with_its_cursors_if_the_org_does_so() {
    let paging = Paging { ends_child_cursors: true, repeats_cut_parents: true };
    let mut locators = Locators::new(paging);
    let first = parents(&mut locators, 10, 201);
    let second = locators.next_page(locator(&first), 2000, reader("u")).unwrap();
    assert_eq!((first.records.len(), second.records.len(), second.total_size), (9, 2, 10));
    assert_eq!(second.records[0].get(), first.records[8].to_string());
    assert!(locators.next_page(child_locator(&first.records[8]), 200, reader("u")).is_ok());
    assert!(locators.next_page(child_locator(&first.records[7]), 200, reader("u")).is_err());
    let whole = parents(&mut locators, 501, 3);
    assert_eq!(locators.next_page(locator(&whole), 200, reader("u")).unwrap().records.len(), 1);
}

#[test]
fn an_unknown_total_stays_unknown() {
    let mut locators = Locators::default();
    let child = json!({"totalSize": -1, "done": true, "records": rows(201)});
    let unknown = QueryRows { total_size: -1, records: vec![json!({"Shipments__r": child}); 201] };
    let first = locators.first_page(unknown.into(), 200, reader("u")).unwrap();
    assert_eq!((first.total_size, &first.records[0]["Shipments__r"]["totalSize"]), (-1, &json!(-1)));
    assert_eq!(locators.next_page(locator(&first), 200, reader("u")).unwrap().total_size, -1);
}

#[test]
fn bad_locators_say_why() {
    let mut locators = Locators::default();
    let first = locators.first_page(result(rows(300)), 200, reader("u")).unwrap();
    let reason = |locators: &mut Locators, locator: &str, reader| {
        let error = locators.next_page(locator, 200, reader).unwrap_err();
        assert_eq!((error.status, error.code), (400, "INVALID_QUERY_LOCATOR"));
        error.message.rsplit(": ").next().unwrap().to_owned()
    };
    let locator = locator(&first);
    assert_eq!(reason(&mut locators, "nonsense", reader("u")), "INVALID_QUERY_LOCATOR_FORMAT");
    assert_eq!(reason(&mut locators, &locator.replace("-200", "-300"), reader("u")), "QUERY_LOCATOR_NOT_FOUND");
    assert_eq!(reason(&mut locators, locator, reader("other")), "QUERY_LOCATOR_NOT_FOUND");
    let late = Reader { now: reader("u").now + LIFETIME, ..reader("u") };
    assert_eq!(reason(&mut locators, locator, late), "QUERY_LOCATOR_EXPIRED");
    locators.expire();
    assert_eq!(reason(&mut locators, locator, reader("u")), "QUERY_LOCATOR_EXPIRED");
}

#[test]
fn the_eleventh_query_of_a_user_ends_the_first() {
    let mut locators = Locators::default();
    let mut open = |user: &str| locators.first_page(result(rows(300)), 200, reader(user)).unwrap();
    let others = open("other");
    let own: Vec<_> = (0..11).map(|_| open("u")).collect();
    let mut works = |page: &Page<Value>, user| locators.next_page(locator(page), 200, reader(user)).is_ok();
    assert!(!works(&own[0], "u") && works(&own[1], "u") && works(&own[10], "u") && works(&others, "other"));
}

#[test]
fn the_cursors_of_children_end_with_their_query() {
    let mut locators = Locators::default();
    let first = parents(&mut locators, 1, 201);
    for _ in 0..10 {
        assert!(locators.next_page(child_locator(&first.records[0]), 200, reader("u")).is_ok());
        locators.first_page(result(rows(300)), 200, reader("u")).unwrap();
    }
    assert!(locators.next_page(child_locator(&first.records[0]), 200, reader("u")).is_err());
    assert_eq!((locators.open.len(), locators.queries.len()), (10, 10));
}

#[test]
fn what_is_over_is_held_no_longer() {
    let mut locators = Locators::default();
    locators.first_page(result(rows(300)), 200, reader("u")).unwrap();
    let late = Reader { now: reader("u").now + LIFETIME, ..reader("v") };
    locators.first_page(result(rows(201)), 200, late).unwrap();
    let bytes = rows(201).iter().map(|row| row.to_string().len()).sum();
    assert_eq!((locators.open.len(), locators.held_bytes), (1, bytes));
}
