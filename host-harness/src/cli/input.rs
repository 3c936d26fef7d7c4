//! Text and secrets that commands read: files, standard input, the environment, a prompt.
//!
//! Standard input and the terminal are read on threads of their own, so that Ctrl-C is heard meanwhile.

use std::fs::{self, File, FileType};
use std::io::{self, IsTerminal, Read, Stdin};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use salesforce_runtime::secret::Secret;

use super::failure::Failure;

/// Bytes of a file: more than any request takes, and any component that is taken.
const LONGEST: u64 = 64 << 20;

/// What Windows' editors write before text in UTF-8.
pub(crate) const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The text of a file, or of standard input for `-`.
///
/// # Errors
/// `Failure::Local`: it cannot be read, or is not UTF-8.
pub(crate) async fn text(path: &Path) -> Result<String, Failure> {
    if path.as_os_str() == "-" {
        let text = aside(|| bounded(io::stdin())).await;
        return text.map_err(|error| Failure::Local(format!("cannot read standard input: {error}")));
    }
    let file = path.to_owned();
    let text = aside(move || bounded(open(&file)?)).await;
    text.map_err(|error| Failure::Local(format!("cannot read {}: {error}", path.display())))
}

/// What an argument stands for that may be read from elsewhere: `-` for standard input, `@FILE` for a file. None: for itself.
///
/// # Errors
/// As [`text()`].
pub(crate) async fn named(argument: &str) -> Result<Option<String>, Failure> {
    Ok(match argument.strip_prefix('@') {
        Some(file) => Some(text(Path::new(file)).await?),
        None if argument == "-" => Some(text(Path::new("-")).await?),
        None => None,
    })
}

/// The bytes that an argument stands for: `-` for those of standard input, `@FILE` for those of a file, as they are. None: it is
/// neither.
///
/// # Errors
/// `Failure::Local`: they cannot be read.
pub(crate) async fn named_bytes(argument: &str) -> Result<Option<Vec<u8>>, Failure> {
    let (read, from) = match argument.strip_prefix('@') {
        Some(file) => {
            let path = PathBuf::from(file);
            (aside(move || bytes(&path)).await, file)
        }
        None if argument == "-" => (aside(|| all(io::stdin())).await, "standard input"),
        None => return Ok(None),
    };
    read.map(Some).map_err(|error| Failure::Local(format!("cannot read {from}: {error}")))
}

/// The entries of a list in a text, a line each or with commas between, joined by commas.
pub(crate) fn listed(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(",")
}

/// The bytes of a file.
///
/// # Errors
/// It cannot be read, or is larger than anything that this program is for.
pub(crate) fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    all(open(path)?)
}

/// Refuses what is no file: to open a named pipe waits for somebody to write to it, and a device may never end.
///
/// # Errors
/// What is there instead, or it cannot be found out.
pub(crate) fn expect_file(path: &Path) -> io::Result<()> {
    let kind = fs::metadata(path)?.file_type();
    // What the shell has opened already, for `<(command)` say.
    let is_open = ["/dev/fd", "/dev/stdin", "/proc/self/fd"].iter().any(|open| path.starts_with(open));
    if is_open { Ok(()) } else { expect_regular(kind) }
}

/// Where a new file is put for this one: behind links, so that they stay. There it must be a file, or nothing.
///
/// # Errors
/// What is there instead, or it cannot be found out.
pub(crate) fn replaced(path: &Path) -> io::Result<PathBuf> {
    let there = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(path.to_owned()),
        there => there?,
    };
    let path = if there.is_symlink() { fs::canonicalize(path)? } else { path.to_owned() };
    expect_regular(fs::metadata(&path)?.file_type())?;
    Ok(path)
}

fn expect_regular(kind: FileType) -> io::Result<()> {
    let found = match kind {
        kind if kind.is_file() => return Ok(()),
        kind if kind.is_dir() => "a directory",
        kind if kind.is_fifo() => "a named pipe",
        kind if kind.is_socket() => "a socket",
        _ => "a device",
    };
    Err(io::Error::new(io::ErrorKind::InvalidInput, format!("expected a file, found {found}")))
}

fn open(path: &Path) -> io::Result<File> {
    expect_file(path)?;
    File::open(path)
}

/// The bytes of a file of text, without the mark that some editors put before it.
///
/// # Errors
/// As [`bytes()`].
pub(crate) fn text_bytes(path: &Path) -> io::Result<Vec<u8>> {
    bytes(path).map(without_mark)
}

fn bounded(from: impl Read) -> io::Result<String> {
    let bytes = without_mark(all(from)?);
    String::from_utf8(bytes).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "expected UTF-8 text"))
}

fn without_mark(mut bytes: Vec<u8>) -> Vec<u8> {
    if bytes.starts_with(BYTE_ORDER_MARK) {
        bytes.drain(..BYTE_ORDER_MARK.len());
    }
    bytes
}

/// To its end, but a pipe may have none.
fn all(from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(LONGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 <= LONGEST {
        return Ok(bytes);
    }
    Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("expected at most {} MiB", LONGEST >> 20)))
}

/// The client secret: from the file that was named, else `SALESFORCE_CLIENT_SECRET`, else a prompt without echo on a
/// terminal. None: a public client.
///
/// # Errors
/// `Failure::Local`: the file or the terminal cannot be read.
pub(crate) async fn client_secret(file: Option<&Path>, ask: bool) -> Result<Option<Secret>, Failure> {
    let secret = if let Some(path) = file {
        text(path).await?.trim_end_matches(['\r', '\n']).to_owned()
    } else if let Some(secret) = std::env::var_os("SALESFORCE_CLIENT_SECRET") {
        secret.into_string().map_err(|_| Failure::Local("SALESFORCE_CLIENT_SECRET is not UTF-8 text".to_owned()))?
    } else if ask && io::stdin().is_terminal() {
        let _echo = Terminal::keep();
        aside(|| rpassword::prompt_password("Client secret (Enter for none): "))
            .await
            .map_err(|error| Failure::Local(format!("cannot read from the terminal: {error}")))?
    } else {
        String::new()
    };
    Ok((!secret.is_empty()).then(|| Secret::from(secret)))
}

/// Waits until standard input ends, whatever it says.
///
/// # Errors
/// `Failure::Local`: it cannot be read.
pub(crate) async fn end() -> Result<(), Failure> {
    let end = aside(|| io::copy(&mut io::stdin(), &mut io::sink())).await;
    end.map(|_| ()).map_err(|error| Failure::Local(format!("cannot read standard input: {error}")))
}

pub(crate) async fn aside<T: Send + 'static>(read: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(read).await.map_err(io::Error::other)?
}

/// The terminal's settings, put back when this is dropped: Ctrl-C leaves a prompt before it has turned the echo on again.
struct Terminal {
    stdin: Stdin,
    settings: Option<Termios>,
}

impl Terminal {
    fn keep() -> Terminal {
        let stdin = io::stdin();
        let settings = tcgetattr(&stdin).ok();
        Terminal { stdin, settings }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if let Some(settings) = &self.settings {
            // Nobody is left to tell.
            let _ = tcsetattr(&self.stdin, OptionalActions::Now, settings);
        }
    }
}
