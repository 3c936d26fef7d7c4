//! The exports: each looks around, and is the connector's own if it is not the moment.

use crate::character::Scene;
use crate::deeds::act;
use crate::exports::Connector;
use crate::world::exports::workflow::salesforce::{collections, limits, oauth, records, schema, soql, types};
use types::{CallOptions, Connection, Error};

/// The component.
pub(crate) struct Shell;

pub(crate) fn on<'a>(export: &'static str, connection: &'a Connection, text: &'a str) -> Scene<'a> {
    Scene { export, url: &connection.instance_url, secret: &connection.access_token, text }
}

fn of<'a>(export: &'static str, app: &'a oauth::ConnectedApp, secret: &'a str) -> Scene<'a> {
    Scene { export, url: &app.login_url, secret, text: &app.client_id }
}

fn secret_of(app: &oauth::ConnectedApp) -> &str {
    app.client_secret.as_deref().unwrap_or_default()
}

impl oauth::Guest for Shell {
    fn begin_authorization(
        app: oauth::ConnectedApp,
        request: oauth::AuthorizationRequest,
    ) -> Result<oauth::Authorization, Error> {
        act(&of("begin-authorization", &app, secret_of(&app)), || Connector::begin_authorization(app.clone(), request))
    }

    fn complete_authorization(
        app: oauth::ConnectedApp,
        pending: oauth::PendingAuthorization,
        callback: String,
        options: CallOptions,
    ) -> Result<oauth::TokenSet, Error> {
        let verifier = pending.code_verifier.clone();
        act(&of("complete-authorization", &app, &verifier), || {
            Connector::complete_authorization(app.clone(), pending, callback, options)
        })
    }

    fn refresh(app: oauth::ConnectedApp, token: String, options: CallOptions) -> Result<oauth::TokenSet, Error> {
        act(&of("refresh", &app, &token), || Connector::refresh(app.clone(), token.clone(), options))
    }

    fn client_credentials(app: oauth::ConnectedApp, options: CallOptions) -> Result<oauth::TokenSet, Error> {
        act(&of("client-credentials", &app, secret_of(&app)), || Connector::client_credentials(app.clone(), options))
    }

    fn jwt_bearer(app: oauth::ConnectedApp, assertion: String, options: CallOptions) -> Result<oauth::TokenSet, Error> {
        let secret = app.client_secret.clone().unwrap_or_else(|| assertion.clone());
        act(&of("jwt-bearer", &app, &secret), || Connector::jwt_bearer(app.clone(), assertion, options))
    }

    fn revoke(app: oauth::ConnectedApp, token: String, options: CallOptions) -> Result<(), Error> {
        act(&of("revoke", &app, &token), || Connector::revoke(app.clone(), token.clone(), options))
    }

    fn introspect(
        app: oauth::ConnectedApp,
        token: String,
        token_type: oauth::TokenType,
        options: CallOptions,
    ) -> Result<oauth::Introspection, Error> {
        act(&of("introspect", &app, &token), || Connector::introspect(app.clone(), token.clone(), token_type, options))
    }

    fn user_info(connection: Connection, options: CallOptions) -> Result<oauth::UserIdentity, Error> {
        act(&on("user-info", &connection, ""), || Connector::user_info(connection.clone(), options))
    }
}

impl soql::Guest for Shell {
    fn soql_query(connection: Connection, query: soql::Query, options: CallOptions) -> Result<soql::Page, Error> {
        let text = query.soql.clone();
        act(&on("soql-query", &connection, &text), || Connector::soql_query(connection.clone(), query, options))
    }

    fn next_page(connection: Connection, cursor: String, options: CallOptions) -> Result<soql::Page, Error> {
        act(&on("next-page", &connection, &cursor), || {
            Connector::next_page(connection.clone(), cursor.clone(), options)
        })
    }

    fn explain(connection: Connection, query: soql::Query, options: CallOptions) -> Result<String, Error> {
        let text = query.soql.clone();
        act(&on("explain", &connection, &text), || Connector::explain(connection.clone(), query, options))
    }
}

impl records::Guest for Shell {
    fn get_record_field_values(
        connection: Connection,
        object: String,
        key: records::RecordKey,
        fields: Vec<String>,
        options: CallOptions,
    ) -> Result<records::FieldValues, Error> {
        let text = match &key {
            records::RecordKey::Id(id) => id.clone(),
            records::RecordKey::ExternalId(id) => id.value.clone(),
        };
        act(&on("get-record-field-values", &connection, &text), || {
            Connector::get_record_field_values(connection.clone(), object, key, fields, options)
        })
    }

