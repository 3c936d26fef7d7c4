//! The flags of an action, from the types of its parameters.
//!
//! | WIT | flags |
//! |---|---|
//! | record | those of its fields |
//! | text, number, enum | `--name VALUE`; the first text of an action that must be there stands without a name |
//! | `bool` | `--name` |
//! | list of these | `--name A,B`, or several times |
//! | variant as a parameter | one flag a case: `--create`, `--update ID`, `--upsert FIELD=VALUE` |
//! | variant elsewhere | `--name CASE`, or `--name CASE=VALUE` |
//! | `types.json` | `--name JSON`, or `--name-file FILE` |
//! | `list<soql.parameter>` | `--param NAME[:TYPE]=VALUE`, or `--params-file FILE` |
//! | anything else | `--name JSON` |

use std::collections::HashSet;
use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgGroup, Command, value_parser};
use salesforce_actions::types::{Field, Shape, TypeId, Types};
use salesforce_actions::{Action, Actions, summary};

/// Flags that every command has, and those of pages and writes.
const TAKEN: [&str; 20] = [
    "all",
    "all-children",
    "attempts",
    "ca",
    "component",
    "connection",
    "connection-name",
    "deadline-ms",
    "help",
    "idempotency-key",
    "json",
    "max-response-bytes",
    "param",
    "params-file",
    "pretty",
    "server",
    "table",
    "token-file",
    "verbose",
    "version",
];

const PARAMETERS: &str = r#"Parameters:
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

/// The flags of one action.
pub(super) struct Flags<'a> {
    pub(super) types: &'a Types,
    pub(super) action: &'a Action,
    leaves: Vec<Leaf>,
}

/// One flag.
struct Leaf {
    /// Where its value goes: the names of the WIT with dots between.
    path: String,
    flag: String,
    form: Form,
    docs: String,
    is_required: bool,
    /// The parameter whose cases exclude one another.
    group: Option<String>,
    /// The case that it belongs to.
    requires: Option<String>,
}

/// What a flag takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Nothing: it is there or not.
    Switch,
    /// A text.
    Text,
    /// A number.
    Number,
    /// One of these names.
    Name(Vec<String>),
    /// Several of what is told, with commas between.
    Several(Box<Form>),
    /// `FIELD=VALUE`: the two texts of a record.
    Pair,
    /// `CASE` or `CASE=VALUE`.
    Case,
    /// JSON, or a file of it.
    Json,
    /// Parameters of a query.
    Parameters,
}

