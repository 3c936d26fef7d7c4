//! A browser as a user has it: goes to addresses, finds what it shows by its name, fills in, clicks, presses keys.
//!
//! Whatever is looked for is waited for, as long as [`PATIENCE`] lasts: a test needs no pauses of its own. Controls are
//! found by their accessible name, which is what a screen reader says, so that finding one proves that it has a name.

use std::fmt::Display;

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::error::{CmdError, ErrorStatus};
use fantoccini::key::Key;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use rustix::process::Pid;
use serde_json::{Value, json};
use tokio::sync::{Semaphore, SemaphorePermit};
use url::Url;

use crate::driver::{Driver, PATIENCE, chromium};

/// How often to look again for what is waited for.
const PERIOD: std::time::Duration = std::time::Duration::from_millis(20);
/// Browsers at once: each takes some hundred megabytes and most of a core while it starts.
static PLACES: Semaphore = Semaphore::const_new(2);

const FIELDS: &str = "input:not([type=hidden]), select, textarea";
const BUTTONS: &str = "button, input[type=submit], summary, [role=button]";
const LINKS: &str = "a[href]";
/// An editor, which stands in a shadow root in place of the text that the form has.
const EDITOR: &str = ".soql-editor";

const FLAGS: [&str; 11] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    // Nowhere: a browser that is killed would still write its cache's index, after its profile was removed.
    "--disk-cache-dir=/dev/null",
    "--window-size=1280,900",
];

/// A browser with one page and a fresh profile.
#[derive(Debug)]
pub(crate) struct Browser {
    client: Client,
    driver: Driver,
    _place: SemaphorePermit<'static>,
}

/// What the page is looked at with.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Screen {
    /// A desktop's window: width and height in CSS pixels, which are the device's.
    Desktop(u32, u32),
    /// A phone held upright, which heeds the page's `viewport`.
    Phone,
    /// The narrowest phone.
    SmallPhone,
}

impl Screen {
    /// Width and height in CSS pixels.
    pub(crate) fn size(self) -> (u32, u32) {
        match self {
            Screen::Desktop(width, height) => (width, height),
            Screen::Phone => (390, 844),
            Screen::SmallPhone => (320, 568),
        }
    }
}

impl Browser {
    /// Starts a browser with a window of 1280 x 900.
    pub(crate) async fn start() -> Browser {
        let place = PLACES.acquire().await.unwrap();
        let mut driver = Driver::start().await;
        let profile = format!("--user-data-dir={}", driver.profile().display());
        let flags: Vec<&str> = FLAGS.into_iter().chain([profile.as_str()]).collect();
        let Value::Object(capabilities) = json!({
            "goog:chromeOptions": {"binary": chromium(), "args": flags},
            "goog:loggingPrefs": {"browser": "ALL"},
        }) else {
            unreachable!()
        };
        let client = ClientBuilder::new(HttpConnector::new()).capabilities(capabilities).connect(&driver.url()).await;
        let client = client.unwrap_or_else(|error| panic!("Chromium did not start: {error}"));
        if let Some(process) = capability(&client, "/goog:processID").as_i64() {
            driver.started(Pid::from_raw(i32::try_from(process).unwrap()).unwrap());
        }
        let browser = Browser { client, driver, _place: place };
        browser.look_with(Screen::Desktop(1280, 900)).await;
        browser
    }

