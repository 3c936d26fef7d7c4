use super::*;
use crate::core::error::Result;

const FIRST: &str = "/services/data/v60.0/jobs/query/7505e000003xPmkAAE/results";

fn page(body: &str, locator: &str, count: &str) -> Response {
    csv(body, &[("Sforce-Locator", locator), ("Sforce-NumberOfRecords", count)])
}

fn read(response: Response, cursor: &str) -> Result<QueryResults> {
    get(&mut Script::new([Ok(response)]), cursor, None)
}

fn get(script: &mut Script, cursor: &str, max_records: Option<u32>) -> Result<QueryResults> {
    get_query_results(script, &connection(), &ResultsCursor::parse(cursor).unwrap(), max_records, &options(None))
}

#[test]
fn pages_one_after_the_other_are_one_file() {
    // Two cells, and the first 8 bytes of the header's SHA-256.
    let header = "&header=2-0062f40c81490c32";
    let (second, third) = (format!("{FIRST}?locator=MQ{header}"), format!("{FIRST}?locator=Mg{header}"));
    let mut script = Script::new([
        Err(LOST),
        Ok(page("\u{feff}\"Id\",\"A\nB\"\n\"1\",\"\"\n\"2\",\"x\ny\"\n", "MQ", "2")),
        Ok(page("\"Id\",\"A\nB\"\r\n\"3\",\"\"", "Mg", "1")),
        Ok(page("\"4\",\"\"\n", "null", "1")),
    ]);
    let pages = [
        get(&mut script, FIRST, None).unwrap(),
        get(&mut script, &second, Some(7)).unwrap(),
        get(&mut script, &third, None).unwrap(),
    ];
    let whole: String = pages.iter().map(|page| page.csv.as_str()).collect();
    assert_eq!(whole, "\"Id\",\"A\nB\"\n\"1\",\"\"\n\"2\",\"x\ny\"\n\"3\",\"\"\n\"4\",\"\"\n");
    let next = |page: &QueryResults| page.next.as_ref().map(ResultsCursor::text);
    assert_eq!(pages.each_ref().map(next), [Some(second), Some(third), None]);
    assert_eq!(pages.each_ref().map(|page| page.count), [2, 1, 1]);
    let origin = "https://example.my.salesforce.com";
    let asked: Vec<_> = script.requests.iter().map(|(_, url, _)| url.strip_prefix(origin).unwrap()).collect();
    let (second, third) = (format!("{FIRST}?maxRecords=7&locator=MQ"), format!("{FIRST}?locator=Mg"));
    assert_eq!(asked, [FIRST, FIRST, &second, &third]);
    for headers in &script.headers {
        assert_eq!(headers[0], ("accept", b"text/csv".to_vec()));
    }
}

#[test]
fn a_result_without_rows_is_a_header_or_nothing() {
    let empty = read(page("\"Id\"\n", "null", "0"), FIRST).unwrap();
    assert_eq!((empty.csv.as_str(), empty.count, empty.next), ("\"Id\"\n", 0, None));
    let nothing = read(page("", "null", "0"), FIRST).unwrap();
    assert_eq!((nothing.csv.as_str(), nothing.count), ("", 0));
    assert_eq!(read(page("\"Id\"\n", "null", "0"), &format!("{FIRST}?locator=MQ")).unwrap().csv, "");
}

#[test]
fn a_page_that_is_not_whole_is_no_page() {
    let without = |missing: &str| {
        let mut page = page("Id\n1\n", "null", "1");
        page.headers.retain(|(name, _)| name != missing);
        page
    };
    let of_type = |content_type: &str| {
        let mut page = page("Id\n1\n", "null", "1");
        page.headers[0].1 = content_type.as_bytes().to_vec();
        page
    };
    let mut garbled = page("Id\n1\n", "null", "1");
    garbled.body[3] = 0xff;
    for (what, response, words) in [
        ("no locator", without("Sforce-Locator"), "Sforce-Locator"),
        ("no count", without("Sforce-NumberOfRecords"), "Sforce-NumberOfRecords"),
        ("no type", without("Content-Type"), "text/csv"),
        ("a page of the web", of_type("text/html"), "text/csv"),
        ("JSON", of_type("application/json"), "text/csv"),
        ("no text", garbled, "UTF-8"),
        ("an odd count", page("Id\n1\n", "null", "one"), "Sforce-NumberOfRecords"),
        ("an odd locator", page("Id\n1\n", "a b", "1"), "Sforce-Locator"),
        ("a row too few", page("Id\n1\n", "null", "2"), "a header and 2 rows, but 2 records came"),
        ("a row too many", page("Id\n1\n2\n", "null", "1"), "1 rows, but 3 records"),
        ("no header", page("1\n2\n", "null", "2"), "2 rows, but 2 records"),
        ("nothing, and more behind it", page("", "MQ", "0"), "a header row on the first page"),
        ("nothing", page("", "null", "1"), "1 rows, but 0 records"),
        ("half a record", page("Id\n\"1\n", "null", "1"), "inside of quotes"),
        ("as many as never", page("Id\n", "null", "18446744073709551615"), "rows, but 1 records"),
    ] {
        let error = read(response, FIRST).unwrap_err();
        assert_eq!((error.kind, error.status), (ErrorKind::InvalidResponse, Some(200)), "{what}");
        assert!(error.message.contains(words), "{what}: {}", error.message);
    }
    let error = read(page("Id\n1\n", "MQ", "1"), &format!("{FIRST}?locator=MQ")).unwrap_err();
    assert!(error.message.contains("circle"), "{}", error.message);
}

