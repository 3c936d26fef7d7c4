//! The elements of a form. Every input has its label, every id is there once, and nothing needs script.

use maud::{Markup, html};

use super::super::fields::Fields;
use super::known::Meaning;
use super::words::marked;
use super::{Case, Choice, Empty, Field, Frame, TICKED, Widget, Wrong, json_rows, parameter_rows};

/// Rows that are there without script.
const ROWS: usize = 3;
/// A query where none is yet.
const EXAMPLE: &str = "SELECT Id, Name FROM Account LIMIT 10";

/// What the elements are filled in with.
pub(in super::super) struct Elements<'a> {
    pub(in super::super) fields: &'a Fields,
    pub(in super::super) wrong: Option<&'a Wrong>,
}

/// One row of several.
pub(super) struct RowOf<'a> {
    /// Of the field.
    pub(super) name: &'a str,
    pub(super) what: &'a str,
    /// From 1.
    pub(super) number: usize,
}

/// What is rarely given.
pub(in super::super) struct Options {
    /// Records of which all may be left out, each folded by itself.
    pub(in super::super) folded: Markup,
    pub(in super::super) fields: Markup,
    /// One of the fields is given, or wrong.
    pub(in super::super) are_used: bool,
}

/// What is rarely given of an action: what may be left out of its input, or of the one record that its input is. Where that is
/// everything, nothing is.
fn are_rare(fields: &[Field]) -> Vec<&Field> {
    let of = match fields {
        [Field { widget: Widget::Group { fields, frame: Frame::None }, .. }] => fields,
        fields => fields,
    };
    let is_rare = |field: &&Field| {
        let is_asked = matches!(field.widget, Widget::Parameters | Widget::Json);
        matches!(field.empty, Empty::LeftOut(_)) && !is_asked
    };
    let rare: Vec<_> = of.iter().filter(is_rare).collect();
    if rare.len() == of.len() { Vec::new() } else { rare }
}

fn is_folded(field: &Field) -> bool {
    matches!(field.widget, Widget::Group { frame: Frame::Folded, .. })
}

