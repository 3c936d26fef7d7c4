//! The people of the org, and what it is itself. The first is its administrator; one has left.

use super::Seeder;
use super::profiles::seeded_profile;
use crate::org::people::ORGANIZATION;
use crate::org::value::Value;

/// First name, last name, alias, time zone, locale.
const USERS: [(&str, &str, &str, &str, &str); 6] = [
    ("Ada", "Lindqvist", "alind", "Europe/Stockholm", "sv_SE"),
    ("Tomás", "O'Brien", "tobri", "Europe/Dublin", "en_IE"),
    ("Mei", "Tanaka", "mtana", "Asia/Tokyo", "ja_JP"),
    ("Support", "Lead", "slead", "America/Los_Angeles", "en_US"),
    ("Integration", "User", "integ", "UTC", "en_US"),
    ("Former", "Employee", "femp", "UTC", "en_US"),
];

impl Seeder {
    pub(super) fn users(&mut self) {
        for (number, (first, last, alias, time_zone, locale)) in USERS.into_iter().enumerate() {
            self.add(
                "User",
                20_000 - number,
                &[
                    ("Username", Value::text(format!("{alias}@example.org"))),
                    ("FirstName", Value::text(first)),
                    ("LastName", Value::text(last)),
                    ("Email", Value::text(format!("{alias}@example.org"))),
                    ("Alias", Value::text(alias)),
                    ("IsActive", Value::Boolean(first != "Former")),
                    ("TimeZoneSidKey", Value::text(time_zone)),
                    ("LocaleSidKey", Value::text(locale)),
                    ("LanguageLocaleKey", Value::text("en_US")),
                    ("ProfileId", seeded_profile(usize::from(number > 0))),
                    ("ManagerId", if number == 0 { Value::Null } else { Value::Id(self.administrator) }),
                ],
            );
        }
    }
    /// The org's own record.
    pub(super) fn organization(&mut self) {
        let id = self.org.organization_id;
        self.add(
            ORGANIZATION,
            20_000,
            &[
                ("Name", Value::text("Mock")),
                ("OrganizationType", Value::text("Developer Edition")),
                ("InstanceName", Value::text("MOCK1")),
                ("DefaultLocaleSidKey", Value::text("en_US")),
                ("LanguageLocaleKey", Value::text("en_US")),
                ("TimeZoneSidKey", Value::text("America/Los_Angeles")),
                ("FiscalYearStartMonth", Value::Number(1.into())),
            ],
        );
        self.org.identify(id);
    }
}
