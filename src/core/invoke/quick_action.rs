//! Quick actions.
//! <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_quickactions.htm>

use super::ActionName;
use crate::core::api_usage::ApiUsage;
use crate::core::call_options::CallOptions;
use crate::core::connection::Connection;
use crate::core::error::{Error, Result};
use crate::core::http::{Method, Request, Response, Transport};
use crate::core::json::{Json, Object, quoted, required};
use crate::core::name::ObjectName;
use crate::core::record_id::RecordId;
use crate::core::salesforce_error::on_write;
use crate::core::send::{Repeat, send};

/// A quick action to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuickAction {
    object: Option<ObjectName>,
    name: ActionName,
    context: Option<RecordId>,
}

impl QuickAction {
    /// Of an object, or a global one.
    pub fn parse(object: Option<&str>, name: &str, context_id: Option<&str>) -> Result<Self> {
        Ok(Self {
            object: object.map(ObjectName::parse).transpose()?,
            name: ActionName::parse("name", name)?,
            context: context_id.map(|id| RecordId::parse("context-id", id)).transpose()?,
        })
    }
}

/// Runs it with `fields`, JSON text of an object. What it gives is JSON text.
pub fn quick_action(
    transport: &mut dyn Transport,
    connection: &Connection,
    action: &QuickAction,
    fields: &str,
    options: &CallOptions,
) -> Result<(String, Option<ApiUsage>)> {
    let fields = Json::parse_object("fields", fields)?;
    let name = &action.name.0;
    let path = match &action.object {
        Some(object) => ["/sobjects/", object.as_str(), "/quickActions/", name].concat(),
        None => ["/quickActions/", name].concat(),
    };
    let mut json = String::from("{");
    if let Some(context) = &action.context {
        json.extend(["\"contextId\":", &quoted(context.as_str()), ","]);
    }
    json.extend(["\"record\":", fields.as_str(), "}"]);
    let request = Request::write(connection, Method::Post, &path, json);
    let response = send(transport, &request, Repeat::Never, options)?;
    let usage = response.header("sforce-limit-info").and_then(ApiUsage::parse);
    read(&response).map(|answer| (answer, usage)).map_err(|error| {
        let mut error = error.with_answer(&response);
        error.redact(&request.secrets);
        error
    })
}

fn read(response: &Response) -> Result<String> {
    let whole = Json::parse(&response.body, "the result of a quick action")?;
    let answer = Object::expect(whole, "the result of a quick action")?;
    if required("success", answer.boolean("success")?)? {
        return Ok(whole.as_str().into());
    }
    match answer.member("errors")? {
        Some(errors) => Err(on_write(&Response { status: 400, headers: Vec::new(), body: errors.as_str().into() })),
        None => Err(Error::invalid_response("the quick action failed, and the answer does not say why")),
    }
}
