//! What a `SELECT` returns: fields, functions, child sub-queries, `TYPEOF`, `COUNT()`.
//!
//! Source: SOQL and SOSL Reference, "SELECT", "TYPEOF", "FIELDS()".

use super::{
    super::{
        ast::{FieldSet, Item, Name, TypeOf},
        unknown::Unknown,
    },
    Parser, is_keyword, is_name, is_symbol,
};
use crate::ApiError;

impl Parser<'_> {
    pub(super) fn items(&mut self) -> Result<Vec<Item>, ApiError> {
        if self.at_keyword("COUNT") && is_symbol(self.ahead(1), "(") && is_symbol(self.ahead(2), ")") {
            self.next += 3;
            return Ok(vec![Item::Count]);
        }
        self.list(Self::item)
    }

    fn item(&mut self) -> Result<Item, ApiError> {
        if self.symbol("(") {
            let select = self.select()?;
            self.expect_symbol(")")?;
            self.refuse_alias()?;
            return Ok(Item::Children(Box::new(select)));
        }
        if self.at_keyword("TYPEOF") && is_name(self.ahead(1)) && is_keyword(self.ahead(2), "WHEN") {
            let item = Item::TypeOf(self.type_of()?);
            self.refuse_alias()?;
            return Ok(item);
        }
        if let Some(set) = self.field_set() {
            let at = self.peek().at;
            self.next += 4;
            self.refuse_alias()?;
            return Ok(Item::Fields(set, at));
        }
        let operand = if self.at_distance() { self.operand_or_distance()? } else { self.selected()? };
        Ok(Item::Value(operand, self.alias()?))
    }

    /// Which fields `FIELDS(...)` stands for, when it is next.
    fn field_set(&self) -> Option<FieldSet> {
        let is_call = self.at_keyword("FIELDS") && is_symbol(self.ahead(1), "(") && is_symbol(self.ahead(3), ")");
        match self.ahead(2).text.to_ascii_uppercase().as_str() {
            "ALL" if is_call => Some(FieldSet::All),
            "STANDARD" if is_call => Some(FieldSet::Standard),
            "CUSTOM" if is_call => Some(FieldSet::Custom),
            _ => None,
        }
    }

    fn alias(&mut self) -> Result<Option<Name>, ApiError> {
        if self.at_name() { self.name().map(Some) } else { Ok(None) }
    }

    fn refuse_alias(&mut self) -> Result<(), ApiError> {
        if let Some(alias) = self.alias()? {
            self.unknown(Unknown::Alias, alias.at);
        }
        Ok(())
    }

    fn type_of(&mut self) -> Result<TypeOf, ApiError> {
        self.expect_keyword("TYPEOF")?;
        let relationship = self.path()?;
        let mut when = Vec::new();
        while self.keyword("WHEN") {
            let object = self.name()?;
            self.expect_keyword("THEN")?;
            when.push((object, self.list(Self::path)?));
        }
        let otherwise = if self.keyword("ELSE") { self.list(Self::path)? } else { Vec::new() };
        self.expect_keyword("END")?;
        Ok(TypeOf { relationship, when, otherwise })
    }
}
