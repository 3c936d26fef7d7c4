//! Everything that servers share: the deployment with its components in one folder, and PostgreSQL.

use std::path::{Path, PathBuf};

use componentize::{ACTIVITIES, ACTIVITY};
use tempfile::TempDir;

use crate::postgres::Postgres;
use crate::registry::Registry;

/// A folder with the files of `deploy/obelisk` and the components beside them.
pub(crate) struct Site {
    pub(crate) obelisk: PathBuf,
    pub(crate) postgres: Postgres,
    pub(crate) registry: Option<Registry>,
    folder: TempDir,
}

/// The package that is the example workflow.
const WORKFLOW: &str = "billing-workflow";

/// Builds the components of the deployment into a folder, under the names that it has for them.
pub(crate) fn build_components(workspace: &Path, folder: &Path) {
    let workflow = ("billing-workflow", WORKFLOW, &[][..]);
    let activities = ACTIVITIES.map(|(name, features)| (name, ACTIVITY, features));
    for (name, package, features) in activities.into_iter().chain([workflow]) {
        let target = workspace.join("target").join(componentize::TARGET_FOLDER);
        let component = componentize::component(workspace, package, features, &target);
        let component = component.unwrap_or_else(|error| panic!("{error}"));
        let file = folder.join(format!("{name}.wasm"));
        std::fs::write(&file, component).unwrap_or_else(|error| panic!("cannot write {}: {error}", file.display()));
    }
}

impl Site {
    /// Builds the components and starts PostgreSQL, and a registry if there is a `wkg` to put the activity into it.
    pub(crate) async fn start(workspace: &Path, obelisk: PathBuf, postgres: &Path, wkg: Option<&Path>) -> Self {
        let folder = tempfile::Builder::new().prefix("obelisk-trial-").tempdir().unwrap();
        build_components(workspace, folder.path());
        let mut registry = None;
        let mut location = "${DEPLOYMENT_DIR}/salesforce-activity.wasm".to_owned();
        let beside = format!("location = \"{location}\"");
        if let Some(wkg) = wkg {
            let running = Registry::start().await;
            location = running.push(wkg, &folder.path().join("salesforce-activity.wasm")).await;
            println!("The activity comes from {location}\n");
            registry = Some(running);
        }
        for file in ["server.toml", "deployment.toml", "client-credentials.toml"] {
            let text = std::fs::read_to_string(workspace.join("deploy/obelisk").join(file)).unwrap();
            let text = text.replace(&beside, &format!("location = \"{location}\""));
            std::fs::write(folder.path().join(file), text).unwrap();
        }
        let postgres = Postgres::start(postgres).await;
        Self { obelisk, postgres, registry, folder }
    }

    /// A file of the folder.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}
