//! What an org runs of its own: it is sent once, whatever happens.

mod actions;
mod apex_rest;
mod approvals;
mod quick_actions;

use salesforce_runtime::bindings::types::CallOptions;

use crate::calls::DEFAULTS;

const TEN_TIMES: CallOptions = CallOptions { attempts: Some(10), ..DEFAULTS };