#[test]
fn all_pages_have_the_columns_of_the_first() {
    let first = read(page("Id,Name\n1,a\n", "MQ", "1"), FIRST).unwrap();
    let second = first.next.unwrap().text();
    for as_before in [page("Id,Name\r\n2,b\r\n", "null", "1"), page("2,b\n", "null", "1"), page("", "null", "0")] {
        read(as_before, &second).unwrap();
    }
    // Of a release before this one, which did not tell.
    read(page("Name,Id\n2,b\n", "null", "1"), &format!("{FIRST}?locator=MQ")).unwrap();
    for (other, words) in [
        (page("Name,Id\nb,2\n", "null", "1"), "columns of the pages before"),
        (page("Id,Name,Site\n2,b,c\n", "null", "1"), "columns of the pages before"),
        (page("Id\n2\n", "null", "1"), "columns of the pages before"),
        (page("2\n", "null", "1"), "columns of the pages before"),
        (page("Id,Name\n2\n", "null", "1"), "as many cells"),
        (page("Id,Name\n\"2\"junk,b\n", "null", "1"), "quotes around whole cells"),
    ] {
        let error = read(other, &second).unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidResponse);
        assert!(error.message.contains(words), "{}", error.message);
    }
}

#[test]
fn pages_without_rows_come_to_an_end() {
    let mut pages = pages(FIRST);
    let empty = |number: usize| page("Id\n", &format!("L{number}"), "0");
    let error = all(&mut pages, (0..2_000).map(empty).collect()).unwrap_err();
    assert_eq!((error.kind, pages.summary().count), (ErrorKind::InvalidResponse, 0));
    assert!(error.message.contains("without a row"), "{}", error.message);
}

#[test]
fn a_job_that_is_not_complete_has_no_results() {
    for (response, status) in [
        (Ok(answer(204, "")), 204),
        (refused(400, "INVALIDJOBSTATE"), 400),
        (refused(400, "API_ERROR"), 400),
        (Ok(answer(400, "")), 400),
        (refused(409, "API_ERROR"), 409),
    ] {
        let error = get(&mut Script::new([response]), FIRST, None).unwrap_err();
        assert_eq!((error.kind, error.outcome), (ErrorKind::WrongState, Outcome::Rejected), "{status}");
        assert_eq!((error.status, error.message.contains("API version")), (Some(status), status == 409));
    }
    let gone = get(&mut Script::new([refused(400, "INVALID_QUERY_LOCATOR")]), FIRST, None).unwrap_err();
    assert_eq!(gone.kind, ErrorKind::CursorExpired);
}

#[test]
fn a_page_that_is_too_large_is_asked_for_in_a_smaller_one() {
    let error = get(&mut Script::new([Err(Failure::ResponseTooLarge)]), FIRST, None).unwrap_err();
    assert_eq!(error.kind, ErrorKind::ResponseTooLarge);
    assert!(error.message.contains("max-records"), "{}", error.message);
    let error = get(&mut Script::new([]), FIRST, Some(0)).unwrap_err();
    assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidArgument, Outcome::NotSent));
}

/// The texts of all answers, and what ends them.
fn all(pages: &mut ResultPages, answers: Vec<Response>) -> Result<String> {
    let mut whole = String::new();
    for mut answer in answers {
        assert!(pages.request(&connection()).is_some());
        whole += &pages.read(&mut answer)?;
    }
    Ok(whole)
}

fn pages(cursor: &str) -> ResultPages {
    ResultPages::from(ResultsCursor::parse(cursor).unwrap(), Some(2)).unwrap()
}

#[test]
fn all_pages_are_one_file_and_are_counted() {
    let (mut pages, connection) = (pages(FIRST), connection());
    let request = pages.request(&connection).unwrap();
    assert_eq!((request.path_and_query, request.accept), (format!("{FIRST}?maxRecords=2"), "text/csv"));
    let answers = vec![page("Id\n1\n2\n", "MQ", "2"), page("Id\n3\n", "null", "1")];
    assert_eq!(all(&mut pages, answers).unwrap(), "Id\n1\n2\n3\n");
    assert_eq!(pages.summary().count, 3);
    assert!(pages.request(&connection).is_none());
    assert!(ResultPages::from(ResultsCursor::parse(FIRST).unwrap(), Some(0)).is_err());
}

#[test]
fn all_pages_end_with_the_one_that_is_not_whole_not_there_or_came_before() {
    let circle = vec![page("Id\n1\n", "MQ", "1"), page("2\n", "Mg", "1"), page("3\n", "MQ", "1")];
    let short = vec![page("Id\n1\n", "MQ", "1"), page("2\n", "null", "2")];
    for answers in [circle, short] {
        let error = all(&mut pages(FIRST), answers).err().unwrap();
        assert_eq!((error.kind, error.status), (ErrorKind::InvalidResponse, Some(200)), "{}", error.message);
    }
    let error = all(&mut pages(FIRST), vec![answer(204, "")]).err().unwrap();
    assert_eq!(error.kind, ErrorKind::WrongState);
}
