//! What is said to a contestant on its standard input, and what it answers: one line of JSON each.

use serde::{Deserialize, Serialize};

/// Do this so many times, one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Request {
    pub(crate) work: Work,
    #[serde(default)]
    pub(crate) count: usize,
    /// Records of a page, where it is not 2,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) records: Option<usize>,
    /// Threads that compile, where it is not all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) threads: Option<usize>,
}

/// What there is to do. Components do all of it, other contestants what goes over the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Work {
    /// Tell what you are made of.
    Version,
    /// From a component's bytes to machine code.
    Compile,
    /// From compiled code on disk to something that can be instantiated.
    Load,
    /// One instance and its end.
    Instantiate,
    /// One record created.
    Create,
    /// Fields of one record read.
    GetFields,
    /// One page of records.
    Page,
    /// 50 pages of 2,000 records, one after the other.
    Pages,
}

/// What came of a [`Request`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Answer {
    /// One for each operation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) nanoseconds: Vec<u64>,
    /// The most memory that the whole process has had in place so far, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) peak_rss: Option<u64>,
    /// Linear memory of each execution, in bytes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) guest_memory: Vec<u64>,
    /// Bytes of the component, or of its compiled code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) size: Option<u64>,
    /// What the contestant is made of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<String>,
    /// Why there is nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
}

impl Request {
    /// Work of the usual size.
    pub(crate) fn of(work: Work, count: usize) -> Self {
        Self { work, count, records: None, threads: None }
    }
}

impl Work {
    /// Whether the organisation has a part in it.
    pub(crate) fn is_remote(self) -> bool {
        matches!(self, Self::Create | Self::GetFields | Self::Page | Self::Pages)
    }

    /// As in the results.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Version => "version",
            Self::Compile => "compile",
            Self::Load => "load",
            Self::Instantiate => "instantiate",
            Self::Create => "create",
            Self::GetFields => "get-fields",
            Self::Page => "page",
            Self::Pages => "pages",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_what_every_contestant_understands() {
        let request = serde_json::to_string(&Request::of(Work::GetFields, 20)).unwrap();
        assert_eq!(request, r#"{"work":"get-fields","count":20}"#);
        for work in [
            Work::Version,
            Work::Compile,
            Work::Load,
            Work::Instantiate,
            Work::Create,
            Work::GetFields,
            Work::Page,
            Work::Pages,
        ] {
            assert_eq!(serde_json::to_value(work).unwrap(), work.name());
        }
    }

    #[test]
    fn answers_need_only_what_they_tell() {
        let answer: Answer = serde_json::from_str(r#"{"nanoseconds":[1,2],"peak_rss":3,"more":"is ignored"}"#).unwrap();
        assert_eq!((answer.nanoseconds, answer.peak_rss, answer.error), (vec![1, 2], Some(3), None));
        let answer: Answer = serde_json::from_str(r#"{"error":"no"}"#).unwrap();
        assert_eq!(answer.error.as_deref(), Some("no"));
        assert!(serde_json::from_str::<Answer>(r#"{"nanoseconds":[1.5]}"#).is_err());
    }
}
