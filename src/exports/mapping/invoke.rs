//! What an org is asked to run, and what an Apex class answered.

use super::wit;
use crate::core::error::Result;
use crate::core::http::Method;
use crate::core::invoke::{Body, Call, Decision, Parameter, RestPath, Step, Submission};

pub(crate) fn rest_call(
    method: wit::HttpMethod,
    path: &str,
    query: Vec<wit::QueryParameter>,
    body: Option<String>,
) -> Result<Call> {
    let method = match method {
        wit::HttpMethod::Get => Method::Get,
        wit::HttpMethod::Post => Method::Post,
        wit::HttpMethod::Put => Method::Put,
        wit::HttpMethod::Patch => Method::Patch,
        wit::HttpMethod::Delete => Method::Delete,
    };
    let query = query.into_iter().enumerate();
    let query = query.map(|(index, pair)| Parameter::parse(index, pair.name, pair.value));
    let query: Vec<_> = query.collect::<Result<_>>()?;
    Call::parse(method, &RestPath::parse(path)?, &query, body)
}

impl From<Body> for wit::RestBody {
    fn from(body: Body) -> Self {
        match body {
            Body::Empty => Self::Empty,
            Body::Json(json) => Self::Json(json),
            Body::Text(text) => Self::Text(text),
        }
    }
}

pub(crate) fn decision(request: wit::ApprovalRequest) -> Result<Decision> {
    Ok(match request {
        wit::ApprovalRequest::Submit(asked) => Decision::Submit(submission(asked)?),
        wit::ApprovalRequest::Approve(asked) => Decision::Approve(step(asked)?),
        wit::ApprovalRequest::Reject(asked) => Decision::Reject(step(asked)?),
    })
}

fn submission(asked: wit::Submission) -> Result<Submission> {
    let step = Step::parse("record-id", &asked.record_id, asked.comments, &asked.next_approver_ids)?;
    Submission::parse(step, asked.submitter_id.as_deref(), asked.process, asked.skip_entry_criteria)
}

fn step(asked: wit::Decision) -> Result<Step> {
    Step::parse("work-item-id", &asked.work_item_id, asked.comments, &asked.next_approver_ids)
}
