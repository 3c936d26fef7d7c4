//! `harness mock`.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

use clap::Args;
use mock_salesforce::org::files::Seed;
use mock_salesforce::org::{Currencies, Generate, Schema};
use mock_salesforce::{
    Builder, ConnectedApp, DEMO_PASSWORD, MockSalesforce, Paging, PublicUrl, SECURITY_TOKEN, Tokens,
};
use serde::Serialize;

use super::failure::Failure;
use super::input;
use super::output::{Output, write_line};
use super::{App, listen, login};
use salesforce_connections::{ConnectionError, ConnectionFile, Document, Grant};
use salesforce_runtime::bindings::oauth::{self, TokenSet};

/// The connected app of `harness mock`. Its secret protects nothing: the org's data are made up.
const CLIENT_ID: &str = "harness-mock-app";
const CLIENT_SECRET: &str = "harness-mock-secret";
/// Who the ready-made tokens belong to, and whom the client-credentials flow runs as.
const USERNAME: &str = "integ@example.org";

const HELP: &str = "With --connection FILE a connection file is written, ready to use. What SALESFORCE_CONNECTION
names stays as it is, and so does a connection file that this command did not make.

Examples:
  harness mock
  harness mock --tls --listen 127.0.0.1:8443 --connection /tmp/mock.json
  harness mock --schema force-app/main/default --seed Account.json --seed Invoice__c.csv
  harness mock --generate Lead=10000000
  harness mock --json | jq --unbuffered -r .url
  harness mock --control --json | jq --unbuffered -r '.control_url, .control_token'";

/// Serve a Salesforce in memory until Ctrl-C
///
/// A made-up org with 2,086 accounts behind real sockets: OAuth with login and consent pages, REST, SOQL. Prints how to
/// reach it; with --json, or in a pipe, as one line {"url":..,"client_id":..,"access_token":..,...}.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct Mock {
    /// Address to listen on, or localhost and a port; port 0 is any free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0", value_parser = listen::address)]
    listen: SocketAddr,
    /// The mock's own name in every URL, where clients reach it by another: behind a proxy or a container's port
    /// [default: the Host of each request]
    #[arg(long, value_name = "URL")]
    public_url: Option<PublicUrl>,
    /// Speak https, with a certificate authority made for this run
    #[arg(long)]
    tls: bool,
    /// With --tls: where to write the authority's certificate, over no file that this command did not make
    /// [default: a temporary file]
    #[arg(long, value_name = "FILE.pem", requires = "tls")]
    ca_file: Option<PathBuf>,
    /// Whose org it is: a file or folder of describe answers (JSON), or of a Salesforce DX project; repeat it for several
    #[arg(long = "schema", value_name = "PATH")]
    schemas: Vec<PathBuf>,
    /// Records to add: JSON or a plan as sf data export tree writes it, or CSV called after its object or told as OBJECT=FILE; repeat it
    /// for several
    #[arg(long = "seed", value_name = "FILE")]
    seeds: Vec<String>,
    /// Generate so many records of an object when they are read, such as Lead=10000000, and store none; repeat it for several
    #[arg(long = "generate", value_name = "OBJECT=COUNT")]
    generated: Vec<Generate>,
    /// Let accounts be people: Account and Contact get the fields that come with person accounts
    #[arg(long)]
    person_accounts: bool,
    /// Let the org have several currencies: the corporate one first, then what one of it is worth, such as USD=1,EUR=0.9,JPY=150
    #[arg(long, value_name = "CODE=RATE,CODE=RATE")]
    currencies: Option<Currencies>,
    /// Register a further callback URL; repeat it for several
    #[arg(long = "callback-url", value_name = "URL")]
    callback_urls: Vec<String>,
    /// RSA public key (PEM) for the JWT bearer flow
    #[arg(long, value_name = "FILE")]
    jwt_public_key: Option<PathBuf>,
    /// Keep a refresh token good after it was used, as orgs without rotation do
    #[arg(long)]
    no_rotation: bool,
    /// End the cursors of child sub-queries when a further page of their query is fetched, as Salesforce documents
    #[arg(long)]
    end_child_cursors: bool,
    /// Send the last record of the first page again on the second, if its children did not fit
    #[arg(long)]
    repeat_cut_parents: bool,
    /// Let other processes steer the org over HTTP, below /__mock, with a token of its own
    #[arg(long)]
    control: bool,
    /// End when standard input does, a pipe say, so as never to outlive whoever started it
    #[arg(long)]
    end_with_stdin: bool,
}

/// How to reach the mock.
#[derive(Serialize)]
struct Reach {
    url: String,
    /// The same for this machine, whatever --public-url says.
    local_url: String,
    ca_file: Option<String>,
    client_id: &'static str,
    client_secret: &'static str,
    username: &'static str,
    password: &'static str,
    security_token: &'static str,
    users: Vec<String>,
    organization_id: String,
    access_token: String,
    refresh_token: Option<String>,
    callback_urls: Vec<String>,
    connection: Option<String>,
    control_url: Option<String>,
    control_token: Option<String>,
}

