//! OAuth through the component: one file for each flow.

mod authorization_code;
pub(crate) mod browser;
mod client_credentials;
mod jwt_bearer;
mod refresh;
mod tokens;
