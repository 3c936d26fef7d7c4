//! The end of a connection (RFC 7009).

use super::{ConnectionError, ConnectionKey, ConnectionRecord, ConnectionState, Connections, OAUTH_CALL};
use salesforce_runtime::ExecutionError;
use salesforce_runtime::bindings::types::{Error, ErrorKind};

impl Connections {
    /// Revokes a connection's tokens at Salesforce, then removes them here. If Salesforce cannot be asked, nothing is
    /// changed.
    pub(crate) async fn revoke(&self, tenant: &str, id: &str) -> Result<ConnectionRecord, ConnectionError> {
        let record = self.find(tenant, id).await?;
        if record.state == ConnectionState::Active {
            // Its turn: a refresh that is under way would bring new tokens back.
            let _lease = self.lease_of(id).await?;
            let tokens = self.tokens(&ConnectionKey { tenant: tenant.to_owned(), id: id.to_owned() }).await?;
            // A refresh token ends its access tokens as well.
            let token = tokens.refresh_token.as_ref().unwrap_or(&tokens.access_token);
            let app = self.app_of(&tokens)?;
            match self.at_login(&app).revoke(&app.app, token.expose(), OAUTH_CALL).await {
                Ok(()) => {}
                Err(error) if is_gone_already(&error) => {}
                Err(error) => return Err(ConnectionError::OAuth(error)),
            }
        }
        self.end(id, ConnectionState::Revoked, None, None).await?;
        tracing::info!(connection = id, "a connection was revoked");
        self.find(tenant, id).await
    }
}

fn is_gone_already(error: &ExecutionError) -> bool {
    matches!(error, ExecutionError::Connector(Error { kind: ErrorKind::ReauthorizationRequired, .. }))
}
