//! Files that are not what they should be.

use std::fs::File;
use std::io::Write;

use salesforce_runtime::component::CONNECTOR;
use salesforce_verify::{Check, Verdict};

use crate::tenant::{Host, assert_failed, finding, options};

#[tokio::test]
async fn what_is_not_webassembly_is_turned_away() {
    let host = Host::start().await;
    for bytes in [&b""[..], b"\0", b"PK\x03\x04", b"#!/bin/sh\nrm -rf /\n", &[0; 1000]] {
        host.assert_refused(bytes.to_vec(), Check::Component, "this is no WebAssembly").await;
    }
}

#[tokio::test]
async fn a_core_module_is_turned_away() {
    let module = wat::parse_str("(module (func (export \"run\")))").unwrap();
    Host::start().await.assert_refused(module, Check::Component, "this is a core WebAssembly module").await;
}

#[tokio::test]
async fn a_truncated_component_is_turned_away_wherever_it_ends() {
    let host = Host::start().await;
    for length in [8, 100, CONNECTOR.len() / 2, CONNECTOR.len() - 1] {
        let report = host.verify(&CONNECTOR[..length], &options()).await;
        let check = if length == 8 { Check::Exports } else { Check::Component };
        assert_failed(&report, check, "");
    }
}

#[tokio::test]
async fn types_that_are_nested_without_end_are_turned_away() {
    // A section of one type, which declares a type that declares a type...
    let types = [&[1, 0x41][..], &[1, 1, 0x41].repeat(100_000), &[0]].concat();
    let length = [0xe3, 0xa7, 0x12];
    let component = [b"\0asm\x0d\0\x01\0\x07", &length[..], &types].concat();
    assert_eq!(types.len(), 0x63 | 0x27 << 7 | 0x12 << 14);
    Host::start().await.assert_refused(component, Check::Component, "at most 100 deep in one another").await;
}

#[tokio::test]
async fn damage_inside_is_found() {
    let host = Host::start().await;
    let mut damaged = CONNECTOR.to_vec();
    let middle = damaged.len() / 2;
    damaged[middle..middle + 64].fill(0xff);
    host.assert_refused(damaged, Check::Component, "").await;
}

#[tokio::test]
async fn three_hundred_megabytes_of_zeroes_are_not_even_read() {
    let host = Host::start().await;
    let file = zeroes();
    let report = salesforce_verify::verify_file(file.path(), &options()).await.unwrap();
    assert_failed(&report, Check::Size, "expected at most 33554432 bytes, found 300000000");
    assert_eq!((report.bytes, &report.sha256), (300_000_000, &None));
    assert!(report.checks.iter().skip(1).all(|finding| finding.verdict == Verdict::NotRun));
    // In memory already, as an upload may be: looked at no further.
    let report = host.verify(vec![0; 300_000_000], &options()).await;
    assert_failed(&report, Check::Size, "found 300000000");
    host.assert_unharmed().await;
}

#[tokio::test]
async fn a_component_of_exactly_the_largest_size_is_looked_at() {
    let mut exactly = options();
    exactly.component_bytes = CONNECTOR.len() as u64;
    let host = Host::start().await;
    assert_eq!(finding(&host.verify(CONNECTOR, &exactly).await, Check::Loads).verdict, Verdict::Passed);
    exactly.component_bytes -= 1;
    assert_failed(&host.verify(CONNECTOR, &exactly).await, Check::Size, "expected at most");
}

#[tokio::test]
async fn a_file_that_is_not_there_is_told_as_that() {
    let error = salesforce_verify::verify_file("/no/such/file.wasm".as_ref(), &options()).await.unwrap_err();
    assert!(error.to_string().starts_with("cannot read the component: "), "{error}");
}

/// 300 MB that take no place on the disk.
pub(crate) fn zeroes() -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    File::options().write(true).open(file.path()).unwrap().set_len(300_000_000).unwrap();
    file.as_file().flush().unwrap();
    file
}
