//! The types of `wit/host/`. By hand, and not generated: what a component gives is looked at where it lies, and copied once it is
//! known to be short enough.

use wasmtime::component::{ComponentType, Lift, Lower, WasmList, WasmStr};

/// Names and values.
pub(super) type Headers = WasmList<(WasmStr, WasmList<u8>)>;

#[derive(ComponentType, Lift, Clone, Copy)]
#[expect(dead_code, reason = "they are lifted, and never made here")]
#[component(enum)]
#[repr(u8)]
pub(super) enum Method {
    #[component(name = "get")]
    Get,
    #[component(name = "post")]
    Post,
    #[component(name = "put")]
    Put,
    #[component(name = "patch")]
    Patch,
    #[component(name = "delete")]
    Delete,
}

#[derive(ComponentType, Lift)]
#[component(record)]
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) origin: WasmStr,
    #[component(name = "path-and-query")]
    pub(super) path_and_query: WasmStr,
    pub(super) headers: Headers,
    pub(super) body: WasmList<u8>,
    #[component(name = "max-response-bytes")]
    pub(super) max_response_bytes: u64,
    #[component(name = "deadline-ms")]
    pub(super) deadline_ms: u32,
}

#[derive(ComponentType, Lower)]
#[component(record)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, Vec<u8>)>,
    pub(super) body: Vec<u8>,
}

#[derive(ComponentType, Lower, Clone, Copy)]
#[component(enum)]
#[repr(u8)]
pub(super) enum Failure {
    #[component(name = "unreachable")]
    Unreachable,
    #[component(name = "insecure")]
    Insecure,
    #[component(name = "denied")]
    Denied,
    #[component(name = "late")]
    Late,
    #[component(name = "interrupted")]
    Interrupted,
    #[component(name = "host-timeout")]
    HostTimeout,
    #[component(name = "deadline-exceeded")]
    DeadlineExceeded,
    #[component(name = "response-too-large")]
    ResponseTooLarge,
    #[component(name = "request-too-large")]
    RequestTooLarge,
}