impl<'a> Flags<'a> {
    pub(super) fn of(actions: &'a Actions, action: &'a Action) -> Flags<'a> {
        let mut flags = Flags { types: actions.types(), action, leaves: Vec::new() };
        for Field { name, docs, ty } in &action.parameters {
            let is_required = !flags.types.may_be_left_out(*ty) || matches!(flags.types.shape(*ty), Shape::List(_));
            let path = place(name);
            if let Shape::Variant(cases) = flags.types.shape(*ty) {
                for case in cases {
                    flags.case(&format!("{path}.{}", case.name), &path, case.ty, &case.docs);
                }
            } else {
                flags.add(*ty, &path, docs, is_required, None);
            }
        }
        flags.name_them();
        flags
    }

    fn add(&mut self, id: TypeId, path: &str, docs: &str, is_required: bool, requires: Option<&str>) {
        let docs = if docs.is_empty() { &self.types.get(id).docs } else { docs };
        match self.types.shape(id) {
            Shape::Option(of) => self.add(*of, path, docs, false, requires),
            Shape::Record(fields) => {
                for field in fields {
                    let is_required = is_required && !self.types.may_be_left_out(field.ty);
                    self.add(field.ty, &format!("{path}.{}", field.name), &field.docs, is_required, requires);
                }
            }
            _ => {
                let requires = requires.map(str::to_owned);
                let (form, docs) = (form(self.types, id), docs.to_owned());
                self.leaves.push(Leaf {
                    path: path.to_owned(),
                    flag: String::new(),
                    form,
                    docs,
                    is_required,
                    group: None,
                    requires,
                });
            }
        }
    }

    /// A case of a parameter: its flag takes the one thing that it cannot do without.
    fn case(&mut self, path: &str, group: &str, ty: Option<TypeId>, docs: &str) {
        let form = ty.map_or(Form::Switch, |ty| case_form(self.types, ty));
        let group = Some(group.to_owned());
        self.leaves.push(Leaf {
            path: path.to_owned(),
            flag: String::new(),
            form,
            docs: docs.to_owned(),
            is_required: false,
            group,
            requires: None,
        });
        let Some(Shape::Record(fields)) = ty.map(|ty| self.types.shape(ty)) else { return };
        if only_needed(self.types, fields).is_some() {
            for field in fields.iter().filter(|field| self.types.may_be_left_out(field.ty)) {
                self.add(field.ty, &format!("{path}.{}", field.name), &field.docs, false, Some(path));
            }
        }
    }

    /// Each flag by the last part of its path; where that is taken, by more of it.
    fn name_them(&mut self) {
        let mut taken: HashSet<String> = TAKEN.map(str::to_owned).into();
        for leaf in &mut self.leaves {
            let parts: Vec<&str> = leaf.path.split('.').collect();
            let names = (1..=parts.len()).map(|count| parts.get(parts.len() - count..).unwrap_or_default().join("-"));
            let free = names.chain([format!("argument-{}", parts.join("-"))]).find(|name| !taken.contains(name));
            leaf.flag = free.unwrap_or_default();
            taken.insert(leaf.flag.clone());
            if leaf.form == Form::Json {
                taken.insert(format!("{}-file", leaf.flag));
            }
        }
    }

    /// What the flag of this place takes, if it has one.
    pub(super) fn form(&self, path: &str) -> Option<&Form> {
        self.leaves.iter().find(|leaf| leaf.path == path).map(|leaf| &leaf.form)
    }

    /// Where there are flags, and what they take.
    pub(super) fn places(&self) -> impl Iterator<Item = (&str, &Form)> {
        self.leaves.iter().map(|leaf| (leaf.path.as_str(), &leaf.form))
    }

    /// The leaf that stands without a name.
    fn positional(&self) -> Option<&Leaf> {
        self.leaves.first().filter(|leaf| leaf.form == Form::Text && leaf.is_required)
    }

    /// The cases that exclude the one to which a flag belongs.
    fn other_cases(&self, leaf: &Leaf) -> Vec<String> {
        let Some(case) = &leaf.requires else { return Vec::new() };
        let group = self.leaves.iter().find(|other| other.path == *case).and_then(|case| case.group.as_ref());
        let others = self.leaves.iter().filter(|other| group.is_some() && other.group.as_ref() == group);
        others.filter(|other| other.path != *case).map(|other| other.path.clone()).collect()
    }

    pub(super) fn add_to(&self, mut command: Command) -> Command {
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
                command = command.group(group.args([leaf.path.clone(), file_of(&leaf.path)]));
            }
        }
        let mut groups: Vec<&String> = self.leaves.iter().filter_map(|leaf| leaf.group.as_ref()).collect();
        groups.dedup();
        for group in groups {
            let cases = self.leaves.iter().filter(|leaf| leaf.group.as_ref() == Some(group));
            let ids: Vec<String> = cases.map(|leaf| leaf.path.clone()).collect();
            command = command.group(ArgGroup::new(format!("{group} case")).args(ids).required(true));
        }
        command
    }

    /// How it is called, and what a flag takes that is not told in a word.
    pub(super) fn example(&self, action: &str) -> String {
        let mut words = vec![format!("harness {action}")];
        let positional = self.positional().map(|leaf| leaf.path.as_str());
        let mut groups = HashSet::new();
        for leaf in &self.leaves {
            let is_first_case = leaf.group.as_ref().is_some_and(|group| groups.insert(group));
            match &leaf.form {
                _ if positional == Some(&leaf.path) => words.push(leaf.value_name()),
                _ if !leaf.is_required && !is_first_case => {}
                Form::Switch => words.push(format!("--{}", leaf.flag)),
                _ => words.push(format!("--{} {}", leaf.flag, leaf.value_name())),
            }
        }
        let parameters = if self.leaves.iter().any(|leaf| leaf.form == Form::Parameters) { PARAMETERS } else { "" };
        format!("{parameters}Example:\n  {}", words.join(" "))
    }
}

