//! Approval processes, a step in a request.
//! <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_process_approvals.htm>
//!
//! The endpoint takes several steps, but answers them in an order of its own ("Bulk Approvals" there shows it), and names the
//! record, not the work item.

use crate::core::api_usage::ApiUsage;
use crate::core::call_options::CallOptions;
use crate::core::connection::Connection;
use crate::core::error::{Error, Result, printable};
use crate::core::http::{Method, Request, Response, Transport};
use crate::core::json::{Json, Object, quoted, required};
use crate::core::record_id::RecordId;
use crate::core::salesforce_error::on_write;
use crate::core::send::{Repeat, send};

/// What every step has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    context: RecordId,
    comments: Option<String>,
    next_approvers: Vec<RecordId>,
}

/// A record to submit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    step: Step,
    submitter: Option<RecordId>,
    process: Option<String>,
    skip_entry_criteria: bool,
}

/// How a work item is decided.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "as in wit/invoke.wit")]
pub enum Decision {
    Submit(Submission),
    Approve(Step),
    Reject(Step),
}

/// What a step led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// 18 characters.
    pub record_id: String,
    /// 18 characters.
    pub instance_id: String,
    /// Salesforce's word for it.
    pub status: String,
    /// Ids of 18 characters.
    pub actor_ids: Vec<String>,
    /// Ids of 18 characters.
    pub new_work_item_ids: Vec<String>,
    /// API usage.
    pub usage: Option<ApiUsage>,
}

impl Step {
    /// `name` is that of the Id.
    pub fn parse(name: &str, id: &str, comments: Option<String>, next_approver_ids: &[String]) -> Result<Self> {
        if comments.as_ref().is_some_and(|comments| comments.chars().count() > 4_000) {
            return Err(Error::invalid_argument("comments", "at most 4,000 characters"));
        }
        if next_approver_ids.len() > 100 {
            return Err(Error::invalid_argument("next-approver-ids", "at most 100 Ids"));
        }
        let ids = next_approver_ids.iter().enumerate();
        let next_approvers = ids.map(|(index, id)| RecordId::parse(&format!("next-approver-ids[{index}]"), id));
        let next_approvers = next_approvers.collect::<Result<_>>()?;
        Ok(Self { context: RecordId::parse(name, id)?, comments, next_approvers })
    }

    /// `"actionType":"Approve","contextId":"04i..."` and what else there is.
    fn write(&self, action: &str, json: &mut String) {
        json.extend(["\"actionType\":\"", action, "\",\"contextId\":\"", self.context.as_str(), "\""]);
        if let Some(comments) = &self.comments {
            json.extend([",\"comments\":", &quoted(comments)]);
        }
        if !self.next_approvers.is_empty() {
            json.push_str(",\"nextApproverIds\":[");
            for (index, id) in self.next_approvers.iter().enumerate() {
                json.extend([if index > 0 { ",\"" } else { "\"" }, id.as_str(), "\""]);
            }
            json.push(']');
        }
    }
}

impl Submission {
    /// See `submission` in `wit/invoke.wit`.
    pub fn parse(
        step: Step,
        submitter_id: Option<&str>,
        process: Option<String>,
        skip_entry_criteria: bool,
    ) -> Result<Self> {
        let is_named =
            |process: &String| super::super::name::is_api_name(process) || RecordId::parse("", process).is_ok();
        if process.as_ref().is_some_and(|process| !is_named(process)) {
            return Err(Error::invalid_argument("process", "the Id or the developer name of an approval process"));
        }
        if skip_entry_criteria && process.is_none() {
            return Err(Error::invalid_argument("skip-entry-criteria", "false where no process is named"));
        }
        let submitter = submitter_id.map(|id| RecordId::parse("submitter-id", id)).transpose()?;
        Ok(Self { step, submitter, process, skip_entry_criteria })
    }
}

/// Takes a step.
pub fn approval(
    transport: &mut dyn Transport,
    connection: &Connection,
    decision: &Decision,
    options: &CallOptions,
) -> Result<Approval> {
    let mut json = String::from("{\"requests\":[{");
    match decision {
        Decision::Approve(step) => step.write("Approve", &mut json),
        Decision::Reject(step) => step.write("Reject", &mut json),
        Decision::Submit(submission) => {
            submission.step.write("Submit", &mut json);
            if let Some(submitter) = &submission.submitter {
                json.extend([",\"contextActorId\":\"", submitter.as_str(), "\""]);
            }
            if let Some(process) = &submission.process {
                json.extend([",\"processDefinitionNameOrId\":", &quoted(process)]);
            }
            if submission.skip_entry_criteria {
                json.push_str(",\"skipEntryCriteria\":true");
            }
        }
    }
    json.push_str("}]}");
    let request = Request::write(connection, Method::Post, "/process/approvals", json);
    let response = send(transport, &request, Repeat::Never, options)?;
    read(&response, decision).map_err(|error| {
        let mut error = error.with_answer(&response);
        error.redact(&request.secrets);
        error
    })
}

fn read(response: &Response, decision: &Decision) -> Result<Approval> {
    let results = Json::parse(&response.body, "the result of an approval")?.elements();
    let mut results = required("a list of results", results)?;
    let (Some(result), None) = (results.next(), results.next()) else {
        return Err(Error::invalid_response("expected one result of one step"));
    };
    let result = Object::expect(result, "the result of an approval")?;
    if !required("success", result.boolean("success")?)? {
        let errors = result.member("errors")?.map_or("", Json::as_str);
        return Err(on_write(&Response { status: 400, headers: Vec::new(), body: errors.into() }));
    }
    let id = |name: &str, text: &str| {
        let id = RecordId::parse(name, text).map(|id| id.to_18());
        id.map_err(|_| Error::invalid_response(format!("expected {name} to be a record Id")))
    };
    let one = |name: &str| id(name, &required(name, result.text(name)?)?);
    let several = |name: &str| -> Result<Vec<String>> {
        let ids = result.texts(name)?.unwrap_or_default();
        if ids.len() > 100 {
            return Err(Error::invalid_response(format!("expected {name} to have at most 100 Ids")));
        }
        ids.iter().map(|text| id(name, text)).collect()
    };
    let record_id = one("entityId")?;
    if let Decision::Submit(submission) = decision
        && submission.step.context.to_18() != record_id
    {
        return Err(Error::invalid_response("the answer is about another record"));
    }
    Ok(Approval {
        record_id,
        instance_id: one("instanceId")?,
        status: printable(&required("instanceStatus", result.text("instanceStatus")?)?, 100),
        actor_ids: several("actorIds")?,
        new_work_item_ids: several("newWorkitemIds")?,
        usage: response.header("sforce-limit-info").and_then(ApiUsage::parse),
    })
}
