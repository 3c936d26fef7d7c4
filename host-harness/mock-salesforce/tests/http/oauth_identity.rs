//! UserInfo and the identity URL.

use crate::client::call;
use crate::fixture::*;

#[tokio::test]
async fn a_token_tells_whom_it_speaks_for() {
    let mock = mock().await;
    let token = access_token(&mock);
    let (organization, user) = mock.org(|org| (org.organization_id().to_owned(), org.users()[0].clone()));
    let info = call(&mock, "GET", "/services/oauth2/userinfo").token(&token).send().await.json();
    assert_eq!(info["user_id"], user.id);
    assert_eq!(info["organization_id"], organization);
    assert_eq!(info["preferred_username"], user.username);
    assert_eq!(info["sub"], format!("{}/id/{organization}/{}", mock.url(), user.id));

    assert_eq!(info["utcOffset"], 3_600_000, "Stockholm, without daylight saving time");
    assert_eq!(info["photos"]["thumbnail"], format!("{}/profilephoto/005/T", mock.url()));
    let version = "{version}";
    assert_eq!(info["urls"]["enterprise"], format!("{}/services/Soap/c/{version}/{}", mock.url(), &organization[..15]));
    assert_eq!(info["urls"].as_object().unwrap().len(), 17);

    for id in [user.id.as_str(), &user.id[..15]] {
        let path = format!("/id/{}/{id}", &organization[..15]);
        let identity = call(&mock, "GET", &path).token(&token).send().await.json();
        assert_eq!(identity["username"], user.username);
        assert_eq!(identity["last_modified_date"], info["updated_at"]);
        assert!(identity["last_modified_date"].as_str().unwrap().ends_with(".000+0000"));
    }
}

#[tokio::test]
async fn refusals_are_plain_text() {
    let mock = mock().await;
    let token = access_token(&mock);
    let (organization, users) = mock.org(|org| (org.organization_id().to_owned(), org.users()));
    let refused = async |path: &str, token: Option<&str>| {
        let request = call(&mock, "GET", path);
        let answer = match token {
            Some(token) => request.token(token).send().await,
            None => request.send().await,
        };
        (answer.status.as_u16(), answer.text())
    };
    let info = "/services/oauth2/userinfo";
    assert_eq!(refused(info, None).await, (403, "Missing_OAuth_Token".to_owned()));
    assert_eq!(refused(info, Some("wrong")).await, (403, "Bad_OAuth_Token".to_owned()));
    let other = format!("/id/{organization}/{}", users[1].id);
    assert_eq!(refused(&other, Some(&token)).await, (403, "Bad_OAuth_Token".to_owned()));
    let wrong = format!("/id/00D000000000000EAA/{}", users[0].id);
    assert_eq!(refused(&wrong, Some(&token)).await, (403, "Wrong_Org".to_owned()));
    let nobody = format!("/id/{organization}/005000000000000AAA");
    assert_eq!(refused(&nobody, Some(&token)).await, (404, "Bad_Id".to_owned()));
}