    fn create_or_update_record(
        connection: Connection,
        object: String,
        target: records::Target,
        fields: String,
        save: records::SaveOptions,
        options: CallOptions,
    ) -> Result<records::Saved, Error> {
        act(&on("create-or-update-record", &connection, &fields), || {
            Connector::create_or_update_record(connection.clone(), object, target, fields.clone(), save, options)
        })
    }

    fn delete_record(
        connection: Connection,
        object: String,
        key: records::RecordKey,
        options: CallOptions,
    ) -> Result<records::Deleted, Error> {
        let text = match &key {
            records::RecordKey::Id(id) => id.clone(),
            records::RecordKey::ExternalId(id) => id.value.clone(),
        };
        act(&on("delete-record", &connection, &text), || {
            Connector::delete_record(connection.clone(), object, key, options)
        })
    }
}

impl collections::Guest for Shell {
    fn create_records(
        connection: Connection,
        records: Vec<collections::NewRecord>,
        all_or_none: bool,
        save: collections::SaveRules,
        options: CallOptions,
    ) -> Result<collections::SavedRecords, Error> {
        let text = records.first().map(|record| record.fields.clone()).unwrap_or_default();
        act(&on("create-records", &connection, &text), || {
            Connector::create_records(connection.clone(), records, all_or_none, save, options)
        })
    }

    fn update_records(
        connection: Connection,
        records: Vec<collections::ChangedRecord>,
        all_or_none: bool,
        save: collections::SaveRules,
        options: CallOptions,
    ) -> Result<collections::SavedRecords, Error> {
        let text = records.first().map(|record| record.fields.clone()).unwrap_or_default();
        act(&on("update-records", &connection, &text), || {
            Connector::update_records(connection.clone(), records, all_or_none, save, options)
        })
    }

    fn upsert_records(
        connection: Connection,
        object: String,
        external_id_field: String,
        records: Vec<String>,
        all_or_none: bool,
        save: collections::SaveRules,
        options: CallOptions,
    ) -> Result<collections::SavedRecords, Error> {
        let text = records.first().cloned().unwrap_or_default();
        act(&on("upsert-records", &connection, &text), || {
            Connector::upsert_records(
                connection.clone(),
                object,
                external_id_field,
                records,
                all_or_none,
                save,
                options,
            )
        })
    }

    fn delete_records(
        connection: Connection,
        ids: Vec<String>,
        all_or_none: bool,
        options: CallOptions,
    ) -> Result<collections::DeletedRecords, Error> {
        act(&on("delete-records", &connection, ""), || {
            Connector::delete_records(connection.clone(), ids, all_or_none, options)
        })
    }

    fn get_records(
        connection: Connection,
        object: String,
        ids: Vec<String>,
        fields: Vec<String>,
        options: CallOptions,
    ) -> Result<collections::FoundRecords, Error> {
        act(&on("get-records", &connection, &object), || {
            Connector::get_records(connection.clone(), object.clone(), ids, fields, options)
        })
    }
}

impl schema::Guest for Shell {
    fn list_objects(
        connection: Connection,
        since: Option<String>,
        options: CallOptions,
    ) -> Result<Option<schema::ObjectList>, Error> {
        act(&on("list-objects", &connection, ""), || Connector::list_objects(connection.clone(), since, options))
    }

    fn describe_object(
        connection: Connection,
        object: String,
        since: Option<String>,
        options: CallOptions,
    ) -> Result<Option<schema::ObjectDescription>, Error> {
        act(&on("describe-object", &connection, &object), || {
            Connector::describe_object(connection.clone(), object.clone(), since, options)
        })
    }

    fn describe_json(
        connection: Connection,
        object: Option<String>,
        since: Option<String>,
        options: CallOptions,
    ) -> Result<Option<schema::RawDescription>, Error> {
        let text = object.clone().unwrap_or_default();
        act(&on("describe-json", &connection, &text), || {
            Connector::describe_json(connection.clone(), object, since, options)
        })
    }
}

impl limits::Guest for Shell {
    fn org_limits(connection: Connection, options: CallOptions) -> Result<limits::LimitList, Error> {
        act(&on("org-limits", &connection, ""), || Connector::org_limits(connection.clone(), options))
    }

    fn record_counts(
        connection: Connection,
        objects: Vec<String>,
        options: CallOptions,
    ) -> Result<limits::CountList, Error> {
        let text = objects.join(",");
        act(&on("record-counts", &connection, &text), || Connector::record_counts(connection.clone(), objects, options))
    }

    fn recent_items(
        connection: Connection,
        limit: Option<u8>,
        options: CallOptions,
    ) -> Result<limits::RecentList, Error> {
        act(&on("recent-items", &connection, ""), || Connector::recent_items(connection.clone(), limit, options))
    }
}
