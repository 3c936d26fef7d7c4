//! Under which URL the mock is reached: `instance_url` and the other URLs of its answers.

use mock_salesforce::{ConnectedApp, MockSalesforce};
use serde_json::Value;

use crate::client::call;
use crate::fixture::*;

async fn client_credentials(mock: &MockSalesforce, host: &str) -> Value {
    let form = [("grant_type", "client_credentials"), ("client_id", "app"), ("client_secret", "secret")];
    let answer = call(mock, "POST", "/services/oauth2/token").host(host).form(&form).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn credentials_app() -> ConnectedApp {
    ConnectedApp {
        client_id: "app".to_owned(),
        client_secret: Some("secret".into()),
        callback_urls: vec![CALLBACK.to_owned()],
        scopes: vec!["api".to_owned()],
        client_credentials_user: Some("integ@example.org".to_owned()),
        ..ConnectedApp::default()
    }
}

#[tokio::test]
async fn a_client_is_told_the_name_it_came_by() {
    let every_address = "0.0.0.0:0".parse().unwrap();
    let mock = MockSalesforce::builder().listen(every_address).connected_app(credentials_app()).start().await.unwrap();
    let port = mock.address().port();
    assert_eq!(mock.url(), format!("http://127.0.0.1:{port}"));
    let organization = mock.org(|org| org.organization_id().to_owned());
    for host in ["mock:8080", "localhost:80", "[::1]:9"] {
        let told = client_credentials(&mock, host).await;
        assert_eq!(told["instance_url"], format!("http://{host}"));
        assert!(told["id"].as_str().unwrap().starts_with(&format!("http://{host}/id/{organization}/005")));
        let token = told["access_token"].as_str().unwrap();
        let info = call(&mock, "GET", "/services/oauth2/userinfo").host(host).token(token).send().await.json();
        assert_eq!(info["urls"]["custom_domain"], format!("http://{host}"));
        assert_eq!(info["sub"], told["id"]);
    }
}

#[tokio::test]
async fn a_host_that_is_none_is_not_repeated() {
    let mock = MockSalesforce::builder().connected_app(credentials_app()).start().await.unwrap();
    for host in ["user@evil.example", "evil.example/path", "evil.example:80:80", "<script>"] {
        assert_eq!(client_credentials(&mock, host).await["instance_url"], mock.url(), "{host}");
    }
}

#[tokio::test]
async fn a_public_url_stands_whatever_name_a_client_came_by() {
    let public = "https://mock.example.org".parse().unwrap();
    let builder = MockSalesforce::builder().public_url(public).control(true);
    let mock = builder.connected_app(credentials_app()).start().await.unwrap();
    assert_eq!(mock.url(), "https://mock.example.org");
    let local = format!("http://{}", mock.address());
    assert_eq!((mock.local_url(), &mock.control().unwrap().url), (local.as_str(), &format!("{local}/__mock")));
    let told = client_credentials(&mock, "other.example:8080").await;
    assert_eq!(told["instance_url"], "https://mock.example.org");
}
