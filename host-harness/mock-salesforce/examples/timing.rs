//! Not committed.
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Instant;

use mock_salesforce::org::{Org, Record, Schema};
use mock_salesforce::{ConnectedApp, MockSalesforce};
use serde_json::{Value, json};

fn get(address: std::net::SocketAddr, token: &str, path: &str) -> (f64, usize, String) {
    let begun = Instant::now();
    let mut socket = TcpStream::connect(address).unwrap();
    write!(socket, "GET {path} HTTP/1.0\r\nHost: x\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    let took = begun.elapsed().as_secs_f64() * 1e3;
    assert!(answer.starts_with("HTTP/1.") && answer[9..].starts_with("200"), "{}", &answer[..answer.len().min(900)]);
    let body = answer.split_once("\r\n\r\n").unwrap().1.to_owned();
    (took, body.len(), body)
}

#[tokio::main]
async fn main() {
    let begun = Instant::now();
    let mock = MockSalesforce::builder().start().await.unwrap();
    println!("start (plain, default org): {:.1} ms", begun.elapsed().as_secs_f64() * 1e3);
    drop(mock);
    let begun = Instant::now();
    let mock = MockSalesforce::builder().tls(true).start().await.unwrap();
    println!("start again (tls): {:.1} ms", begun.elapsed().as_secs_f64() * 1e3);
    drop(mock);
    let begun = Instant::now();
    let _schema = Schema::standard(false);
    println!("schema: {:.1} ms", begun.elapsed().as_secs_f64() * 1e3);
    let begun = Instant::now();
    let _org = Org::of(Schema::standard(false), jiff::Timestamp::now());
    println!("org of samples: {:.1} ms", begun.elapsed().as_secs_f64() * 1e3);

    let mut table: Vec<(String, Vec<f64>)> = Vec::new();
    for count in [1_000usize, 100_000] {
        let app = ConnectedApp {
            client_id: "k".into(),
            client_secret: Some("s".into()),
            callback_urls: vec!["http://localhost/".into()],
            scopes: vec!["api".into()],
            ..ConnectedApp::default()
        };
        let mock = MockSalesforce::builder()
            .schema(Schema::standard(false))
            .connected_app(app)
            .clock_standing_at("2026-06-01T00:00:00Z".parse().unwrap())
            .start()
            .await
            .unwrap();
        let user = mock.org(|org| org.users()[0].username.clone());
        let token = mock.issue_tokens("k", &user).unwrap().access_token.expose().to_owned();
        let begun = Instant::now();
        let ids: Vec<String> = mock.org(|org| {
            let mut ids: Vec<String> = Vec::new();
            for number in 0..count {
                org.set_now(jiff::Timestamp::from_second(1_780_000_000 + (number as i64) * 7).unwrap());
                let mut record = Record::new();
                record.insert("Name".into(), json!(format!("Account {number}")));
                record.insert("ERP_Id__c".into(), json!(format!("E{number}")));
                record.insert("Industry".into(), json!("Banking"));
                if number % 10 == 9 {
                    record.insert("ParentId".into(), json!(ids[number / 10]));
                }
                ids.push(org.add_record("Account", &record).unwrap());
            }
            ids
        });
        println!("{count}: loaded in {:.0} ms", begun.elapsed().as_secs_f64() * 1e3);
        let middle = jiff::Timestamp::from_second(1_780_000_000 + (count as i64 / 2) * 7).unwrap();
        let some = ids.iter().step_by(count / 20).map(|id| format!("'{id}'")).collect::<Vec<_>>().join(",");
        let mid = &ids[count / 2];
        let queries = [
            "SELECT Id FROM Account LIMIT 200".to_owned(),
            format!("SELECT Id FROM Account WHERE Id = '{mid}'"),
            "SELECT Id FROM Account WHERE ERP_Id__c = 'E77'".to_owned(),
            format!("SELECT Id FROM Account WHERE ParentId = '{}'", ids[7]),
            "SELECT Id FROM Account WHERE Name = 'Account 77'".to_owned(),
            format!("SELECT Id FROM Account WHERE SystemModstamp > {middle} ORDER BY SystemModstamp, Id LIMIT 200"),
            format!(
                "SELECT Id FROM Account WHERE SystemModstamp > {middle} AND Industry = 'Banking' ORDER BY SystemModstamp, Id LIMIT 200"
            ),
            "SELECT Id FROM Account ORDER BY Id LIMIT 200".to_owned(),
            "SELECT Id FROM Account ORDER BY CreatedDate DESC LIMIT 10".to_owned(),
            format!("SELECT Id FROM Account WHERE Id > '{}' ORDER BY Id LIMIT 400", ids[count / 10]),
            format!("SELECT Id FROM Account WHERE Id IN ({some})"),
            "SELECT COUNT() FROM Account".to_owned(),
            "SELECT Id FROM Account WHERE Industry = 'Banking' LIMIT 200".to_owned(),
            "SELECT Id, Name FROM Account".to_owned(),
            "SELECT Id, Name FROM Account WHERE Industry = 'Banking'".to_owned(),
            "SELECT Id, Name FROM Account WHERE Description = null".to_owned(),
        ];
        let address = mock.address();
        let mut put = |name: &str, took: f64| match table.iter_mut().find(|(known, _)| known == name) {
            Some((_, all)) => all.push(took),
            None => table.push((name.to_owned(), vec![took])),
        };
        for query in queries.iter().filter(|query| !query.contains("Description")) {
            let path: String = format!(
                "/services/data/v62.0/query?q={}",
                query.replace('%', "%25").replace(' ', "+").replace('\'', "%27").replace('>', "%3E")
            );
            let mut best = f64::MAX;
            let mut body = String::new();
            for _ in 0..3 {
                let (took, _, text) = get(address, &token, &path);
                best = best.min(took);
                body = text;
            }
            let name = query
                .split_whitespace()
                .map(|word| if word.contains("001") { "..".into() } else { word.to_owned() })
                .collect::<Vec<_>>()
                .join(" ");
            let name = if name.contains("2026-") {
                name.split("2026-").next().unwrap().to_owned() + &name.split('Z').skip(1).collect::<String>()
            } else {
                name
            };
            put(&name, best);
            let body: Value = serde_json::from_str(&body).unwrap();
            if let Some(next) = body["nextRecordsUrl"].as_str() {
                let (took, ..) = get(address, &token, next);
                put(&format!("   next page of {name}"), took);
                let begun = Instant::now();
                mock.org(|org| {
                    org.add_record("Account", &Record::from_iter([("Name".to_owned(), json!("more"))])).unwrap()
                });
                put(&format!("   a record added beside {name}"), begun.elapsed().as_secs_f64() * 1e3);
            }
        }
    }
    println!("{:>10} {:>10}  ", "1,000", "100,000");
    for (name, took) in table {
        println!(
            "{:>8.2}ms {:>8.2}ms  {}",
            took[0],
            took.get(1).copied().unwrap_or_default(),
            &name[..name.len().min(120)]
        );
    }
}
