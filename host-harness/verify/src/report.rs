//! What was found out about a component: one verdict for each check, as a value that serialises.

use std::fmt;
use std::time::{Duration, Instant};

use salesforce_actions::Actions;
use salesforce_runtime::text::line;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Characters of one line of a finding that are kept.
const LONGEST_LINE: usize = 240;
/// Lines of a finding that are kept.
const MOST_LINES: usize = 20;
/// Bytes of all lines of a report that are kept. In JSON they are twice as many at most.
const MOST_BYTES: usize = 96 << 10;

/// Whether a component may run, and why.
///
/// Text in it that came from the component is escaped, bounded, and free of the secrets that the checks used.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// True if every check passed.
    pub may_run: bool,
    /// SHA-256 of the component, 64 hexadecimal digits; none if it is too large to be read.
    pub sha256: Option<String>,
    /// Its size.
    pub bytes: u64,
    /// One for each of [`Check::ALL`], in that order.
    pub checks: Vec<Finding>,
    /// What it can be asked for; none if it could not be read that far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actions: Option<Actions>,
}

/// The result of one check.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Finding {
    /// Which check.
    pub check: Check,
    /// How it ended.
    pub verdict: Verdict,
    /// What was measured if it passed, what was expected and what came instead if it failed, why it was not run.
    pub details: Vec<String>,
    /// How long it took.
    pub milliseconds: u64,
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// As it must be.
    Passed,
    /// Not as it must be: the component may not run.
    Failed,
    /// It asks of functions that the component does not have.
    DoesNotApply,
    /// An earlier failure made it pointless: nothing is known, so the component may not run.
    NotRun,
}

macro_rules! checks {
    ($($check:ident: $about:literal,)+) => {
        /// What is checked, in this order. The names (`soql-paging`) are stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Check {
            $(#[doc = $about] $check,)+
        }

        impl Check {
            /// All of them.
            pub const ALL: &[Check] = &[$(Check::$check,)+];

            /// What it asks of a component.
            #[must_use]
            pub fn about(self) -> &'static str {
                match self {
                    $(Check::$check => $about,)+
                }
            }
        }
    };
}

checks! {
    Size: "it is no larger than allowed",
    Component: "it is a valid WebAssembly component",
    Imports: "it imports nothing but what the host offers",
    Exports: "it has actions, and those of the connector's interfaces that it exports have the connector's types",
    CompileTime: "it compiles within the time allowed",
    CompileMemory: "it compiles within the memory allowed",
    Loads: "its memories, tables and instances fit the runtime's limits",
    OauthBegin: "an authorization begins with PKCE and state, and sends nothing",
    OauthComplete: "a code becomes the tokens that were granted",
    OauthStateMismatch: "a callback of another authorization is refused and nothing is sent",
    OauthDenied: "a user who declines is told as that and nothing is sent",
    OauthRefresh: "a refresh gives the new tokens, a rotated refresh token among them",
    OauthKeptTokens: "harmless oddities and passing failures cost no token",
    OauthRefreshOnce: "a refresh whose answer is lost is not sent again",
    OauthForeignInstance: "tokens for a host that is not Salesforce's are not taken",
    OauthForgedSignature: "tokens with a wrong signature are not taken",
    OauthClientCredentials: "the app gets tokens of its own",
    OauthTokens: "a token is described, its user named, and it is gone once revoked",
    SoqlQuery: "rows, counts and null come as Salesforce sent them",
    SoqlBinding: "every type of parameter is bound, and none changes the query",
    SoqlPaging: "pages lead through all records, each once",
    SoqlUnknownTotal: "a total that Salesforce does not know is none",
    SoqlMaxRecords: "whole pages are joined up to the number that was asked for",
    SoqlEveryDigit: "no digit and no key of a record is changed",
    SoqlErrors: "Salesforce's refusals have their kinds",
    SoqlHostileNextUrl: "a next page on another host or path is not fetched",
    SoqlPageLoop: "pages that lead in a circle end",
    SoqlIncompletePage: "a page that is not whole is an error",
    SoqlForeignCursor: "a cursor that leads elsewhere is refused and nothing is sent",
    SoqlRepeatedRead: "a read is repeated as often as the caller allows, no more",
    RecordsFieldValues: "exactly the fields asked for come back",
    RecordsSave: "records are created, updated and upserted by external Id",
    RecordsErrors: "refused records are told by kind, and nothing is written",
    RecordsCreateOnce: "a create whose answer is lost is unknown and never sent again",
    RecordsNames: "names and Ids that cannot be any are refused and nothing is sent",
    CollectionsSave: "records are created, updated, upserted, deleted and read in the order given, every digit kept",
    CollectionsOutcomes: "each record has its own outcome, and what was undone is told apart from what was never tried",
    CollectionsLostAnswer: "creates whose answer is lost are unknown and never sent again, deletes once more if the caller allows it",
    CollectionsArguments: "more than 200 records, and others that cannot be meant, are refused by name and nothing is sent",
    CollectionsAnswer: "an answer that does not fit the records is an error, of the call or of the record",
    SchemaDescribe: "objects are described as the org has them, and what has not changed is none",
    SchemaAnswer: "a description that is another's, or of another form, is an error without its text",
    SchemaNames: "names and dates that cannot be any are refused and nothing is sent",
    HostileText: "line breaks in tokens and versions are refused and nothing is sent",
    HostileInstanceUrl: "a token is sent to Salesforce's domains only",
    HostileRedirect: "no redirect is followed",
    HostileAnswer: "an answer that is no JSON is an error without its text",
    LimitBytes: "an answer beyond the caller's limit is refused",
    LimitTime: "a call ends by itself at the caller's deadline",
    EveryExport: "each function does the same with an open and a sealed token, and sends its own request alone",
    Secrets: "no error and no result holds a token, secret, code, verifier or raw body where it does not belong",
    Requests: "no request holds a secret where it does not belong",
    Claims: "no error and no count of API calls contradicts what Salesforce saw",
    Egress: "it never asked for another host than the one it was called with",
}

