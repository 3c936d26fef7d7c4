//! Where the playground leads: to records in the org, to the connection that was used last, and to its own files.

use http::header;

use crate::stage::{Answer, Stage};

/// The connection's instance URL as the host has it from now on.
fn moved_to(stage: &Stage, instance_url: &str) {
    let database = rusqlite::Connection::open(stage.data.path().join("harness.sqlite")).unwrap();
    let moved = database.execute("UPDATE connection SET instance_url = ?1", [instance_url]).unwrap();
    assert_eq!(moved, 1);
}

fn links(answer: &Answer) -> Vec<&str> {
    let links = answer.text.split("<a href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    links.filter(|link| link.contains("/lightning/")).collect()
}

#[tokio::test]
async fn an_id_leads_to_the_record_in_the_connections_own_org_over_tls_alone() {
    let stage = Stage::start().await;
    let create = [
        ("action", "create-or-update-record"),
        ("object", "Account"),
        ("target", "create"),
        ("fields.name", "Name"),
        ("fields.type", "text"),
        ("fields.value", "Linked"),
        ("idempotency-key", "create-1"),
    ];
    let made = stage.run(&create).await;
    assert_eq!((made.element("result-state").as_str(), links(&made)), ("Succeeded", vec![]), "loopback has no TLS");
    let result = format!("/console/executions/{}/result.json", made.element("result-execution"));
    let id = stage.get(&result).await.json()["id"].as_str().unwrap().to_owned();

    moved_to(&stage, "https://acme.my.salesforce.com");
    let again = stage.run(&create).await;
    let page = format!("https://acme.my.salesforce.com/lightning/r/{id}/view");
    assert_eq!(links(&again), [page.as_str()], "{again:?}");
    assert!(
        again.text.contains(&format!("<a href=\"{page}\" target=\"_blank\" rel=\"noopener noreferrer\"")),
        "{again:?}"
    );
    moved_to(&stage, "javascript:alert(1)//");
    assert!(links(&stage.run(&create).await).is_empty());
}

#[tokio::test]
async fn the_connection_that_was_used_last_is_chosen_until_it_is_gone() {
    let stage = Stage::start().await;
    let chosen = |page: &Answer| page.text.contains(&format!("<option value=\"{}\" selected>", stage.connection));
    // Another one, so that none is chosen for being the only one.
    let database = rusqlite::Connection::open(stage.data.path().join("harness.sqlite")).unwrap();
    let (other, columns) = ("01932b3c-0000-7000-8000-000000000000", columns(&database));
    let copy = format!(
        "INSERT INTO connection (id, name, {columns}) SELECT ?1, 'another', {columns} FROM connection WHERE id = ?2"
    );
    database.execute(&copy, [other, &stage.connection]).unwrap();
    assert!(!chosen(&stage.get("/console/playground").await));

    let used = stage.run(&[("action", "user-info")]).await;
    let cookie = used.headers[header::SET_COOKIE].to_str().unwrap().to_owned();
    let expected = format!("harness_connection={}; HttpOnly; SameSite=Lax; Path=/console/playground", stage.connection);
    assert_eq!(cookie, expected);
    let brought = cookie.split(';').next().unwrap();
    let with = async |cookie: &str| stage.get_with("/console/playground", &[(header::COOKIE, cookie)]).await;
    assert!(chosen(&with(brought).await));
    // A link counts for more than what was remembered.
    let link = format!("/console/playground?connection={other}");
    assert!(!chosen(&stage.get_with(&link, &[(header::COOKIE, brought)]).await));
    for forged in ["harness_connection=\"><script>", "harness_connection=01932b3c-0000-7000-8000-00000000000f"] {
        let page = with(forged).await;
        assert!(page.status == 200 && !chosen(&page) && !page.text.contains("<script>"), "{page:?}");
    }
    database.execute("UPDATE connection SET state = 'revoked' WHERE id = ?1", [&stage.connection]).unwrap();
    assert!(!with(brought).await.text.contains(&stage.connection));
}

/// All columns of a connection but its id and name.
fn columns(database: &rusqlite::Connection) -> String {
    let mut statement = database.prepare("SELECT name FROM pragma_table_info('connection')").unwrap();
    let names = statement.query_map([], |row| row.get::<_, String>(0)).unwrap().map(Result::unwrap);
    names.filter(|name| name != "id" && name != "name").collect::<Vec<_>>().join(", ")
}

#[tokio::test]
async fn the_editor_is_loaded_where_there_is_soql_alone_and_kept_by_its_version() {
    let stage = Stage::start().await;
    let query = stage.get("/console/playground?action=soql-query").await;
    assert!(query.text.contains("/console/soql-editor.js?v="), "{query:?}");
    let policy = query.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("script-src 'self'; style-src 'self';") && !policy.contains("unsafe"), "{policy}");
    let user = stage.get("/console/playground?action=user-info").await;
    assert!(!user.text.contains("soql-editor.js") && user.text.contains("/console/playground.js?v="), "{user:?}");

    let editor = stage.get("/console/codemirror.js").await;
    assert_eq!((editor.status, editor.headers["cache-control"].to_str().unwrap()), (200, "no-cache"));
    let tag = editor.headers["etag"].to_str().unwrap();
    let again = stage.get_with("/console/codemirror.js", &[(header::IF_NONE_MATCH, tag)]).await;
    assert_eq!((again.status, again.text.as_str()), (304, ""));
    let other = stage.get_with("/console/codemirror.js", &[(header::IF_NONE_MATCH, "\"other\"")]).await;
    assert_eq!((other.status, other.text.len()), (200, editor.text.len()));
}
