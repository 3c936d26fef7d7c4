//! Which exported functions are actions, and which are nearly.

use std::collections::HashMap;
use std::fmt::Display;

use wit_parser::{Function, FunctionKind, InterfaceId, Resolve, Type as WitType, TypeDefKind, TypeOwner};

use super::{LONGEST_NAME, MOST_FUNCTIONS, MOST_NEAR_MISSES, NotRead, docs, is_own_interface};
use crate::action::{Action, Actions, Effect};
use crate::types::{Field, TypeId, TypeName, Types};
use salesforce_runtime::text::line;

/// Reads interfaces one after the other.
pub(super) struct Reader<'a> {
    pub(super) resolve: &'a Resolve,
    pub(super) types: Types,
    pub(super) read: HashMap<wit_parser::TypeId, TypeId>,
    pub(super) primitives: HashMap<&'static str, TypeId>,
    pub(super) depth: usize,
    /// The function that is being read, for errors.
    function: String,
    actions: Vec<Action>,
    near_misses: Vec<String>,
}

/// Why a function is no action.
enum NoAction {
    /// It is nothing like one.
    Other,
    /// It takes a connection, or gives the connector's errors, and yet is none.
    Near(String),
    NotRead(NotRead),
}

impl From<NotRead> for NoAction {
    fn from(error: NotRead) -> NoAction {
        NoAction::NotRead(error)
    }
}

