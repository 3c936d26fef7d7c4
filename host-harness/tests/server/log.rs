//! What the server logs, of all tests in this process together.

use std::io::{self, Write};
use std::sync::{Mutex, Once, PoisonError};

use tracing_subscriber::EnvFilter;

static LINES: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static BEGUN: Once = Once::new();

struct Lines;

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LINES.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Begins to keep the log: more of it than the program ever shows.
pub(crate) fn keep() {
    BEGUN.call_once(|| {
        let filter = EnvFilter::new("info,salesforce=trace");
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(|| Lines).with_ansi(false).init();
    });
}

/// Everything so far.
pub(crate) fn bytes() -> Vec<u8> {
    LINES.lock().unwrap_or_else(PoisonError::into_inner).clone()
}
