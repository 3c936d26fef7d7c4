//! Create or update a record, sent once.
//! <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/dome_sobject_create.htm>,
//! `dome_update_fields.htm` and `dome_upsert.htm` beside it.

use crate::core::api_usage::ApiUsage;
use crate::core::call_options::CallOptions;
use crate::core::connection::Connection;
use crate::core::error::{Error, Result, printable};
use crate::core::error_body::problem;
use crate::core::external_id::ExternalId;
use crate::core::http::{Method, Request, Response, Transport};
use crate::core::http_date;
use crate::core::json::{Json, Object, required};
use crate::core::name::ObjectName;
use crate::core::record_id::RecordId;
use crate::core::send::{Repeat, send};

/// Where the fields go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A new record.
    Create,
    /// The record with this Id.
    Update(RecordId),
    /// The record with this external Id value.
    Upsert {
        /// Field and value.
        external_id: ExternalId,
        /// Never create.
        update_only: bool,
    },
}

/// Lead and case assignment rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AssignmentRule {
    /// Do not assign.
    Off,
    /// Use this rule.
    Rule(RecordId),
}

/// `Sforce-Duplicate-Rule-Header`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DuplicateRule {
    /// Save although a rule alerts.
    pub allow_save: bool,
    /// Send the fields of the matches.
    pub include_record_details: bool,
    /// Apply the user's sharing rules.
    pub run_as_current_user: bool,
}

/// How to save.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaveOptions {
    assignment_rule: Option<AssignmentRule>,
    duplicate_rule: Option<DuplicateRule>,
    if_unmodified_since: Option<String>,
}

/// A saved record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// 18 characters.
    pub id: String,
    /// Whether it is new.
    pub created: bool,
    /// `EventUuid` of a published event.
    pub event_uuid: Option<String>,
    /// API usage.
    pub usage: Option<ApiUsage>,
}

impl SaveOptions {
    /// `if_unmodified_since` is an HTTP date (RFC 9110 section 5.6.7), and has no meaning for a create.
    pub fn parse(
        target: &Target,
        assignment_rule: Option<AssignmentRule>,
        duplicate_rule: Option<DuplicateRule>,
        if_unmodified_since: Option<&str>,
    ) -> Result<Self> {
        if if_unmodified_since.is_some() && *target == Target::Create {
            return Err(Error::invalid_argument("if-unmodified-since", "none for a create"));
        }
        let if_unmodified_since = http_date::parse_argument("if-unmodified-since", if_unmodified_since)?;
        Ok(Self { assignment_rule, duplicate_rule, if_unmodified_since })
    }

    /// The headers that ask for it.
    pub(in crate::core) fn headers(&self) -> Vec<(&'static str, String)> {
        let mut headers = Vec::new();
        match &self.assignment_rule {
            None => {}
            Some(AssignmentRule::Off) => headers.push(("sforce-auto-assign", "FALSE".into())),
            Some(AssignmentRule::Rule(id)) => headers.push(("sforce-auto-assign", id.as_str().into())),
        }
        if let Some(rule) = self.duplicate_rule {
            let value = format!(
                "allowSave={}; includeRecordDetails={}; runAsCurrentUser={}",
                rule.allow_save, rule.include_record_details, rule.run_as_current_user
            );
            headers.push(("sforce-duplicate-rule-header", value));
        }
        if let Some(date) = &self.if_unmodified_since {
            headers.push(("if-unmodified-since", date.clone()));
        }
        headers
    }
}

/// Saves `fields`, the text of a JSON object, which is passed through unchanged.
pub fn save(
    transport: &mut dyn Transport,
    connection: &Connection,
    object: &ObjectName,
    target: &Target,
    fields: &str,
    save_options: &SaveOptions,
    options: &CallOptions,
) -> Result<Saved> {
    let fields = Json::parse_object("fields", fields)?.as_str();
    let object = object.as_str();
    let (method, path, repeat) = match target {
        Target::Create => (Method::Post, format!("/sobjects/{object}"), Repeat::Never),
        // Repeating a conditional update would meet the change that the first one made.
        Target::Update(id) if save_options.if_unmodified_since.is_some() => {
            (Method::Patch, format!("/sobjects/{object}/{}", id.as_str()), Repeat::Never)
        }
        Target::Update(id) => (Method::Patch, format!("/sobjects/{object}/{}", id.as_str()), Repeat::Idempotent),
        Target::Upsert { external_id, update_only } => {
            let query = if *update_only { "?updateOnly=true" } else { "" };
            let repeat = if save_options.if_unmodified_since.is_some() { Repeat::Never } else { Repeat::Idempotent };
            (Method::Patch, format!("/sobjects/{object}/{}{query}", external_id.path()), repeat)
        }
    };
    let mut request = Request::write(connection, method, &path, fields);
    request.extra_headers = save_options.headers();
    let response = send(transport, &request, repeat, options)?;
    read_saved(&response, target).map_err(|error| error.with_answer(&response))
}