impl<'a> Reader<'a> {
    pub(super) fn new(resolve: &'a Resolve) -> Reader<'a> {
        Reader {
            resolve,
            types: Types::default(),
            read: HashMap::new(),
            primitives: HashMap::new(),
            depth: 0,
            function: String::new(),
            actions: Vec::new(),
            near_misses: Vec::new(),
        }
    }

    /// Reads the functions of an exported interface.
    pub(super) fn interface(&mut self, id: InterfaceId) -> Result<(), NotRead> {
        let resolve = self.resolve;
        let Some(interface) = resolve.interfaces.get(id) else { return Ok(()) };
        let Some(name) = self.interface_name(id) else {
            let why = "its interface has no name of its own, expected one of a package";
            interface.functions.values().for_each(|function| self.outside(function, why));
            return Ok(());
        };
        for function in interface.functions.values() {
            self.function = format!("{}.{}", shown(&name), shown(&function.name));
            match self.action(&name, function) {
                Ok(action) => self.actions.push(action),
                Err(NoAction::Near(why)) if !is_own_interface(&name) => self.miss(&why),
                Err(NoAction::Near(_) | NoAction::Other) => {}
                Err(NoAction::NotRead(error)) => return Err(error),
            }
            if self.actions.len() > MOST_FUNCTIONS {
                return Err(self.refused(format!("expected at most {MOST_FUNCTIONS} functions of an action's form")));
            }
        }
        Ok(())
    }

    /// A function that is exported where no action can be.
    pub(super) fn outside(&mut self, function: &Function, why: &str) {
        if self.resembles_action(function) {
            self.function = shown(&function.name);
            self.miss(why);
        }
    }

    pub(super) fn finish(mut self) -> Actions {
        let more = self.near_misses.len().saturating_sub(MOST_NEAR_MISSES);
        self.near_misses.truncate(MOST_NEAR_MISSES);
        if more > 0 {
            self.near_misses.push(format!("and {more} more functions that are nearly actions"));
        }
        Actions::new(self.types, self.actions, self.near_misses)
    }

    fn miss(&mut self, why: &str) {
        self.near_misses.push(format!("{} is no action: {why}", self.function));
    }

    fn action(&mut self, interface: &str, function: &Function) -> Result<Action, NoAction> {
        let near = |reader: &Self, why: &str| {
            if reader.resembles_action(function) { NoAction::Near(why.to_owned()) } else { NoAction::Other }
        };
        match function.kind {
            FunctionKind::Freestanding => {}
            FunctionKind::AsyncFreestanding => return Err(near(self, "it is async")),
            _ => return Err(near(self, "it is a function of a resource")),
        }
        let connection = function.params.first().filter(|first| self.is_own(&first.ty, "connection"));
        if connection.is_none() {
            return Err(near(self, "its first parameter is not the `connection` of workflow:salesforce/types"));
        }
        let [_, parameters @ .., options] = function.params.as_slice() else {
            return Err(near(self, "it has no last parameter `options: call-options`"));
        };
        if !self.is_own(&options.ty, "call-options") {
            return Err(near(self, "its last parameter is not the `call-options` of workflow:salesforce/types"));
        }
        let result = function.result.as_ref().and_then(|result| self.result(result));
        let Some((ok, _)) = result.filter(|(_, error)| error.is_some_and(|error| self.is_own(&error, "error"))) else {
            return Err(near(self, "it gives no `result<T, error>` with the `error` of workflow:salesforce/types"));
        };
        let unfit =
            |what: &str| NoAction::Near(format!("{what} has a handle, a stream, a future or a connection in it"));
        let mut fields = Vec::new();
        for parameter in parameters {
            let name = self.name(&parameter.name)?;
            let ty = self.ty(&parameter.ty)?.ok_or_else(|| unfit(&format!("its parameter `{name}`")))?;
            fields.push(Field { name, docs: String::new(), ty });
        }
        let result = match ok {
            None => None,
            Some(ok) => Some(self.ty(&ok)?.ok_or_else(|| unfit("its result"))?),
        };
        Ok(Action {
            interface: self.name(interface)?,
            function: self.name(&function.name)?,
            name: function.name.clone(),
            docs: docs(&function.docs),
            parameters: fields,
            result,
            effect: Effect::Writes,
        })
    }

    /// Whether whoever wrote it may have meant an action: it takes something that is called a connection, or gives the
    /// connector's errors.
    fn resembles_action(&self, function: &Function) -> bool {
        let is_connection = |ty: &WitType| {
            self.aliases(ty)
                .any(|id| self.resolve.types.get(id).is_some_and(|ty| ty.name.as_deref() == Some("connection")))
        };
        let takes = function.params.first().is_some_and(|first| first.name == "connection" || is_connection(&first.ty));
        let error = function.result.as_ref().and_then(|result| self.result(result)).and_then(|(_, error)| error);
        takes || error.is_some_and(|error| self.is_own(&error, "error"))
    }

    fn result(&self, ty: &WitType) -> Option<(Option<WitType>, Option<WitType>)> {
        let last = self.aliases(ty).last()?;
        match &self.resolve.types.get(last)?.kind {
            TypeDefKind::Result(result) => Some((result.ok, result.err)),
            _ => None,
        }
    }

    /// Whether it is this type of the connector's `types`, under whatever name.
    fn is_own(&self, ty: &WitType, name: &str) -> bool {
        self.is_own_in("types", ty, name)
    }

    pub(super) fn is_own_in(&self, interface: &str, ty: &WitType, name: &str) -> bool {
        self.aliases(ty).any(|id| self.type_name(id).is_some_and(|found| found.is_own(interface, name)))
    }

    /// A type, and those that it is another name for. However many they are, they take no stack.
    fn aliases(&self, ty: &WitType) -> impl Iterator<Item = wit_parser::TypeId> {
        let id = |ty: &WitType| if let WitType::Id(id) = ty { Some(*id) } else { None };
        std::iter::successors(id(ty), move |of| match &self.resolve.types.get(*of)?.kind {
            TypeDefKind::Type(of) => id(of),
            _ => None,
        })
    }

    pub(super) fn type_name(&self, id: wit_parser::TypeId) -> Option<TypeName> {
        let definition = self.resolve.types.get(id)?;
        let TypeOwner::Interface(owner) = definition.owner else { return None };
        let interface = self.interface_name(owner)?;
        let interface = interface.split('@').next().unwrap_or_default().to_owned();
        Some(TypeName { interface, name: definition.name.clone()? })
    }

    /// The name with its package and version; none of an interface that has none of its own.
    fn interface_name(&self, id: InterfaceId) -> Option<String> {
        let interface = self.resolve.interfaces.get(id)?;
        // wit-parser panics where there is no package.
        interface.package.and_then(|_| self.resolve.id_of(id))
    }

    /// The name of anything, within its bound.
    pub(super) fn name(&self, name: &str) -> Result<String, NotRead> {
        if name.len() > LONGEST_NAME {
            let why =
                format!("{}: expected names of at most {LONGEST_NAME} characters, found {}", shown(name), name.len());
            return Err(self.refused(why));
        }
        Ok(name.to_owned())
    }

    /// What there is too much of, and in which function.
    pub(super) fn refused(&self, why: impl Display) -> NotRead {
        NotRead::TooMany(format!("{}: {why}", self.function))
    }
}

/// A name that may be of any length, and of anybody's making.
pub(super) fn shown(name: &str) -> String {
    const LONGEST: usize = 80;
    let mut shown = line(&name.chars().take(LONGEST).collect::<String>());
    if name.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}
