//! `harness verify --server`: an upload, and the server's report on it.

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use salesforce_verify::Report;
use serde::Deserialize;

use super::client::Call;
use super::failure::Problem;
use super::{Server, query_value};
use crate::cli::failure::{Effect, Failure};
use crate::cli::input;

/// How often the server is asked whether a verification that runs already has ended.
const LOOK: Duration = Duration::from_secs(1);

#[derive(Deserialize)]
struct Component {
    digest: String,
    report: Option<Report>,
}

impl Server {
    /// Uploads a component and waits for its report. The same bytes again are not verified again.
    ///
    /// # Errors
    /// The file, or the problem that the server told.
    pub(crate) async fn verify(&self, file: &Path) -> Result<Report, Failure> {
        let wasm = input::bytes(file)
            .map_err(|error| Failure::Local(format!("cannot read the component {}: {error}", file.display())))?;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let path = format!("/v1/components?name={}", query_value(&name));
        let answer = self
            .client
            .send(Call {
                method: Method::PUT,
                path: &path,
                headers: HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/wasm"))]),
                body: Bytes::from(wasm),
                effect: Effect::Read,
            })
            .await?;
        let strange = |error| self.client.strange(&error, Effect::Read);
        if !answer.status.is_success() {
            let problem = Problem::parse(&answer.body).filter(|problem| problem.name() == "component-refused");
            return match problem.as_ref().and_then(Problem::error) {
                Some(report) => serde_json::from_str(report.get()).map_err(strange),
                None => Err(self.client.refused(&answer, Effect::Read)),
            };
        }
        let mut component: Component = serde_json::from_str(&answer.body).map_err(strange)?;
        loop {
            if let Some(report) = component.report {
                return Ok(report);
            }
            tokio::time::sleep(LOOK).await;
            component = self.read(Call::get(&format!("/v1/components/{}", component.digest))).await?;
        }
    }
}
