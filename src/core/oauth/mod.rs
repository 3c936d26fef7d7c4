//! OAuth 2.0 (RFC 6749, PKCE RFC 7636, revocation RFC 7009, introspection RFC 7662, JWT bearer RFC 7523), as Salesforce
//! does it. Nothing is kept here, and nothing is refreshed on its own.

mod authorization;
mod callback;
mod connected_app;
mod introspect;
mod oauth_error;
mod revoke;
mod token;
mod token_set;
mod user_info;

pub use authorization::{Authorization, AuthorizationRequest, PendingAuthorization, RANDOM_BYTES, begin_authorization};
pub use callback::complete_authorization;
pub use connected_app::ConnectedApp;
pub use introspect::{Introspection, TokenType, introspect};
pub use revoke::revoke;
pub use token::{client_credentials, jwt_bearer, refresh};
pub use token_set::TokenSet;
pub use user_info::{UserInfo, user_info};
