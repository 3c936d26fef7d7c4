use super::*;

/// The clock says 2026-06-15T12:00:00Z, a Monday.
#[test]
fn days_are_compared_with_days_and_spans() {
    let org = org();
    for (condition, is_right) in [
        ("= 2026-06-01", (|day| day == "2026-06-01") as fn(&str) -> bool),
        ("!= 2026-06-01", |day| day != "2026-06-01"),
        ("< 2026-06-01", |day| day < "2026-06-01"),
        ("<= 2026-06-01", |day| day <= "2026-06-01"),
        ("> 2026-06-01", |day| day > "2026-06-01"),
        (">= 2026-06-01", |day| day >= "2026-06-01"),
        ("IN (2026-06-01, 2026-06-02)", |day| day == "2026-06-01" || day == "2026-06-02"),
        ("IN (TODAY, 2026-06-02, LAST_YEAR)", |day| {
            day == "2026-06-15" || day == "2026-06-02" || day.starts_with("2025")
        }),
        ("NOT IN (TODAY, LAST_YEAR)", |day| day != "2026-06-15" && !day.starts_with("2025")),
        ("= TODAY", |day| day == "2026-06-15"),
        ("= yesterday", |day| day == "2026-06-14"),
        ("= TOMORROW", |day| day == "2026-06-16"),
        ("!= TODAY", |day| day != "2026-06-15"),
        ("< TODAY", |day| day < "2026-06-15"),
        ("<= TODAY", |day| day <= "2026-06-15"),
        ("> TODAY", |day| day > "2026-06-15"),
        (">= TODAY", |day| day >= "2026-06-15"),
        ("= THIS_WEEK", |day| ("2026-06-14".."2026-06-21").contains(&day)),
        ("= THIS_MONTH", |day| day.starts_with("2026-06")),
        ("!= THIS_MONTH", |day| !day.starts_with("2026-06")),
        ("< THIS_MONTH", |day| day < "2026-06-01"),
        ("<= THIS_MONTH", |day| day < "2026-07-01"),
        ("> THIS_MONTH", |day| day >= "2026-07-01"),
        (">= THIS_MONTH", |day| day >= "2026-06-01"),
        ("= LAST_QUARTER", |day| ("2026-01-01".."2026-04-01").contains(&day)),
        ("= THIS_YEAR", |day| day.starts_with("2026")),
        ("= LAST_N_DAYS:10", |day| ("2026-06-05".."2026-06-16").contains(&day)),
        ("= NEXT_N_DAYS:10", |day| ("2026-06-16".."2026-06-26").contains(&day)),
        ("= N_DAYS_AGO:10", |day| day == "2026-06-05"),
        ("> N_DAYS_AGO:10", |day| day > "2026-06-05"),
        ("= LAST_N_MONTHS:2", |day| ("2026-04-01".."2026-06-01").contains(&day)),
    ] {
        let is_right = |opportunity: &Record| is_right(opportunity["CloseDate"].as_str().unwrap());
        assert_finds(&org, "Opportunity", &format!("CloseDate {condition}"), &is_right);
    }
}

#[test]
fn moments_are_compared_with_moments_and_spans() {
    let org = org();
    for (condition, is_right) in [
        ("= 2026-05-31T08:00:00Z", (|moment| moment == "2026-05-31T08:00:00.000+0000") as fn(&str) -> bool),
        ("= 2026-05-31T10:00:00+02:00", |moment| moment == "2026-05-31T08:00:00.000+0000"),
        ("> 2026-05-31T03:00:00.000-05:00", |moment| moment > "2026-05-31T08:00:00.000+0000"),
        ("<= 2026-05-31T08:00:00Z", |moment| moment <= "2026-05-31T08:00:00.000+0000"),
        ("= LAST_MONTH", |moment| moment.starts_with("2026-05")),
        ("!= LAST_MONTH", |moment| !moment.starts_with("2026-05")),
        ("< LAST_MONTH", |moment| moment < "2026-05"),
        (">= LAST_MONTH", |moment| moment >= "2026-05"),
        ("= LAST_N_WEEKS:3", |moment| ("2026-05-24".."2026-06-14").contains(&moment)),
        ("= LAST_YEAR", |moment| moment.starts_with("2025")),
    ] {
        let is_right = |account: &Record| is_right(account["CreatedDate"].as_str().unwrap());
        assert_finds(&org, "Account", &format!("CreatedDate {condition}"), &is_right);
    }
}

#[test]
fn an_empty_date_is_in_no_span() {
    let mut org = org();
    org.set_now("2026-06-01T23:59:59Z".parse().unwrap());
    let paid = |invoice: &Record| !invoice["Paid_At__c"].is_null();
    assert_finds(&org, "Invoice__c", "Paid_At__c = TODAY", &paid);
    assert_finds(&org, "Invoice__c", "Paid_At__c != TODAY", &|invoice| !paid(invoice));
    assert_finds(&org, "Invoice__c", "Paid_At__c < TOMORROW", &paid);
    org.set_now("2026-06-02T00:00:00Z".parse().unwrap());
    assert!(query(&org, "SELECT Id FROM Invoice__c WHERE Paid_At__c = TODAY").is_empty());
}
