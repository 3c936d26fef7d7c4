//! The parameters of an OAuth request: of the query on GET, of the form on POST.

use axum::extract::{FromRequest, RawForm, Request};

use super::error::OAuthError;

/// Names and values, each name at most once (RFC 6749 section 3.1).
#[derive(Debug)]
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// The value of a parameter. One without a value counts as left out (RFC 6749 section 3.1).
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(known, _)| known == name)?;
        Some(value.as_str()).filter(|value| !value.is_empty())
    }

    /// The value of a parameter that has to be there.
    pub(crate) fn require(&self, name: &str, missing: &'static str) -> Result<&str, OAuthError> {
        self.get(name).ok_or(OAuthError::new("invalid_request", missing))
    }

    pub(crate) fn parse(encoded: &[u8]) -> Result<Self, OAuthError> {
        let mut parameters: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(encoded) {
            if parameters.iter().any(|(known, _)| *known == name) {
                return Err(OAuthError::new("invalid_request", "duplicate parameter"));
            }
            parameters.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self(parameters))
    }
}

impl<S: Send + Sync> FromRequest<S> for Parameters {
    type Rejection = OAuthError;

    async fn from_request(request: Request, state: &S) -> Result<Self, OAuthError> {
        let form = RawForm::from_request(request, state).await;
        let RawForm(encoded) = form.map_err(|_| {
            OAuthError::new("invalid_request", "content type must be application/x-www-form-urlencoded")
        })?;
        Self::parse(&encoded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_decoded_and_empty_ones_left_out() {
        let parameters = Parameters::parse(b"a=1+2%2B3&b=").unwrap();
        assert_eq!(parameters.get("a"), Some("1 2+3"));
        assert_eq!(parameters.get("b"), None);
        assert_eq!(parameters.require("b", "b is missing").unwrap_err().description, "b is missing");
    }

    #[test]
    fn a_parameter_may_not_come_twice() {
        assert_eq!(Parameters::parse(b"code=1&code=2").unwrap_err().code, "invalid_request");
    }
}
