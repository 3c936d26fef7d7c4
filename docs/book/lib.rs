#![doc = include_str!(concat!(env!("OUT_DIR"), "/README.md"))]
//! ## The crates
//!
//! | crate | what it is |
//! |---|---|
//! | [`salesforce_runtime`] | runs a component, each call in a fresh sandbox; the way to the network; secrets |
//! | [`salesforce_connections`] | connections with their tokens, stored and refreshed once |
//! | [`salesforce_actions`] | actions as data: inputs and results as JSON, schemas, tables |
//! | [`salesforce_streams`] | large results as streams of WASI 0.3 |
//! | [`salesforce_verify`] | whether somebody's component may run |
//! | [`salesforce_mcp`] | actions as tools for agents |
//! | [`salesforce_server`] | `harness serve` as a library |
//! | [`mock_salesforce`] | a Salesforce in memory, for tests |
//! | [`salesforce_connector`] | the connector's core, which the component is made of |

include!(concat!(env!("OUT_DIR"), "/pages.rs"));
