//! Salesforce's status codes, sorted by what the caller may do next.
//!
//! From the list of API status codes and faults of the SOAP API
//! <https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_concepts_core_data_objects.htm>, the REST
//! and Bulk 2.0 guides and the published WSDLs. What is not here is a refusal like any other, or means what its HTTP status
//! means: setup, packages, features that the connector does not call, and codes whose meaning nobody wrote down.

use super::error::{ErrorKind, Outcome};

/// What some codes mean.
pub(super) struct Meaning {
    /// The codes, separated by blanks. A `*` stands for what the codes of a family differ in.
    codes: &'static str,
    on_read: ErrorKind,
    on_write: ErrorKind,
    /// What became of the request.
    pub(super) outcome: Outcome,
    /// Whether the same call may be made again later.
    pub(super) retryable: bool,
}

impl Meaning {
    /// What a code means, if it has a meaning beyond the status it comes with: its own, or else that of its family.
    pub(super) fn of(code: &str) -> Option<&'static Self> {
        Self::find(|known| known == code).or_else(|| Self::find(|known| is_in_family(code, known)))
    }

    fn find(is_meant: impl Fn(&str) -> bool) -> Option<&'static Self> {
        MEANINGS.iter().find(|meaning| meaning.codes.split_ascii_whitespace().any(&is_meant))
    }

    /// The kind in answer to a GET.
    pub(super) fn on_read(&self) -> ErrorKind {
        self.on_read
    }

    /// The kind in answer to a POST, PATCH or DELETE.
    pub(super) fn on_write(&self) -> ErrorKind {
        self.on_write
    }
}

/// Whether a code is of a family such as `MAX_*_EXCEEDED`.
fn is_in_family(code: &str, family: &str) -> bool {
    let behind_start = |(start, end): (&str, &str)| code.strip_prefix(start)?.strip_suffix(end).map(|_| ());
    family.split_once('*').and_then(behind_start).is_some()
}

const fn refused(codes: &'static str, kind: ErrorKind) -> Meaning {
    Meaning { codes, on_read: kind, on_write: kind, outcome: Outcome::Rejected, retryable: false }
}

const fn in_query_or_record(codes: &'static str) -> Meaning {
    Meaning { on_write: ErrorKind::InvalidRecord, ..refused(codes, ErrorKind::InvalidQuery) }
}

const fn later(codes: &'static str, kind: ErrorKind, outcome: Outcome) -> Meaning {
    Meaning { outcome, retryable: true, ..refused(codes, kind) }
}

