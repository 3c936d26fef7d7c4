//! What a file costs in memory, and what is more than is taken.

use salesforce_runtime::bindings::files::FileTarget;
use salesforce_runtime::bindings::types::{CallOptions, ErrorKind, Outcome};
use salesforce_runtime::{ExecutionError, HostFailureKind, MemoryUse};

use crate::calls::{DEFAULTS, ONCE};
use crate::fixture::{Fixture, decision, refused};

/// Bytes without a pattern.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..length).map(|_| next()).collect()
}

impl Fixture {
    async fn send(&self, bytes: Vec<u8>, memory: &MemoryUse) -> Result<String, ExecutionError> {
        let execution = self.execution().reporting_memory(memory);
        let (on, target) = (&self.connection, FileTarget::Unlinked);
        let uploaded = execution.upload_file(on, "a.bin", bytes, &target, None, None, None, DEFAULTS).await?;
        self.told.created("ContentVersion", &uploaded.version_id);
        Ok(uploaded.version_id)
    }
}

/// Measured: 12.3 MiB up, where the bytes are there as an argument and in the body, and 6.4 MiB down, where they are there once
/// with the piece that is read.
#[tokio::test]
async fn a_file_of_6_mib_takes_less_than_14_mib_of_the_component() {
    let fixture = Fixture::start().await;
    let bytes = noise(6 << 20);
    let (up, down) = (MemoryUse::default(), MemoryUse::default());
    let version = fixture.send(bytes.clone(), &up).await.unwrap();
    let execution = fixture.execution().reporting_memory(&down);
    let (object, field) = ("ContentVersion", "VersionData");
    let blob = execution.download_blob(&fixture.connection, object, &version, field, None, DEFAULTS).await.unwrap();
    assert!(blob.data == bytes, "{} bytes came back", blob.data.len());
    assert!(up.bytes() < 14 << 20 && down.bytes() < 8 << 20, "{} up, {} down", up.bytes(), down.bytes());
}

#[tokio::test]
async fn a_file_larger_than_the_host_sends_is_not_sent() {
    let fixture = Fixture::start().await;
    let error = refused(fixture.send(vec![b'x'; 16 << 20], &MemoryUse::default()).await);
    assert_eq!(decision(&error), (ErrorKind::RequestTooLarge, Outcome::NotSent, false));
    assert!(error.message.contains("more bytes than the host sends at once"), "{}", error.message);
    assert_eq!(fixture.requests(), 0);
}

#[tokio::test]
async fn a_file_larger_than_the_host_takes_says_what_to_do() {
    let fixture = Fixture::start().await;
    let version = fixture.send(noise(4 << 20), &MemoryUse::default()).await.unwrap();
    let download = |most: usize, options: CallOptions| {
        let execution = fixture.execution().with_result(most);
        execution.download_blob(&fixture.connection, "ContentVersion", &version, "VersionData", None, options)
    };
    assert_eq!(download(4 << 20, ONCE).await.unwrap().data.len(), 4 << 20);
    for most in [(4 << 20) - 1, 1 << 20] {
        match download(most, ONCE).await {
            Err(ExecutionError::Host(failure)) => {
                assert_eq!(failure.kind, HostFailureKind::ResourceExhausted);
                assert!(failure.message.contains("a range of a file"), "{}", failure.message);
            }
            other => panic!("{:?}", other.map(|blob| blob.data.len())),
        }
    }
}