    /// Changes the screen; it stays through navigations.
    pub(crate) async fn look_with(&self, screen: Screen) {
        let ((width, height), mobile) = (screen.size(), !matches!(screen, Screen::Desktop(..)));
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile});
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// Lets the user prefer dark pages, or light ones.
    pub(crate) async fn prefer_dark(&self, dark: bool) {
        let scheme = if dark { "dark" } else { "light" };
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.devtools("Emulation.setEmulatedMedia", media).await;
    }

    /// Moves the user to a time zone, e.g. `Asia/Kolkata`.
    pub(crate) async fn move_to(&self, zone: &str) {
        self.devtools("Emulation.setTimezoneOverride", json!({"timezoneId": zone})).await;
    }

    /// Goes to an address, and waits until its page is loaded.
    pub(crate) async fn go(&self, url: &str) {
        self.client.goto(url).await.unwrap_or_else(|error| panic!("could not go to {url}: {error}"));
    }

    /// The address.
    pub(crate) async fn url(&self) -> String {
        self.client.current_url().await.unwrap().into()
    }

    /// What the page shows, as text.
    pub(crate) async fn text(&self) -> String {
        self.wait("the page to have a body", async || {
            self.client.find(Locator::Css("body")).await?.text().await.map(Some)
        })
        .await
    }

    /// Waits until the page shows this text.
    pub(crate) async fn see(&self, text: &str) {
        self.wait(format!("the text \"{text}\""), async || {
            let shown = self.client.find(Locator::Css("body")).await?.text().await?;
            Ok(shown.contains(text).then_some(()))
        })
        .await;
    }

    /// The first element of a CSS selector.
    pub(crate) async fn find(&self, css: &str) -> Element {
        self.wait(css, async || self.client.find(Locator::Css(css)).await.map(Some)).await
    }

    /// The field of this name, which is the text of its label.
    pub(crate) async fn field(&self, name: &str) -> Element {
        self.wait(format!("the field \"{name}\""), async || self.named(FIELDS, name).await).await
    }

    /// Replaces the text of a field.
    pub(crate) async fn fill(&self, field: &str, text: &str) {
        self.wait(format!("the field \"{field}\" to fill in"), async || {
            let Some(field) = self.named(FIELDS, field).await? else { return Ok(None) };
            field.clear().await?;
            field.send_keys(text).await.map(Some)
        })
        .await;
    }

    /// Chooses an option of a list, by the option's text.
    pub(crate) async fn choose(&self, field: &str, option: &str) {
        self.wait(format!("the option \"{option}\" of the list \"{field}\""), async || {
            let Some(field) = self.named(FIELDS, field).await? else { return Ok(None) };
            field.select_by_label(option).await.map(Some)
        })
        .await;
    }

    /// Gives a file to a field for files.
    pub(crate) async fn attach(&self, field: &str, file: &std::path::Path) {
        let path = file.to_str().unwrap();
        self.wait(format!("the field \"{field}\" to take a file"), async || {
            let Some(field) = self.named(FIELDS, field).await? else { return Ok(None) };
            field.send_keys(path).await.map(Some)
        })
        .await;
    }

    /// Clicks the button of this name.
    pub(crate) async fn press(&self, button: &str) {
        self.click(BUTTONS, button).await;
    }

    /// Clicks the link of this name.
    pub(crate) async fn follow(&self, link: &str) {
        self.click(LINKS, link).await;
    }

    /// Presses a key.
    pub(crate) async fn key(&self, key: impl Into<char>) {
        let value = key.into();
        let mut keys = KeyActions::new("keyboard".to_owned());
        keys = keys.then(KeyAction::Down { value }).then(KeyAction::Up { value });
        self.client.perform_actions(keys).await.unwrap();
    }

    /// Presses a key while Control is held.
    pub(crate) async fn press_with_control(&self, key: impl Into<char>) {
        let (control, value) = (Key::Control.into(), key.into());
        let mut keys = KeyActions::new("keyboard".to_owned());
        for action in [KeyAction::Down { value: control }, KeyAction::Down { value }] {
            keys = keys.then(action);
        }
        for value in [value, control] {
            keys = keys.then(KeyAction::Up { value });
        }
        self.client.perform_actions(keys).await.unwrap();
    }

    /// Lets pages run scripts, or not, from the next page on.
    pub(crate) async fn run_scripts(&self, run: bool) {
        self.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": !run })).await;
    }

    /// Types where the focus is.
    pub(crate) async fn type_text(&self, text: &str) {
        for character in text.chars() {
            self.key(character).await;
        }
    }

    /// Presses Tab until the focus is on the control of this name.
    pub(crate) async fn tab_to(&self, name: &str) {
        self.wait(format!("Tab to reach \"{name}\""), async || {
            self.key(Key::Tab).await;
            let focused = self.client.active_element().await?;
            let inside = match focused.shadow_root().await {
                Ok(root) => root.find(Locator::Css(":focus")).await.ok(),
                Err(_) => None,
            };
            Ok((self.name(&inside.unwrap_or(focused)).await? == name).then_some(()))
        })
        .await;
    }

    /// Runs a function's body in the page: what it returns.
    pub(crate) async fn evaluate(&self, script: &str) -> Value {
        self.wait(script, async || self.client.execute(script, Vec::new()).await.map(Some)).await
    }

    /// The errors that the browser logged since it was asked last: uncaught exceptions, requests that failed, and
    /// violations of the content security policy. A missing /favicon.ico is none: no page asks for it.
    pub(crate) async fn errors(&self) -> Vec<String> {
        let entries = self.command(Method::POST, "se/log", json!({"type": "browser"})).await.unwrap();
        let entries = entries.as_array().unwrap().iter().filter(|entry| entry["level"] == "SEVERE");
        let messages = entries.map(|entry| entry["message"].as_str().unwrap().to_owned());
        messages.filter(|message| !message.contains("/favicon.ico - ")).collect()
    }

    /// The same, once there are some: the page may be there before the log is.
    pub(crate) async fn expected_errors(&self) -> Vec<String> {
        let some = async || Ok(Some(self.errors().await).filter(|errors| !errors.is_empty()));
        self.wait("an error in the browser's log", some).await
    }

    /// The page's cookies, as the browser sends them.
    pub(crate) async fn cookies(&self) -> String {
        let cookies = self.client.get_all_cookies().await.unwrap();
        let pairs: Vec<String> = cookies.iter().map(|cookie| format!("{}={}", cookie.name(), cookie.value())).collect();
        pairs.join("; ")
    }

    /// The page as PNG.
    pub(crate) async fn png(&self) -> Vec<u8> {
        self.client.screenshot().await.unwrap()
    }

    /// Waits until an attempt gives something; an element that is not there, or not yet as it will be, is waited for too.
    pub(crate) async fn wait<T>(
        &self,
        what: impl Display,
        attempt: impl AsyncFn() -> Result<Option<T>, CmdError>,
    ) -> T {
        let mut last = None;
        let attempts = async {
            loop {
                match attempt().await {
                    Ok(Some(found)) => return found,
                    Ok(None) => {}
                    Err(error) if passes(&error) => last = Some(error),
                    Err(error) => panic!("waited for {what}: {error}"),
                }
                tokio::time::sleep(PERIOD).await;
            }
        };
        match tokio::time::timeout(PATIENCE, attempts).await {
            Ok(found) => found,
            Err(_) => {
                let (url, source) = (self.client.current_url().await, self.client.source().await);
                panic!("waited in vain for {what} at {url:?}; last error: {last:?}\n{}", source.unwrap_or_default())
            }
        }
    }

    /// Where the browser itself takes commands of debuggers.
    pub(crate) fn debugger(&self) -> String {
        capability(&self.client, "/goog:chromeOptions/debuggerAddress").as_str().unwrap().to_owned()
    }

    pub(crate) fn driver(&self) -> &Driver {
        &self.driver
    }

    async fn click(&self, kind: &str, name: &str) {
        self.wait(format!("\"{name}\" ({kind}) to click"), async || {
            let Some(element) = self.named(kind, name).await? else { return Ok(None) };
            element.click().await.map(Some)
        })
        .await;
    }

    async fn named(&self, css: &str, name: &str) -> Result<Option<Element>, CmdError> {
        let mut elements = self.client.find_all(Locator::Css(css)).await?;
        for editor in self.client.find_all(Locator::Css(EDITOR)).await?.into_iter().filter(|_| css == FIELDS) {
            elements.push(editor.shadow_root().await?.find(Locator::Css("[role=textbox]")).await?);
        }
        for element in elements {
            if self.name(&element).await? == name {
                return Ok(Some(element));
            }
        }
        Ok(None)
    }

    /// The accessible name. Some versions keep the blank between the text of a label and the field in it.
    async fn name(&self, element: &Element) -> Result<String, CmdError> {
        let path = format!("element/{}/computedlabel", element.element_id());
        let label = self.command(Method::GET, &path, Value::Null).await?;
        Ok(label.as_str().unwrap_or_default().trim().to_owned())
    }

    /// A command of the Chrome DevTools Protocol.
    async fn devtools(&self, command: &str, parameters: Value) {
        let body = json!({"cmd": command, "params": parameters});
        self.command(Method::POST, "goog/cdp/execute", body).await.unwrap();
    }

    async fn command(&self, method: Method, path: &str, body: Value) -> Result<Value, CmdError> {
        self.client.issue_cmd(Command { method, path: path.to_owned(), body }).await
    }
}

fn capability(client: &Client, pointer: &str) -> Value {
    let capabilities = client.capabilities().cloned().unwrap();
    Value::Object(capabilities).pointer(pointer).cloned().unwrap_or_default()
}

/// Whether an error may be gone at the next look, for the page was being changed. The driver has no name for some of
/// those: "unhandled inspector error", "Node with given id does not belong to the document".
fn passes(error: &CmdError) -> bool {
    matches!(error, CmdError::Standard(error) if matches!(
        error.error,
        ErrorStatus::NoSuchElement
            | ErrorStatus::StaleElementReference
            | ErrorStatus::ElementNotInteractable
            | ErrorStatus::ElementClickIntercepted
            | ErrorStatus::UnknownError
    ))
}

/// A command of the session that fantoccini does not know.
#[derive(Debug)]
struct Command {
    method: Method,
    path: String,
    body: Value,
}

impl WebDriverCompatibleCommand for Command {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (self.method.clone(), (!self.body.is_null()).then(|| self.body.to_string()))
    }
}
