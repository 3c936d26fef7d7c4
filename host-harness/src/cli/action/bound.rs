//! Values for the placeholders of a query, from flags and from a file.

use std::path::{Path, PathBuf};

use clap::Args;
use salesforce_actions::parameters;
use salesforce_runtime::bindings::soql::Parameter;

use super::super::failure::Failure;
use super::super::input;

/// Flags of a command that is no action, and runs a query.
#[derive(Debug, Args)]
pub(crate) struct Bound {
    /// Bind a placeholder of the query; may be repeated
    #[arg(long, value_name = "NAME[:TYPE]=VALUE")]
    param: Vec<String>,
    /// Bind the placeholders that a file names, a JSON object
    #[arg(long, value_name = "FILE")]
    params_file: Option<PathBuf>,
}

impl Bound {
    /// All of them.
    ///
    /// # Errors
    /// A value, or the file.
    pub(crate) async fn read(&self) -> Result<Vec<Parameter>, Failure> {
        let mut all = bound(&self.param, "--param")?;
        if let Some(file) = &self.params_file {
            all.extend(of_file(&input::text(file).await?, "--params-file", file)?);
        }
        Ok(all)
    }
}

/// Those that flags of this name bind.
///
/// # Errors
/// `Failure::Usage`
pub(super) fn bound(arguments: &[String], flag: &str) -> Result<Vec<Parameter>, Failure> {
    let read = |argument: &String| {
        parameters::from_argument(argument)
            .map_err(|error| Failure::Usage(format!("{flag}{}: {error}", of_parameter(argument))))
    };
    arguments.iter().map(read).collect()
}

/// Those that a file binds, which a flag of this name has named.
///
/// # Errors
/// `Failure::Usage`
pub(super) fn of_file(text: &str, flag: &str, file: &Path) -> Result<Vec<Parameter>, Failure> {
    parameters::from_file(text).map_err(|error| Failure::Usage(format!("{flag} {}: {error}", file.display())))
}

/// Which parameter it is, if what stands there can be the name of one: else it may be a value in the wrong place.
fn of_parameter(argument: &str) -> String {
    let name = argument.split_once('=').and_then(|(head, _)| head.split(':').next()).unwrap_or_default();
    let is_name =
        (1..=40).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_name { format!(" {name}") } else { String::new() }
}
