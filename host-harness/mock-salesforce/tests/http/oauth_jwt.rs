//! The JWT bearer flow.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mock_salesforce::MockSalesforce;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};

use crate::client::{Answer, call};
use crate::fixture::*;

fn sign(header: &Value, claims: &Value) -> String {
    let key = RsaKeyPair::from_pkcs8(include_bytes!("data/jwt_private_key.pk8")).unwrap();
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(header), part(claims));
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn claims(mock: &MockSalesforce) -> Value {
    json!({"iss": APP, "sub": username(mock), "aud": mock.url(), "exp": mock.now().as_second() + 180})
}

async fn exchange(mock: &MockSalesforce, assertion: &str) -> Answer {
    let grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    token(mock, &[("grant_type", grant), ("assertion", assertion)]).await
}

#[tokio::test]
async fn a_signed_assertion_gives_an_access_token_alone() {
    let mock = mock().await;
    let answer = exchange(&mock, &sign(&json!({"alg": "RS256"}), &claims(&mock))).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let body = answer.json();
    assert!(body.get("refresh_token").is_none());
    assert!(works(&mock, body["access_token"].as_str().unwrap()).await);
}

#[tokio::test]
async fn the_host_of_a_request_makes_no_audience() {
    let mock = mock().await;
    let mut claims = claims(&mock);
    claims["aud"] = json!("http://other.example");
    let assertion = sign(&json!({"alg": "RS256"}), &claims);
    let form = [("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", assertion.as_str())];
    let answer = call(&mock, "POST", "/services/oauth2/token").host("other.example").form(&form).send().await;
    assert_eq!(answer.message(), "audience is invalid");
}

#[tokio::test]
async fn an_assertion_that_is_not_right_gives_nothing() {
    let mock = mock().await;
    let header = json!({"alg": "RS256"});
    let changed = |name: &str, value: Value| {
        let mut claims = claims(&mock);
        claims[name] = value;
        sign(&header, &claims)
    };
    let right = sign(&header, &claims(&mock));
    let (signed, _) = right.rsplit_once('.').unwrap();
    let now = mock.now().as_second();
    let wrong = [
        (changed("aud", json!("https://evil.example")), "invalid_grant", "audience is invalid"),
        (changed("exp", json!(now)), "invalid_grant", "assertion expired"),
        (changed("exp", json!(now + 181)), "invalid_grant", "assertion expires more than 3 minutes ahead"),
        (changed("sub", json!("nobody@example.com")), "invalid_grant", "user hasn't approved this consumer"),
        (changed("iss", json!("unknown")), "invalid_client_id", "client identifier invalid"),
        (changed("iss", json!(API_ONLY_APP)), "invalid_grant", "invalid assertion"),
        (sign(&json!({"alg": "none"}), &claims(&mock)), "invalid_grant", "invalid assertion"),
        (format!("{signed}.{}", URL_SAFE_NO_PAD.encode([0; 256])), "invalid_grant", "invalid assertion"),
        (format!("{signed}."), "invalid_grant", "invalid assertion"),
        ("nonsense".to_owned(), "invalid_grant", "invalid assertion"),
    ];
    for (assertion, code, message) in wrong {
        let answer = exchange(&mock, &assertion).await;
        assert_eq!(answer.error(), (400, code.to_owned()), "{message}");
        assert_eq!(answer.message(), message);
    }
}