impl Mock {
    pub(crate) async fn run(self, app: &App) -> Result<(), Failure> {
        if !self.tls && app.named_connection_file().is_some() && !is_named_by_connections(self.listen) {
            let ip = self.listen.ip();
            return Err(Failure::Usage(format!(
                "--listen {ip}: expected 127.0.0.1 or [::1] where a connection file is written: without TLS, tokens go \
                 nowhere else. Use --tls, or leave out the connection file"
            )));
        }
        let jwt_public_key_pem = match &self.jwt_public_key {
            Some(path) => Some(input::text(path).await?),
            None => None,
        };
        let mut callback_urls = vec![login::default_callback_url()];
        callback_urls.extend(self.callback_urls);
        let mut builder = MockSalesforce::builder();
        if let Some(url) = self.public_url {
            builder = builder.public_url(url);
        }
        if !self.schemas.is_empty() {
            let schema = Schema::read(&self.schemas, self.person_accounts);
            let schema = schema.map_err(|error| Failure::Usage(error.to_string()))?;
            for note in schema.notes() {
                write_line(&mut anstream::stderr().lock(), note)?;
            }
            builder = builder.schema(schema);
        }
        if let Some(currencies) = self.currencies {
            builder = builder.currencies(currencies);
        }
        builder = self.generated.into_iter().fold(builder, Builder::generate);
        let seeds =
            self.seeds.iter().map(|seed| Seed::read(seed)).collect::<Result<Vec<_>, _>>().map(|seeds| seeds.concat());
        let mock = builder
            .seed(seeds.map_err(|error| Failure::Usage(error.to_string()))?)
            .listen(self.listen)
            .tls(self.tls)
            .person_accounts(self.person_accounts)
            .control(self.control)
            .paging(Paging { ends_child_cursors: self.end_child_cursors, repeats_cut_parents: self.repeat_cut_parents })
            .connected_app(ConnectedApp {
                client_id: CLIENT_ID.to_owned(),
                client_secret: Some(CLIENT_SECRET.into()),
                callback_urls: callback_urls.clone(),
                scopes: ["api", "refresh_token", "id", "profile", "email"].map(str::to_owned).to_vec(),
                rotate_refresh_tokens: !self.no_rotation,
                require_pkce: false,
                client_credentials_user: Some(USERNAME.to_owned()),
                jwt_public_key_pem,
            })
            .start()
            .await
            .map_err(|error| Failure::Local(error.to_string()))?;
        let tokens =
            mock.issue_tokens(CLIENT_ID, USERNAME).map_err(|error| Failure::Local(format!("no tokens: {error}")))?;
        let ca = mock.ca_pem().map(|pem| CaFile::write(pem, self.ca_file)).transpose()?;
        let connection = app.named_connection_file().map(|file| write_connection(file, &mock, &tokens)).transpose()?;
        let reach = Reach {
            url: mock.url().to_owned(),
            local_url: mock.local_url().to_owned(),
            ca_file: ca.as_ref().map(CaFile::shown),
            client_id: CLIENT_ID,
            client_secret: CLIENT_SECRET,
            username: USERNAME,
            password: DEMO_PASSWORD,
            security_token: SECURITY_TOKEN,
            users: mock.org(|org| org.users().into_iter().map(|user| user.username).collect()),
            organization_id: mock.org(|org| org.organization_id().to_owned()),
            access_token: tokens.access_token.expose().to_owned(),
            refresh_token: tokens.refresh_token.as_ref().map(|token| token.expose().to_owned()),
            callback_urls,
            connection,
            control_url: mock.control().map(|plane| plane.url.clone()),
            control_token: mock.control().map(|plane| plane.token.expose().to_owned()),
        };
        match app.output {
            Output::Json => app.output.write(&reach)?,
            Output::Pretty => write_line(&mut anstream::stdout().lock(), &reach.to_text())?,
        }
        if self.end_with_stdin {
            input::end().await?;
            return Ok(());
        }
        // Until Ctrl-C, which drops this future and with it the mock and the temporary file.
        std::future::pending().await
    }
}

