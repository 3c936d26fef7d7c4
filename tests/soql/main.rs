//! The mock's SOQL parser against Salesforce's own grammar: `cargo xtask soql-grammar`.
//!
//! `queries/` holds queries that cover the grammar, a line each. They and mutants of them (a word deleted, doubled, swapped,
//! replaced or added, the same every time) are shown to both, and both must say the same: what the grammar takes the parser
//! takes, or says that the mock does not know it; what the grammar refuses is `MALFORMED_QUERY`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a program for tests: what cannot go on stops it"
)]

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use mock_salesforce::soql;

/// How many mutants are made of each query.
const MUTANTS: usize = 100;
/// How many disagreements are told.
const TOLD: usize = 40;
/// Words that a mutant may get beside those of the queries.
const WORDS: [&str; 14] =
    ["NOT", "AND", "OR", "(", ")", ",", "FOR", "UPDATE", "ALL", "ROWS", "5e3", r"'\%'", ":x", "LAST_N_DAYS"];

/// Mutants that chance seldom makes: what was wrong once, and what differs on purpose.
const SUSPECTS: [&str; 13] = [
    "SELECT Id FROM Account WHERE a = 1 AND NOT (b = 2)",
    "SELECT Id FROM Account WHERE NOT NOT a = 1",
    r"SELECT Id FROM Account WHERE a = '50\%'",
    r"SELECT Id FROM Account WHERE a = '\uFFFF'",
    r"SELECT Id FROM Account WHERE a = '\f'",
    "SELECT Id FROM Account WHERE a = 1e5",
    "SELECT Id FROM Account WHERE a = 2026-02-30",
    "SELECT Id FROM Account WHERE a = LAST_N_DAYS",
    "SELECT COUNT(Id) asc FROM Account",
    "SELECT Id FROM Account first",
    "SELECT Id FROM Account FOR UPDATE",
    "SELECT Id FROM Account ALL ROWS",
    "SELECT Id FROM Account WHERE a = USD50..5",
];

/// Whether a disagreement is of a kind.
type Test = fn(&Case) -> bool;

/// Where the parser differs from the grammar on purpose, and why.
const DIFFERENCES: [(&str, Test); 5] = [
    ("FOR UPDATE is in the reference's SELECT syntax, and not in the grammar", |case| {
        !case.grammar && case.soql.to_ascii_uppercase().contains("FOR UPDATE")
    }),
    (r"\f is in the reference's escape sequences, and not in the grammar", |case| {
        !case.grammar && case.soql.to_ascii_lowercase().contains(r"\f")
    }),
    ("a day, and an hour, must be one of the calendar and the clock; to the grammar they are digits", |case| {
        case.grammar && case.mock.starts_with("unexpected token: '20")
    }),
    ("a date literal takes a number or none, as the reference lists it; to the grammar all are alike", |case| {
        case.grammar && (case.mock.contains("expecting ':'") || case.mock.contains("unexpected token: ':'"))
    }),
    ("an amount with a currency has one point; to the grammar it may have several in a row", |case| {
        case.grammar && case.mock.starts_with("unexpected token: '") && case.mock.contains("..")
    }),
];

/// What both say of a query.
struct Case {
    soql: String,
    /// Whether the grammar takes it.
    grammar: bool,
    /// The last line of the mock's refusal; empty when there is none.
    mock: String,
    /// Whether the mock takes it for no SOQL.
    malformed: bool,
}

