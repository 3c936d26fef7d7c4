//! A small durable engine: it gives a component its environment, secrets as placeholders, and replaces these on the way out
//! as Obelisk does.

use std::sync::LazyLock;

use http_body_util::{BodyExt, Full};
use serde_json::Value as Json;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, Linker, ResourceTable, Type, Val};
use wasmtime::{Engine, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_http::{
    Error, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView, default_send_request,
};

use crate::values::{self, told};

type IoFuture = Box<dyn Future<Output = Result<(), Error>> + Send>;
type SendFuture = Box<dyn Future<Output = Result<(hyper::Response<WasiBody>, IoFuture), Error>> + Send>;

pub(crate) static ENGINE: LazyLock<Engine> = LazyLock::new(Engine::default);
pub(crate) static ACTIVITY: LazyLock<Component> = LazyLock::new(|| component("salesforce-activity", &[]));
static CREATE_ACTIVITY: LazyLock<Component> = LazyLock::new(|| component("salesforce-activity", &["create"]));

pub(crate) fn component(package: &str, features: &[&str]) -> Component {
    Component::new(&ENGINE, built(package, features)).unwrap()
}

/// A package of the workspace as a component.
pub(crate) fn built(package: &str, features: &[&str]) -> Vec<u8> {
    let workspace = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let target = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name(componentize::TARGET_FOLDER);
    componentize::component(&workspace, package, features, &target).unwrap_or_else(|error| panic!("{error}"))
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

    /// Calls `interface.function` with JSON arguments: what it gave, or its error.
    pub(crate) async fn call(&self, function: &str, arguments: Json) -> Result<Json, Failed> {
        let (interface, function) = function.split_once('.').unwrap();
        let is_here = ACTIVITY.get_export_index(None, &*exported(interface)).is_some();
        let component = if is_here { &ACTIVITY } else { &CREATE_ACTIVITY };
        let parse = |types: &[Type]| {
            assert_eq!(arguments.as_array().unwrap().len(), types.len(), "arguments of {function}");
            types.iter().enumerate().map(|(index, ty)| values::parse(&arguments[index], ty)).collect()
        };
        let result = self.run(component, interface, function, parse).await;
        let mut result = told(&result);
        match result["err"].take() {
            Json::Null => Ok(result["ok"].take()),
            Json::Object(error) => {
                let (case, failure) = error.into_iter().next().unwrap();
                Err(Failed { case, failure })
            }
            other => panic!("expected an error with something in it: {other}"),
        }
    }

    /// Calls a function of `actions`, `collections` and so on.
    pub(crate) async fn run(
        &self,
        component: &Component,
        interface: &str,
        function: &str,
        arguments: impl FnOnce(&[Type]) -> Vec<Val>,
    ) -> Val {
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
        let interface = instance.get_export_index(&mut store, None, &exported(interface)).unwrap();
        let function = instance.get_export_index(&mut store, Some(&interface), function).unwrap();
        let function = instance.get_func(&mut store, function).unwrap();
        let types: Vec<_> = function.ty(&store).params().map(|(_, ty)| ty).collect();
        let mut results = [Val::Bool(false)];
        function.call_async(&mut store, &arguments(&types), &mut results).await.unwrap();
        let [result] = results;
        result
    }
}

/// An error of an activity.
#[derive(Debug)]
pub(crate) struct Failed {
    /// `transient` and so on.
    pub(crate) case: String,
    pub(crate) failure: Json,
}

impl Failed {
    /// Case, kind and outcome.
    pub(crate) fn sorted(&self) -> (&str, &str, &str) {
        let text = |name: &str| self.failure[name].as_str().unwrap();
        (&self.case, text("kind"), text("outcome"))
    }
}

fn exported(interface: &str) -> String {
    format!("workflow:salesforce-activity/{interface}@0.2.1")
}

/// The functions of both components, as `interface.function`: those that an engine may repeat, and those that it may not.
pub(crate) fn functions() -> [Vec<String>; 2] {
    [&ACTIVITY, &CREATE_ACTIVITY].map(|component| {
        let mut functions = Vec::new();
        for (name, export) in component.component_type().exports(&ENGINE) {
            let interface = name.strip_prefix("workflow:salesforce-activity/").unwrap();
            let interface = interface.strip_suffix("@0.2.1").unwrap();
            let ComponentItem::ComponentInstance(instance) = export.ty else { panic!("expected an interface: {name}") };
            let members = instance.exports(&ENGINE);
            let members = members.filter(|(_, member)| matches!(member.ty, ComponentItem::ComponentFunc(_)));
            functions.extend(members.map(|(function, _)| format!("{interface}.{function}")));
        }
        functions.sort();
        functions
    })
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
            let body = body.collect().await?.to_bytes();
            // A file is not looked through.
            let body =
                std::str::from_utf8(&body).map_or_else(|_| body.clone(), |text| replaced(text).into_bytes().into());
            let body = Full::new(body).map_err(|never| match never {});
            let (response, io) = default_send_request(hyper::Request::from_parts(parts, body), options).await?;
            Ok((response.map(BodyExt::boxed_unsync), Box::new(io) as IoFuture))
        })
    }
}
