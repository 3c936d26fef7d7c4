//! A small durable engine for workflows: it records what each activity gave, repeats what it may, and plays the record back to a
//! workflow that was stopped. The activities are the real ones.

use std::collections::VecDeque;
use std::sync::{Arc, LazyLock, Mutex};

use wasmtime::component::{Component, Linker, LinkerInstance, Resource, ResourceAny, ResourceType, Type, Val};
use wasmtime::{Result, Store, StoreContextMut, bail};

use crate::engine::{ACTIVITY, Deployment, ENGINE, component};
use crate::values::{parse, told};

static WORKFLOW: LazyLock<Component> = LazyLock::new(|| component("billing-workflow", &[]));

/// As in `deployment.toml`.
const MAX_RETRIES: usize = 8;

/// Of what happened in an execution.
struct Event {
    call: String,
    arguments: Vec<Val>,
    result: Val,
}

/// What becomes true of the world while a workflow waits; it is given how long that is, in seconds.
type Meanwhile = Arc<dyn Fn(u64) + Send + Sync>;

/// An execution of a workflow: it survives the servers that run it.
pub(crate) struct Execution {
    activities: Arc<Deployment>,
    record: Arc<Mutex<Vec<Event>>>,
    meanwhile: Meanwhile,
}

/// A server that runs it.
struct Server {
    activities: Arc<Deployment>,
    record: Arc<Mutex<Vec<Event>>>,
    meanwhile: Meanwhile,
    /// How many events the workflow has been given.
    given: usize,
    /// It dies in the event with this number: what is asked for happens, and is not recorded.
    dies_in: Option<usize>,
    join_sets: Vec<VecDeque<(String, Vec<Val>)>>,
    submitted: usize,
}

struct JoinSet;

impl Execution {
    pub(crate) fn new(activities: Deployment, meanwhile: impl Fn(u64) + Send + Sync + 'static) -> Self {
        Self { activities: Arc::new(activities), record: Arc::default(), meanwhile: Arc::new(meanwhile) }
    }

    /// Calls a function of the workflow, from the beginning and with what is recorded: its result, or none if the server dies in
    /// this event.
    pub(crate) async fn run(
        &self,
        function: &str,
        arguments: &serde_json::Value,
        dies_in: Option<usize>,
    ) -> Option<serde_json::Value> {
        let server = Server {
            activities: Arc::clone(&self.activities),
            record: Arc::clone(&self.record),
            meanwhile: Arc::clone(&self.meanwhile),
            given: 0,
            dies_in,
            join_sets: Vec::new(),
            submitted: 0,
        };
        let mut store = Store::new(&ENGINE, server);
        let instance = linker().unwrap().instantiate_async(&mut store, &WORKFLOW).await.unwrap();
        let interface = instance.get_export_index(&mut store, None, "workflow:billing/accounts@0.1.0").unwrap();
        let function = instance.get_export_index(&mut store, Some(&interface), function).unwrap();
        let function = instance.get_func(&mut store, function).unwrap();
        let types: Vec<_> = function.ty(&store).params().map(|(_, ty)| ty).collect();
        let arguments: Vec<_> = types.iter().enumerate().map(|(index, ty)| parse(&arguments[index], ty)).collect();
        let mut results = [Val::Bool(false)];
        match function.call_async(&mut store, &arguments, &mut results).await {
            Ok(()) => Some(told(&results[0])),
            Err(error) => {
                assert!(dies_in.is_some() && format!("{error:?}").contains(KILLED), "{error:?}");
                None
            }
        }
    }

    /// What is recorded: the calls.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.record.lock().unwrap().iter().map(|event| event.call.clone()).collect()
    }

    /// How many events are recorded.
    pub(crate) fn events(&self) -> usize {
        self.record.lock().unwrap().len()
    }
}

const KILLED: &str = "the server was killed";

fn linker() -> Result<Linker<Server>> {
    let mut linker = Linker::new(&ENGINE);
    let jobs = ["create-ingest-job", "upload-job-data", "close-ingest-job", "get-ingest-job", "abort-job"];
    for (interface, functions) in
        [("actions", &["soql-query", "next-page"][..]), ("changes", &["changed-records"]), ("bulk", &jobs)]
    {
        let mut instance = linker.instance(&format!("workflow:salesforce-activity/{interface}@0.2.1"))?;
        for function in functions {
            let call = format!("{interface}.{function}");
            instance.func_new_async(function, move |mut server, _, arguments, results| {
                let call = call.clone();
                Box::new(async move {
                    results[0] = happens(&mut server, &call, arguments.to_vec()).await?;
                    Ok(())
                })
            })?;
        }
    }
    let mut types = linker.instance("obelisk:types/join-set@4.2.0")?;
    types.resource("join-set", ResourceType::host::<JoinSet>(), |_, _| Ok(()))?;
    join_sets(&mut linker.instance("obelisk:workflow/workflow-support@5.1.0")?)?;
    upserts(&mut linker.instance("workflow:salesforce-activity-obelisk-ext/collections@0.2.1")?)?;
    Ok(linker)
}