impl Elements<'_> {
    /// The fields without those that are rarely given.
    pub(super) fn common(&self, fields: &[Field]) -> Markup {
        let rare = are_rare(fields);
        let is_common = |field: &&Field| rare.iter().all(|rare| rare.name != field.name);
        let of = |fields: &[Field]| html! { @for field in fields.iter().filter(is_common) { (self.one(field)) } };
        match fields {
            [field @ Field { widget: Widget::Group { fields, frame: Frame::None }, .. }] => {
                unframed(field, &of(fields))
            }
            fields => of(fields),
        }
    }

    pub(super) fn options(&self, fields: &[Field]) -> Options {
        let (folded, rare): (Vec<_>, Vec<_>) = are_rare(fields).into_iter().partition(|field| is_folded(field));
        let is_used = |field: &&Field| {
            let is_given = !self.fields.one(&field.name).is_empty() || self.fields.has_any(&field.name);
            is_given || self.is_wrong(&field.id()).is_some() || self.is_wrong_inside(field)
        };
        Options {
            folded: html! { @for field in folded { (self.one(field)) } },
            are_used: rare.iter().any(is_used),
            fields: html! { @for field in rare { (self.one(field)) } },
        }
    }

    pub(super) fn all(&self, fields: &[Field]) -> Markup {
        html! { @for field in fields { (self.one(field)) } }
    }

    fn one(&self, field: &Field) -> Markup {
        match &field.widget {
            Widget::Text => self.text(field),
            Widget::Number { .. } => self.line(field, Some("numeric")),
            Widget::Tick => self.tick(&field.name, TICKED, &field.label, &field.hint, &field.id()),
            Widget::YesOrNo => {
                let choice =
                    |name: &str, label: &str| Choice { name: name.into(), label: label.into(), hint: String::new() };
                self.select(field, &[choice("true", "yes"), choice("false", "no")])
            }
            Widget::OneOf(choices) => self.select(field, choices),
            Widget::SomeOf(choices) => self.ticks(field, choices),
            Widget::Base64 => self.area(field, 3),
            Widget::Texts => html! { (self.area(field, 2)) (pickers(field)) },
            Widget::JsonText(_) => self.area(field, 6),
            Widget::Parameters => self.boxed(field, "rows", &parameter_rows::show(field, self.fields)),
            Widget::Json => self.boxed(field, "choices", &json_rows::show(field, self)),
            Widget::Group { fields, frame } => self.group(field, fields, *frame),
            Widget::Cases(cases) => self.cases(field, cases),
        }
    }

    fn text(&self, field: &Field) -> Markup {
        if field.meaning == Meaning::Soql {
            return self.area(field, 6);
        }
        // A line drops the ends of lines.
        if self.fields.one(&field.name).contains('\n') { self.area(field, 3) } else { self.line(field, None) }
    }

    fn line(&self, field: &Field, inputmode: Option<&str>) -> Markup {
        let (id, hint) = (field.id(), hint_id(&field.id(), &field.hint));
        let placeholder = (field.meaning == Meaning::Object).then_some("Account");
        let inputmode = inputmode.filter(|_| !matches!(field.widget, Widget::Number { is_whole: false }));
        html! {
            div class="field small" {
                label for=(id) { (field.label) }
                input id=(id) name=(field.name) value=(self.fields.one(&field.name)) list=[field.meaning.list()]
                    required[self.is_required(field)] inputmode=[inputmode] autocomplete="off" autocapitalize="off" spellcheck="false"
                    placeholder=[placeholder] aria-describedby=[hint] aria-invalid=[self.is_wrong(&id)];
                (shown_hint(&id, &field.hint))
            }
        }
    }

    fn area(&self, field: &Field, rows: u8) -> Markup {
        let (id, hint) = (field.id(), area_hint(field));
        let is_soql = field.meaning == Meaning::Soql;
        html! {
            div class="field" {
                label for=(id) { (field.label) }
                textarea id=(id) name=(field.name) rows=(rows) data-soql[is_soql] placeholder=[is_soql.then_some(EXAMPLE)] required[self.is_required(field)] class="mono" spellcheck="false"
                    autocapitalize="off" aria-describedby=[hint_id(&id, &hint)] aria-invalid=[self.is_wrong(&id)] {
                    (start_of_text(&self.fields.text(&field.name)))
                }
                (shown_hint(&id, &hint))
            }
        }
    }

    fn select(&self, field: &Field, choices: &[Choice]) -> Markup {
        let (id, chosen) = (field.id(), self.fields.one(&field.name));
        html! {
            div class="field small" {
                label for=(id) { (field.label) }
                select id=(id) name=(field.name) required[self.is_required(field)] aria-describedby=[hint_id(&id, &field.hint)]
                    aria-invalid=[self.is_wrong(&id)] {
                    option value="" { @if field.is_option() { "–" } @else { "Choose…" } }
                    @for choice in choices { option value=(choice.name) selected[choice.name == chosen] { (choice.label) } }
                }
                (shown_hint(&id, &field.hint))
            }
        }
    }

    fn ticks(&self, field: &Field, choices: &[Choice]) -> Markup {
        self.boxed(
            field,
            "ticks",
            &html! {
                @for choice in choices {
                    (self.tick(&field.name, &choice.name, &choice.label, &choice.hint, &choice_id(field, &choice.name)))
                }
            },
        )
    }

    fn tick(&self, name: &str, value: &str, label: &str, hint: &str, id: &str) -> Markup {
        let is_ticked = self.fields.all(name).any(|sent| sent == value);
        html! {
            div class="tick" {
                div class="choice" {
                    input type="checkbox" id=(id) name=(name) value=(value) checked[is_ticked] aria-describedby=[hint_id(id, hint)]
                        aria-invalid=[self.is_wrong(id)];
                    label for=(id) { (label) }
                }
                (shown_hint(id, hint))
            }
        }
    }

    fn group(&self, field: &Field, fields: &[Field], frame: Frame) -> Markup {
        let id = field.id();
        match frame {
            Frame::None => unframed(field, &self.all(fields)),
            Frame::Box => self.boxed(field, "group", &self.all(fields)),
            Frame::Folded => html! {
                details id=(id) open[self.fields.has_any(&field.name) || self.is_wrong_inside(field)] {
                    summary { (field.label) }
                    div class="group" { (shown_hint(&id, &field.hint)) (self.all(fields)) }
                }
            },
            Frame::Ticked => html! {
                div class="case" {
                    (self.tick(&field.name, TICKED, &field.label, &field.hint, &id))
                    div class="part group" role="group" aria-label=(field.label) { (self.all(fields)) }
                }
            },
        }
    }

    fn cases(&self, field: &Field, cases: &[Case]) -> Markup {
        let sent = self.fields.one(&field.name);
        let is_sent = |case: &Case| case.choice.name == sent;
        let is_known = cases.iter().any(is_sent);
        self.boxed(field, "choices", &html! {
            @if field.is_option() {
                (self.radio(field, &Choice { name: String::new(), label: "Not given".to_owned(), hint: String::new() }, !is_known))
            }
            @for case in cases {
                div class="case" {
                    (self.radio(field, &case.choice, is_sent(case)))
                    @if let Some(content) = &case.content { div class="part" { (self.one(content)) } }
                }
            }
        })
    }

    fn radio(&self, field: &Field, Choice { name, label, hint }: &Choice, is_chosen: bool) -> Markup {
        let id = choice_id(field, name);
        html! {
            div class="choice" {
                input type="radio" id=(id) name=(field.name) value=(name) checked[is_chosen] required[self.is_required(field)]
                    aria-describedby=[hint_id(&id, hint)];
                label for=(id) { (label) }
            }
            (shown_hint(&id, hint))
        }
    }

    /// A fieldset. It takes the focus from a link that tells what is wrong in it.
    fn boxed(&self, field: &Field, class: &str, content: &Markup) -> Markup {
        let id = field.id();
        let is_wrong = self.is_wrong(&id).map(|_| "wrong");
        html! {
            fieldset id=(id) class={ (class) " " (is_wrong.unwrap_or_default()) } tabindex="-1" aria-describedby=[hint_id(&id, &field.hint)] {
                legend { (field.label) }
                (shown_hint(&id, &field.hint))
                (content)
            }
        }
    }

    fn is_required(&self, field: &Field) -> bool {
        field.is_always_asked && field.empty == Empty::Refused
    }

    pub(super) fn is_wrong(&self, id: &str) -> Option<&'static str> {
        self.wrong.filter(|wrong| wrong.element == id).map(|_| "true")
    }

    fn is_wrong_inside(&self, field: &Field) -> bool {
        self.wrong.is_some_and(|wrong| wrong.element.starts_with(&format!("{}.", field.id())))
    }
}