impl Reach {
    fn to_text(&self) -> String {
        let bold = anstyle::Style::new().bold();
        let mut lines = vec![format!("Mock Salesforce is at {bold}{}{bold:#}  (Ctrl-C ends it)\n", self.url)];
        let mut facts = vec![
            ("client id", self.client_id.to_owned()),
            ("client secret", self.client_secret.to_owned()),
            ("callback", self.callback_urls.join("\n                 ")),
            ("users", self.users.join(", ")),
            ("password", format!("{} (security token {})", self.password, self.security_token)),
            ("access token", format!("{} ({})", self.access_token, self.username)),
        ];
        facts.extend((self.local_url != self.url).then(|| ("local address", self.local_url.clone())));
        facts.extend(self.ca_file.clone().map(|file| ("CA file", file)));
        facts.extend(self.connection.clone().map(|file| ("connection", file)));
        facts.extend(self.control_url.clone().map(|url| ("control plane", format!("{url}/openapi.json"))));
        facts.extend(self.control_token.clone().map(|token| ("control token", token)));
        lines.extend(facts.into_iter().map(|(name, value)| format!("  {name:14} {value}")));
        let ca = self.ca_file.as_ref().map(|file| format!("--ca {file} ")).unwrap_or_default();
        let curl_ca = self.ca_file.as_ref().map(|file| format!("--cacert {file} ")).unwrap_or_default();
        lines.push("\nIn another terminal:".to_owned());
        match &self.connection {
            Some(file) => lines.push(format!(
                "  harness {ca}--connection {file} soql-query 'SELECT Id, Name, Owner.Name FROM Account LIMIT 5' --table"
            )),
            None => lines.push(format!(
                "  SALESFORCE_CLIENT_SECRET={} harness {ca}--connection mock.json login --login-url {} --client-id {}\n  \
                 harness {ca}--connection mock.json soql-query 'SELECT Id, Name, Owner.Name FROM Account LIMIT 5' --table",
                self.client_secret, self.url, self.client_id
            )),
        }
        lines.push(format!(
            "  curl {curl_ca}-H 'Authorization: Bearer {}' '{}/services/data/v67.0/query?q=SELECT+COUNT()+FROM+Account'",
            self.access_token, self.url
        ));
        lines.join("\n")
    }
}

/// Whether a connection may name this address without TLS.
fn is_named_by_connections(address: SocketAddr) -> bool {
    matches!(address.ip(), IpAddr::V4(Ipv4Addr::LOCALHOST) | IpAddr::V6(Ipv6Addr::LOCALHOST))
}

/// Writes a connection file with these tokens, unless a connection of another app is there: of a real org, or of another mock.
fn write_connection(file: ConnectionFile, mock: &MockSalesforce, tokens: &Tokens) -> Result<String, Failure> {
    match file.read() {
        Ok(document) if document.stored().client_id != CLIENT_ID => {
            let (path, org, login) = (file.path().display(), document.instance_url(), document.login_url());
            let words = format!("{path} holds a connection to {org} ({login}); name another file");
            return Err(Failure::Local(words));
        }
        Ok(_) | Err(ConnectionError::Missing { .. }) => {}
        Err(error) => return Err(Failure::Connection(error)),
    }
    let app = oauth::ConnectedApp {
        login_url: mock.url().to_owned(),
        client_id: CLIENT_ID.to_owned(),
        client_secret: Some(CLIENT_SECRET.to_owned()),
    };
    let tokens = TokenSet {
        access_token: tokens.access_token.expose().to_owned(),
        refresh_token: tokens.refresh_token.as_ref().map(|token| token.expose().to_owned()),
        instance_url: mock.url().to_owned(),
        scopes: vec!["api".to_owned(), "refresh_token".to_owned()],
        identity_url: None,
        issued_at_ms: None,
        id_token: None,
        community_url: None,
        community_id: None,
        signature_verified: false,
    };
    let document = Document::new(Grant { app: &app, tokens: &tokens, api_version: None }).map_err(Failure::Local)?;
    file.write(&document).map_err(Failure::Connection)?;
    Ok(file.path().display().to_string())
}

/// The first line of a certificate's file, which tells that this command made it.
const CA_MARK: &str = "Certificate authority of harness mock";

/// The authority's certificate in a file, which anybody may read.
enum CaFile {
    Named(PathBuf),
    /// Deleted when the mock ends.
    Temporary(tempfile::NamedTempFile),
}

impl CaFile {
    fn write(pem: &str, named: Option<PathBuf>) -> Result<CaFile, Failure> {
        let failed = |path: &Path, error: std::io::Error| {
            Failure::Local(format!("cannot write the CA certificate to {}: {error}", path.display()))
        };
        if let Some(path) = named {
            match input::bytes(&path) {
                Ok(bytes) if !bytes.starts_with(CA_MARK.as_bytes()) => {
                    let path = path.display();
                    let words =
                        format!("{path} is no certificate that this command made: name another file, or delete it");
                    return Err(Failure::Local(words));
                }
                Ok(_) => {}
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(failed(&path, error)),
            }
            std::fs::write(&path, format!("{CA_MARK}\n{pem}")).map_err(|error| failed(&path, error))?;
            return Ok(CaFile::Named(path));
        }
        let mut builder = tempfile::Builder::new();
        builder.prefix("mock-salesforce-").suffix(".pem");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
        let mut file = builder.tempfile().map_err(|error| failed(&std::env::temp_dir(), error))?;
        file.write_all(pem.as_bytes()).map_err(|error| failed(file.path(), error))?;
        Ok(CaFile::Temporary(file))
    }

    fn shown(&self) -> String {
        let path = match self {
            CaFile::Named(path) => path,
            CaFile::Temporary(file) => file.path(),
        };
        path.display().to_string()
    }
}
