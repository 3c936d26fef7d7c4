//! Parts of a file, where the org grants them and where it does not.

use mock_salesforce::Fault;
use mock_salesforce::wire::{Step, Wire};
use salesforce_runtime::bindings::types::{CallOptions, ErrorKind, Outcome};
use serde_json::json;

use super::{VERSIONS, awkward, blob, data, file, part};
use crate::calls::{DEFAULTS, ONCE};
use crate::fixture::{Fixture, decision, refused};

#[tokio::test]
async fn a_file_is_read_in_parts_where_the_org_grants_them() {
    let fixture = Fixture::start().await;
    let version = fixture.upload_a_file(&file("a.bin", &awkward(), &json!("unlinked"))).await;
    fixture.mock.grant_ranges(true);
    let (mut bytes, size) = (Vec::new(), awkward().len());
    while bytes.len() < size {
        let read = fixture.act("download-blob", &part(&version, bytes.len() as u64, 100), DEFAULTS).await.unwrap();
        assert_eq!((&read["offset"], &read["total_size"]), (&json!(bytes.len()), &json!(size)));
        bytes.extend(data(&read));
    }
    assert_eq!(bytes, awkward());
    assert_eq!(fixture.sent_header("range").as_deref(), Some("bytes=200-299"));

    let error = refused(fixture.act("download-blob", &part(&version, size as u64, 1), DEFAULTS).await);
    assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::Rejected, false));
    assert_eq!(error.message, format!("range.offset: expected less than {size}, the blob's size in bytes"));
    let small = CallOptions { max_response_bytes: Some(99), ..ONCE };
    let error = refused(fixture.act("download-blob", &part(&version, 0, 100), small).await);
    assert_eq!(decision(&error), (ErrorKind::InvalidArgument, Outcome::NotSent, false));
}

#[tokio::test]
async fn f136_the_whole_comes_in_place_of_a_part() {
    let fixture = Fixture::start().await;
    let version = fixture.upload_a_file(&file("a.bin", &awkward(), &json!("unlinked"))).await;
    let read = fixture.act("download-blob", &part(&version, 50, 10), DEFAULTS).await.unwrap();
    assert_eq!((&read["offset"], &read["total_size"]), (&json!(0), &json!(awkward().len())));
    assert_eq!(data(&read), awkward());
    let small = CallOptions { max_response_bytes: Some(20), ..ONCE };
    let error = refused(fixture.act("download-blob", &part(&version, 50, 10), small).await);
    assert_eq!(error.kind, ErrorKind::ResponseTooLarge);
    assert!(error.message.contains("this org grants no ranges"), "{}", error.message);
    let error = refused(fixture.act("download-blob", &blob(&version), small).await);
    assert!(error.message.ends_with("raise the limit, or ask for a range"), "{}", error.message);
}

#[tokio::test]
async fn f135_a_part_that_is_not_what_was_asked_for_is_refused() {
    let fixture = Fixture::start().await;
    let version = "068000000000000AAA";
    for (told, body) in [
        ("", "0123456789"),
        ("bytes 0-9/100", "012345678"),
        ("bytes 1-10/100", "0123456789"),
        ("bytes 0-4/100", "01234"),
        ("bytes 0-10/100", "0123456789x"),
    ] {
        let headers = vec![("content-range".to_owned(), told.to_owned())];
        fixture.fault(VERSIONS, Fault::Answer { status: 206, headers, body: body.into() });
        let error = refused(fixture.act("download-blob", &part(version, 0, 10), DEFAULTS).await);
        assert_eq!((error.kind, error.status), (ErrorKind::InvalidResponse, Some(206)), "{told}");
        assert!(error.message.starts_with("expected the part that was asked for, bytes=0-9"), "{}", error.message);
    }
}

#[tokio::test]
async fn f137_a_file_whose_length_nobody_told_does_not_claim_to_be_whole() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n";
    for (answer, size) in [
        (format!("{head}\r\nhalf a fi"), json!(null)),
        (format!("{head}transfer-encoding: chunked\r\n\r\n9\r\nhalf a fi\r\n0\r\n\r\n"), json!(null)),
        (format!("{head}content-length: 9\r\n\r\nhalf a fi"), json!(9)),
    ] {
        let wire = Wire::start([vec![Step::Read, Step::write(answer)]]).await.unwrap();
        let fixture = Fixture::at(&wire).await;
        let read = fixture.act("download-blob", &blob("068000000000000AAA"), ONCE).await.unwrap();
        assert_eq!((data(&read).as_slice(), &read["total_size"]), (&b"half a fi"[..], &size));
        assert_eq!(read["content_type"], "text/plain");
    }
    for answer in [
        format!("{head}content-length: 10\r\n\r\nhalf a fi"),
        format!("{head}transfer-encoding: chunked\r\n\r\n9\r\nhalf a fi\r\n"),
    ] {
        let wire = Wire::start([vec![Step::Read, Step::write(answer)]]).await.unwrap();
        let error = refused(Fixture::at(&wire).await.act("download-blob", &blob("068000000000000AAA"), ONCE).await);
        assert_eq!(error.kind, ErrorKind::Interrupted);
    }
}
