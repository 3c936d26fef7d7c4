//! Flags as arguments of clap, with their help.

use std::collections::HashSet;
use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Arg, ArgAction, ArgGroup, Command, value_parser};
use salesforce_actions::summary;
use salesforce_actions::types::Label;

use super::super::flowing;
use super::form::OneCase;
use super::{EMPTY_LIST, Flags, Form, INPUT, Leaf, file_of, names};

/// What a command that binds values says below its flags.
pub(crate) const PARAMETERS: &str = r#"Parameters:
  :name in the query, outside of '...', is a placeholder. Values are escaped: they never change
  the query.
    --param NAME=VALUE           text
    --param NAME:TYPE=VALUE      integer, decimal, boolean, date, datetime, time, currency, id,
                                 like-contains, like-starts-with, like-ends-with, like-exact,
                                 like-pattern
    --param NAME:TYPE[]=A,B      a list for IN; write \, for a comma in a value
    --param NAME:null            null
  --params-file takes a JSON object of names and values:
    {"name": "O'Reilly", "since": {"date": "2026-01-01"}, "ids": [{"id": "001..."}]}

"#;

impl Flags<'_> {
    pub(in super::super) fn add_to(&self, mut command: Command) -> Command {
        let positional = self.positional().map(|leaf| leaf.path.clone());
        for leaf in &self.leaves {
            let is_positional = positional.as_ref() == Some(&leaf.path);
            let elsewhere = self.other_cases(leaf);
            for argument in leaf.arguments(is_positional) {
                // Clap asks for no case where another one is given.
                command = command.arg(argument.conflicts_with_all(elsewhere.clone()));
            }
            if leaf.form == Form::Json && leaf.is_required {
                let group = ArgGroup::new(format!("{} given", leaf.path)).required(true);
                command = command.group(group.args(leaf.ids()));
            }
        }
        let mut groups: Vec<&String> = self.leaves.iter().filter_map(|leaf| leaf.group.as_ref()).collect();
        groups.dedup();
        for group in groups {
            let cases = self.leaves.iter().filter(|leaf| leaf.group.as_ref() == Some(group));
            let ids: Vec<String> = cases.flat_map(Leaf::ids).collect();
            command = command.group(ArgGroup::new(format!("{group} case")).args(ids).required(true));
        }
        command
    }

    /// The cases that exclude the one to which a flag belongs.
    fn other_cases(&self, leaf: &Leaf) -> Vec<String> {
        let Some(case) = &leaf.requires else { return Vec::new() };
        let group = self.leaves.iter().find(|other| other.path == *case).and_then(|case| case.group.as_ref());
        let others = self.leaves.iter().filter(|other| group.is_some() && other.group.as_ref() == group);
        others.filter(|other| other.path != *case).map(|other| other.path.clone()).collect()
    }

    /// How it is called, and what a flag takes that is not told in a word.
    pub(in super::super) fn example(&self, action: &str) -> String {
        let mut words = vec![format!("harness {action}")];
        let positional = self.positional().map(|leaf| leaf.path.as_str());
        let mut groups = HashSet::new();
        for leaf in &self.leaves {
            let is_first_case = leaf.group.as_ref().is_some_and(|group| groups.insert(group));
            match &leaf.form {
                _ if positional == Some(&leaf.path) => words.push(leaf.value_name()),
                _ if !leaf.is_required && !is_first_case => {}
                Form::Switch | Form::Either => words.push(format!("--{}", leaf.flag)),
                _ => words.push(format!("--{} {}", leaf.flag, leaf.value_name())),
            }
        }
        let parameters = if self.leaves.iter().any(|leaf| leaf.form == Form::Parameters) { PARAMETERS } else { "" };
        format!("{parameters}Example:\n  {}", words.join(" "))
    }
}

impl Leaf {
    /// Of its argument, and of that for a file.
    fn ids(&self) -> Vec<String> {
        let file = names::file(&self.flag, &self.form).map(|_| file_of(&self.path));
        [self.path.clone()].into_iter().chain(file).collect()
    }

