//! `invoke`.

use super::Connector;
use super::types::{answer, call};
use crate::core::error::Result as Parsed;
use crate::core::http::Method;
use crate::core::invoke::{
    self, Body, Call, Decision, Invocable, Kind, Parameter, QuickAction, RestPath, Step, Submission,
};
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
            let decision = match request {
                wit::ApprovalRequest::Submit(asked) => Decision::Submit(submission(asked)?),
                wit::ApprovalRequest::Approve(asked) => Decision::Approve(step(asked)?),
                wit::ApprovalRequest::Reject(asked) => Decision::Reject(step(asked)?),
            };
            let done = invoke::approval(&mut transport, &connection, &decision, &options)?;
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
            let method = match method {
                wit::HttpMethod::Get => Method::Get,
                wit::HttpMethod::Post => Method::Post,
                wit::HttpMethod::Put => Method::Put,
                wit::HttpMethod::Patch => Method::Patch,
                wit::HttpMethod::Delete => Method::Delete,
            };
            let query = query.into_iter().enumerate();
            let query = query.map(|(index, pair)| Parameter::parse(index, pair.name, pair.value));
            let query: Vec<_> = query.collect::<Parsed<_>>()?;
            let call = Call::parse(method, &RestPath::parse(&path)?, &query, body)?;
            let answer = invoke::apex_rest(&mut transport, &connection, &call, &options)?;
            Ok(wit::RestResponse {
                status: answer.status,
                content_type: answer.content_type,
                body: match answer.body {
                    Body::Empty => wit::RestBody::Empty,
                    Body::Json(json) => wit::RestBody::Json(json),
                    Body::Text(text) => wit::RestBody::Text(text),
                },
                usage: answer.usage.map(Into::into),
            })
        })
    }
}

fn invocable(action: wit::Invocable) -> Parsed<Invocable> {
    match action {
        wit::Invocable::Flow(name) => Invocable::parse(Kind::Flow, &name),
        wit::Invocable::Apex(name) => Invocable::parse(Kind::Apex, &name),
        wit::Invocable::Standard(name) => Invocable::parse(Kind::Standard, &name),
    }
}

fn submission(asked: wit::Submission) -> Parsed<Submission> {
    let step = Step::parse("record-id", &asked.record_id, asked.comments, &asked.next_approver_ids)?;
    Submission::parse(step, asked.submitter_id.as_deref(), asked.process, asked.skip_entry_criteria)
}

fn step(asked: wit::Decision) -> Parsed<Step> {
    Step::parse("work-item-id", &asked.work_item_id, asked.comments, &asked.next_approver_ids)
}
