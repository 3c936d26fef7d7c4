//! What the verification of a component found: what failed first, and what to do about it; then every check. Those that were not
//! run because of it are folded.

use maud::{Markup, html};

use salesforce_verify::{Check, Finding, Report, Verdict};

pub(super) fn findings(report: &Report) -> Markup {
    let of = |verdict| report.checks.iter().filter(move |finding| finding.verdict == verdict);
    let count = |verdict| of(verdict).count();
    let (failed, not_run) = (count(Verdict::Failed), count(Verdict::NotRun));
    html! {
        @if failed > 0 { (failures(of(Verdict::Failed))) }
        h2 { "Verification" }
        p id="verdicts" {
            (count(Verdict::Passed)) " passed, " (failed) " failed, " (not_run) " not run"
            @if count(Verdict::DoesNotApply) > 0 { ", " (count(Verdict::DoesNotApply)) " of functions that it does not have" }
        }
        div class="scroll" tabindex="0" role="region" aria-label="Verification report" {
            table id="report" {
                thead { tr {
                    th scope="col" { "Check" } th scope="col" { "Verdict" } th scope="col" { "Details" }
                    th scope="col" class="number" { "Time" }
                } }
                tbody { @for finding in report.checks.iter().filter(|finding| finding.verdict != Verdict::NotRun) { (row(finding)) } }
            }
        }
        @if not_run > 0 {
            details id="not-run" {
                summary { (not_run) @if not_run == 1 { " check was not run" } @else { " checks were not run" } }
                p class="hint" { "An earlier check failed, so nothing is known about these. They run once it passes." }
                ul { @for finding in of(Verdict::NotRun) { li { code { (finding.check) } ": " (finding.check.about()) } } }
            }
        }
    }
}

fn failures<'a>(failed: impl Iterator<Item = &'a Finding>) -> Markup {
    html! {
        section class="sheet" id="failures" aria-labelledby="failures-title" {
            h2 id="failures-title" { "What failed" }
            @for finding in failed {
                h3 { code { (finding.check) } }
                p { "Expected: " (finding.check.about()) "." }
                @if !finding.details.is_empty() { ul { @for line in &finding.details { li { (line) } } } }
                @if let Some(remedy) = remedy(finding.check) { p class="remedy" { (remedy) } }
            }
            p id="next" {
                "Correct it, then run the same checks on your own machine with " code { "harness verify component.wasm" }
                " before you upload it again."
            }
        }
    }
}

/// What to do where a check of the component's form failed. The others are of its behaviour: their details say what it did.
fn remedy(check: Check) -> Option<&'static str> {
    Some(match check {
        Check::Size => "Build it for release, and strip debug information: wasm-tools strip.",
        Check::Component => {
            "Upload a component, not a core module or another file. wasm-tools component new makes one of a module."
        }
        Check::Imports => {
            "Remove the imports that are named: a component here has no files, environment or sockets of its own."
        }
        Check::Exports => {
            "Export each action as a function that takes a connection first and call-options last and returns a result with the \
             connector's error, and export workflow:salesforce/types too."
        }
        Check::CompileTime | Check::CompileMemory => {
            "Make it smaller: build it for release, and split very large functions."
        }
        Check::Loads => "Declare less memory, or fewer tables and instances, at the start.",
        _ => return None,
    })
}

fn row(finding: &Finding) -> Markup {
    html! {
        tr {
            th scope="row" { code { (finding.check) } }
            td class="keep" { span class=(colour(finding.verdict)) { (finding.verdict) } }
            td {
                (finding.check.about())
                @if !finding.details.is_empty() { ul { @for line in &finding.details { li { (line) } } } }
            }
            td class="number" { (finding.milliseconds) " ms" }
        }
    }
}

fn colour(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "good",
        Verdict::Failed => "bad",
        Verdict::DoesNotApply | Verdict::NotRun => "calm",
    }
}
