//! Everything that servers share: the deployment with its components in one folder, and PostgreSQL.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::postgres::Postgres;

/// A folder with the files of `deploy/obelisk` and the components beside them.
pub(crate) struct Site {
    pub(crate) obelisk: PathBuf,
    pub(crate) postgres: Postgres,
    folder: TempDir,
}

/// The components of the deployment: file, package, features.
const COMPONENTS: [(&str, &str, &[&str]); 3] = [
    ("salesforce-activity.wasm", "salesforce-activity", &[]),
    ("salesforce-create-activity.wasm", "salesforce-activity", &["create"]),
    ("billing-workflow.wasm", "billing-workflow", &[]),
];

impl Site {
    /// Builds the components and starts PostgreSQL.
    pub(crate) async fn build(workspace: &Path, obelisk: PathBuf, postgres: &Path, activity: Option<&str>) -> Self {
        let folder = tempfile::Builder::new().prefix("obelisk-trial-").tempdir().unwrap();
        for (file, package, features) in COMPONENTS {
            let component =
                componentize::component(workspace, package, features, &workspace.join("target/obelisk-trial"));
            std::fs::write(folder.path().join(file), component.unwrap_or_else(|error| panic!("{error}"))).unwrap();
        }
        for file in ["server.toml", "deployment.toml", "client-credentials.toml"] {
            let mut text = std::fs::read_to_string(workspace.join("deploy/obelisk").join(file)).unwrap();
            if let Some(activity) = activity {
                let own = "location = \"${DEPLOYMENT_DIR}/salesforce-activity.wasm\"";
                text = text.replace(own, &format!("location = \"{activity}\""));
            }
            std::fs::write(folder.path().join(file), text).unwrap();
        }
        let postgres = Postgres::start(postgres).await;
        Self { obelisk, postgres, folder }
    }

    /// A file of the folder.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}
