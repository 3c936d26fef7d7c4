//! An OCI registry from which the engine takes the activity. The engine speaks nothing but https to registries, so this one
//! has a certificate of an authority that is made for the run.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A running registry. Dropping it ends it.
pub(crate) struct Registry {
    _server: Child,
    address: String,
    folder: TempDir,
}

impl Registry {
    /// Starts Debian's `docker-registry` and waits until it listens.
    pub(crate) async fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("obelisk-trial-registry-").tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        certify(folder.path());
        let settings = format!(
            "version: 0.1\nlog: {{level: info, formatter: text, accesslog: {{disabled: true}}}}\n\
             storage: {{filesystem: {{rootdirectory: '{}'}}}}\n\
             http: {{addr: '127.0.0.1:0', tls: {{certificate: '{}', key: '{}'}}}}\n",
            file("data").display(),
            file("certificate.pem").display(),
            file("key.pem").display(),
        );
        std::fs::write(file("registry.yml"), settings).unwrap();
        let mut server = Command::new("docker-registry")
            .arg("serve")
            .arg(file("registry.yml"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("start docker-registry (Debian: apt-get install docker-registry)");
        let mut log = BufReader::new(server.stderr.take().unwrap()).lines();
        let mut said = Vec::new();
        while let Some(line) = log.next_line().await.unwrap() {
            if let Some((_, rest)) = line.split_once("listening on ") {
                let address = rest.split([',', '"', ' ']).next().unwrap().to_owned();
                // It must be able to go on writing.
                tokio::spawn(async move { while let Ok(Some(_)) = log.next_line().await {} });
                return Self { _server: server, address, folder };
            }
            said.push(line);
        }
        panic!("the registry did not start:\n{}", said.join("\n"));
    }

    /// Pushes a component and tells where it is, by its digest, as a deployment names it.
    pub(crate) async fn push(&self, wkg: &Path, file: &Path) -> String {
        let name = format!("{}/workflows/salesforce-activity", self.address);
        let mut push = Command::new(wkg);
        push.args(["oci", "push", &format!("{name}:trial")]).arg(file).env("SSL_CERT_FILE", self.authority());
        let output = push.stdin(Stdio::null()).stderr(Stdio::inherit()).output().await.unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        let digest = told.lines().find_map(|line| line.strip_prefix("digest: "));
        let digest = digest.unwrap_or_else(|| panic!("expected wkg to tell the digest: {told}"));
        format!("oci://{name}:trial@{digest}")
    }

    /// The certificate that clients must trust.
    pub(crate) fn authority(&self) -> PathBuf {
        self.folder.path().join("authority.pem")
    }
}

/// Writes an authority, and a key and a certificate for loopback, into a folder.
fn certify(folder: &Path) {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    std::fs::write(folder.join("authority.pem"), authority.self_signed(&key).unwrap().pem()).unwrap();
    let issuer = Issuer::new(authority, key);
    let key = KeyPair::generate().unwrap();
    let server = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    std::fs::write(folder.join("certificate.pem"), server.signed_by(&key, &issuer).unwrap().pem()).unwrap();
    std::fs::write(folder.join("key.pem"), key.serialize_pem()).unwrap();
}
