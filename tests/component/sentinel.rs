//! Secrets, and the search for them in everything that comes out: results and errors as Debug and Display show them, and
//! the host's log down to its last level.

use std::fmt::{Debug, Display};
use std::io;
use std::sync::{Mutex, Once, PoisonError};

use base64::prelude::{BASE64_STANDARD, Engine};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// The mark of every secret that a test makes up, and of bodies that are nobody's business.
const MARK: &str = "SENTINEL";

/// What has come out so far, of all tests of this process.
static OUTPUT: Mutex<String> = Mutex::new(String::new());

/// The secrets of one test.
#[derive(Debug)]
pub(crate) struct Sentinels {
    secrets: Mutex<Vec<String>>,
    /// Where its output begins.
    start: usize,
}

impl Sentinels {
    /// Starts to listen to the log as well, once for all tests.
    pub(crate) fn new() -> Self {
        static LOG: Once = Once::new();
        LOG.call_once(|| {
            tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false).with_writer(|| Log).init();
        });
        Self { secrets: Mutex::new(vec![MARK.to_owned()]), start: output(|output| output.len()) }
    }

    /// From now on this is a secret, plain and in the forms in which it travels.
    pub(crate) fn plant(&self, secret: &str) {
        // What stands before the mark of an access token is the Id of its org.
        let secret = secret.rsplit('!').next().unwrap();
        assert!(secret.len() > 8, "{secret} would be found anywhere");
        let encoded = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
        let mut secrets = self.secrets.lock().unwrap();
        secrets.extend([secret.to_owned(), encoded, BASE64_STANDARD.encode(secret)]);
    }

    /// The same for a client's secret, which may travel in a header (RFC 6749 section 2.3.1).
    pub(crate) fn plant_client(&self, client_id: &str, secret: &str) {
        self.plant(secret);
        self.secrets.lock().unwrap().push(BASE64_STANDARD.encode(format!("{client_id}:{secret}")));
    }

    /// How many lines of the log have all of these in them.
    pub(crate) fn logged(&self, words: &[&str]) -> usize {
        output(|output| {
            output[self.start..].lines().filter(|line| words.iter().all(|word| line.contains(word))).count()
        })
    }

    /// Nothing that came out since the test began has one of its secrets in it.
    pub(crate) fn assert_none_came_out(&self) {
        output(|output| {
            for secret in self.secrets.lock().unwrap().iter() {
                if let Some(at) = output[self.start..].find(secret) {
                    let line = output[..self.start + at].rfind('\n').map_or(0, |at| at + 1);
                    panic!("{secret} came out: {:.500}", &output[line..]);
                }
            }
        });
    }
}

/// Something that a caller sees.
pub(crate) fn emit(shown: &impl Debug) {
    output(|output| output.push_str(&format!("{shown:?}\n{shown:#?}\n")));
}

/// The same, if it is meant for people as well.
pub(crate) fn emit_text(shown: &impl Display) {
    output(|output| output.push_str(&format!("{shown}\n")));
}

fn output<T>(work: impl FnOnce(&mut String) -> T) -> T {
    work(&mut OUTPUT.lock().unwrap_or_else(PoisonError::into_inner))
}

struct Log;

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        output(|output| output.push_str(&String::from_utf8_lossy(bytes)));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_secret_that_comes_out_is_found_in_each_of_its_forms() {
    let secret = "a secret/of this test";
    for shown in [secret, "a%20secret%2Fof%20this%20test", &BASE64_STANDARD.encode(secret)] {
        let sentinels = Sentinels::new();
        sentinels.plant(secret);
        sentinels.assert_none_came_out();
        emit(&shown);
        assert!(std::panic::catch_unwind(|| sentinels.assert_none_came_out()).is_err(), "{shown}");
    }
    let sentinels = Sentinels::new();
    sentinels.plant(secret);
    tracing::trace!(secret, "logged by a test");
    assert_eq!(sentinels.logged(&["logged by a test", secret]), 1);
    assert!(std::panic::catch_unwind(|| sentinels.assert_none_came_out()).is_err());
}
