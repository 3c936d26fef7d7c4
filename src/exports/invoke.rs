//! `invoke`.

use super::Connector;
use super::mapping::{decision, invocable, rest_call};
use super::types::{answer, call};
use crate::core::invoke::{self, QuickAction};
use crate::world::exports::workflow::salesforce::invoke as wit;
use crate::world::exports::workflow::salesforce::types::Error;

impl wit::Guest for Connector {
    fn invocable_action(
        on: wit::Connection,
        action: wit::Invocable,
        inputs: Vec<String>,
        options: wit::CallOptions,
    ) -> Result<wit::Invocations, Error> {
        answer(|| {
            let (mut transport, connection, options) = call(&on, options)?;
            let done = invoke::invoke(&mut transport, &connection, &invocable(action)?, &inputs, &options)?;
            let results = done.results.into_iter().map(|result| result.map_err(|error| (*error).into()));
            Ok(wit::Invocations { results: results.collect(), usage: done.usage.map(Into::into) })
        })
    }

    fn describe_invocable_action(
        on: wit::Connection,
        action: wit::Invocable,
        options: wit::CallOptions,
    ) -> Result<String, Error> {
        answer(|| {
            let (mut transport, connection, options) = call(&on, options)?;
            invoke::describe(&mut transport, &connection, &invocable(action)?, &options)
        })
    }

    fn quick_action(
        on: wit::Connection,
        object: Option<String>,
        name: String,
        context_id: Option<String>,
        fields: String,
        options: wit::CallOptions,
    ) -> Result<wit::QuickActionResult, Error> {
        answer(|| {
            let (mut transport, connection, options) = call(&on, options)?;
            let action = QuickAction::parse(object.as_deref(), &name, context_id.as_deref())?;
            let (answer, usage) = invoke::quick_action(&mut transport, &connection, &action, &fields, &options)?;
            Ok(wit::QuickActionResult { answer, usage: usage.map(Into::into) })
        })
    }

    fn approval(
        on: wit::Connection,
        request: wit::ApprovalRequest,
        options: wit::CallOptions,
    ) -> Result<wit::ApprovalResult, Error> {
        answer(|| {
            let (mut transport, connection, options) = call(&on, options)?;
            let done = invoke::approval(&mut transport, &connection, &decision(request)?, &options)?;
            Ok(wit::ApprovalResult {
                record_id: done.record_id,
                instance_id: done.instance_id,
                status: done.status,
                actor_ids: done.actor_ids,
                new_work_item_ids: done.new_work_item_ids,
                usage: done.usage.map(Into::into),
            })
        })
    }

    fn apex_rest(
        on: wit::Connection,
        method: wit::HttpMethod,
        path: String,
        query: Vec<wit::QueryParameter>,
        body: Option<String>,
        options: wit::CallOptions,
    ) -> Result<wit::RestResponse, Error> {
        answer(|| {
            let (mut transport, connection, options) = call(&on, options)?;
            let call = rest_call(method, &path, query, body)?;
            let answer = invoke::apex_rest(&mut transport, &connection, &call, &options)?;
            Ok(wit::RestResponse {
                status: answer.status,
                content_type: answer.content_type,
                body: answer.body.into(),
                usage: answer.usage.map(Into::into),
            })
        })
    }
}