fn main() -> ExitCode {
    let [node, folder] = std::env::args().skip(1).collect::<Vec<_>>().try_into().expect("arguments: NODE FOLDER");
    let folder = Path::new(&folder);
    let queries = queries(&folder.join("queries"));
    let mutants = mutants(&queries);
    let valid = cases(&node, folder, queries);
    let mutants = cases(&node, folder, mutants);

    let strangers = valid.iter().filter(|case| !case.grammar).map(|case| format!("not in the grammar: {}", case.soql));
    let wrong = valid.iter().chain(&mutants).filter(|case| !case.agrees()).map(Case::told);
    let gone = DIFFERENCES.iter().filter(|(_, is_it)| !mutants.iter().any(|case| case.differs() && is_it(case)));
    let gone = gone.map(|(reason, _)| format!("does not differ any more: {reason}"));
    let failures: Vec<String> = strangers.chain(wrong).chain(gone).collect();
    for failure in failures.iter().take(TOLD) {
        println!("{failure}");
    }
    let taken = mutants.iter().filter(|case| case.grammar).count();
    println!(
        "{} queries and {} mutants, of which the grammar takes {taken}: {} disagreements",
        valid.len(),
        mutants.len(),
        failures.len()
    );
    if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

impl Case {
    fn differs(&self) -> bool {
        self.grammar == self.malformed
    }

    fn agrees(&self) -> bool {
        !self.differs() || DIFFERENCES.iter().any(|(_, is_it)| is_it(self))
    }

    fn told(&self) -> String {
        let (grammar, mock) = if self.grammar { ("takes", &*self.mock) } else { ("refuses", "takes it") };
        format!("the grammar {grammar}: {}\n    the mock: {mock}", self.soql)
    }
}

/// Every line of the files of a folder.
fn queries(folder: &Path) -> Vec<String> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let text = |file| fs::read_to_string(file).unwrap();
    files.into_iter().flat_map(|file| text(file).lines().map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// What the grammar, run by Node.js, and the mock say of each query.
fn cases(node: &str, folder: &Path, queries: Vec<String>) -> Vec<Case> {
    let mut judge = Command::new(node)
        .arg(folder.join("judge.cjs"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Node.js starts");
    let mut input = judge.stdin.take().unwrap();
    let lines: Vec<String> =
        queries.iter().map(|soql| format!("{}\n", serde_json::Value::from(soql.as_str()))).collect();
    let writer = std::thread::spawn(move || lines.iter().for_each(|line| input.write_all(line.as_bytes()).unwrap()));
    let verdicts = BufReader::new(judge.stdout.take().unwrap()).lines().map(|line| line.unwrap() == "1");
    let cases: Vec<Case> = queries.iter().zip(verdicts).map(|(soql, grammar)| case(soql, grammar)).collect();
    writer.join().unwrap();
    assert!(judge.wait().unwrap().success() && cases.len() == queries.len(), "the judge fails");
    cases
}

fn case(soql: &str, grammar: bool) -> Case {
    let refusal = soql::parse(soql).err();
    let malformed = refusal.as_ref().is_some_and(|error| error.code == "MALFORMED_QUERY");
    let message = refusal.map(|error| error.message).unwrap_or_default();
    Case { soql: soql.to_owned(), grammar, mock: message.lines().last().unwrap_or_default().to_owned(), malformed }
}

fn mutants(queries: &[String]) -> Vec<String> {
    let words: BTreeSet<&str> = queries.iter().flat_map(|soql| split(soql)).chain(WORDS).collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.trim().is_empty()).collect();
    let mut random = Random(20_260_615);
    let mut mutants = BTreeSet::new();
    for soql in queries {
        let parts = split(soql);
        for _ in 0..MUTANTS {
            let mut parts = parts.clone();
            let (at, other) = (random.below(parts.len()), random.below(parts.len()));
            let (gap, word) = (random.below(parts.len() + 1), words[random.below(words.len())]);
            match random.below(5) {
                0 => drop(parts.remove(at)),
                1 => parts.insert(at, parts[at]),
                2 => parts.swap(at, other),
                3 => parts[at] = word,
                _ => parts.splice(gap..gap, [" ", word, " "]).for_each(drop),
            }
            mutants.insert(parts.concat());
        }
    }
    mutants.extend(SUSPECTS.map(str::to_owned));
    mutants.retain(|mutant| !queries.contains(mutant));
    mutants.into_iter().collect()
}

/// The words of a query, what is between them, and its strings.
fn split(soql: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = soql;
    while let Some(first) = rest.chars().next() {
        let is_part = |one: char| one.is_alphanumeric() || one == '_';
        let length = match first {
            '\'' => rest[1..].find('\'').map(|end| end + 2),
            _ if is_part(first) => rest.find(|one| !is_part(one)),
            _ => Some(first.len_utf8()),
        };
        let (part, after) = rest.split_at(length.unwrap_or(rest.len()));
        parts.push(part);
        rest = after;
    }
    parts
}

/// Numbers that are the same every time: SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(bound).unwrap()).unwrap()
    }
}