impl Leaf {
    fn arguments(&self, is_positional: bool) -> Vec<Arg> {
        let mut argument = Arg::new(self.path.clone());
        if let Some(help) = summary(&self.docs) {
            argument = argument.help(help.to_owned()).long_help(self.docs.clone());
        }
        if let Some(case) = &self.requires {
            argument = argument.requires(case.clone());
        }
        if self.form == Form::Parameters {
            let file = Arg::new(file_of(&self.path)).long("params-file").value_name("FILE");
            let file = file.value_parser(value_parser!(PathBuf));
            return vec![
                Arg::new(self.path.clone())
                    .long("param")
                    .value_name("NAME[:TYPE]=VALUE")
                    .action(ArgAction::Append)
                    .help("Bind a parameter; see below for the types"),
                file.help("Bind the parameters in a JSON file, `-` for standard input"),
            ];
        }
        if !is_positional {
            argument = argument.long(self.flag.clone());
        }
        argument = match &self.form {
            Form::Number => argument.allow_negative_numbers(true),
            Form::Switch => return vec![argument.action(ArgAction::SetTrue)],
            Form::Name(names) => argument.value_parser(names.clone()),
            Form::Several(of) => {
                let several = argument.action(ArgAction::Append).value_delimiter(',');
                let several = several.allow_negative_numbers(**of == Form::Number);
                if let Form::Name(names) = &**of { several.value_parser(names.clone()) } else { several }
            }
            _ => argument,
        };
        let argument = argument.value_name(self.value_name());
        if self.form != Form::Json {
            return vec![argument.required(self.is_required)];
        }
        let file = Arg::new(file_of(&self.path)).long(format!("{}-file", self.flag)).value_name("FILE");
        let help = format!("As --{}, from a file; `-` for standard input", self.flag);
        let file = file.value_parser(value_parser!(PathBuf)).conflicts_with(self.path.clone());
        vec![argument, file.help(help)]
    }

    fn value_name(&self) -> String {
        let name = self.path.rsplit('.').next().unwrap_or_default().to_ascii_uppercase();
        match &self.form {
            Form::Pair => "FIELD=VALUE".to_owned(),
            Form::Case => "CASE[=VALUE]".to_owned(),
            Form::Json => "JSON".to_owned(),
            Form::Number => "N".to_owned(),
            Form::Several(_) => "A,B".to_owned(),
            _ if name == "UPDATE" => "ID".to_owned(),
            _ => name,
        }
    }
}

/// Where a parameter's value goes. No argument of another kind has such an id.
pub(super) fn place(parameter: &str) -> String {
    format!("input.{parameter}")
}

/// The id of the argument that takes a file instead.
pub(super) fn file_of(path: &str) -> String {
    format!("{path} file")
}

fn form(types: &Types, id: TypeId) -> Form {
    match types.shape(id) {
        Shape::Bool => Form::Switch,
        Shape::Integer { .. } | Shape::Float { .. } => Form::Number,
        Shape::Char | Shape::Text | Shape::Bytes => Form::Text,
        Shape::Enum(labels) => Form::Name(labels.iter().map(|label| label.name.clone()).collect()),
        Shape::Flags(labels) => {
            Form::Several(Box::new(Form::Name(labels.iter().map(|label| label.name.clone()).collect())))
        }
        Shape::Option(of) => form(types, *of),
        Shape::List(of) => match form(types, *of) {
            several @ (Form::Text | Form::Number | Form::Name(_)) => Form::Several(Box::new(several)),
            _ => Form::Json,
        },
        Shape::Variant(_) => Form::Case,
        Shape::Parameters => Form::Parameters,
        Shape::Json | Shape::Tuple(_) | Shape::Record(_) | Shape::Result { .. } => Form::Json,
    }
}

/// What the flag of a case takes.
fn case_form(types: &Types, id: TypeId) -> Form {
    match types.shape(id) {
        Shape::Record(fields) if is_pair(types, fields) => Form::Pair,
        Shape::Record(fields) => only_needed(types, fields).map_or(Form::Json, |field| case_form(types, field.ty)),
        _ => form(types, id),
    }
}

/// The one field of a record that cannot be left out.
pub(super) fn only_needed<'a>(types: &Types, fields: &'a [Field]) -> Option<&'a Field> {
    let mut needed = fields.iter().filter(|field| !types.may_be_left_out(field.ty));
    needed.next().filter(|_| needed.next().is_none())
}

/// Whether a record is two texts: `FIELD=VALUE`.
pub(super) fn is_pair(types: &Types, fields: &[Field]) -> bool {
    fields.len() == 2 && fields.iter().all(|field| *types.shape(field.ty) == Shape::Text)
}
