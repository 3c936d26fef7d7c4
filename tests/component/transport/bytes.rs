//! Answers that are cut off or are not HTTP: a server that says given bytes to whoever comes.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use host_harness::bindings::records::Target;
use host_harness::bindings::types::{CallOptions, Connection, ErrorKind, Outcome};

use crate::calls::{DEFAULTS, PLAIN, query};
use crate::fixture::{Fixture, decision, refused};

/// Reads a request, says its bytes, hangs up; and again. It lives as long as the test binary.
struct RawServer {
    address: SocketAddr,
    requests: Arc<AtomicUsize>,
}

impl RawServer {
    fn saying(answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self { address: listener.local_addr().unwrap(), requests: Arc::default() };
        let requests = Arc::clone(&server.requests);
        thread::spawn(move || {
            for mut client in listener.incoming().flatten() {
                if read_request(&mut client) {
                    requests.fetch_add(1, Ordering::SeqCst);
                    // The client may have hung up first.
                    drop(client.write_all(answer.as_bytes()));
                }
            }
        });
        server
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    /// The fixture's session, at this server.
    fn connection(&self, fixture: &Fixture) -> Connection {
        Connection { instance_url: format!("http://{}", self.address), ..fixture.connection.clone() }
    }
}

/// Reads to the end of a request. False if none comes.
fn read_request(client: &mut TcpStream) -> bool {
    let (mut head, mut byte) = (String::new(), [0]);
    while !head.ends_with("\r\n\r\n") {
        match client.read(&mut byte) {
            Ok(1) => head.push(char::from(byte[0])),
            _ => return false,
        }
    }
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    client.read_exact(&mut body).is_ok()
}

const CUT: [&str; 8] = [
    "",
    "HTTP/1.1 200 OK\r\ncontent-ty",
    "HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"totalSize\":0,\"done\":true,\"records\":[]}",
    "HTTP/1.1 201 Created\r\ncontent-length: 99\r\n\r\n{\"id\":\"0015g00000000Gx\",\"success\":true,\"errors\":[]}",
    "HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n32\r\n{\"id\":\"0015g00000000Gx\",\"success\":true,\"errors\":[]}\r\n",
    "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}",
    "SSH-2.0-OpenSSH_9.6\r\n",
];

#[tokio::test]
async fn a_create_whose_answer_is_cut_off_is_unknown_even_if_the_id_was_read() {
    let fixture = Fixture::start().await;
    for answer in CUT {
        let server = RawServer::saying(answer);
        let connection = server.connection(&fixture);
        let (execution, fields) = (fixture.execution_for(&connection), r#"{"Name":"Once"}"#.to_owned());
        let options = CallOptions { attempts: Some(10), ..DEFAULTS };
        let result =
            execution.create_or_update_record(&connection, "Account", &Target::Create, &fields, &PLAIN, options).await;
        let error = refused(result);
        assert_eq!(decision(&error), (ErrorKind::Interrupted, Outcome::Unknown, false), "{answer:?}");
        assert_eq!(server.requests(), 1, "{answer:?}");
        fixture.assert_no_secret_in(&error);
    }
}

#[tokio::test]
async fn a_read_whose_answer_is_cut_off_is_repeated_and_never_a_success() {
    let fixture = Fixture::start().await;
    for answer in CUT {
        let server = RawServer::saying(answer);
        let connection = server.connection(&fixture);
        let twice = CallOptions { attempts: Some(2), ..DEFAULTS };
        let execution = fixture.execution_for(&connection);
        let error = refused(execution.soql_query(&connection, &query("SELECT Id FROM User"), twice).await);
        assert_eq!(decision(&error), (ErrorKind::Interrupted, Outcome::Unknown, true), "{answer:?}");
        assert_eq!(server.requests(), 2, "{answer:?}");
    }
}