/// An update answers 204 without a body; the others tell the Id. Anything else leaves it open what happened.
fn read_saved(response: &Response, target: &Target) -> Result<Saved> {
    if let Target::Update(id) = target {
        return if response.status == 204 {
            let usage = response.header("sforce-limit-info").and_then(ApiUsage::parse);
            Ok(Saved { id: id.to_18(), created: false, event_uuid: None, usage })
        } else {
            Err(Error::invalid_response(format!("expected status 204 for an update, but {} came", response.status)))
        };
    }
    read_id(response, *target == Target::Create)
}

/// The answer of a create, or of an upsert.
pub(in crate::core) fn read_id(response: &Response, is_create: bool) -> Result<Saved> {
    let usage = response.header("sforce-limit-info").and_then(ApiUsage::parse);
    let answer = Object::parse(&response.body, "the Id of the saved record")?;
    let id = required("id", answer.text("id")?)?;
    let id = RecordId::parse("id", &id).map_err(|_| {
        let id = printable(&id, 30);
        Error::invalid_response(format!(
            "Salesforce says that it saved the record {id}, but that is no record Id, or one whose last three characters \
             do not fit the others, so it may be another record's"
        ))
    })?;
    let success = required("success", answer.boolean("success")?)?;
    let created = response.status == 201;
    let created = if is_create { created } else { answer.boolean("created")?.unwrap_or(created) };
    let fits = response.status == if is_create || created { 201 } else { 200 };
    if !success || !fits {
        return Err(Error::invalid_response(format!(
            "the answer contradicts itself: status {}, success {}",
            response.status, success
        )));
    }
    Ok(Saved { id: id.to_18(), created, event_uuid: event_uuid(&answer), usage })
}

