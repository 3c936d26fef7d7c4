//! Who a token speaks for: the identity URL and the UserInfo endpoint.
//!
//! Source: Salesforce help, "Identity URLs", "OpenID Connect UserInfo endpoint".

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use super::{OAuth, access_token};
use crate::answer;
use crate::org::{RecordId, User, value::Value as OrgValue};
use crate::site::Site;

/// Of these two, one is without daylight saving time everywhere.
const JANUARY: Timestamp = Timestamp::constant(1_767_225_600, 0);
const JULY: Timestamp = Timestamp::constant(1_782_864_000, 0);

/// `GET` and `POST /services/oauth2/userinfo`.
pub(crate) async fn user_info(State(oauth): State<Arc<OAuth>>, headers: HeaderMap) -> Response {
    match caller(&oauth, &headers) {
        Ok(user) => answer::json(StatusCode::OK, &user_info_body(&oauth.site, &oauth.site.url_for(&headers), &user)),
        Err(refusal) => refusal.into_response(),
    }
}

/// `GET` and `POST /id/{organization}/{user}`.
pub(crate) async fn identity(
    State(oauth): State<Arc<OAuth>>,
    Path((organization, user)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let caller = match caller(&oauth, &headers) {
        Ok(caller) => caller,
        Err(refusal) => return refusal.into_response(),
    };
    if !same_id(&organization, oauth.site.org().organization_id()) {
        return (StatusCode::FORBIDDEN, "Wrong_Org").into_response();
    }
    if oauth.site.org().users().iter().all(|known| !same_id(&user, &known.id)) {
        return (StatusCode::NOT_FOUND, "Bad_Id").into_response();
    }
    if !same_id(&user, &caller.id) {
        return (StatusCode::FORBIDDEN, "Bad_OAuth_Token").into_response();
    }
    answer::json(StatusCode::OK, &identity_body(&oauth.site, &oauth.site.url_for(&headers), &caller))
}

/// A refusal in plain text, as Salesforce words it.
type Refusal = (StatusCode, &'static str);

/// The user whose access token the request carries.
fn caller(oauth: &OAuth, headers: &HeaderMap) -> Result<User, Refusal> {
    let token = access_token(headers).ok_or((StatusCode::FORBIDDEN, "Missing_OAuth_Token"))?;
    let user = oauth.bearer(token).and_then(|bearer| oauth.site.user(&bearer.user_id));
    user.ok_or((StatusCode::FORBIDDEN, "Bad_OAuth_Token"))
}

/// Whether two Ids, in 15 or 18 characters, are the same.
fn same_id(one: &str, other: &str) -> bool {
    RecordId::parse(one).is_some_and(|one| RecordId::parse(other) == Some(one))
}

fn user_info_body(site: &Site, url: &str, user: &User) -> Value {
    let photos = photos(url);
    json!({
        "sub": site.identity_url(url, &user.id),
        "user_id": user.id,
        "organization_id": site.org().organization_id(),
        "preferred_username": user.username,
        "nickname": user.username.split('@').next(),
        "name": user.name,
        "email": user.email,
        "email_verified": true,
        "given_name": user.first_name,
        "family_name": user.last_name,
        "zoneinfo": user.time_zone,
        "profile": format!("{url}/{}", user.id),
        "picture": photos.get("picture"),
        "photos": photos,
        "address": {},
        "is_salesforce_integration_user": false,
        "urls": urls(site, url, user),
        "active": true,
        "user_type": "STANDARD",
        "language": user.language,
        "locale": user.locale,
        "utcOffset": utc_offset(&user.time_zone),
        "updated_at": changed(site, user),
        "is_app_installed": true,
    })
}

fn identity_body(site: &Site, url: &str, user: &User) -> Value {
    json!({
        "id": site.identity_url(url, &user.id),
        "asserted_user": true,
        "user_id": user.id,
        "organization_id": site.org().organization_id(),
        "username": user.username,
        "nick_name": user.username.split('@').next(),
        "display_name": user.name,
        "email": user.email,
        "email_verified": true,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "timezone": user.time_zone,
        "photos": photos(url),
        "addr_street": null,
        "addr_city": null,
        "addr_state": null,
        "addr_country": null,
        "addr_zip": null,
        "mobile_phone": null,
        "mobile_phone_verified": false,
        "is_lightning_login_user": false,
        "status": {"created_date": null, "body": null},
        "urls": urls(site, url, user),
        "active": true,
        "user_type": "STANDARD",
        "language": user.language,
        "locale": user.locale,
        "utcOffset": utc_offset(&user.time_zone),
        "last_modified_date": changed(site, user),
        "is_app_installed": true,
    })
}

/// The picture of somebody who has none.
fn photos(url: &str) -> Value {
    json!({"picture": format!("{url}/profilephoto/005/F"), "thumbnail": format!("{url}/profilephoto/005/T")})
}

/// How far the time zone is from UTC without daylight saving time, in milliseconds.
fn utc_offset(time_zone: &str) -> i64 {
    let Ok(zone) = TimeZone::get(time_zone) else { return 0 };
    let offset = |moment: Timestamp| i64::from(zone.to_offset(moment).seconds()) * 1000;
    offset(JANUARY).min(offset(JULY))
}

fn changed(site: &Site, user: &User) -> Value {
    let changed = site.org().last_modified("User", &user.id);
    changed.map_or(Value::Null, |moment| OrgValue::DateTime(moment).to_json())
}

/// Where the APIs are; `{version}` stands for the number, as in the real answer.
fn urls(site: &Site, url: &str, user: &User) -> Value {
    let soap = |api: &str| format!("{url}/services/Soap/{api}/{{version}}/{}", user_organization(site));
    let data = |resource: &str| format!("{url}/services/data/v{{version}}/{resource}");
    json!({
        "enterprise": soap("c"),
        "metadata": soap("m"),
        "partner": soap("u"),
        "rest": data(""),
        "sobjects": data("sobjects/"),
        "search": data("search/"),
        "query": data("query/"),
        "recent": data("recent/"),
        "tooling_soap": soap("T"),
        "tooling_rest": data("tooling/"),
        "profile": format!("{url}/{}", user.id),
        "feeds": data("chatter/feeds"),
        "groups": data("chatter/groups"),
        "users": data("chatter/users"),
        "feed_items": data("chatter/feed-items"),
        "feed_elements": data("chatter/feed-elements"),
        "custom_domain": url,
    })
}

fn user_organization(site: &Site) -> String {
    site.org().organization_id().chars().take(15).collect()
}
