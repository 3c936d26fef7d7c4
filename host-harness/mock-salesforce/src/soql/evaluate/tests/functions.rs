use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde_json::json;

use super::*;
use crate::org::{
    id::RecordId,
    schema::{Field, Kind, Object, Unit},
    value::Value,
};

fn day(record: &Record) -> Date {
    record["CloseDate"].as_str().unwrap().parse().unwrap()
}

fn moment(record: &Record) -> Timestamp {
    crate::org::value::parse_moment(record["CreatedDate"].as_str().unwrap()).unwrap()
}

#[test]
fn parts_of_dates_are_compared_with_numbers() {
    let org = org();
    let found = |condition: &str, is_right: &dyn Fn(Date) -> bool| {
        assert_finds(&org, "Opportunity", condition, &|record| is_right(day(record)));
    };
    found("CALENDAR_YEAR(CloseDate) = 2025", &|day| day.year() == 2025);
    found("FISCAL_YEAR(CloseDate) != 2025", &|day| day.year() != 2025);
    found("calendar_quarter(CloseDate) IN (1, 2)", &|day| day.month() <= 6);
    found("FISCAL_QUARTER(CloseDate) NOT IN (1, 2)", &|day| day.month() > 6);
    found("CALENDAR_MONTH(CloseDate) > 10", &|day| day.month() > 10);
    found("FISCAL_MONTH(CloseDate) = 2 AND DAY_IN_MONTH(CloseDate) = 28", &|day| (day.month(), day.day()) == (2, 28));
    found("DAY_IN_WEEK(CloseDate) = 1", &|day| day.weekday() == jiff::civil::Weekday::Sunday);
    found("DAY_IN_YEAR(CloseDate) < 32", &|day| day.month() == 1);
    found("WEEK_IN_YEAR(CloseDate) = 1", &|day| day.month() == 1 && day.day() <= 7);
    found("WEEK_IN_MONTH(CloseDate) = 5", &|day| day.day() > 28);
    found("(NOT CALENDAR_YEAR(CloseDate) = 2025)", &|day| day.year() != 2025);
}

#[test]
fn moments_have_days_and_hours_of_a_time_zone() {
    let org = org();
    let tokyo = TimeZone::get("Asia/Tokyo").unwrap();
    let first: Date = "2025-07-01".parse().unwrap();
    for (condition, is_right) in [
        ("HOUR_IN_DAY(#) = 16", (|shown| shown.hour() == 16) as fn(jiff::Zoned) -> bool),
        ("HOUR_IN_DAY(#) IN (1, 17)", |shown| [1, 17].contains(&shown.hour())),
        ("DAY_ONLY(#) < 2025-07-01", |shown| shown.date() < "2025-07-01".parse().unwrap()),
        ("DAY_ONLY(#) = LAST_YEAR", |shown| shown.year() == 2025),
        ("CALENDAR_MONTH(#) = 7 AND DAY_IN_MONTH(#) = 1", |shown| (shown.month(), shown.day()) == (7, 1)),
    ] {
        // The third user lives in Tokyo.
        for (zone, operand) in [(&TimeZone::UTC, "CreatedDate"), (&tokyo, "convertTimezone(CreatedDate)")] {
            let condition = condition.replace('#', operand);
            let right = |record: &&Record| is_right(moment(record).to_zoned(zone.clone()));
            let expected: Vec<_> = table("Account").iter().filter(right).map(|record| record["Id"].clone()).collect();
            let query = soql::parse(&format!("SELECT Id FROM Account WHERE {condition}")).unwrap();
            let options = QueryOptions { include_deleted: false, version: "v60.0", user_id: "0055g0000000002" };
            let found = soql::evaluate(&org, &query, &options).unwrap().records;
            assert_eq!(column(&found, "Id"), expected, "{condition}");
        }
    }
    let in_tokyo =
        table("Account").iter().filter(|record| moment(record).to_zoned(tokyo.clone()).date() < first).count();
    let in_utc = table("Account").iter().filter(|record| moment(record).to_zoned(TimeZone::UTC).date() < first).count();
    assert_ne!(in_tokyo, in_utc, "some are made on another day in Tokyo");
}