/// The success of a platform event comes with an "error" that says it is queued, and has its UUID for a message.
/// <https://developer.salesforce.com/docs/atlas.en-us.platform_events.meta/platform_events/platform_events_publish_api.htm>
pub(in crate::core) fn event_uuid(answer: &Object<'_>) -> Option<String> {
    let notes = answer.find("errors", Json::elements)?;
    let notes = notes.filter_map(Json::object).filter_map(|note| problem(&note));
    let queued = notes.into_iter().find(|note| note.code == "OPERATION_ENQUEUED")?;
    Some(printable(&queued.message, 100))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::error::{ErrorKind, Outcome};
    use crate::core::http::Failure;
    use crate::core::script::{Script, answer};

    const ID: &str = "001D000000IqhSLIAZ";
    const CREATED: &str = r#"{"id":"001D000000IqhSLIAZ","success":true,"errors":[],"created":true}"#;
    const UPDATED: &str = r#"{"id":"001D000000IqhSLIAZ","success":true,"errors":[],"created":false}"#;

    fn run(
        script: &mut Script,
        target: &Target,
        fields: &str,
        since: Option<&str>,
        attempts: Option<u8>,
    ) -> Result<Saved> {
        let connection = Connection::parse("https://example.my.salesforce.com", "00D!TOKEN", None).unwrap();
        let save_options = SaveOptions::parse(target, None, None, since)?;
        let options = CallOptions::parse(None, None, attempts).unwrap();
        save(script, &connection, &ObjectName::parse("Account").unwrap(), target, fields, &save_options, &options)
    }

    fn update() -> Target {
        Target::Update(RecordId::parse("id", "001D000000IqhSL").unwrap())
    }

    fn upsert(update_only: bool) -> Target {
        Target::Upsert { external_id: ExternalId::parse("ERP_Id__c", "a b").unwrap(), update_only }
    }

    #[test]
    fn a_create_passes_its_fields_through() {
        let mut script = Script::new([Ok(answer(201, CREATED))]);
        let saved = run(&mut script, &Target::Create, " {\"N\":0.123456789012345678}\n", None, None).unwrap();
        assert_eq!((saved.id.as_str(), saved.created, saved.usage.unwrap().used), (ID, true, 18));
        let (method, url, body) = &script.requests[0];
        assert_eq!((*method, body.as_str()), (Method::Post, "{\"N\":0.123456789012345678}"));
        assert!(url.ends_with("/services/data/v67.0/sobjects/Account"));
    }

    #[test]
    fn an_update_and_an_upsert_patch() {
        let mut script = Script::new([Ok(answer(204, "")), Ok(answer(201, CREATED)), Ok(answer(200, UPDATED))]);
        let saved = run(&mut script, &update(), "{}", None, None).unwrap();
        assert_eq!((saved.id.as_str(), saved.created), (ID, false), "the 18-character form");
        assert!(run(&mut script, &upsert(false), "{}", None, None).unwrap().created);
        assert!(!run(&mut script, &upsert(true), "{}", None, None).unwrap().created);
        assert!(script.requests.iter().all(|(method, _, _)| *method == Method::Patch));
        assert!(script.requests[0].1.ends_with("/sobjects/Account/001D000000IqhSL"));
        assert!(script.requests[2].1.ends_with("/sobjects/Account/ERP_Id__c/a%20b?updateOnly=true"));
    }

    #[test]
    fn an_answer_that_does_not_confirm_leaves_it_open() {
        let failed = r#"{"id":"001D000000IqhSLIAZ","success":false,"errors":[]}"#;
        for (target, status, body) in [
            (Target::Create, 200, ""),
            (Target::Create, 204, ""),
            (Target::Create, 200, CREATED),
            (Target::Create, 201, ""),
            (Target::Create, 201, "{\"id\":\"001D0000"),
            (Target::Create, 201, "{}"),
            (Target::Create, 201, failed),
            (Target::Create, 201, r#"{"id":"x","success":true}"#),
            (update(), 200, ""),
            (update(), 200, UPDATED),
            (upsert(false), 204, ""),
            (upsert(false), 200, CREATED),
            (upsert(false), 201, UPDATED),
        ] {
            let error = run(&mut Script::new([Ok(answer(status, body))]), &target, "{}", None, None).unwrap_err();
            assert_eq!(
                (error.kind, error.outcome),
                (ErrorKind::InvalidResponse, Outcome::Unknown),
                "{target:?} {status} {body}"
            );
            assert!(!error.retryable);
        }
    }

    #[test]
    fn f114_a_published_event_tells_its_uuid() {
        let published = r#"{"id":"e01xx0000000001AAA","success":true,"errors":[null,{"statusCode":"OPERATION_ENQUEUED","message":"e981b488-81f3-4fcc-bd6f-f7033c9d7ac3","fields":[]}]}"#;
        let saved = run(&mut Script::new([Ok(answer(201, published))]), &Target::Create, "{}", None, None).unwrap();
        assert_eq!(saved.event_uuid.as_deref(), Some("e981b488-81f3-4fcc-bd6f-f7033c9d7ac3"));
        assert_eq!((saved.id.as_str(), saved.created), ("e01xx0000000001AAA", true));
        for errors in ["[]", "null", "{}", r#"[{"statusCode":"OTHER","message":"m"}]"#] {
            let plain = CREATED.replace("[]", errors);
            let saved = run(&mut Script::new([Ok(answer(201, &plain))]), &Target::Create, "{}", None, None).unwrap();
            assert_eq!(saved.event_uuid, None, "{errors}");
        }
    }

    #[test]
    fn an_id_that_fails_its_check_is_why_the_outcome_is_unknown() {
        let odd = CREATED.replace("IAZ", "IAA");
        let error = run(&mut Script::new([Ok(answer(201, &odd))]), &Target::Create, "{}", None, None).unwrap_err();
        assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidResponse, Outcome::Unknown));
        assert!(
            error.message.contains("001D000000IqhSLIAA") && error.message.contains("do not fit"),
            "{}",
            error.message
        );
    }

    #[test]
    fn a_conditional_update_is_never_repeated() {
        let since = Some("Tue, 24 Nov 2026 09:30:00 GMT");
        for target in [update(), upsert(false)] {
            let mut script = Script::new([Err(Failure::Interrupted)]);
            assert!(run(&mut script, &target, "{}", since, Some(10)).is_err());
            assert_eq!(script.sent(), 1);
            assert!(script.headers[0].contains(&("if-unmodified-since", b"Tue, 24 Nov 2026 09:30:00 GMT".to_vec())));
        }
    }

    #[test]
    fn options_become_headers() {
        let rule = DuplicateRule { allow_save: true, include_record_details: false, run_as_current_user: true };
        let id = RecordId::parse("rule", "01QD0000000IqhS").unwrap();
        let headers = |rule| SaveOptions::parse(&Target::Create, Some(rule), None, None).unwrap().headers();
        assert_eq!(headers(AssignmentRule::Off), [("sforce-auto-assign", "FALSE".to_string())]);
        assert_eq!(headers(AssignmentRule::Rule(id)), [("sforce-auto-assign", "01QD0000000IqhS".to_string())]);
        assert_eq!(
            SaveOptions::parse(&Target::Create, None, Some(rule), None).unwrap().headers(),
            [(
                "sforce-duplicate-rule-header",
                "allowSave=true; includeRecordDetails=false; runAsCurrentUser=true".to_string()
            )]
        );
    }

    #[test]
    fn what_cannot_be_meant_is_refused_before_sending() {
        for (target, fields, since) in [
            (Target::Create, "[]", None),
            (Target::Create, "", None),
            (Target::Create, "{\"a\":NaN}", None),
            (Target::Create, "{}", Some("Tue, 24 Nov 2026 09:30:00 GMT")),
            (update(), "{}", Some("2026-11-24")),
            (update(), "{}", Some("Tue, 24 Nov 2026 09:30:00 GMT\r\nX: 1")),
        ] {
            let error = run(&mut Script::new([]), &target, fields, since, None).unwrap_err();
            assert_eq!(
                (error.kind, error.outcome),
                (ErrorKind::InvalidArgument, Outcome::NotSent),
                "{fields} {since:?}"
            );
        }
    }
}