static MEANINGS: &[Meaning] = &[
    refused("INVALIDSESSIONID INVALID_SESSION_ID", ErrorKind::SessionExpired),
    refused(
        "APEX_REST_SERVICES_DISABLED API_CURRENTLY_DISABLED API_DISABLED_FOR_ORG CLIENT_NOT_ACCESSIBLE_FOR_USER \
         CLIENT_REQUIRE_UPDATE_FOR_USER FEATURENOTENABLED FUNCTIONALITY_NOT_ENABLED INACTIVE_PORTAL \
         INVALID_AUTH_HEADER INVALID_LOGIN INVALID_OPERATION_WITH_EXPIRED_PASSWORD LOGIN_* \
         MUTUAL_AUTHENTICATION_FAILED ORG_LOCKED PASSWORD_LOCKOUT PORTAL_NO_ACCESS TRANSACTIONSECURITYBLOCK \
         TRIAL_EXPIRED TXN_SECURITY_*",
        ErrorKind::AccessDenied,
    ),
    refused(
        "BILLING_ENTITIES_NO_ACCESS CHECKOUT_UNAUTHORIZED CHILD_SHARE_FAILS_PARENT CLM_INSUFFICIENT_ACCESS \
         COMMUNITY_NOT_ACCESSIBLE CONTENT_HUB_SECURITY_EXCEPTION DATA_INTEGRATION_NO_ACCESS \
         DELETE_REQUIRED_ON_CASCADE EMAIL_TEMPLATE_MERGEFIELD_ACCESS_ERROR \
         ENVIRONMENT_HUB_MEMBERSHIP_USER_NOT_ORG_ADMIN FORBIDDEN FORBIDDEN_EXCEPTION GUEST_INSUFFICIENT_ACCESS \
         INSUFFICIENT_ACCESS INSUFFICIENT_ACCESS_* INVALIDUSER NO_MASS_MAIL_PERMISSION NO_SINGLE_MAIL_PERMISSION \
         PACKAGE_LICENSE_REQUIRED PA_NO_ACCESS_EXCEPTION PORTAL_USER_CREATION_RESTRICTED_WITH_ENCRYPTION \
         UNAUTHORIZED_SHARE_ACTION USER_WITHOUT_WEM_PERMISSION WEM_USER_NOT_ORG_ADMIN",
        ErrorKind::Forbidden,
    ),
    refused(
        "CONTENT_HUB_*_NOT_FOUND_EXCEPTION NOTFOUND NOT_FOUND PA_NO_DATA_FOUND_EXCEPTION *_NOT_FOUND",
        ErrorKind::NotFound,
    ),
    refused("ENTITY_IS_DELETED", ErrorKind::Deleted),
    refused("DUPLICATE_EXTERNAL_ID", ErrorKind::Ambiguous),
    refused("ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE MATCH_PRECONDITION_FAILED MODIFIED", ErrorKind::PreconditionFailed),
    refused(
        "ASYNC_QUERY_UNSUPPORTED_QUERY DATACLOUD_API_INVALID_QUERY_EXCEPTION ENTITY_NOT_QUERYABLE ID_REQUIRED \
         INVALID_FILTER_LANGUAGE INVALID_FILTER_VALUE INVALID_QUERY_FILTER_OPERATOR INVALID_QUERY_KEY \
         INVALID_QUERY_SCOPE INVALID_QUERY_VALUE INVALID_SEARCH INVALID_SEARCH_SCOPE MALFORMED_QUERY \
         MALFORMED_SEARCH MAX_STATEMENT_SIZE MAX_XDS_IMPLICIT_SUBQUERIES QUERY_TIMEOUT QUERY_TOO_COMPLICATED \
         UNSUPPORTED_QUERY",
        ErrorKind::InvalidQuery,
    ),
    in_query_or_record(
        "INVALID_DATE_FORMAT INVALID_FIELD INVALID_ID_FIELD INVALID_TYPE INVALID_TYPE_FOR_OPERATION \
         NUMBER_OUTSIDE_VALID_RANGE",
    ),
    refused(
        "INVALID_QUERY_LOCATOR INVALID_QUERY_LOCATOR_FORMAT QUERY_LOCATOR_EXPIRED QUERY_LOCATOR_NOT_FOUND \
         UNAUTHORIZED_USER_FOR_CURSOR",
        ErrorKind::CursorExpired,
    ),
    // Field values, validation rules, triggers and flows.
    refused(
        "ASSIGNEE_TYPE_REQUIRED CANNOT_CASCADE_PRODUCT_ACTIVE CANNOT_EXECUTE_FLOW_TRIGGER \
         CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY CANNOT_REPARENT_RECORD CANNOT_UPDATE_CONVERTED_LEAD \
         CANNOT_UPDATE_IS_THIRD_PARTY CIRCULAR_DEPENDENCY CLONE_FIELD_INTEGRITY_EXCEPTION \
         CUSTOM_CLOB_FIELD_LIMIT_EXCEEDED ENTITY_SAVE_VALIDATION_ERROR FIELD_* FILE_EXTENSION_NOT_ALLOWED \
         HTML_FILE_UPLOAD_NOT_ALLOWED INACTIVE_OWNER_OR_USER INVALID_ACCESS_LEVEL INVALID_ACCOUNT \
         INVALID_ASSIGNEE_TYPE INVALID_CONTACT INVALID_CREDIT_CARD_INFO INVALID_CROSS_REFERENCE_* \
         INVALID_CURRENCY_* INVALID_DATA_URI INVALID_EMAIL_ADDRESS INVALID_EMPTY_KEY_OWNER \
         INVALID_ENTITY_FOR_UPSERT INVALID_FIELD_FOR_INSERT_UPDATE INVALID_GOOGLE_DOCS_URL INVALID_INET_ADDRESS \
         INVALID_MARKUP INVALID_MASTER_OR_TRANSLATED_SOLUTION INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST \
         INVALID_OWNER INVALID_PERSON_ACCOUNT_OPERATION INVALID_PROFILE INVALID_RECORD_TYPE INVALID_SETUP_OWNER \
         INVALID_TEXT_REPRESENTATION INVALID_TYPE_ON_FIELD_IN_RECORD INVALID_USERID INVALID_USER_OBJECT \
         JSON_PARSER_ERROR MALFORMED_ID MAX_TASK_DESCRIPTION_EXCEEDED MAX_TASK_DESCRIPTION_EXCEEEDED \
         MISSING_ARGUMENT NONUNIQUE_SHIPPING_ADDRESS ORDER_MANAGEMENT_INVALID_RECORD PRIVATE_CONTACT_ON_ASSET \
         RECORD_MISSING_REQUIRED_FIELD REQUIRED_FIELD_MISSING SELF_REFERENCE_FROM_* SOCIAL_POST_INVALID \
         STANDARD_PRICE_NOT_DEFINED STRING_TOO_LONG TEXT_DATA_OUTSIDE_SUPPORTED_CHARSET TOO_MANY_ENUM_VALUE \
         TRANSFER_REQUIRES_READ UNAVAILABLE_RECORDTYPE_EXCEPTION UNSAFE_HTML_CONTENT UNSUPPORTED_APEX_TRIGGER_*",
        ErrorKind::InvalidRecord,
    ),
    refused(
        "DUPLICATES_DETECTED DUPLICATE_* EXTERNAL_APP_DUPLICATE_CONTENT_ZONE_NAME \
         ORDER_MANAGEMENT_DUPLICATE_ORDER_REFERENCE_NUMBER PORTAL_USER_ALREADY_EXISTS_FOR_CONTACT",
        ErrorKind::Duplicate,
    ),
    later("CHECKOUT_LOCKED TOOMANYLOCKFAILURE UNABLE_TO_LOCK_ROW", ErrorKind::Locked, Outcome::Rejected),
    // Requests and jobs in a time, and at once.
    later(
        "EMAIL_EXTERNAL_TRANSPORT_TOO_MANY_REQUESTS_ERROR EMAIL_TO_CASE_LIMIT_EXCEEDED EXCEEDEDQUOTA \
         MASS_MAIL_LIMIT_EXCEEDED PAYMENTS_TOO_MANY_REQUESTS_ERROR REQUEST_LIMIT_EXCEEDED \
         SEARCH_PROVIDER_REQUEST_RATE_EXCEEDED SINGLE_EMAIL_LIMIT_EXCEEDED TOO_MANY_APEX_REQUESTS TOO_MANY_JOBS",
        ErrorKind::RateLimited,
        Outcome::Rejected,
    ),
    // Storage, licences, how much there may be of something. Waiting does not help.
    refused(
        "APEX_TRIGGER_COUPLING_LIMIT CANNOT_ENABLE_IP_RESTRICT_REQUESTS CART_ITEM_LIMIT_EXCEEDED_FOR_COUPONS \
         CONTENT_IMAGE_SCALING_MAX_RENDITIONS_EXCEPTION CUSTOM_ENTITY_OR_FIELD_LIMIT EXCEEDED_ID_LIMIT \
         EXCEEDED_LEAD_CONVERT_LIMIT EXCEEDED_MAX_* EXCEEDED_QUOTA LIMIT_EXCEEDED MAXIMUM_* \
         MAX_DEPTH_IN_FLOW_EXECUTION MAX_*_EXCEEDED NUM_HISTORY_FIELDS_BY_SOBJECT_EXCEEDED PAYLOAD_SIZE_EXCEEDED \
         PICKLIST_INACTIVE_VALUES_EXCEEDED TEXT_TO_PICKLIST_VALUES_EXCEEDED TOO_MANY_RECIPIENTS TOO_MANY_RECORDS \
         *_LIMIT_EXCEEDED *_TOO_LARGE",
        ErrorKind::LimitExceeded,
    ),
    refused(
        "ALREADY_APPLIED ALREADY_IN_PROCESS ALREADY_REDEEMED_VOUCHER CANNOT_POST_TO_ARCHIVED_GROUP \
         CHECKOUT_CONFLICT CHECKOUT_EXPIRED CHECKOUT_INVALIDATED CONFLICT CONTENT_ALREADY_AN_ASSET_EXCEPTION \
         DATAASSESSMENT_CONFIG_ASSESSMENT_IN_PROGRESS_ERROR ENTITY_IS_ARCHIVED ENTITY_IS_LOCKED INVALIDJOBSTATE \
         INVALID_LINEITEM_CLONE_STATE INVALID_OPERATION INVALID_RECORD_STATUS MODEL_NOT_ACTIVE \
         NO_APPLICABLE_PROCESS ORDER_ALREADY_SUBMITTED PROGRAM_PROGRESS_NOT_ACTIVE RECORD_IN_USE_BY_WORKFLOW \
         STATE_TRANSITION_NOT_ALLOWED TEMPLATE_NOT_ACTIVE TERRITORY_REALIGN_IN_PROGRESS UNDELETE_FAILED",
        ErrorKind::WrongState,
    ),
    refused("ALL_OR_NONE_OPERATION_ROLLED_BACK", ErrorKind::RolledBack),
    refused("BATCH_PROCESSING_HALTED EMAIL_NOT_PROCESSED_DUE_TO_PRIOR_ERROR PROCESSING_HALTED", ErrorKind::NotRun),
    later(
        "BAD_GATEWAY DATACLOUD_API_SERVER_BUSY_EXCEPTION EXTERNAL_OBJECT_CONNECTION_EXCEPTION \
         EXTERNAL_SERVICE_CONNECTION_EXCEPTION INTERNALSERVERERROR INTERNAL_ERROR MATCH_SERVICE_TIMED_OUT \
         MATCH_SERVICE_UNAVAILABLE_ERROR PA_API_EXCEPTION PA_AXIS_FAULT \
         PA_VISIBLE_ACTIONS_FILTER_ORDERING_EXCEPTION RECOVERABLE_SEARCH_PROVIDER_ERROR REQUEST_RUNNING_TOO_LONG \
         SSO_SERVICE_DOWN TEMPORARY_QUERY_MORE_FAILURE TIMEOUT UNKNOWN_EXCEPTION XCLEAN_DJ_MATCH_RETRIABLE_ERROR \
         *_SERVER_ERROR *_SERVER_EXCEPTION *_TIMEOUT_EXCEPTION *_UNAVAILABLE *_UNKNOWN_EXCEPTION",
        ErrorKind::Unavailable,
        Outcome::Unknown,
    ),
    // Nothing is taken at the time, so nothing was changed.
    later(
        "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE INVALID_READ_ONLY_USER_DML ORG_IN_MAINTENANCE \
         PLATFORM_EVENT_PUBLISHING_UNAVAILABLE PLATFORM_EVENT_PUBLISH_FAILED",
        ErrorKind::Unavailable,
        Outcome::Rejected,
    ),
    // The API version.
    refused("INVALIDVERSION INVALID_VERSION UNSUPPORTED_API_VERSION", ErrorKind::InvalidArgument),
    // The span of time of updated or deleted records.
    refused("INVALID_REPLICATION_DATE", ErrorKind::InvalidArgument),
    // The org's own code failed (with status 500, but repeating it does not help), or does not have the method.
    refused("APEX_ERROR METHOD_NOT_ALLOWED", ErrorKind::Rejected),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Codes of every meaning, written out a second time: kind on a GET, kind on a POST, outcome, retryable.
    #[test]
    fn codes_mean_what_the_table_says() {
        use ErrorKind::*;
        let refused = Outcome::Rejected;
        let expected = [
            ("INVALID_SESSION_ID", SessionExpired, SessionExpired, refused, false),
            ("API_CURRENTLY_DISABLED", AccessDenied, AccessDenied, refused, false),
            ("API_DISABLED_FOR_ORG", AccessDenied, AccessDenied, refused, false),
            ("FUNCTIONALITY_NOT_ENABLED", AccessDenied, AccessDenied, refused, false),
            ("INSUFFICIENT_ACCESS", Forbidden, Forbidden, refused, false),
            ("INSUFFICIENT_ACCESS_OR_READONLY", Forbidden, Forbidden, refused, false),
            ("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", Forbidden, Forbidden, refused, false),
            ("NOT_FOUND", NotFound, NotFound, refused, false),
            ("ENTITY_IS_DELETED", Deleted, Deleted, refused, false),
            ("DUPLICATE_EXTERNAL_ID", Ambiguous, Ambiguous, refused, false),
            ("MALFORMED_QUERY", InvalidQuery, InvalidQuery, refused, false),
            ("INVALID_FIELD", InvalidQuery, InvalidRecord, refused, false),
            ("INVALID_TYPE", InvalidQuery, InvalidRecord, refused, false),
            ("NUMBER_OUTSIDE_VALID_RANGE", InvalidQuery, InvalidRecord, refused, false),
            ("INVALID_QUERY_FILTER_OPERATOR", InvalidQuery, InvalidQuery, refused, false),
            ("QUERY_TOO_COMPLICATED", InvalidQuery, InvalidQuery, refused, false),
            ("QUERY_TIMEOUT", InvalidQuery, InvalidQuery, refused, false),
            ("INVALID_QUERY_LOCATOR", CursorExpired, CursorExpired, refused, false),
            ("INVALID_QUERY_LOCATOR_FORMAT", CursorExpired, CursorExpired, refused, false),
            ("QUERY_LOCATOR_EXPIRED", CursorExpired, CursorExpired, refused, false),
            ("QUERY_LOCATOR_NOT_FOUND", CursorExpired, CursorExpired, refused, false),
            ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", InvalidRecord, InvalidRecord, refused, false),
            ("FIELD_CUSTOM_VALIDATION_EXCEPTION", InvalidRecord, InvalidRecord, refused, false),
            ("FIELD_FILTER_VALIDATION_EXCEPTION", InvalidRecord, InvalidRecord, refused, false),
            ("FIELD_INTEGRITY_EXCEPTION", InvalidRecord, InvalidRecord, refused, false),
            ("INVALID_CROSS_REFERENCE_KEY", InvalidRecord, InvalidRecord, refused, false),
            ("INVALID_EMAIL_ADDRESS", InvalidRecord, InvalidRecord, refused, false),
            ("INVALID_FIELD_FOR_INSERT_UPDATE", InvalidRecord, InvalidRecord, refused, false),
            ("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", InvalidRecord, InvalidRecord, refused, false),
            ("INVALID_TYPE_ON_FIELD_IN_RECORD", InvalidRecord, InvalidRecord, refused, false),
            ("JSON_PARSER_ERROR", InvalidRecord, InvalidRecord, refused, false),
            ("MALFORMED_ID", InvalidRecord, InvalidRecord, refused, false),
            ("MISSING_ARGUMENT", InvalidRecord, InvalidRecord, refused, false),
            ("REQUIRED_FIELD_MISSING", InvalidRecord, InvalidRecord, refused, false),
            ("STRING_TOO_LONG", InvalidRecord, InvalidRecord, refused, false),
            ("DUPLICATES_DETECTED", Duplicate, Duplicate, refused, false),
            ("DUPLICATE_VALUE", Duplicate, Duplicate, refused, false),
            ("UNABLE_TO_LOCK_ROW", Locked, Locked, refused, true),
            ("REQUEST_LIMIT_EXCEEDED", RateLimited, RateLimited, refused, true),
            ("SERVER_UNAVAILABLE", Unavailable, Unavailable, Outcome::Unknown, true),
            ("UNKNOWN_EXCEPTION", Unavailable, Unavailable, Outcome::Unknown, true),
            ("UNSUPPORTED_API_VERSION", InvalidArgument, InvalidArgument, refused, false),
            ("INVALID_REPLICATION_DATE", InvalidArgument, InvalidArgument, refused, false),
            ("INVALID_OPERATION_WITH_EXPIRED_PASSWORD", AccessDenied, AccessDenied, refused, false),
            ("CANNOT_EXECUTE_FLOW_TRIGGER", InvalidRecord, InvalidRecord, refused, false),
            ("CANNOT_UPDATE_CONVERTED_LEAD", InvalidRecord, InvalidRecord, refused, false),
            ("MATCH_PRECONDITION_FAILED", PreconditionFailed, PreconditionFailed, refused, false),
            ("MALFORMED_SEARCH", InvalidQuery, InvalidQuery, refused, false),
            ("STORAGE_LIMIT_EXCEEDED", LimitExceeded, LimitExceeded, refused, false),
            ("ALREADY_IN_PROCESS", WrongState, WrongState, refused, false),
            ("ALL_OR_NONE_OPERATION_ROLLED_BACK", RolledBack, RolledBack, refused, false),
            ("PROCESSING_HALTED", NotRun, NotRun, refused, false),
            ("ORG_IN_MAINTENANCE", Unavailable, Unavailable, refused, true),
            ("APEX_ERROR", Rejected, Rejected, refused, false),
        ];
        for (code, on_read, on_write, outcome, retryable) in expected {
            let meaning = Meaning::of(code).unwrap_or_else(|| panic!("{code}"));
            let found = (meaning.on_read(), meaning.on_write(), meaning.outcome, meaning.retryable);
            assert_eq!(found, (on_read, on_write, outcome, retryable), "{code}");
        }
        let seen = |meaning: &Meaning| {
            expected.iter().any(|row| Meaning::of(row.0).is_some_and(|found| std::ptr::eq(found, meaning)))
        };
        assert!(MEANINGS.iter().all(seen), "every meaning is tested");
    }

    #[test]
    fn a_code_has_one_meaning_and_is_written_as_salesforce_does() {
        let codes: Vec<_> = MEANINGS.iter().flat_map(|meaning| meaning.codes.split_ascii_whitespace()).collect();
        let mut once = codes.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), codes.len());
        let is_code = |code: &&str| {
            code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b"_*".contains(&byte))
        };
        assert!(codes.iter().all(is_code));
        assert!(["", "REJECTED", "invalid_field", "OPERATION_ENQUEUED"].iter().all(|code| Meaning::of(code).is_none()));
    }

    #[test]
    fn a_family_holds_its_codes_and_no_code_that_has_a_meaning_of_its_own() {
        use ErrorKind::*;
        for (code, kind) in [
            ("LOGIN_CHALLENGE_ISSUED", AccessDenied),
            ("LOGIN_CHALLENGE_PENDING", AccessDenied),
            ("LOGIN_DURING_RESTRICTED_DOMAIN", AccessDenied),
            ("TXN_SECURITY_NO_ACCESS", AccessDenied),
            ("TXN_SECURITY_TWO_FA_REQUIRED", AccessDenied),
            ("INSUFFICIENT_ACCESS_APEX_METADATA_DEPLOY", Forbidden),
            ("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", Forbidden),
            ("INSUFFICIENT_ACCESS_OR_READONLY", Forbidden),
            ("INSUFFICIENT_ACCESS_TO_INSIGHTSEXTERNALDATA", Forbidden),
            ("CART_DELIVERY_GROUP_NOT_FOUND", NotFound),
            ("CART_ITEM_NOT_FOUND", NotFound),
            ("CART_NOT_FOUND", NotFound),
            ("WEBSTORE_NOT_FOUND", NotFound),
            ("WORKSPACE_NOT_FOUND", NotFound),
            ("DUPLICATE_CASE_SOLUTION", Duplicate),
            ("DUPLICATE_COMM_NICKNAME", Duplicate),
            ("DUPLICATE_CUSTOM_ENTITY_DEFINITION", Duplicate),
            ("DUPLICATE_USERNAME", Duplicate),
            ("DUPLICATE_VALUE", Duplicate),
            ("ALERT_NOTIFICATION_LIMIT_EXCEEDED", LimitExceeded),
            ("ATTRIBUTE_DEFINITION_LIMIT_EXCEEDED", LimitExceeded),
            ("COMMERCE_SEARCH_PROVIDER_LIMIT_EXCEEDED", LimitExceeded),
            ("TABSET_LIMIT_EXCEEDED", LimitExceeded),
            ("WEBLINK_SIZE_LIMIT_EXCEEDED", LimitExceeded),
            ("SOME_NEW_THING_LIMIT_EXCEEDED", LimitExceeded),
            ("SOME_NEW_THING_NOT_FOUND", NotFound),
            ("FIELD_INTEGRITY_EXCEPTION", InvalidRecord),
            ("INVALID_CURRENCY_ISO", InvalidRecord),
            ("UNSUPPORTED_APEX_TRIGGER_OPERATON", InvalidRecord),
            ("IAS_TIMEOUT_EXCEPTION", Unavailable),
            ("SERVICE_UNAVAILABLE", Unavailable),
            ("DATA_INTEGRATION_SERVER_ERROR", Unavailable),
            // Their own meaning stands.
            ("DUPLICATE_EXTERNAL_ID", Ambiguous),
            ("QUERY_LOCATOR_NOT_FOUND", CursorExpired),
            ("REQUEST_LIMIT_EXCEEDED", RateLimited),
            ("CUSTOM_CLOB_FIELD_LIMIT_EXCEEDED", InvalidRecord),
            ("MAX_TASK_DESCRIPTION_EXCEEDED", InvalidRecord),
        ] {
            assert_eq!(Meaning::of(code).map(Meaning::on_write), Some(kind), "{code}");
        }
        for code in ["_NOT_FOUNDED", "MAX_EXCEEDED", "XMAX_A_EXCEEDED", "*_NOT_FOUN", "LIMIT_EXCEEDED_X"] {
            assert!(Meaning::of(code).is_none(), "{code}");
        }
    }
}
