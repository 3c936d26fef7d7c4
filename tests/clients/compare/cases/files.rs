//! Files, and other fields of bytes.

use super::By::Function;
use super::Case;

const UPLOAD: (&str, &str) =
    ("upload-file", r#"{"file_name": "offer.txt", "data": "T2ZmZXIg/wAK", "target": "unlinked", "title": "Offer"}"#);

pub(super) const CASES: &[Case] = &[
    Case {
        name: "upload",
        action: UPLOAD.0,
        input: UPLOAD.1,
        before: &[],
        jsforce: Some(Function),
        simple_salesforce: Some(Function),
        places: &[("version_id", "id")],
    },
    Case {
        name: "download",
        action: "download-blob",
        input: r#"{"object": "ContentVersion", "id": "0685g0000000000AAA", "field": "VersionData"}"#,
        before: &[UPLOAD],
        jsforce: Some(Function),
        simple_salesforce: Some(Function),
        places: &[("data", "")],
    },
    Case {
        name: "link",
        action: "link-file",
        input: r#"{"document_id": "0695g0000000000AAA", "record_id": "0015g0000000001AAA", "share_type": "viewer"}"#,
        before: &[UPLOAD],
        jsforce: Some(Function),
        simple_salesforce: Some(Function),
        places: &[],
    },
];
