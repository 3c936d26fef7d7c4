//! What follows the items of a `SELECT`, from `FROM` on. Not for conditions.

use super::{
    super::{
        ast::{Condition, FilterScope, Item, Name, Operand, Order, Related, Select, Subtotals},
        lexer::Kind,
        unknown::Unknown,
    },
    Parser, is_keyword, is_symbol,
};
use crate::ApiError;

const MAX_OFFSET: u64 = 2_000;
/// Source: SOQL and SOSL Reference, "ORDER BY".
const MOST_ORDERS: usize = 32;

impl Parser<'_> {
    /// `FROM`, with aliases and scopes.
    pub(super) fn objects(&mut self, items: Vec<Item>) -> Result<Select, ApiError> {
        self.expect_keyword("FROM")?;
        let mut select = Select {
            items,
            from: self.name()?,
            alias: self.object_alias()?,
            related: Vec::new(),
            scope: None,
            condition: None,
            group_by: Vec::new(),
            subtotals: Subtotals::None,
            having: None,
            order_by: Vec::new(),
            limit: None,
            offset: None,
            for_update: None,
        };
        self.using(&mut select)?;
        while self.symbol(",") {
            let related = Related { path: self.path()?, alias: self.object_alias()? };
            select.related.push(related);
            self.using(&mut select)?;
        }
        Ok(select)
    }

    /// An alias, unless the word begins the next clause.
    fn object_alias(&mut self) -> Result<Option<Name>, ApiError> {
        self.keyword("AS");
        let (this, next) = (self.peek(), self.ahead(1));
        let begins_clause = match this.text.to_ascii_uppercase().as_str() {
            "GROUP" | "ORDER" => is_keyword(next, "BY"),
            "OFFSET" => next.kind == Kind::Integer || is_symbol(next, "-") || is_symbol(next, "+"),
            _ => false,
        };
        if self.at_name() && !begins_clause { self.name().map(Some) } else { Ok(None) }
    }

    fn using(&mut self, select: &mut Select) -> Result<(), ApiError> {
        if !self.keyword("USING") {
            return Ok(());
        }
        loop {
            let kind = self.peek();
            if self.keyword("LOOKUP") {
                self.unknown(Unknown::Lookup, kind.at);
                self.plain_name()?;
            } else {
                self.expect_keyword("SCOPE")?;
                let scope = self.plain_name()?;
                match scope.text.to_ascii_lowercase().as_str() {
                    "everything" => select.scope = Some(FilterScope::Everything),
                    "mine" => select.scope = Some(FilterScope::Mine),
                    _ => self.unknown(Unknown::Scope, scope.at),
                }
            }
            let (comma, word, name) = (self.peek(), self.ahead(1), self.ahead(2));
            let goes_on = is_keyword(word, "SCOPE") || is_keyword(word, "LOOKUP");
            if !(is_symbol(comma, ",") && goes_on && name.kind == Kind::Name) {
                return Ok(());
            }
            self.advance();
        }
    }

    /// `WHERE` and what follows it.
    pub(super) fn clauses(&mut self, mut select: Select) -> Result<Select, ApiError> {
        select.condition = self.where_clause()?;
        self.with_clause()?;
        while self.at_keyword("WITH") {
            self.with_mode()?;
        }
        if self.keyword("GROUP") {
            self.expect_keyword("BY")?;
            (select.subtotals, select.group_by) = self.group_by()?;
            if self.keyword("HAVING") {
                select.having = Some(self.condition()?);
            }
        }
        if self.keyword("ORDER") {
            self.expect_keyword("BY")?;
            let at = self.peek().at;
            select.order_by = self.list(Self::order)?;
            if select.order_by.len() > MOST_ORDERS {
                return Err(self.source.malformed(at, &format!("ORDER BY takes at most {MOST_ORDERS} fields")));
            }
        }
        if self.keyword("LIMIT") {
            select.limit = Some(self.count(u64::MAX, "LIMIT")?);
        }
        if self.keyword("OFFSET") {
            select.offset = Some(self.count(MAX_OFFSET, "OFFSET")?);
        }
        self.bind()?;
        if self.at_keyword("FOR") && (is_keyword(self.ahead(1), "VIEW") || is_keyword(self.ahead(1), "REFERENCE")) {
            // Nobody sees which records the org takes for viewed.
            self.advance();
            self.advance();
        }
        self.update()?;
        if self.at_keyword("FOR") {
            select.for_update = Some(self.peek().at);
            self.advance();
            self.expect_keyword("UPDATE")?;
        }
        Ok(select)
    }

    pub(super) fn where_clause(&mut self) -> Result<Option<Condition>, ApiError> {
        if self.keyword("WHERE") { self.condition().map(Some) } else { Ok(None) }
    }

    /// `WITH DATA CATEGORY` and `WITH name = 'value'`; of each other kind of `WITH` there may be several.
    pub(super) fn with_clause(&mut self) -> Result<(), ApiError> {
        let (with, name, after) = (self.peek(), self.ahead(1), self.ahead(2));
        if !self.at_keyword("WITH") {
            return Ok(());
        }
        if is_keyword(name, "DATA") && is_keyword(after, "CATEGORY") {
            self.unknown(Unknown::DataCategory, with.at);
            self.next += 3;
            self.data_category()?;
            while self.keyword("AND") {
                self.data_category()?;
            }
        } else if is_symbol(after, "=") {
            self.unknown(Unknown::With, name.at);
            self.advance();
            self.name()?;
            self.advance();
            self.text()?;
        }
        Ok(())
    }

    fn data_category(&mut self) -> Result<(), ApiError> {
        self.name()?;
        if !["AT", "ABOVE", "BELOW", "ABOVE_OR_BELOW"].iter().any(|word| self.keyword(word)) {
            return Err(self.unexpected());
        }
        if self.symbol("(") {
            self.list(Self::name)?;
            return self.expect_symbol(")");
        }
        self.name().map(drop)
    }

    /// `WITH USER_MODE` and its kin. Everybody may do everything in the org, so they change nothing.
    fn with_mode(&mut self) -> Result<(), ApiError> {
        self.expect_keyword("WITH")?;
        let name = self.name()?;
        if self.symbol("(") {
            self.unknown(Unknown::With, name.at);
            self.list(Self::with_value)?;
            return self.expect_symbol(")");
        }
        if !["SECURITY_ENFORCED", "USER_MODE", "SYSTEM_MODE"].iter().any(|mode| name.text.eq_ignore_ascii_case(mode)) {
            self.unknown(Unknown::With, name.at);
        }
        Ok(())
    }

    fn with_value(&mut self) -> Result<(), ApiError> {
        self.name()?;
        self.expect_symbol("=")?;
        if self.keyword("TRUE") || self.keyword("FALSE") {
            return Ok(());
        }
        if self.peek().kind == Kind::Integer {
            self.advance();
            return Ok(());
        }
        self.text().map(drop)
    }

    fn group_by(&mut self) -> Result<(Subtotals, Vec<Operand>), ApiError> {
        let subtotals = match self.peek() {
            token if is_keyword(token, "ROLLUP") => Subtotals::Rollup,
            token if is_keyword(token, "CUBE") => Subtotals::Cube,
            _ => return Ok((Subtotals::None, self.list(Self::operand)?)),
        };
        self.advance();
        self.expect_symbol("(")?;
        let keys = self.list(Self::operand)?;
        self.expect_symbol(")")?;
        Ok((subtotals, keys))
    }

    fn order(&mut self) -> Result<Order, ApiError> {
        let operand = self.operand_or_distance()?;
        let descending = !self.keyword("ASC") && self.keyword("DESC");
        let mut nulls_last = false;
        if self.keyword("NULLS") {
            nulls_last = self.keyword("LAST");
            if !nulls_last {
                self.expect_keyword("FIRST")?;
            }
        }
        Ok(Order { operand, descending, nulls_last })
    }

    /// The number of a `LIMIT` or an `OFFSET`.
    fn count(&mut self, max: u64, clause: &str) -> Result<u64, ApiError> {
        let at = self.peek().at;
        let negative = self.symbol("-");
        if !negative {
            self.symbol("+");
        }
        let token = self.peek();
        if token.kind != Kind::Integer {
            return Err(self.unexpected());
        }
        self.advance();
        let number = token.text.parse().unwrap_or(u64::MAX);
        if negative && number > 0 || number > max {
            let message = match clause {
                "OFFSET" => format!("Maximum SOQL offset allowed is {MAX_OFFSET}"),
                _ => format!("{clause} takes a number from 0 on"),
            };
            let source = self.source;
            self.refusal.get_or_insert_with(|| source.error("NUMBER_OUTSIDE_VALID_RANGE", at, &message));
        }
        Ok(number)
    }

    fn bind(&mut self) -> Result<(), ApiError> {
        let at = self.peek().at;
        if !self.keyword("BIND") {
            return Ok(());
        }
        self.unknown(Unknown::Bind, at);
        self.list(|parser| {
            parser.name()?;
            parser.expect_symbol("=")?;
            parser.literal()
        })?;
        Ok(())
    }

    /// `UPDATE TRACKING` and `UPDATE VIEWSTAT`: nobody sees the org's statistics.
    fn update(&mut self) -> Result<(), ApiError> {
        if !self.keyword("UPDATE") {
            return Ok(());
        }
        for name in self.list(Self::plain_name)? {
            if !["TRACKING", "VIEWSTAT"].iter().any(|known| name.text.eq_ignore_ascii_case(known)) {
                self.unknown(Unknown::Update, name.at);
            }
        }
        Ok(())
    }
}