#[test]
fn what_is_null_has_no_parts() {
    let org = org();
    let unpaid = |record: &Record| record["Paid_At__c"].is_null();
    assert_finds(&org, "Invoice__c", "CALENDAR_YEAR(Paid_At__c) = null", &unpaid);
    assert_finds(&org, "Invoice__c", "CALENDAR_YEAR(Paid_At__c) != 2026", &unpaid);
    assert_finds(&org, "Invoice__c", "DAY_ONLY(Paid_At__c) != null", &|record| !unpaid(record));
    assert!(query(&org, "SELECT Id FROM Invoice__c WHERE HOUR_IN_DAY(Paid_At__c) < 0").is_empty());
}

#[test]
fn records_are_grouped_by_parts_of_dates() {
    let org = org();
    let mut expected: BTreeMap<(i16, i8), u64> = BTreeMap::new();
    table("Opportunity")
        .iter()
        .for_each(|record| *expected.entry((day(record).year(), day(record).month())).or_default() += 1);
    let soql = "SELECT CALENDAR_YEAR(CloseDate), CALENDAR_MONTH(CloseDate) m, COUNT(Id) FROM Opportunity \
                GROUP BY CALENDAR_YEAR(CloseDate), CALENDAR_MONTH(CloseDate) \
                ORDER BY CALENDAR_YEAR(CloseDate), CALENDAR_MONTH(CloseDate)";
    let found: Vec<_> =
        query(&org, soql).iter().map(|row| format!("{} {} {}", row["expr0"], row["m"], row["expr1"])).collect();
    let expected: Vec<_> = expected.iter().map(|((year, month), count)| format!("{year} {month} {count}")).collect();
    assert_eq!(found, expected);

    let soql = "SELECT DAY_ONLY(CreatedDate) day, COUNT(Id) n FROM Account WHERE ERP_Id__c < 'ERP-000003' \
                GROUP BY DAY_ONLY(CreatedDate) ORDER BY DAY_ONLY(CreatedDate)";
    let days = query(&org, soql);
    let days: Vec<_> = days.iter().map(|row| (row["day"].as_str().unwrap(), row["n"].as_u64().unwrap())).collect();
    assert_eq!(days, [("2025-06-18", 2), ("2025-06-19", 1)]);
    // A part of a day may stand where the day is grouped; of a moment it may not, for moments are never grouped.
    let soql = "SELECT CloseDate, DAY_IN_WEEK(CloseDate) w FROM Opportunity GROUP BY CloseDate HAVING DAY_IN_WEEK(CloseDate) = 7";
    let saturdays = query(&org, soql);
    assert!(!saturdays.is_empty() && saturdays.iter().all(|row| row["w"] == 7));
}

#[test]
fn labels_are_the_values_of_picklists() {
    let org = org();
    let plain = query(&org, "SELECT Industry FROM Account");
    assert_eq!(query(&org, "SELECT toLabel(Industry) FROM Account"), plain);
    let named = query(&org, "SELECT toLabel(Industry) label, Industry FROM Account");
    assert_eq!(column(&named, "label"), column(&plain, "Industry"));
    assert_finds(&org, "Account", "toLabel(Industry) LIKE 'e%'", &|account| {
        account["Industry"].as_str().is_some_and(|industry| industry.starts_with('E'))
    });
    let grouped =
        query(&org, "SELECT toLabel(Industry), COUNT(Id) FROM Account GROUP BY Industry ORDER BY Industry NULLS LAST");
    assert_eq!(column(&grouped, "expr0")[..2], [json!("Banking"), json!("Education")]);
    let by_label = query(
        &org,
        "SELECT toLabel(Industry), COUNT(Id) FROM Account GROUP BY toLabel(Industry) ORDER BY Industry NULLS LAST",
    );
    assert_eq!(by_label, grouped);
}

