//! The SOAP login that older clients begin with.

use mock_salesforce::{DEMO_PASSWORD, MockSalesforce, SECURITY_TOKEN};

use crate::client::{Answer, call};
use crate::fixture::*;

async fn log_in(mock: &MockSalesforce, version: &str, username: &str, password: &str) -> Answer {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><env:Envelope xmlns:env=\"http://schemas.xmlsoap.org/soap/envelope/\">\
         <env:Body><n1:login xmlns:n1=\"urn:partner.soap.sforce.com\"><n1:username>{username}</n1:username>\
         <n1:password>{password}</n1:password></n1:login></env:Body></env:Envelope>"
    );
    let request = call(mock, "POST", &format!("/services/Soap/u/{version}"));
    request.header("soapaction", "login").raw("text/xml; charset=UTF-8", &body).send().await
}

fn element(answer: &Answer, name: &str) -> String {
    let text = answer.text();
    let (_, rest) = text.split_once(&format!("<{name}>")).unwrap_or_else(|| panic!("no {name} in {text}"));
    rest.split('<').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_password_with_or_without_the_security_token_gives_a_session() {
    let mock = mock().await;
    for password in [DEMO_PASSWORD.to_owned(), format!("{DEMO_PASSWORD}{SECURITY_TOKEN}")] {
        let answer = log_in(&mock, "60.0", &username(&mock), &password).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(element(&answer, "serverUrl").starts_with(&format!("{}/services/Soap/u/60.0/00D", mock.url())));
        assert!(works(&mock, &element(&answer, "sessionId")).await);
    }
}

#[tokio::test]
async fn refusals_are_soap_faults() {
    let mock = mock().await;
    let username = username(&mock);
    let wrong = log_in(&mock, "60.0", &username, "wrong").await;
    assert_eq!(wrong.status, 500);
    assert_eq!(element(&wrong, "sf:exceptionCode"), "INVALID_LOGIN");
    let retired = log_in(&mock, "65.0", &username, DEMO_PASSWORD).await;
    assert_eq!(element(&retired, "sf:exceptionCode"), "UNSUPPORTED_API_VERSION");
    let broken = call(&mock, "POST", "/services/Soap/u/60.0").raw("text/xml", "<x").send().await;
    assert_eq!(element(&broken, "sf:exceptionCode"), "soapenv:Client");
}

#[tokio::test]
async fn what_the_mock_does_not_know_of_soap_is_named() {
    let mock = mock().await;
    let query = "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Header/><e:Body>\
                 <query xmlns=\"urn:partner.soap.sforce.com\"/></e:Body></e:Envelope>";
    for (path, told) in [
        ("u/67.0", "not query()"),
        ("c/60.0/00D000000000001", "not query()"),
        ("m/67.0", "(Metadata API in SOAP)"),
        ("s/67.0/00D000000000001", "(Apex in SOAP)"),
    ] {
        let answer = call(&mock, "POST", &format!("/services/Soap/{path}")).raw("text/xml", query).send().await;
        assert_eq!(
            (answer.status.as_u16(), element(&answer, "sf:exceptionCode").as_str()),
            (500, "UNKNOWN_TO_THE_MOCK")
        );
        assert!(element(&answer, "faultstring").contains(told), "{path}: {}", answer.text());
    }
}