impl RowOf<'_> {
    pub(super) fn id(&self, field: &str) -> String {
        format!("input.{field}-{}", self.number)
    }

    pub(super) fn show(&self, content: &Markup) -> Markup {
        let RowOf { name, what, number } = self;
        html! {
            div class="line" role="group" aria-label={ (what) " " (number) } {
                (content)
                button id=(self.id(&format!("{name}.remove"))) class="quiet remove" type="button" hidden
                    aria-label={ "Remove " (what.to_lowercase()) " " (number) } { "Remove" }
            }
        }
    }
}

/// The fields of a record as if they were those of what is around it.
fn unframed(field: &Field, fields: &Markup) -> Markup {
    html! { div id=(field.id()) class="group" role="group" aria-label=(field.label) tabindex="-1" { (fields) } }
}

/// At least as many rows as there are without script.
pub(super) fn at_least_three<const N: usize>(mut rows: Vec<[&str; N]>) -> Vec<[&str; N]> {
    while rows.len() < ROWS {
        rows.push([""; N]);
    }
    rows
}

/// HTML drops a line break right after `<textarea>`.
pub(super) fn start_of_text(text: &str) -> String {
    if text.starts_with('\n') { format!("\n{text}") } else { text.to_owned() }
}

/// What is said of a value, and how several of them, or others than text, stand in one field.
fn area_hint(field: &Field) -> String {
    let how = match (&field.widget, field.meaning) {
        (Widget::Texts, Meaning::Fields) => "API names, separated by commas; paths such as `Owner.Name` are allowed.",
        (Widget::Texts, _) => "Separated by commas or ends of lines; `\\,` is a comma in a text.",
        (Widget::Base64, _) => "Base64.",
        (Widget::JsonText(written), _) => return format!("{} JSON: {written}", field.hint).trim().to_owned(),
        _ => "",
    };
    let hint = format!("{} {how}", field.hint);
    hint.trim().to_owned()
}

/// What adds names of fields to a text, with script.
fn pickers(field: &Field) -> Markup {
    if field.meaning != Meaning::Fields {
        return html! {};
    }
    let id = |part: &str| format!("{}:{part}", field.id());
    html! {
        div class="pickers pair" data-for=(field.id()) hidden {
            div class="field" { label for=(id("field")) { "Field to add" }
                input id=(id("field")) class="pick-field" list="object-fields" autocomplete="off"; }
            button class="quiet insert" type="button" { "Add" }
        }
    }
}

fn choice_id(field: &Field, name: &str) -> String {
    format!("{}:is-{name}", field.id())
}

fn hint_id(id: &str, hint: &str) -> Option<String> {
    (!hint.is_empty()).then(|| format!("{id}:hint"))
}

fn shown_hint(id: &str, hint: &str) -> Markup {
    html! { @if let Some(hint_id) = hint_id(id, hint) { p id=(hint_id) class="hint" { (marked(hint)) } } }
}
