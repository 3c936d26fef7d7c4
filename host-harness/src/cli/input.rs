//! Text and secrets that commands read: files, standard input, the environment, a prompt.

use std::io::{self, IsTerminal, Read};
use std::path::Path;

use super::failure::Failure;
use crate::connection::Secret;

/// The text of a file, or of standard input for `-`.
///
/// # Errors
/// `Failure::Local`: it cannot be read, or is not UTF-8.
pub(crate) fn text(path: &Path) -> Result<String, Failure> {
    if path.as_os_str() == "-" {
        let mut text = String::new();
        return match io::stdin().read_to_string(&mut text) {
            Ok(_) => Ok(text),
            Err(error) => Err(Failure::Local(format!("cannot read standard input: {error}"))),
        };
    }
    std::fs::read_to_string(path).map_err(|error| Failure::Local(format!("cannot read {}: {error}", path.display())))
}

/// The client secret: from the file that was named, else `SALESFORCE_CLIENT_SECRET`, else a prompt without echo on a
/// terminal. None: a public client.
///
/// # Errors
/// `Failure::Local`: the file or the terminal cannot be read.
pub(crate) fn client_secret(file: Option<&Path>, ask: bool) -> Result<Option<Secret>, Failure> {
    let secret = if let Some(path) = file {
        text(path)?.trim_end_matches(['\r', '\n']).to_owned()
    } else if let Some(secret) = std::env::var_os("SALESFORCE_CLIENT_SECRET") {
        secret.into_string().map_err(|_| Failure::Local("SALESFORCE_CLIENT_SECRET is not UTF-8 text".to_owned()))?
    } else if ask && io::stdin().is_terminal() {
        rpassword::prompt_password("Client secret (Enter for none): ")
            .map_err(|error| Failure::Local(format!("cannot read from the terminal: {error}")))?
    } else {
        String::new()
    };
    Ok((!secret.is_empty()).then(|| Secret::from(secret)))
}
