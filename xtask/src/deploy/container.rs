//! The image: built, and run as an engine would, with a root that cannot be written and a user without privileges.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::failure::{Failure, Outcome, passed_on};
use crate::{built, debian, workspace};

/// The base has what is installed on Debian for the program, in the place of an image from a registry.
const BASE: [&str; 3] = ["--variant=extract", "--include=libc6,libgcc-s1", "bookworm"];
const IMAGE: &str = "harness";

/// In a namespace of its own: the root that cannot be written, what an engine mounts, and the user. The rest are the root, the user and the
/// command.
const CONTAINED: &str = r#"
root=$1 user=$2; shift 2
mkdir -p "$root/proc" && mount --bind "$root" "$root" && mount -o remount,bind,ro "$root" && mount -t proc proc "$root/proc" && cd "$root" &&
mount -t tmpfs -o size=64m,mode=0755,uid="${user%:*}",gid="${user#*:}" data "$root/var/lib/harness" &&
exec chroot --userspec="$user" "$root" "$@"
"#;

/// Builds the image with buildah, which it installs on Debian if it is missing, and runs its server and its health check.
pub(super) fn check() -> Outcome {
    let there = || ["buildah", "mmdebstrap", "unshare"].iter().all(|program| debian::on_path(program));
    debian::present(
        there,
        &["buildah", "mmdebstrap", "util-linux"],
        "this needs `buildah` and `mmdebstrap`, to build the image",
    )?;
    let folder = workspace::target_folder("container")?;
    let context = folder.join("context");
    fs::create_dir_all(&context).map_err(Failure::io("create the context of the image"))?;
    let program = context.join("harness");
    fs::copy(built::harness()?, &program).map_err(Failure::io("copy the harness"))?;
    let base = folder.join("base.tar");
    if !base.exists() {
        workspace::run(Command::new("mmdebstrap").arg("--quiet").args(BASE).arg(&base))?;
    }
    let engine = Engine { storage: folder.join("storage") };
    engine.build(&base, &context)?;
    let config = engine.config()?;
    if !may_mount()? {
        eprintln!("The image was built, and NOT run: nobody may mount anything here.");
        return Ok(());
    }
    let container = engine.text(&["from", IMAGE])?;
    let root = PathBuf::from(engine.text(&["mount", &container])?);
    let tried = served(&root, &config);
    engine.text(&["rm", &container])?;
    engine.text(&["rmi", "--all", "--force"])?;
    tried
}

/// Whether this machine lets us have mounts of our own; containers for development often do not.
fn may_mount() -> Outcome<bool> {
    let mut unshare = Command::new("unshare");
    unshare.args(["--mount", "mount", "-t", "tmpfs", "tried", "/mnt"]).stdin(Stdio::null()).stderr(Stdio::null());
    Ok(unshare.status().map_err(Failure::io("start unshare"))?.success())
}

/// `buildah`, with a storage of its own.
struct Engine {
    storage: PathBuf,
}

/// What the image says of how it is run.
struct Config {
    user: String,
    environment: Vec<String>,
    command: Vec<String>,
    health: Vec<String>,
}

impl Engine {
    fn command(&self) -> Command {
        let mut buildah = Command::new("buildah");
        buildah.args(["--storage-driver", "vfs", "--root"]).arg(self.storage.join("root"));
        buildah.arg("--runroot").arg(self.storage.join("run")).stdin(Stdio::null());
        buildah
    }

