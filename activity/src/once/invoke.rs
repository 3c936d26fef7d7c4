//! `invoke`.

use std::iter::repeat;

use salesforce_connector::core::invoke::{self, QuickAction};

use crate::connect::run;
use crate::mapping::{decision, invocable, rest_call};
use crate::types::each;
use crate::verdict::Action;
use crate::world::Activity;
use crate::world::exports::workflow::salesforce_activity::invoke as wit;

impl wit::Guest for Activity {
    fn invocable_action(
        action: wit::Invocable,
        inputs: Vec<String>,
    ) -> Result<Vec<Result<String, wit::Error>>, wit::Error> {
        let results = run(Action::Write, |transport, connection, options| {
            Ok(invoke::invoke(transport, connection, &invocable(action)?, &inputs, options)?.results)
        })?;
        Ok(each(results, repeat(Action::Write)))
    }

    fn quick_action(
        object: Option<String>,
        name: String,
        context_id: Option<String>,
        fields: String,
    ) -> Result<String, wit::Error> {
        run(Action::Write, |transport, connection, options| {
            let action = QuickAction::parse(object.as_deref(), &name, context_id.as_deref())?;
            Ok(invoke::quick_action(transport, connection, &action, &fields, options)?.0)
        })
    }

    fn approval(request: wit::ApprovalRequest) -> Result<wit::ApprovalResult, wit::Error> {
        run(Action::Write, |transport, connection, options| {
            let done = invoke::approval(transport, connection, &decision(request)?, options)?;
            Ok(wit::ApprovalResult {
                record_id: done.record_id,
                instance_id: done.instance_id,
                status: done.status,
                actor_ids: done.actor_ids,
                new_work_item_ids: done.new_work_item_ids,
            })
        })
    }

    fn apex_rest(
        method: wit::HttpMethod,
        path: String,
        query: Vec<wit::QueryParameter>,
        body: Option<String>,
    ) -> Result<wit::RestResponse, wit::Error> {
        let action = if method == wit::HttpMethod::Get { Action::Read } else { Action::Write };
        run(action, |transport, connection, options| {
            let call = rest_call(method, &path, query, body)?;
            let answer = invoke::apex_rest(transport, connection, &call, options)?;
            Ok(wit::RestResponse { status: answer.status, content_type: answer.content_type, body: answer.body.into() })
        })
    }
}