/// Findings as they come in.
pub(super) struct Draft {
    sha256: Option<String>,
    bytes: u64,
    findings: Vec<Finding>,
    actions: Option<Actions>,
}

impl Draft {
    pub(super) fn new(wasm: &[u8]) -> Self {
        let sha256 = Sha256::digest(wasm).iter().map(|byte| format!("{byte:02x}")).collect();
        Self { sha256: Some(sha256), ..Self::unread(wasm.len() as u64) }
    }

    /// Of a component that was not read.
    pub(super) fn unread(bytes: u64) -> Self {
        Self { sha256: None, bytes, findings: Vec::new(), actions: None }
    }

    pub(super) fn add(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// What the component can be asked for.
    pub(super) fn describe(&mut self, actions: Actions) {
        self.actions = Some(actions);
    }

    /// True as long as nothing failed.
    pub(super) fn is_clean(&self) -> bool {
        self.findings.iter().all(Finding::allows_it_to_run)
    }

    /// The report; checks without a finding were not run for this reason.
    pub(super) fn finish(self, reason: &str) -> Report {
        let Self { sha256, bytes, mut findings, actions } = self;
        let mut checks: Vec<Finding> = Check::ALL
            .iter()
            .map(|check| {
                let found = findings.iter().position(|finding| finding.check == *check);
                found.map_or_else(|| Finding::not_run(*check, reason), |place| findings.swap_remove(place))
            })
            .collect();
        let mut room = MOST_BYTES;
        for finding in &mut checks {
            room = finding.keep_within(room);
        }
        let may_run = checks.iter().all(Finding::allows_it_to_run);
        Report { may_run, sha256, bytes, checks, actions }
    }
}

impl Finding {
    pub(super) fn passed(check: Check, detail: impl Into<Option<String>>) -> Self {
        Self::new(check, Verdict::Passed, detail.into())
    }

    /// With further lines, which change nothing about the verdict.
    pub(super) fn noting<'a>(mut self, lines: impl IntoIterator<Item = &'a String>) -> Self {
        let room = MOST_LINES.saturating_sub(self.details.len());
        self.details.extend(lines.into_iter().take(room).map(|line| shown(line)));
        self
    }

    pub(super) fn failed(check: Check, details: impl IntoIterator<Item = String>) -> Self {
        Self::new(check, Verdict::Failed, details)
    }

    pub(super) fn does_not_apply(check: Check, reason: &str) -> Self {
        Self::new(check, Verdict::DoesNotApply, [reason.to_owned()])
    }

