//! An account, as far as its invoice needs it.

use serde_json::Value as Json;

use crate::world::exports::workflow::billing::accounts::Error;

pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) erp_id: String,
}

/// The accounts of a JSON array of records with `Id` and `ERP_Id__c`.
pub(crate) fn read(records: &str) -> Result<Vec<Account>, Error> {
    let records: Vec<Json> =
        serde_json::from_str(records).map_err(|error| Error::PermanentQueryFailed(error.to_string()))?;
    let text = |record: &Json, field: &str| record.get(field).and_then(Json::as_str).map(str::to_owned);
    let account = |record: &Json| Some(Account { id: text(record, "Id")?, erp_id: text(record, "ERP_Id__c")? });
    let accounts: Option<Vec<Account>> = records.iter().map(account).collect();
    accounts.ok_or_else(|| Error::PermanentQueryFailed("expected Id and ERP_Id__c in every account".to_owned()))
}