#[test]
fn places_are_found_by_their_distance() {
    let number = |name, precision| Field::new(name, name, Kind::Number { unit: Unit::Plain, precision, scale: 6 });
    let fields = vec![
        Field::new("Id", "Id", Kind::Id).required(),
        Field::new("Name", "Name", Kind::Text(80)).name_field(),
        number("Site__Latitude__s", 9),
        number("Site__Longitude__s", 9),
    ];
    let mut org = org();
    let mut table = Table::new(Object::new("Depot__c", "Depot", "Depots", "a09", fields));
    for (number, (name, latitude, longitude)) in [
        ("Null Island", Some(0), Some(0)),
        ("East", Some(0), Some(90)),
        ("Pole", Some(90), Some(0)),
        ("Nowhere", None, Some(5)),
    ]
    .into_iter()
    .enumerate()
    {
        let id = RecordId::numbered("a09", u64::try_from(number).unwrap()).unwrap();
        let degrees = |degrees: Option<i64>| degrees.map_or(Value::Null, |degrees| Value::Number(degrees.into()));
        let values = vec![Value::Id(id), Value::text(name), degrees(latitude), degrees(longitude)];
        table.put(Row::new(&table.object.clone(), id, values));
    }
    org.add_table(table);

    let soql = "SELECT Name, DISTANCE(Site__c, GEOLOCATION(0, 0), 'km') away FROM Depot__c \
                WHERE DISTANCE(Site__c, GEOLOCATION(0, 0), 'mi') > -1 ORDER BY DISTANCE(Site__c, GEOLOCATION(0,0), 'km') DESC, Name";
    let found = query(&org, soql);
    assert_eq!(column(&found, "Name"), [json!("East"), json!("Pole"), json!("Null Island")]);
    let away: Vec<f64> = column(&found, "away").iter().map(|away| away.as_f64().unwrap()).collect();
    // A quarter of the way round a globe with a radius of 6,371 kilometres.
    assert!((away[0] - 10_007.543).abs() < 0.001 && (away[1] - away[0]).abs() < 0.001 && away[2] == 0.0, "{away:?}");
    let near = query(&org, "SELECT Name FROM Depot__c d WHERE DISTANCE(d.Site__c, GEOLOCATION(0, 89), 'mi') < 69.1");
    assert_eq!(column(&near, "Name"), [json!("East")]);
    let nowhere = query(&org, "SELECT DISTANCE(Site__c, GEOLOCATION(0, 0), 'km') FROM Depot__c WHERE Name = 'Nowhere'");
    assert_eq!(nowhere[0]["expr0"], Json::Null);
    let error =
        try_query(&org, "SELECT Id FROM Depot__c WHERE DISTANCE(Site__c, GEOLOCATION(91, 0), 'km') > 1").unwrap_err();
    assert_eq!(error.code, "NUMBER_OUTSIDE_VALID_RANGE");
    let error =
        try_query(&org, "SELECT Id FROM Depot__c WHERE DISTANCE(Site__c, GEOLOCATION(0, 0), 'km') = 1").unwrap_err();
    assert_eq!(error.code, "INVALID_QUERY_FILTER_OPERATOR");
}

