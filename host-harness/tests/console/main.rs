//! The console of `harness serve` in a real browser: Chromium without a window, driven through WebDriver.
//!
//! These tests need Chromium and its driver on PATH, and fail without them: `cargo xtask test` installs them where it can.
//! At most two browsers run at once, each with a profile of its own, and each ends with its test.
//!
//! ```text
//! browser (what a user does and sees) ── driver (the processes)
//!    ├── screenshot (pictures for docs/SERVER.md)
//!    ├── axe (what is wrong with a page for people who cannot see it, or not well)
//!    └── stage (a server, an org, and the browser before them)
//! ```

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers too"
)]

mod axe;
mod browser;
mod driver;
mod screenshot;
mod site;
mod stage;

mod actions;
mod children;
mod connect;
mod executions;
mod hostile;
mod log;
mod oauth;
mod overview;
mod page;
mod pages;
mod playground;
mod processes;
mod reach;
mod session;
mod upload;
mod webhook;