    fn allows_it_to_run(&self) -> bool {
        matches!(self.verdict, Verdict::Passed | Verdict::DoesNotApply)
    }

    pub(super) fn not_run(check: Check, reason: &str) -> Self {
        Self::new(check, Verdict::NotRun, [reason.to_owned()])
    }

    pub(super) fn since(mut self, started: Instant) -> Self {
        self.milliseconds = milliseconds(started.elapsed());
        self
    }

    fn new(check: Check, verdict: Verdict, details: impl IntoIterator<Item = String>) -> Self {
        let mut all = details.into_iter();
        let mut details: Vec<String> = all.by_ref().take(MOST_LINES).map(|line| shown(&line)).collect();
        let more = all.count();
        if more > 0 {
            details.push(format!("and {more} more"));
        }
        Self { check, verdict, details, milliseconds: 0 }
    }

    /// Leaves out the lines for which there is no room, and says so. Answers what room is left.
    fn keep_within(&mut self, mut room: usize) -> usize {
        let fits = |line: &&String| room.checked_sub(line.len()).inspect(|left| room = *left).is_some();
        let kept = self.details.iter().take_while(fits).count();
        let left_out = self.details.len() - kept;
        if left_out > 0 {
            self.details.truncate(kept);
            self.details.push(format!("lines left out, as the report is long: {left_out}"));
            return 0;
        }
        room
    }
}

pub(super) fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// One bounded line: what a component wrote may hold anything, commands to a terminal included.
fn shown(text: &str) -> String {
    let mut shown = line(&text.chars().take(LONGEST_LINE).collect::<String>());
    if text.chars().nth(LONGEST_LINE).is_some() {
        shown.push('…');
    }
    shown
}

impl fmt::Display for Check {
    /// Its stable name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_what_serialises_and_differ() {
        assert_eq!(Check::SoqlHostileNextUrl.to_string(), "soql-hostile-next-url");
        assert_eq!(serde_json::to_string(&Verdict::NotRun).unwrap(), "\"not-run\"");
        let names: HashSet<String> = Check::ALL.iter().map(ToString::to_string).collect();
        assert_eq!(names.len(), Check::ALL.len());
    }

    #[test]
    fn a_report_holds_every_check_in_order_and_passes_only_if_all_do() {
        let mut draft = Draft::new(b"");
        for check in Check::ALL.iter().rev() {
            draft.add(Finding::passed(*check, None));
        }
        let whole = draft.finish("");
        assert!(whole.may_run);
        assert!(whole.checks.iter().map(|finding| &finding.check).eq(Check::ALL));
        let none = Draft::new(b"").finish("why");
        assert!(!none.may_run && none.checks.iter().all(|finding| finding.details == ["why"]));
    }

    #[test]
    fn what_a_component_wrote_is_one_bounded_line_without_commands() {
        let finding = Finding::failed(Check::Size, vec!["\u{1b}[2J\r\n\u{202e}x\0".to_owned(); 100]);
        assert_eq!(finding.details.len(), MOST_LINES + 1);
        assert_eq!(finding.details[0], "\\u{1b}[2J\\r\\n\\u{202e}x\\0");
        assert_eq!(finding.details[MOST_LINES], "and 80 more");
        let long = Finding::failed(Check::Size, ["\u{7}".repeat(1_000_000)]);
        assert!(long.details[0].len() < 2000 && long.details[0].ends_with('…'));
    }

    #[test]
    fn s04_a_report_is_bounded_whatever_a_component_wrote() {
        for text in ["\u{10ffff}", "\\", "\"", "\u{202e}\n"] {
            let mut draft = Draft::new(b"");
            for check in Check::ALL {
                draft.add(Finding::failed(*check, vec![text.repeat(1_000); 100]));
            }
            let report = draft.finish("");
            let json = serde_json::to_string(&report).unwrap();
            assert!(json.len() <= 256 << 10, "{text:?}: {}", json.len());
            let last = report.checks.last().unwrap();
            assert!(last.verdict == Verdict::Failed && last.details[0].contains("left out"), "{:?}", last.details);
            let first = report.checks.first().unwrap();
            assert_eq!(first.details.len(), MOST_LINES + 1);
        }
    }
}
