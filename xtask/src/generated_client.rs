//! `cargo xtask generated-client`: whether a generator makes a client of the server's OpenAPI document that works.
//!
//! OpenAPI Generator makes one in Java, all of it is compiled, and `examples/java/` runs with it. Debian's packages and PyPI's
//! are enough: the generator's jar has Jackson inside.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::debian;
use crate::failure::{Failure, Outcome, passed_on};
use crate::serve::connected::Connected;
use crate::{built, installed, workspace};

/// Annotations that the client is compiled with: Debian's libjakarta-annotation-api-java.
const ANNOTATIONS: &str = "/usr/share/java/jakarta-annotation-api.jar";
/// Where Python's package has the generator.
const JAR: &str = "import pathlib, openapi_generator_cli as package
print(pathlib.Path(package.__file__).with_name('openapi-generator.jar'))";
/// What the example prints about the mock's org.
const EXPECTED: [&str; 8] = [
    "connection: org is active",
    "row: Acme Corporation, 9007199254740993",
    "row: O'Brien & Söhne GmbH, 999999999999999999",
    "create: succeeded, created true, replayed false",
    "create: succeeded, created true, replayed true",
    "accounts of this name: 1",
    "failed: invalid-query, outcome rejected, retryable false",
    "problem: 404 /problems#not-found: there is no such connection",
];

/// Generates it, compiles it, and runs the example against a server with an org beside it.
pub(crate) fn run() -> Outcome {
    let needed = "the client is compiled with javac";
    debian::present(|| debian::on_path("javac"), &["default-jdk-headless"], needed)?;
    let needed = format!("the client is compiled with {ANNOTATIONS}");
    debian::present(|| Path::new(ANNOTATIONS).is_file(), &["libjakarta-annotation-api-java"], &needed)?;
    let python = installed::python()?;
    let harness = built::harness()?;
    let example = workspace::root().join("examples/java");
    let folder = workspace::target_folder("generated-client")?;
    let interpreter =
        installed::python_packages(&python, &example.join("requirements.txt"), &folder.join("generator"))?;
    let jar = told(Command::new(interpreter).args(["-c", JAR]))?.trim().to_owned();
    let server = Connected::start(&harness, &python, &folder)?;

    let client = emptied(folder.join("client"))?;
    eprintln!("Generating a client of {}/openapi.json and compiling it.", server.url);
    let mut generate = Command::new("java");
    generate.args(["-jar", &jar, "generate", "--config"]).arg(example.join("generator.json"));
    generate.args(["--input-spec", &format!("{}/openapi.json", server.url), "--output"]).arg(&client);
    logged(&mut generate, &folder.join("generator.log"))?;

    let classes = emptied(folder.join("classes"))?;
    let libraries = format!("{jar}:{ANNOTATIONS}");
    let mut sources = Vec::new();
    java_files(&client.join("src/main/java"), &mut sources).map_err(Failure::io("list the client's files"))?;
    let mut compile = Command::new("javac");
    compile.args(["-encoding", "UTF-8", "-cp", &libraries, "-d"]).arg(&classes);
    logged(compile.arg(example.join("Example.java")).args(sources), &folder.join("javac.log"))?;

    let mut class_path = OsString::from(&classes);
    class_path.push(format!(":{libraries}"));
    let mut run = Command::new("java");
    run.args(["-Dfile.encoding=UTF-8", "-Dstdout.encoding=UTF-8", "-cp"])
        .arg(class_path)
        .args(["Example", &server.url]);
    let printed = told(run.env("HARNESS_TOKEN", server.tenant_token()?))?;
    print!("{printed}");
    as_expected(&printed)
}

fn as_expected(printed: &str) -> Outcome {
    if printed.lines().eq(EXPECTED) {
        return Ok(());
    }
    Err(Failure::new(format!(
        "expected the example to print what follows, but it printed the above:\n{}",
        EXPECTED.join("\n")
    )))
}

/// An empty folder, whatever was there.
fn emptied(folder: PathBuf) -> Outcome<PathBuf> {
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(Failure::io(format!("remove {}", folder.display())))?;
    }
    fs::create_dir_all(&folder).map_err(Failure::io(format!("create {}", folder.display())))?;
    Ok(folder)
}

fn java_files(folder: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            java_files(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "java") {
            found.push(path);
        }
    }
    Ok(())
}

/// Runs a program whose output matters only if it fails.
fn logged(command: &mut Command, log: &Path) -> Outcome {
    let program = command.get_program().display().to_string();
    let output = command.stdin(Stdio::null()).output().map_err(Failure::io(format!("start {program}")))?;
    let text = [output.stdout, output.stderr].concat();
    fs::write(log, &text).map_err(Failure::io(format!("write {}", log.display())))?;
    if !output.status.success() {
        eprintln!("{}", String::from_utf8_lossy(&text));
    }
    passed_on(output.status)
}

/// What a program prints. Its complaints go to the terminal.
fn told(command: &mut Command) -> Outcome<String> {
    let program = command.get_program().display().to_string();
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(Failure::io(format!("start {program}")))?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        eprint!("{printed}");
    }
    passed_on(output.status)?;
    Ok(printed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_compared() {
        assert!(as_expected(&EXPECTED.map(|line| format!("{line}\n")).concat()).is_ok());
        for wrong in [EXPECTED.get(1..).unwrap().join("\n"), EXPECTED.join("\n") + "\nmore", String::new()] {
            let failure = as_expected(&wrong).unwrap_err();
            assert!(failure.message().unwrap().ends_with(EXPECTED.last().unwrap()), "{wrong}");
        }
    }
}
