//! `harness webhook`: where a server tells its tenant what needs somebody.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use salesforce_actions::bounded::Whole;
use salesforce_runtime::secret::Secret;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::Server;
use super::client::Call;
use super::failure::ServerFailure;
use crate::cli::App;
use crate::cli::failure::{Effect, Failure};

/// What the secrets of webhooks begin with.
const PREFIX: &[u8; 6] = b"whsec_";

const PATH: &str = "/v1/tenant/webhook";

/// Set, show, test or delete the webhook of a server's tenant
///
/// The server posts a signed message to it when a connection needs its user, an outcome is unknown, or an org's API requests
/// run short. Needs --server.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    harness webhook set https://hooks.example.com/salesforce --secret-out webhook-secret\n  \
    harness webhook test --server http://127.0.0.1:8713")]
pub(crate) struct Webhook {
    #[command(subcommand)]
    command: WebhookCommand,
}

#[derive(Debug, Subcommand)]
enum WebhookCommand {
    Set(Set),
    /// Show the webhook, what waits to be sent, and how the last attempt ended
    Show,
    /// Send a message of the type webhook.test, once
    Test,
    /// Delete the webhook; events that wait are not sent
    Delete,
}

/// Set the webhook
///
/// It has a new secret if there was none, with another URL, or with --new-secret. Prints the webhook as JSON; no secret.
#[derive(Debug, Args)]
struct Set {
    /// https, to a host with a public address
    url: String,
    /// File for a new secret, which is shown to nobody again; for its owner alone
    #[arg(long, value_name = "FILE")]
    secret_out: PathBuf,
    /// Tell once an org has used so many percent of its daily API requests, 1 to 100 [default: 80]
    #[arg(long, value_name = "PERCENT")]
    allowance_percent: Option<Whole<u32, 1, 100>>,
    /// Make a new secret though the URL stays; the old one ends at once
    #[arg(long)]
    new_secret: bool,
}

#[derive(Serialize)]
struct Body<'a> {
    url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    allowance_percent: Option<u32>,
    new_secret: bool,
}

#[derive(Deserialize)]
struct Answer {
    secret: Option<Secret>,
    #[serde(flatten)]
    webhook: Map<String, Value>,
}

#[derive(Deserialize)]
struct Tested {
    status: Option<u16>,
    failure: Option<String>,
}

impl Webhook {
    pub(crate) async fn run(self, app: &App) -> Result<(), Failure> {
        let server = app.needed_server("webhook")?;
        match self.command {
            WebhookCommand::Set(set) => app.output.write(&set.run(&server).await?),
            WebhookCommand::Show => app.output.write(&server.read::<Box<RawValue>>(Call::get(PATH)).await?),
            WebhookCommand::Test => {
                let told: Box<RawValue> = server.read(Call::post("/v1/tenant/webhook/test", "", Effect::Read)).await?;
                let tested: Tested =
                    serde_json::from_str(told.get()).map_err(|error| server.client.strange(&error, Effect::Read))?;
                match tested.failure {
                    None => app.output.write(&told),
                    Some(failure) => Err(ServerFailure::not_delivered(failure, tested.status).into()),
                }
            }
            WebhookCommand::Delete => server.client.call(Call::delete(PATH)).await.map(drop),
        }
    }
}

impl Set {
    async fn run(self, server: &Server) -> Result<Map<String, Value>, Failure> {
        let Set { url, secret_out, allowance_percent, new_secret } = self;
        let body =
            serde_json::to_vec(&Body { url: &url, allowance_percent: allowance_percent.map(Whole::get), new_secret })
                .map_err(|error| Failure::Usage(error.to_string()))?;
        // A secret that has no place would be lost.
        let mut place = SecretPlace::open(&secret_out)?;
        let answer: Result<Answer, Failure> = server.read(Call::put(PATH, body)).await;
        let secret = answer.as_ref().ok().and_then(|answer| answer.secret.as_ref());
        place.keep(secret).map_err(|error| {
            let shown = secret_out.display();
            Failure::Local(format!("the secret was not written to {shown} ({error}): make another with --new-secret"))
        })?;
        Ok(answer?.webhook)
    }
}

/// The file of a secret.
struct SecretPlace<'a> {
    path: &'a Path,
    file: File,
    is_new: bool,
}

impl SecretPlace<'_> {
    fn open(path: &Path) -> Result<SecretPlace<'_>, Failure> {
        let mut options = OpenOptions::new();
        options.write(true).mode(0o600);
        let wrong = |error: io::Error| Failure::Local(format!("cannot write {}: {error}", path.display()));
        match options.clone().create_new(true).open(path) {
            Ok(file) => Ok(SecretPlace { path, file, is_new: true }),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let file = options.read(true).open(path).map_err(wrong)?;
                let mut start = [0; PREFIX.len()];
                match (&file).read_exact(&mut start) {
                    Ok(()) if start == *PREFIX => Ok(SecretPlace { path, file, is_new: false }),
                    _ => Err(Failure::Local(format!(
                        "{} exists and is no webhook's secret: name another file with --secret-out",
                        path.display()
                    ))),
                }
            }
            Err(error) => Err(wrong(error)),
        }
    }

    /// Writes the secret; without one, everything is as before.
    fn keep(&mut self, secret: Option<&Secret>) -> io::Result<()> {
        match secret {
            Some(secret) => {
                self.file.set_len(0)?;
                self.file.rewind()?;
                self.file.write_all(secret.expose().as_bytes())?;
                self.file.write_all(b"\n")
            }
            None if self.is_new => std::fs::remove_file(self.path),
            None => Ok(()),
        }
    }
}