    /// What it prints.
    fn text(&self, arguments: &[&str]) -> Outcome<String> {
        let output = self.command().args(arguments).stderr(Stdio::inherit()).output();
        let output = output.map_err(Failure::io("start buildah"))?;
        passed_on(output.status)?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    fn build(&self, base: &Path, context: &Path) -> Outcome {
        let scratch = self.text(&["from", "scratch"])?;
        let (base, context) = (base.display().to_string(), context.display().to_string());
        self.text(&["add", "--quiet", &scratch, &base, "/"])?;
        self.text(&["commit", "--quiet", "--rm", &scratch, "localhost/base"])?;
        let file = workspace::root().join("deploy/container/Containerfile").display().to_string();
        let options =
            ["build", "--quiet", "--format", "docker", "--isolation", "chroot", "--build-arg", "BASE=localhost/base"];
        self.text(&[&options[..], &["--file", &file, "--tag", IMAGE, &context]].concat()).map(drop)
    }

    fn config(&self) -> Outcome<Config> {
        let told = self.text(&["inspect", "--type", "image", IMAGE])?;
        let image: Value = serde_json::from_str(&told)
            .map_err(|error| Failure::new(format!("`buildah inspect` must print JSON: {error}")))?;
        let texts = |place: &str| -> Vec<String> {
            image
                .pointer(place)
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(|text| text.as_str().map(str::to_owned))
                .collect()
        };
        let layers = texts("/Docker/rootfs/diff_ids").len();
        if layers != 2 {
            return Err(Failure::new(format!("the image must be its base and one layer, it has {layers}")));
        }
        Ok(Config {
            user: image.pointer("/Docker/config/User").and_then(Value::as_str).unwrap_or_default().to_owned(),
            environment: texts("/Docker/config/Env"),
            command: [texts("/Docker/config/Entrypoint"), texts("/Docker/config/Cmd")].concat(),
            // The first word says that what follows is no line for a shell.
            health: texts("/Docker/config/Healthcheck/Test").into_iter().skip(1).collect(),
        })
    }
}

/// A server in the image starts, is healthy, ends when it is told to, and is healthy no more.
fn served(root: &Path, config: &Config) -> Outcome {
    if config.user != "65532:65532" {
        return Err(Failure::new(format!("the image must name a user without privileges, it has {:?}", config.user)));
    }
    let mut server = config.contained(root, &config.command, &[("HARNESS_LISTEN", "127.0.0.1:0")]);
    let mut server = server.stdout(Stdio::piped()).spawn().map_err(Failure::io("start the server"))?;
    let tried = healthy(&mut server, |url| {
        let mut health = config.contained(root, &config.health, &[("HARNESS_SERVER", url)]);
        health.stdout(Stdio::null()).stderr(Stdio::null()).status().map_err(Failure::io("start the health check"))
    });
    // It has no child that outlives it, whatever has failed.
    let _ = server.kill();
    let _ = server.wait();
    tried
}

fn healthy(server: &mut Child, health: impl Fn(&str) -> Outcome<std::process::ExitStatus>) -> Outcome {
    let mut line = String::new();
    let output = server.stdout.take().ok_or_else(|| Failure::new("the server has no output"))?;
    BufReader::new(output).read_line(&mut line).map_err(Failure::io("read what the server says"))?;
    let reach: Value = serde_json::from_str(&line).unwrap_or_default();
    let url = reach
        .get("url")
        .and_then(Value::as_str)
        .ok_or_else(|| Failure::new(format!("the server did not say where it is: {line:?}")))?;
    passed_on(health(url)?)?;
    workspace::run(Command::new("kill").arg("-TERM").arg(server.id().to_string()))?;
    passed_on(server.wait().map_err(Failure::io("wait for the server"))?)?;
    if health(url)?.success() {
        return Err(Failure::new("the health check must fail without a server"));
    }
    eprintln!("The image was built; its server started, was healthy, and ended on SIGTERM.");
    Ok(())
}

impl Config {
    /// A command in the image, with its environment and these variables.
    fn contained(&self, root: &Path, command: &[String], variables: &[(&str, &str)]) -> Command {
        let mut contained = Command::new("unshare");
        contained.args(["--mount", "sh", "-c", CONTAINED, "sh"]).arg(root).arg(&self.user).args(command);
        contained.env_clear().envs(self.environment.iter().filter_map(|one| one.split_once('=')));
        contained.envs(variables.iter().copied()).stdin(Stdio::null());
        contained
    }
}
