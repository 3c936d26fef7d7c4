//! The most memory that a server takes whose places are all taken by components that use all they may and give the largest
//! result, beside what docs/RELIABILITY.md says it can take.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::task::JoinSet;

use crate::Broken;
use crate::characters::{SLEEPER, component};
use crate::client::query;
use crate::figures::print;
use crate::site::Site;

const PLACES: u32 = 8;
/// Of a tenant by default, which is the most of a server by default as well.
const MEMORY_MIB: i64 = 64;
/// The largest result of a tenant by default.
const RESULT_MIB: i64 = 8;
/// What a server takes that does nothing, its threads and caches included.
const BASE_MIB: i64 = 128;
/// Of one place beside its component's memory: its stack, tables and handles, and buffers of its calls.
const PLACE_MIB: i64 = 8;
/// A result is in memory so many times at most: as it comes from the component, as text, sealed, on its way to the database
/// and back, and in the answer.
const COPIES: i64 = 12;

/// Results of the largest size, of a size beyond it, of characters that grow, and components that take all memory.
const DEEDS: [&str; 5] = ["large:8380000", "large:20000000", "ones:1390000", "quoted-ones:8380000", "memory"];

pub(crate) async fn run(harness: &Path, quick: bool) -> Broken {
    let time = Duration::from_secs(if quick { 5 } else { 60 });
    println!(
        "\nMemory: {PLACES} places, all taken for {} s by components that use {MEMORY_MIB} MiB or give {RESULT_MIB} MiB",
        time.as_secs()
    );
    let site = Site::new(harness, PLACES).await;
    let server = site.serve().await;
    let idle = server.resident_kib();
    let tenant = site.new_tenant(&server, "large", &json!({"executions_at_once": PLACES, "seconds": 10})).await;
    let connection = site.connect(&tenant).await;
    let uploaded = tenant.upload(component(SLEEPER)).await;
    assert_eq!(uploaded.status, 200, "{}", uploaded.body);
    let until = Instant::now() + time;
    let mut clients = JoinSet::new();
    // As many again wait for their turn, so that no place is ever free.
    for client in 0..2 * PLACES as usize {
        let (tenant, connection, digest) = (tenant.clone(), connection.clone(), uploaded.body["digest"].clone());
        clients.spawn(async move {
            let mut ended = 0_u32;
            for deed in DEEDS.iter().cycle().skip(client) {
                if Instant::now() > until {
                    break;
                }
                let soql = format!("SELECT Id FROM Account WHERE Name = 'hostile:{deed}'");
                let mut submit = query(&connection, &soql);
                submit["component"] = digest.clone();
                let answer = tenant.execute(&submit, None).await.expect("the server is gone");
                assert!(matches!(answer.status, 200 | 429), "{} {}", answer.status, answer.body);
                ended += 1;
            }
            ended
        });
    }
    let ended: u32 = clients.join_all().await.into_iter().sum();
    let peak = server.peak_kib() >> 10;
    let bound = BASE_MIB + i64::from(PLACES) * (MEMORY_MIB + PLACE_MIB + COPIES * RESULT_MIB);
    print("executions that ended", ended);
    print("resident before the first", format!("{} MiB", idle >> 10));
    print("peak / bound by the formula", format!("{peak} / {bound} MiB"));
    if peak > bound {
        return vec![format!("memory: the server took {peak} MiB, expected at most {bound}")];
    }
    Broken::new()
}
