//! A real OCI registry on loopback, and `wkg`, with which components get into registries and out of them.
//!
//! The registry is the one that most others are made of (CNCF Distribution), as Debian packages it. It keeps its data in a
//! folder for temporary files and takes a port that is free.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

use crate::failure::{Failure, Outcome, passed_on};
use crate::{built, debian, workspace};

const WKG: &str = "0.16.1";
/// The names that the registry's program has: Debian's, and its own.
const PROGRAMS: [&str; 2] = ["docker-registry", "registry"];

/// `cargo xtask registry [FILE]`: pushes a component, pulls it by its digest, and runs what came back.
pub(crate) fn run(given: Option<&Path>) -> Outcome {
    let given = given.map(std::path::absolute).transpose().map_err(Failure::io("read the path of the component"))?;
    let registry = Registry::start()?;
    let harness = built::harness()?;
    let folder = workspace::target_folder("registry")?;
    fs::create_dir_all(&folder).map_err(Failure::io(format!("create {}", folder.display())))?;
    let component = match given {
        Some(file) => file,
        None => {
            let file = folder.join("salesforce-connector.wasm");
            let written =
                Command::new(&harness).arg("component").arg("--out").arg(&file).stdout(Stdio::null()).status();
            passed_on(written.map_err(Failure::io("start the harness"))?)?;
            file
        }
    };

    let reference = registry.push(&component, "workflows/salesforce-connector", "latest")?;
    println!("pushed  {reference}");
    let pulled = folder.join("pulled.wasm");
    registry.pull(&reference, &pulled)?;
    let [pushed, came] = [&component, &pulled].map(|file| fs::read(file).map_err(Failure::io("read a component")));
    if pushed? != came? {
        return Err(Failure::new(format!("what was pulled is not what was pushed: compare {}", pulled.display())));
    }
    println!("pulled  the same bytes, into {}", pulled.display());
    println!("running what was pulled:");
    let demo = Command::new(&harness).arg("demo").arg("--component").arg(&pulled).status();
    passed_on(demo.map_err(Failure::io("start the harness"))?)
}

/// A registry that runs; it ends, and its data go, when it is dropped.
#[derive(Debug)]
pub(crate) struct Registry {
    program: Child,
    folder: PathBuf,
    address: String,
    wkg: PathBuf,
}

impl Registry {
    /// Starts one, empty, on a free port, when it takes requests. `wkg` is installed if it is not there.
    ///
    /// # Errors
    /// The registry's program is missing: what to install.
    pub(crate) fn start() -> Outcome<Self> {
        let found = || PROGRAMS.into_iter().find(|name| debian::on_path(name));
        let name = match found() {
            Some(name) => name,
            None => {
                let why =
                    debian::install(&PROGRAMS[..1]).err().unwrap_or_else(|| "apt-get installed no such".to_owned());
                found().ok_or_else(|| {
                    Failure::new(format!(
                        "this needs an OCI registry, and neither `{}` is on PATH; {why}. Install it (Debian: apt-get \
                         install docker-registry; elsewhere: CNCF Distribution) and repeat",
                        PROGRAMS.join("` nor `")
                    ))
                })?
            }
        };
        let wkg = wkg()?;
        let folder = std::env::temp_dir().join(format!("salesforce-registry-{}", std::process::id()));
        fs::create_dir_all(&folder).map_err(Failure::io("make a folder for the registry"))?;
        let configuration = folder.join("registry.yml");
        fs::write(&configuration, configured(&folder)).map_err(Failure::io("configure the registry"))?;
        let mut command = Command::new(name);
        command.arg("serve").arg(&configuration).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut program = command.spawn().map_err(Failure::io(format!("start {name}")))?;
        let log = program.stderr.take();
        let mut registry = Self { program, folder, address: String::new(), wkg };
        let mut lines = log.map(BufReader::new).into_iter().flat_map(BufRead::lines).map_while(Result::ok);
        let mut said = String::new();
        for line in lines.by_ref() {
            if let Some(address) = listening(&line) {
                registry.address = address.to_owned();
                break;
            }
            said = line;
        }
        if registry.address.is_empty() {
            return Err(Failure::new(format!("{name} did not start: {said}")));
        }
        // It writes for as long as it runs, and must not wait for a reader.
        thread::spawn(move || lines.for_each(drop));
        Ok(registry)
    }

