//! OAuth through the component: one file for each flow, and one for answers that must not be trusted.

mod authorization_code;
mod browser;
mod client_credentials;
mod jwt_bearer;
mod refresh;
mod tokens;
mod trust;
