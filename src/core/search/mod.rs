//! Search: text as somebody typed it, and SOSL with bound values.

mod answer;
mod parameterized;
mod sosl;
mod term;

pub use answer::Found;
pub use parameterized::{Scope, Search, SearchObject, search};
pub use sosl::{Sosl, bind_sosl, sosl_search};
