//! What the network, and what stands in front of Salesforce, can do to a call. After each write the ledger tells what
//! really happened, and the error must agree.

mod egress;
mod lost;
mod repeats;
mod time;