    fn arguments(&self, is_positional: bool) -> Vec<Arg> {
        let (short, long) = self.help(is_positional);
        let mut argument = Arg::new(self.path.clone()).help(short).long_help(long);
        if let Some(case) = &self.requires {
            argument = argument.requires(case.clone());
        }
        if !is_positional {
            argument = argument.long(self.flag.clone());
        }
        argument = match &self.form {
            Form::Switch => return vec![argument.action(ArgAction::SetTrue)],
            Form::Either => {
                let argument = argument.num_args(0..=1).require_equals(true).default_missing_value("true");
                argument.value_parser(["true", "false"]).hide_possible_values(true)
            }
            // A value that begins with a dash is one. Where nothing is named, it may as well be a flag that is misspelt.
            Form::Number => argument.allow_negative_numbers(true),
            _ if is_positional => argument.allow_negative_numbers(true),
            Form::Name(labels) => argument.value_parser(one_of(labels)),
            Form::Several(of) => {
                let several = argument.action(ArgAction::Append).allow_hyphen_values(true);
                match &**of {
                    Form::Name(labels) => several.value_delimiter(',').value_parser(some_of(labels)),
                    // Whoever reads them tells their commas apart.
                    _ => several,
                }
            }
            Form::Parameters => argument.action(ArgAction::Append).allow_hyphen_values(true),
            _ => argument.allow_hyphen_values(true),
        };
        let argument = argument.value_name(self.value_name());
        let Some(file) = names::file(&self.flag, &self.form) else {
            return vec![argument.required(self.is_required)];
        };
        let help = match self.form {
            Form::Parameters => "Bind the parameters in a JSON file, `-` for standard input".to_owned(),
            _ => format!("As --{}, from a file; `-` for standard input", self.flag),
        };
        let file = Arg::new(file_of(&self.path)).long(file).value_name("FILE").value_parser(value_parser!(PathBuf));
        // Parameters of a file and of flags are bound together.
        let excluded = (self.form == Form::Json).then(|| self.path.clone());
        vec![argument, file.help(help).conflicts_with_all(excluded)]
    }

    /// In short, and at length.
    fn help(&self, is_positional: bool) -> (String, String) {
        if self.form == Form::Parameters {
            let help = "Bind a parameter; see below for the types".to_owned();
            return (help.clone(), help);
        }
        // Numbers that the documentation names are what the component takes, which may be less than its type does.
        let is_of_its_type = !self.docs.contains(|char: char| char.is_ascii_digit());
        let mut notes = Vec::new();
        match &self.form {
            Form::Base64 => {
                let of_bytes = "Bytes in base64; `-` reads them as they are from standard input, `@FILE` from a file";
                notes.push(of_bytes.to_owned());
            }
            Form::Case(cases) => {
                let cases: Vec<_> = cases.iter().map(|case| case.written.as_str()).collect();
                notes.push(format!("One of: {}", cases.join(", ")));
            }
            Form::Several(of) => {
                let of_texts =
                    r"`\,` is a comma in a value; `-` reads them from standard input, `@FILE` from a file, a line each";
                notes.extend((**of == Form::Text).then(|| of_texts.to_owned()));
                notes.extend(is_of_its_type.then(|| format!("`{EMPTY_LIST}` is an empty list")));
            }
            Form::Json if self.is_whole => {
                notes.push("As JSON: it has more fields than there are flags for".to_owned());
            }
            _ => {}
        }
        notes.extend(is_positional.then(|| "`-` reads it from standard input, `@FILE` from a file".to_owned()));
        notes.extend(self.bounds.clone().filter(|_| is_of_its_type));
        notes.extend(self.json.as_ref().map(|json| format!("JSON: {json}")));
        let place = self.path.strip_prefix(INPUT).unwrap_or(&self.path);
        if self.flag.starts_with(names::PREFIX) {
            notes.push(format!("The parameter {place}: the flag of that name means something else here"));
        } else if self.docs.is_empty() {
            notes.insert(0, format!("The parameter {place}"));
        }
        let short: Vec<_> = summary(&self.docs).into_iter().chain(notes.iter().map(String::as_str)).collect();
        let short = flowing(&short.join(". "));
        let mut long: Vec<_> = [flowing(&self.docs)].into_iter().chain(notes).filter(|text| !text.is_empty()).collect();
        if let Form::Case(cases) = &self.form {
            let case = |case: &OneCase| match flowing(&case.docs) {
                docs if docs.is_empty() => format!("- {}", case.written),
                docs => format!("- {}: {docs}", case.written),
            };
            long.push(cases.iter().map(case).collect::<Vec<_>>().join("\n"));
        }
        (short, long.join("\n\n"))
    }

    pub(super) fn value_name(&self) -> String {
        let name = || self.path.rsplit('.').next().unwrap_or_default().to_ascii_uppercase();
        self.form.word().unwrap_or_else(|| if name() == "UPDATE" { "ID".to_owned() } else { name() })
    }
}

/// A parser of lists of these names.
fn some_of(labels: &[Label]) -> PossibleValuesParser {
    PossibleValuesParser::new(labels.iter().map(possible).chain([PossibleValue::new(EMPTY_LIST).hide(true)]))
}

/// A parser of these names, which tells what each means.
fn one_of(labels: &[Label]) -> PossibleValuesParser {
    PossibleValuesParser::new(labels.iter().map(possible))
}

fn possible(label: &Label) -> PossibleValue {
    let value = PossibleValue::new(label.name.clone());
    match summary(&label.docs) {
        Some(help) => value.help(help.to_owned()),
        None => value,
    }
}