    /// Pushes a component and gives back its reference by digest: `127.0.0.1:PORT/REPOSITORY@sha256:...`.
    pub(crate) fn push(&self, file: &Path, repository: &str, tag: &str) -> Outcome<String> {
        let name = format!("{}/{repository}", self.address);
        let output = self.wkg("push").arg(format!("{name}:{tag}")).arg(file).stderr(Stdio::inherit()).output();
        let output = output.map_err(Failure::io("start wkg"))?;
        passed_on(output.status)?;
        let told = String::from_utf8_lossy(&output.stdout);
        let digest = told.lines().find_map(|line| line.strip_prefix("digest: ")).map(str::trim);
        let digest = digest.filter(|digest| digest.starts_with("sha256:"));
        digest
            .map(|digest| format!("{name}@{digest}"))
            .ok_or_else(|| Failure::new(format!("`wkg oci push` must tell the digest, and printed: {told}")))
    }

    /// Pulls a component into a file.
    pub(crate) fn pull(&self, reference: &str, file: &Path) -> Outcome {
        let status = self.wkg("pull").arg(reference).arg("--output").arg(file).stdout(Stdio::null()).status();
        passed_on(status.map_err(Failure::io("start wkg"))?)
    }

    fn wkg(&self, verb: &str) -> Command {
        let mut command = Command::new(&self.wkg);
        command.args(["oci", verb, "--insecure", &self.address]).stdin(Stdio::null());
        command
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        // These fail only when it has ended already, and what is left is in the folder for temporary files.
        let _ = self.program.kill();
        let _ = self.program.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// On a port that the system picks.
fn configured(folder: &Path) -> String {
    format!(
        "version: 0.1\nlog: {{level: info, formatter: text, accesslog: {{disabled: true}}}}\n\
         storage: {{filesystem: {{rootdirectory: '{}/data'}}}}\nhttp: {{addr: '127.0.0.1:0'}}\n",
        folder.display()
    )
}

/// `... msg="listening on 127.0.0.1:40861" ...`.
fn listening(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once("listening on ")?;
    rest.split(['"', ' ']).next().filter(|address| address.contains(':'))
}

/// `wkg` of the version that this was tried with: the one on PATH, or one that is installed under the target directory.
pub(crate) fn wkg() -> Outcome<PathBuf> {
    let folder = workspace::target_folder("tools/wkg")?;
    let own = folder.join("bin").join(format!("wkg{}", std::env::consts::EXE_SUFFIX));
    for candidate in [PathBuf::from("wkg"), own.clone()] {
        let version = Command::new(&candidate).arg("--version").output();
        if version.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).trim() == format!("wkg {WKG}")) {
            return Ok(candidate);
        }
    }
    eprintln!("Installing wkg {WKG} into {}: some minutes, once.", folder.display());
    let status = workspace::cargo()
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .args(["install", "--locked", "--debug", "--root"])
        .arg(&folder)
        .arg(format!("wkg@{WKG}"))
        .status()
        .map_err(Failure::io("start cargo"))?;
    passed_on(status)?;
    Ok(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_read_off_the_log() {
        let line = r#"time="2026-11-24T23:30:23Z" level=info msg="listening on 127.0.0.1:40861" go.version=go1.19.8"#;
        assert_eq!(listening(line), Some("127.0.0.1:40861"));
        assert_eq!(listening(r#"level=info msg="redis not configured""#), None);
    }
}
