use super::*;

const WSDL: &str = "Please reference your WSDL or the describe call for the appropriate names.";

fn assert_refused(soql: &str, code: &str, message: &str) {
    let error = try_query(&org(), soql).err().unwrap_or_else(|| panic!("{soql} was taken"));
    assert_eq!((error.status, error.code), (400, code), "{soql}: {}", error.message);
    assert!(error.message.contains("\nERROR at Row:1:Column:"), "{soql}: {}", error.message);
    assert_eq!(error.message.lines().last().unwrap(), message, "{soql}");
}

#[test]
fn unknown_names_are_told_as_salesforce_tells_them() {
    let org = org();
    let error = try_query(&org, "SELECT Foo FROM Account").unwrap_err();
    let expected = format!(
        "\nSELECT Foo FROM Account\n       ^\nERROR at Row:1:Column:8\nNo such column 'Foo' on entity 'Account'. If you are \
         attempting to use a custom field, be sure to append the '__c' after the custom field name. {WSDL}"
    );
    assert_eq!((error.code, error.message), ("INVALID_FIELD", expected));
    let error = try_query(&org, "SELECT Id FROM Foo").unwrap_err();
    let expected = format!(
        "\nSELECT Id FROM Foo\n               ^\nERROR at Row:1:Column:16\nsObject type 'Foo' is not supported. If you are \
         attempting to use a custom object, be sure to append the '__c' after the entity name. {WSDL}"
    );
    assert_eq!((error.code, error.message), ("INVALID_TYPE", expected));
    for soql in [
        "SELECT Id FROM Account WHERE Foo = 1",
        "SELECT Id FROM Account ORDER BY Foo",
        "SELECT Foo, COUNT(Id) FROM Account GROUP BY Foo",
        "SELECT COUNT(Foo) FROM Account",
        "SELECT Id, Owner.Foo FROM Account",
        "SELECT Id, (SELECT Foo FROM Contacts) FROM Account",
        "SELECT Id FROM Account WHERE Id IN (SELECT Foo FROM Contact)",
        "SELECT Account FROM Contact",
    ] {
        let error = try_query(&org, soql).unwrap_err();
        assert_eq!(error.code, "INVALID_FIELD", "{soql}");
        assert!(error.message.contains("No such column '"), "{soql}: {}", error.message);
    }
    for (soql, code) in [
        ("SELECT Id, Foo.Name FROM Account", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE OwnerId.Name = 'x'", "INVALID_FIELD"),
        ("SELECT Id, (SELECT Id FROM Foos) FROM Account", "INVALID_TYPE"),
        ("SELECT Id, (SELECT Id FROM Contact) FROM Account", "INVALID_TYPE"),
    ] {
        let error = try_query(&org, soql).unwrap_err();
        assert_eq!(error.code, code, "{soql}");
        assert!(error.message.contains("Didn't understand relationship '"), "{soql}: {}", error.message);
    }
}

#[test]
fn literals_must_have_the_type_of_their_field() {
    for (condition, field, expected) in [
        ("Name = 5", "Name", "string and should be"),
        ("Name = TODAY", "Name", "string and should be"),
        ("Name IN ('x', 5)", "Name", "string and should be"),
        ("Industry > true", "Industry", "string and should be"),
        ("Tags__c INCLUDES (5)", "Tags__c", "string and should be"),
        ("Tags__c EXCLUDES (null)", "Tags__c", "string and should be"),
        ("Id = 5", "Id", "ID and should be"),
        ("OwnerId = 5", "OwnerId", "ID and should be"),
        ("IsDeleted = 'true'", "IsDeleted", "boolean and should not be"),
        ("IsDeleted = 1", "IsDeleted", "boolean and should not be"),
        ("NumberOfEmployees = '5'", "NumberOfEmployees", "int and should not be"),
        ("NumberOfEmployees > 1.5", "NumberOfEmployees", "int and should not be"),
        ("AnnualRevenue = '5'", "AnnualRevenue", "double and should not be"),
        ("Issued__c = '2026-06-01'", "Issued__c", "date and should not be"),
        ("Issued__c = 2026-06-01T00:00:00Z", "Issued__c", "date and should not be"),
        ("Issued__c = ''", "Issued__c", "date and should not be"),
        ("CreatedDate > 2026-06-01", "CreatedDate", "dateTime and should not be"),
        ("CreatedDate > '2026-06-01T00:00:00Z'", "CreatedDate", "dateTime and should not be"),
        ("Owner.Name = 5", "Name", "string and should be"),
    ] {
        let object =
            if condition.contains("Tags__c") || condition.contains("Issued__c") { "Invoice__c" } else { "Account" };
        let message =
            format!("value of filter criterion for field '{field}' must be of type {expected} enclosed in quotes");
        assert_refused(&format!("SELECT Id FROM {object} WHERE {condition}"), "INVALID_FIELD", &message);
    }
}

#[test]
fn operators_must_suit_their_field() {
    let code = "INVALID_QUERY_FILTER_OPERATOR";
    for (condition, code, message) in [
        ("Id LIKE '001%'", code, "invalid operator on id field"),
        ("OwnerId LIKE '005%'", code, "invalid operator on reference field"),
        ("CreatedDate LIKE '2026%'", code, "invalid operator on datetime field"),
        ("NumberOfEmployees LIKE '5%'", code, "invalid operator on int field"),
        ("IsDeleted > true", code, "invalid operator on boolean field"),
        ("Industry INCLUDES ('Energy')", code, "invalid operator on picklist field"),
        ("Id = 'nonsense'", code, "invalid ID field: nonsense"),
        ("ParentId IN ('0015g0000000000', 'x')", code, "invalid ID field: x"),
        ("Description = 'x'", "INVALID_FIELD", "field 'Description' can not be filtered in a query call"),
        ("Description LIKE 'x'", "INVALID_FIELD", "field 'Description' can not be filtered in a query call"),
        ("AnnualRevenue > null", "MALFORMED_QUERY", "null can be compared by = and != alone"),
        ("CreatedDate > NEXT_N_YEARS:99999", "MALFORMED_QUERY", "the date literal lies beyond the calendar"),
        (
            "COUNT(Id) > 1",
            "MALFORMED_QUERY",
            "an aggregate can stand in SELECT, HAVING and the ORDER BY of groups alone",
        ),
        (
            "Owner.Manager.Manager.Manager.Manager.Manager.Name = 'x'",
            "MALFORMED_QUERY",
            "a field path cannot follow more than 5 relationships",
        ),
    ] {
        assert_refused(&format!("SELECT Id FROM Account WHERE {condition}"), code, message);
    }
    for condition in ["Tags__c LIKE 'x'", "Tags__c > 'x'"] {
        let soql = format!("SELECT Id FROM Invoice__c WHERE {condition}");
        assert_refused(&soql, code, "invalid operator on multipicklist field");
    }
}

#[test]
fn selected_things_must_fit_together() {
    for (soql, message) in [
        ("SELECT Id, Name, id FROM Account", "duplicate field selected: Id"),
        ("SELECT Owner.Name, Owner.Name FROM Account", "duplicate field selected: Name"),
        ("SELECT Id, FIELDS(ALL) FROM Account LIMIT 1", "duplicate field selected: Id"),
        ("SELECT (SELECT Id FROM Contacts), (SELECT Name FROM Contacts) FROM Account", "duplicate sub-query: Contacts"),
        ("SELECT Name n FROM Account", "only aggregate expressions use field aliasing"),
        ("SELECT FIELDS(ALL) FROM Account", "The SOQL FIELDS function must have a LIMIT of at most 200"),
        ("SELECT FIELDS(CUSTOM) FROM Account LIMIT 201", "The SOQL FIELDS function must have a LIMIT of at most 200"),
        ("SELECT Id, (SELECT COUNT() FROM Contacts) FROM Account", "Only root queries support aggregate expressions"),
        ("SELECT Id, (SELECT MAX(Name) FROM Contacts) FROM Account", "Only root queries support aggregate expressions"),
        ("SELECT Id, (SELECT Id FROM Contacts OFFSET 1) FROM Account", "OFFSET cannot be used in sub-queries"),
        ("SELECT Id FROM Account ORDER BY Description", "field 'Description' can not be sorted in a query call"),
        ("SELECT Id FROM Invoice__c ORDER BY Tags__c", "field 'Tags__c' can not be sorted in a query call"),
    ] {
        assert_refused(soql, "MALFORMED_QUERY", message);
    }
}

#[test]
fn aggregates_must_fit_their_groups() {
    for (soql, message) in [
        ("SELECT Name, COUNT(Id) FROM Account", "Field must be grouped or aggregated: Name"),
        ("SELECT Name FROM Account GROUP BY Industry", "Field must be grouped or aggregated: Name"),
        ("SELECT Industry FROM Account GROUP BY Industry ORDER BY Name", "Field must be grouped or aggregated: Name"),
        (
            "SELECT Industry FROM Account GROUP BY Industry HAVING Name = 'x'",
            "Field must be grouped or aggregated: Name",
        ),
        ("SELECT COUNT(Id), Id FROM Account GROUP BY Id", "Grouped field should not be aggregated: Id"),
        ("SELECT COUNT(Name) n, MAX(Name) N FROM Account", "duplicate alias: N"),
        ("SELECT Owner.Name, Parent.Name FROM Account GROUP BY Owner.Name, Parent.Name", "duplicate alias: Name"),
        ("SELECT SUM(Name) FROM Account", "field Name does not support aggregate operator SUM"),
        ("SELECT AVG(CreatedDate) FROM Account", "field CreatedDate does not support aggregate operator AVG"),
        ("SELECT COUNT(IsDeleted) FROM Account", "field IsDeleted does not support aggregate operator COUNT"),
        ("SELECT MIN(Description) FROM Account", "field Description does not support aggregate operator MIN"),
        (
            "SELECT COUNT(Id) FROM Account GROUP BY Description",
            "field 'Description' can not be grouped in a query call",
        ),
        (
            "SELECT COUNT(Id) FROM Account GROUP BY CreatedDate",
            "field 'CreatedDate' can not be grouped in a query call",
        ),
        (
            "SELECT COUNT(Id) FROM Account LIMIT 1",
            "Non-grouped query that uses overall aggregate functions cannot also use LIMIT",
        ),
        (
            "SELECT COUNT() FROM Account GROUP BY Industry",
            "COUNT() cannot stand with GROUP BY, ORDER BY or OFFSET; COUNT(Id) can",
        ),
        (
            "SELECT COUNT(Id), (SELECT Id FROM Contacts) FROM Account",
            "a query with aggregates selects grouped fields and aggregates of fields alone",
        ),
        (
            "SELECT OwnerId FROM Account GROUP BY OwnerId HAVING OwnerId IN (SELECT Id FROM User)",
            "HAVING takes no sub-selects",
        ),
    ] {
        assert_refused(soql, "MALFORMED_QUERY", message);
    }
    let message = "value of filter criterion for field 'Id' must be of type int and should not be enclosed in quotes";
    let soql = "SELECT Industry FROM Account GROUP BY Industry HAVING COUNT(Id) > '5'";
    assert_refused(soql, "INVALID_FIELD", message);
}

#[test]
fn functions_must_suit_their_fields() {
    for (soql, message) in [
        ("SELECT Id FROM Account WHERE CALENDAR_YEAR(Name) = 1", "field Name does not support the date function"),
        (
            "SELECT Id FROM Opportunity WHERE DAY_ONLY(CloseDate) = null",
            "field CloseDate does not support the date function",
        ),
        (
            "SELECT Id FROM Opportunity WHERE HOUR_IN_DAY(CloseDate) = 1",
            "field CloseDate does not support the date function",
        ),
        (
            "SELECT Id FROM Opportunity WHERE CALENDAR_YEAR(convertTimezone(CloseDate)) = 1",
            "field CloseDate does not support the date function",
        ),
        ("SELECT CALENDAR_YEAR(CloseDate) FROM Opportunity", "Field must be grouped or aggregated: CloseDate"),
        (
            "SELECT CALENDAR_YEAR(CreatedDate) FROM Account GROUP BY CALENDAR_MONTH(CreatedDate)",
            "Field must be grouped or aggregated: CreatedDate",
        ),
        ("SELECT toLabel(Name) FROM Account", "toLabel() takes picklists, and 'Name' is none"),
        ("SELECT Id FROM Account ORDER BY toLabel(Industry)", "toLabel() cannot stand in ORDER BY"),
        (
            "SELECT GROUPING(Industry) FROM Account GROUP BY Industry",
            "GROUPING() takes a field of GROUP BY ROLLUP or CUBE, and 'Industry' is none",
        ),
        (
            "SELECT COUNT(Id) FROM Account GROUP BY CUBE(Industry, Type, BillingCity, OwnerId)",
            "ROLLUP and CUBE take at most 3 fields",
        ),
        ("SELECT Id FROM Account ORDER BY Id FOR UPDATE", "FOR UPDATE cannot stand with ORDER BY"),
    ] {
        assert_refused(soql, "MALFORMED_QUERY", message);
    }
    let message =
        "value of filter criterion for field 'CloseDate' must be of type int and should not be enclosed in quotes";
    assert_refused("SELECT Id FROM Opportunity WHERE CALENDAR_YEAR(CloseDate) = THIS_YEAR", "INVALID_FIELD", message);
    let message =
        "value of filter criterion for field 'CloseDate' must be of type date and should not be enclosed in quotes";
    assert_refused("SELECT Id FROM Opportunity WHERE CloseDate = 10:00:00Z", "INVALID_FIELD", message);
    assert!(try_query(&org(), "SELECT Id FROM Account LIMIT 1 FOR UPDATE").is_ok());
}

#[test]
fn semi_joins_keep_within_their_limits() {
    for (condition, message) in [
        (
            "Name = 'x' OR Id IN (SELECT AccountId FROM Contact)",
            "Semi join sub-selects are not allowed with the 'OR' operator",
        ),
        ("NOT Id IN (SELECT AccountId FROM Contact)", "Semi join sub-selects are not allowed with the 'NOT' operator"),
        (
            "Id IN (SELECT AccountId FROM Contact WHERE AccountId IN (SELECT AccountId FROM Case))",
            "Nesting of semi join sub-selects is not supported",
        ),
        ("Id IN (SELECT ParentId FROM Account)", "The inner and outer selects should not be on the same object type"),
        ("Id IN (SELECT COUNT(Id) FROM Contact)", "a semi join sub-select selects exactly one field"),
        (
            "Id IN (SELECT OwnerId FROM Contact)",
            "The selected field 'OwnerId' in the subquery and the left operand field in the where expression in the outer \
             query 'Id' should point to the same object type",
        ),
        (
            "Name IN (SELECT Name FROM Contact)",
            "The selected field 'Name' in the subquery and the left operand field in the where expression in the outer \
             query 'Name' should point to the same object type",
        ),
    ] {
        assert_refused(&format!("SELECT Id FROM Account WHERE {condition}"), "MALFORMED_QUERY", message);
    }
}
