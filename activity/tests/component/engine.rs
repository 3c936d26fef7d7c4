//! A small durable engine: it gives a component its environment, secrets as placeholders, and replaces these on the way out
//! as Obelisk does.

use std::sync::LazyLock;

use http_body_util::{BodyExt, Full};
use wasmtime::component::{Component, Linker, ResourceTable, Val};
use wasmtime::{Engine, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_http::{
    Error, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView, default_send_request,
};

type IoFuture = Box<dyn Future<Output = Result<(), Error>> + Send>;
type SendFuture = Box<dyn Future<Output = Result<(hyper::Response<WasiBody>, IoFuture), Error>> + Send>;

static ENGINE: LazyLock<Engine> = LazyLock::new(Engine::default);
static ACTIVITY: LazyLock<Component> = LazyLock::new(|| component(&[]));
static CREATE_ACTIVITY: LazyLock<Component> = LazyLock::new(|| component(&["create"]));

fn component(features: &[&str]) -> Component {
    let workspace = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let target = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("guest");
    let wasm = componentize::component(&workspace, "salesforce-activity", features, &target);
    Component::new(&ENGINE, wasm.unwrap_or_else(|error| panic!("{error}"))).unwrap()
}

/// What an activity is run with.
#[derive(Default)]
pub(crate) struct Deployment {
    environment: Vec<(String, String)>,
    secrets: Vec<(String, String)>,
}

impl Deployment {
    /// A variable that the component reads as it is.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A variable whose value the component never sees.
    pub(crate) fn secret(mut self, name: &str, value: &str) -> Self {
        let placeholder = format!("PLACEHOLDER_{}_{}", "0123456789abcdef".repeat(4), self.secrets.len());
        self.secrets.push((placeholder.clone(), value.to_owned()));
        self.variable(name, &placeholder)
    }

    /// Calls a function of `actions`.
    pub(crate) async fn act(&self, function: &str, parameters: &[Val]) -> Result<Val, (String, Val)> {
        self.call(&ACTIVITY, "actions", function, parameters).await
    }

    /// Calls `creation.create-record`.
    pub(crate) async fn create(&self, parameters: &[Val]) -> Result<Val, (String, Val)> {
        self.call(&CREATE_ACTIVITY, "creation", "create-record", parameters).await
    }

    /// The result, or the case of the error and what is in it.
    async fn call(
        &self,
        component: &Component,
        interface: &str,
        function: &str,
        parameters: &[Val],
    ) -> Result<Val, (String, Val)> {
        let mut linker = Linker::<Execution>::new(&ENGINE);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker).unwrap();
        wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker).unwrap();
        let mut wasi = WasiCtxBuilder::new();
        wasi.envs(&self.environment);
        let execution = Execution {
            table: ResourceTable::new(),
            wasi: wasi.build(),
            http: WasiHttpCtx::new(),
            egress: Egress { secrets: self.secrets.clone() },
        };
        let mut store = Store::new(&ENGINE, execution);
        let instance = linker.instantiate_async(&mut store, component).await.unwrap();
        let name = format!("workflow:salesforce-activity/{interface}@0.2.0");
        let interface = instance.get_export_index(&mut store, None, &name).unwrap();
        let function = instance.get_export_index(&mut store, Some(&interface), function).unwrap();
        let function = instance.get_func(&mut store, function).unwrap();
        let mut results = [Val::Bool(false)];
        function.call_async(&mut store, parameters, &mut results).await.unwrap();
        let [Val::Result(result)] = results else { panic!("expected a result") };
        match result {
            Ok(value) => Ok(value.map_or(Val::Bool(true), |value| *value)),
            Err(Some(error)) => match *error {
                Val::Variant(case, failure) => Err((case, failure.map_or(Val::Bool(false), |failure| *failure))),
                other => panic!("expected a variant: {other:?}"),
            },
            Err(None) => panic!("expected an error with something in it"),
        }
    }
}

/// The field of a record.
pub(crate) fn field<'a>(record: &'a Val, name: &str) -> &'a Val {
    let Val::Record(fields) = record else { panic!("expected a record: {record:?}") };
    let (_, value) = fields.iter().find(|(field, _)| field == name).unwrap();
    value
}

struct Execution {
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    egress: Egress,
}

impl WasiView for Execution {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for Execution {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.egress }
    }
}

/// Puts secrets in the place of their placeholders, in headers and forms. As in Obelisk the length that a request says it
/// has stays as it is.
struct Egress {
    secrets: Vec<(String, String)>,
}

impl WasiHttpHooks for Egress {
    fn send_request(
        &mut self,
        request: hyper::Request<WasiBody>,
        options: Option<RequestOptions>,
        _: IoFuture,
    ) -> SendFuture {
        let secrets = self.secrets.clone();
        let replaced = move |text: &str| {
            secrets.iter().fold(text.to_owned(), |text, (placeholder, secret)| text.replace(placeholder, secret))
        };
        Box::new(async move {
            let (mut parts, body) = request.into_parts();
            if let Some(authorization) = parts.headers.get_mut("authorization") {
                *authorization = replaced(authorization.to_str().unwrap()).parse().unwrap();
            }
            let body = replaced(std::str::from_utf8(&body.collect().await?.to_bytes()).unwrap());
            let body = Full::new(body.into_bytes().into()).map_err(|never| match never {});
            let (response, io) = default_send_request(hyper::Request::from_parts(parts, body), options).await?;
            Ok((response.map(BodyExt::boxed_unsync), Box::new(io) as IoFuture))
        })
    }
}
