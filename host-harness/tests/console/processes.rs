//! No process outlives its test.

use std::net::TcpStream;
use std::path::PathBuf;

use rustix::process::{Pid, Signal};

use crate::browser::Browser;
use crate::driver::PATIENCE;

/// A browser's traces.
struct Traces {
    driver: Pid,
    debugger: String,
    profile: PathBuf,
}

impl Traces {
    fn of(browser: &Browser) -> Traces {
        let traces = Traces {
            driver: browser.driver().process(),
            debugger: browser.debugger(),
            profile: browser.driver().profile(),
        };
        assert!(rustix::process::test_kill_process(traces.driver).is_ok());
        assert!(TcpStream::connect(&traces.debugger).is_ok());
        assert!(traces.profile.is_dir());
        traces
    }

    /// Waits until the browser is gone; the driver and the profile must be.
    async fn gone(self) {
        assert!(rustix::process::test_kill_process(self.driver).is_err(), "the driver runs");
        let looking = async {
            while TcpStream::connect(&self.debugger).is_ok() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, looking).await.expect("the browser runs");
        assert!(!self.profile.exists(), "the profile is there");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_that_panics_leaves_nothing() {
    let (sender, traces) = tokio::sync::oneshot::channel();
    let test = tokio::spawn(async {
        let browser = Browser::start().await;
        browser.go("about:blank").await;
        assert!(sender.send(Traces::of(&browser)).is_ok());
        std::panic::resume_unwind(Box::new("a failed assertion"));
    });
    assert!(test.await.unwrap_err().is_panic());
    traces.await.unwrap().gone().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_driver_that_dies_does_not_leave_its_browser() {
    let browser = Browser::start().await;
    let traces = Traces::of(&browser);
    rustix::process::kill_process(traces.driver, Signal::KILL).unwrap();
    drop(browser);
    traces.gone().await;
}
