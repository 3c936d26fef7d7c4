//! Graphs.

use super::*;

/// A graph's id, and its parts with their names.
type Given<'a> = (&'a str, Vec<(&'a str, Result<Action>)>);

fn graphs(list: Vec<Given<'_>>) -> Result<Vec<Graph>> {
    let mut graphs = Vec::new();
    for (index, (id, of_graph)) in list.into_iter().enumerate() {
        let graph = Graph::parse(index, id, parts(Parts::of_graph(index), of_graph)?, &graphs)?;
        graphs.push(graph);
    }
    Ok(graphs)
}

fn run_graphs(script: &mut Script, list: Vec<Given<'_>>) -> Result<Graphs> {
    graph(script, &connection(), &graphs(list)?, &CallOptions::parse(None, None, None).unwrap())
}

fn graph_entry(id: &str, is_successful: bool, entries: &[String]) -> String {
    format!(
        r#"{{"graphId":"{id}","graphResponse":{{"compositeResponse":[{}]}},"isSuccessful":{is_successful}}}"#,
        entries.join(",")
    )
}

fn graph_answers(entries: &[String]) -> Script {
    Script::new([Ok(answer(200, &format!(r#"{{"graphs":[{}]}}"#, entries.join(","))))])
}

#[test]
fn graphs_are_sent_together_and_stand_each_for_itself() {
    let list = || {
        vec![
            ("one", vec![("a", create("{}", &[])), ("b", create("{}", &[("X", "a.id")]))]),
            ("two", vec![("a", create("{}", &[])), ("b", create("{}", &[("X", "a.id")])), ("c", create("{}", &[]))]),
            ("three", vec![("a", create("{}", &[]))]),
            ("four", vec![("a", create("{}", &[]))]),
        ]
    };
    let mut script = graph_answers(&[
        graph_entry("two", false, &[entry("a", 400, REFUSED), entry("b", 400, UNDONE), entry("c", 400, UNDONE)]),
        graph_entry("one", true, &[entry("a", 201, SAVED), entry("b", 201, SAVED)]),
        graph_entry(
            "four",
            false,
            &[entry("a", 400, &NO_VALUE.replace("Invalid", "The graph was not processed. Invalid"))],
        ),
    ]);
    let done = run_graphs(&mut script, list()).unwrap();
    let (_, url, body) = &script.requests[0];
    assert!(url.ends_with("/services/data/v67.0/composite/graph"));
    let begin = r#"{"graphs":[{"graphId":"one","compositeRequest":[{"method":"POST","url":"/services/data/v67.0/sobjects/Contact","referenceId":"a","body":{}},"#;
    assert!(body.starts_with(begin), "{body}");
    assert_eq!(serde_json::from_str::<serde_json::Value>(body).unwrap()["graphs"].as_array().unwrap().len(), 4);
    let ids: Vec<_> = done.graphs.iter().map(|graph| graph.id.as_str()).collect();
    assert_eq!(ids, ["one", "two", "three", "four"]);
    assert_eq!(decisions(&done.graphs[0].results), [None, None]);
    let rejected = |kind| Some((kind, Outcome::Rejected));
    assert_eq!(
        decisions(&done.graphs[1].results),
        [rejected(ErrorKind::InvalidRecord), rejected(ErrorKind::NotRun), rejected(ErrorKind::RolledBack)]
    );
    assert_eq!(decisions(&done.graphs[2].results), [Some((ErrorKind::InvalidResponse, Outcome::Unknown))]);
    assert_eq!(decisions(&done.graphs[3].results), [rejected(ErrorKind::NotRun)]);
}

#[test]
fn an_answer_that_contradicts_itself_is_not_believed() {
    let list = || vec![("one", vec![("a", create("{}", &[])), ("b", create("{}", &[]))])];
    let done = || [entry("a", 201, SAVED), entry("b", 201, SAVED)];
    let unknown = Some((ErrorKind::InvalidResponse, Outcome::Unknown));
    for entries in [
        graph_entry("one", false, &done()),
        graph_entry("one", true, &[entry("a", 400, REFUSED), entry("b", 400, UNDONE)]),
        [graph_entry("one", true, &done()), graph_entry("one", true, &done())].join(","),
        r#"{"graphId":"one","isSuccessful":true}"#.into(),
    ] {
        let results = run_graphs(&mut graph_answers(&[entries]), list()).unwrap();
        assert_eq!(decisions(&results.graphs[0].results), [unknown, unknown]);
    }
    let other = graph_entry("two", true, &done());
    let error = run_graphs(&mut graph_answers(&[other]), list()).unwrap_err();
    assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidResponse, Outcome::Unknown));
    let error = run_graphs(&mut Script::new([Err(Failure::Interrupted)]), list()).unwrap_err();
    assert!(error.outcome == Outcome::Unknown && error.message.ends_with("2 writes, of 2 parts"), "{}", error.message);
}

#[test]
fn graphs_out_of_bounds_are_refused() {
    let one = || vec![("a", create("{}", &[]))];
    let long = "g".repeat(40);
    let words = |error: Box<Error>| {
        assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidArgument, Outcome::NotSent));
        error.message
    };
    for (list, expected) in [
        (vec![], "graphs: expected 1 to 75 graphs"),
        (vec![("a.b", one())], "graphs[0].graph-id: expected 1 to 39"),
        (vec![("", one())], "graphs[0].graph-id: expected 1 to 39"),
        (vec![(long.as_str(), one())], "graphs[0].graph-id: expected 1 to 39"),
        (vec![("a", one()), ("a", one())], "graphs[1].graph-id: expected one that no graph"),
        (vec![("a", vec![])], "graphs[0].subrequests: expected 1 to 500 parts"),
        (
            vec![("a", one()), ("b", vec![("q", query("SELECT Id FROM A"))])],
            "graphs[1].subrequests[0].action: expected an",
        ),
        (vec![("a", one()), ("b", vec![("c", delete("a.id"))])], "graphs[1].subrequests[0].key.reference: expected a"),
    ] {
        let message = words(run_graphs(&mut Script::new([]), list).unwrap_err());
        assert!(message.starts_with(expected), "{message}, and not: {expected}");
    }
    let names: Vec<String> = (0..501).map(|number| format!("p{number}")).collect();
    let chain = |count: usize| -> Vec<(&str, Result<Action>)> {
        let part = |place: usize| {
            let before = place.checked_sub(1).map(|before| format!("{}.id", names[before]));
            let references: Vec<_> = before.iter().map(|value| ("X", value.as_str())).collect();
            (names[place].as_str(), create("{}", &references))
        };
        (0..count).map(part).collect()
    };
    assert!(parts(Parts::of_graph(0), chain(15)).is_ok());
    let message = words(run_graphs(&mut Script::new([]), vec![("a", chain(16))]).unwrap_err());
    assert!(message.starts_with("graphs[0].subrequests[15].action: expected at most 15 parts in a chain"), "{message}");
    let many = |count: usize| names.iter().take(count).map(|name| (name.as_str(), update(ID))).collect::<Vec<_>>();
    let message = words(run_graphs(&mut Script::new([]), vec![("a", many(300)), ("b", many(201))]).unwrap_err());
    assert_eq!(message, "graphs: expected at most 500 parts in all graphs together");
    let old = Connection::parse("https://example.my.salesforce.com", "00D!TOKEN", Some("v49.0")).unwrap();
    let options = CallOptions::parse(None, None, None).unwrap();
    let error = graph(&mut Script::new([]), &old, &graphs(vec![("a", one())]).unwrap(), &options).unwrap_err();
    assert!(words(error).starts_with("api-version: expected v50.0"));
}