fn join_sets(support: &mut LinkerInstance<'_, Server>) -> Result<()> {
    support.func_new("join-set-create", |mut server, _, _, results| {
        server.data_mut().join_sets.push(VecDeque::new());
        let number = server.data().join_sets.len() - 1;
        let join_set = Resource::<JoinSet>::new_own(number.try_into()?);
        results[0] = Val::Resource(join_set.try_into_resource_any(&mut server)?);
        Ok(())
    })?;
    support.func_new("join-set-close", |mut server, _, arguments, _| {
        let number = number(&mut server, &arguments[0])?;
        assert!(server.data().join_sets[number].is_empty(), "a result was not looked at");
        Ok(())
    })?;
    support.func_new_async("sleep", |mut server, _, arguments, results| {
        Box::new(async move {
            results[0] = happens(&mut server, "sleep", arguments.to_vec()).await?;
            Ok(())
        })
    })
}

fn upserts(extension: &mut LinkerInstance<'_, Server>) -> Result<()> {
    extension.func_new("upsert-records-submit", |mut server, _, arguments, results| {
        let number = number(&mut server, &arguments[0])?;
        let server = server.data_mut();
        server.submitted += 1;
        let id = format!("E_{}", server.submitted);
        server.join_sets[number].push_back((id.clone(), arguments[1..].to_vec()));
        results[0] = execution_id(id);
        Ok(())
    })?;
    extension.func_new_async("upsert-records-await-next", |mut server, _, arguments, results| {
        Box::new(async move {
            let number = number(&mut server, &arguments[0])?;
            let next = server.data_mut().join_sets[number].pop_front();
            results[0] = Val::Result(match next {
                Some((id, arguments)) => {
                    let result = happens(&mut server, "collections.upsert-records", arguments).await?;
                    Ok(Some(Box::new(Val::Tuple(vec![execution_id(id), result]))))
                }
                None => Err(Some(Box::new(Val::Variant("all-processed".to_owned(), None)))),
            });
            Ok(())
        })
    })
}

fn number(server: &mut StoreContextMut<'_, Server>, join_set: &Val) -> Result<usize> {
    let Val::Resource(join_set) = join_set else { bail!("expected a join set") };
    let join_set: Resource<JoinSet> = ResourceAny::try_into_resource(*join_set, server)?;
    Ok(join_set.rep().try_into()?)
}

fn execution_id(id: String) -> Val {
    Val::Record(vec![("id".to_owned(), Val::String(id))])
}

/// What is recorded, or what happens now. A workflow that is played back must ask for the same.
async fn happens(server: &mut StoreContextMut<'_, Server>, call: &str, arguments: Vec<Val>) -> Result<Val> {
    let server = server.data_mut();
    let number = server.given;
    server.given += 1;
    if let Some(event) = server.record.lock().unwrap().get(number) {
        assert_eq!((event.call.as_str(), &event.arguments), (call, &arguments), "event {number}");
        return Ok(event.result.clone());
    }
    let result = match call.split_once('.') {
        Some((interface, function)) => activity(&server.activities, interface, function, &arguments).await,
        None => {
            let wait = told(&arguments[0]);
            (server.meanwhile)(wait["in"]["seconds"].as_u64().unwrap());
            let time = [("seconds".to_owned(), Val::U64(0)), ("nanoseconds".to_owned(), Val::U32(0))];
            Val::Result(Ok(Some(Box::new(Val::Record(time.into())))))
        }
    };
    if server.dies_in == Some(number) {
        bail!("{KILLED}");
    }
    server.record.lock().unwrap().push(Event { call: call.to_owned(), arguments, result: result.clone() });
    Ok(result)
}

/// Calls an activity, again as long as its error is not permanent.
async fn activity(activities: &Deployment, interface: &str, function: &str, arguments: &[Val]) -> Val {
    let mut retries = 0;
    loop {
        let result = activities.run(&ACTIVITY, interface, function, |_: &[Type]| arguments.to_vec()).await;
        let is_permanent = matches!(
            &result,
            Val::Result(Err(Some(error))) if matches!(&**error, Val::Variant(case, _) if case.starts_with("permanent"))
        );
        if matches!(result, Val::Result(Ok(_))) || is_permanent || retries == MAX_RETRIES {
            return result;
        }
        retries += 1;
    }
}