#[test]
fn format_tells_what_a_user_reads() {
    let org = org();
    let one = |soql: &str| query(&org, soql).remove(0);
    let plain = one("SELECT Amount, CloseDate, CreatedDate FROM Opportunity WHERE Amount >= 1000 ORDER BY Id LIMIT 1");
    let told = one(
        "SELECT FORMAT(Amount), Format(CloseDate) closed, FORMAT(CreatedDate) FROM Opportunity WHERE Amount >= 1000 ORDER BY Id LIMIT 1",
    );
    let amount = told["Amount"].as_str().unwrap();
    assert!(amount.starts_with('$') && amount.contains(',') && amount.as_bytes()[amount.len() - 3] == b'.', "{amount}");
    let number: f64 = amount.replace(['$', ','], "").parse().unwrap();
    assert!((number - plain["Amount"].as_f64().unwrap()).abs() < 0.005, "{amount}");
    let day: Date = plain["CloseDate"].as_str().unwrap().parse().unwrap();
    assert_eq!(told["closed"], format!("{}/{}/{}", day.month(), day.day(), day.year()));
    let user: &str =
        &query(&org, "SELECT TimeZoneSidKey FROM User WHERE Id = '0055g0000000000'")[0]["TimeZoneSidKey"].to_string();
    let zone = TimeZone::get(user.trim_matches('"')).unwrap();
    let made = crate::org::value::parse_moment(plain["CreatedDate"].as_str().unwrap()).unwrap().to_zoned(zone);
    let shown = made.strftime("%-m/%-d/%Y, %-I:%M %p").to_string();
    assert_eq!(told["CreatedDate"], shown);

    let null =
        one("SELECT FORMAT(AnnualRevenue) revenue, AnnualRevenue FROM Account WHERE AnnualRevenue = null LIMIT 1");
    assert_eq!((&null["revenue"], &null["AnnualRevenue"]), (&Json::Null, &Json::Null));
    let nested =
        one("SELECT FORMAT(Account.NumberOfEmployees) FROM Contact WHERE Account.NumberOfEmployees = 0 LIMIT 1");
    assert_eq!(nested["Account"]["NumberOfEmployees"], "0");
    let child = "SELECT (SELECT FORMAT(CloseDate) FROM Opportunities) FROM Account WHERE Id IN (SELECT AccountId FROM Opportunity) LIMIT 1";
    assert!(one(child)["Opportunities"]["records"][0]["CloseDate"].as_str().unwrap().contains('/'));
}

#[test]
fn format_tells_aggregates_too() {
    let org = org();
    let plain = query(&org, "SELECT SUM(Amount) s, MIN(CloseDate) d, COUNT(Id) n FROM Opportunity").remove(0);
    let soql = "SELECT FORMAT(SUM(Amount)) total, FORMAT(MIN(CloseDate)), FORMAT(COUNT(Id)) n FROM Opportunity";
    let told = query(&org, soql).remove(0);
    let total: f64 = told["total"].as_str().unwrap().replace(['$', ','], "").parse().unwrap();
    assert!((total - plain["s"].as_f64().unwrap()).abs() < 0.005, "{told}");
    let day: Date = plain["d"].as_str().unwrap().parse().unwrap();
    assert_eq!(told["expr0"], format!("{}/{}/{}", day.month(), day.day(), day.year()));
    assert_eq!(told["n"], plain["n"].to_string());
    let grouped = query(&org, "SELECT StageName, FORMAT(MAX(Amount)) most FROM Opportunity GROUP BY StageName");
    assert!(grouped.iter().all(|group| group["most"].as_str().unwrap().starts_with('$')));
}

#[test]
fn format_of_what_nobody_knows_the_look_of_is_refused() {
    for (soql, code) in [
        ("SELECT FORMAT(Name) FROM Account", "UNKNOWN_TO_THE_MOCK"),
        ("SELECT FORMAT(Probability) FROM Opportunity", "UNKNOWN_TO_THE_MOCK"),
        ("SELECT FORMAT(AVG(Amount)) FROM Opportunity", "UNKNOWN_TO_THE_MOCK"),
        ("SELECT FORMAT(CloseDate) d FROM Opportunity GROUP BY CloseDate", "UNKNOWN_TO_THE_MOCK"),
        ("SELECT FORMAT(Amunt) FROM Opportunity", "INVALID_FIELD"),
        ("SELECT Amount, FORMAT(Amount) FROM Opportunity", "MALFORMED_QUERY"),
        ("SELECT FORMAT(Amount), Amount FROM Opportunity", "MALFORMED_QUERY"),
        ("SELECT FORMAT(Amount), FORMAT(Amount) FROM Opportunity", "MALFORMED_QUERY"),
    ] {
        assert_eq!(try_query(&org(), soql).unwrap_err().code, code, "{soql}");
    }
}
