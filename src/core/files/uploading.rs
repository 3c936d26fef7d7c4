//! A file that is uploaded while its bytes come, for a shell that sends for itself: what goes around them, and whether they are as many
//! as was said. Sends nothing.

use super::upload::NewFile;
use super::{multipart, upload};
use crate::core::api_usage::ApiUsage;
use crate::core::connection::Connection;
use crate::core::error::{Error, ErrorKind, Outcome, Result};
use crate::core::http::{Body, BodyLength, Request, Response};

/// An upload under way.
pub struct Uploading {
    before: String,
    after: String,
    content_type: String,
    size: u64,
    given: u64,
}

impl Uploading {
    /// Of a file of so many bytes. `random` gives other bits each time: what is between the parts is in none of them, but by a chance of
    /// one in 2^128 for each byte, for the bytes are not known yet.
    pub fn parse(file: &NewFile, size: u64, random: &mut dyn FnMut() -> u64) -> Result<Self> {
        if size == 0 {
            return Err(Error::invalid_argument("size", "at least 1 byte"));
        }
        let boundary = multipart::drawn(random);
        let (before, after) = file.around(&boundary);
        Ok(Self { before, after, content_type: multipart::content_type(&boundary), size, given: 0 })
    }

    /// The request, which is sent once and whose body the shell sends: [`Self::before`], the bytes, [`Self::after`].
    pub fn request<'a>(&self, connection: &'a Connection) -> Request<'a> {
        let body = Body { content_type: self.content_type.clone().into(), bytes: Vec::new() };
        let length = self.size.saturating_add((self.before.len() + self.after.len()) as u64);
        Request { body_length: BodyLength::Told(length), ..upload::request(connection, body) }
    }

    /// What goes before the bytes.
    pub fn before(&self) -> Vec<u8> {
        self.before.clone().into_bytes()
    }

    /// So many bytes more have come, and may be sent.
    pub fn take(&mut self, bytes: usize) -> Result<()> {
        self.given = self.given.saturating_add(bytes as u64);
        if self.given > self.size { Err(self.wrong_size("or more came")) } else { Ok(()) }
    }

    /// What goes behind the bytes, if all have come.
    pub fn after(&self) -> Result<Vec<u8>> {
        if self.given == self.size { Ok(self.after.clone().into_bytes()) } else { Err(self.wrong_size("came")) }
    }

    /// Reads the answer: the Id of the version.
    pub fn read(response: &Response) -> Result<(String, Option<ApiUsage>)> {
        upload::read(response)
    }

    fn wrong_size(&self, came: &str) -> Box<Error> {
        let (size, given) = (self.size.to_string(), self.given.to_string());
        let message = ["size: expected as many bytes as data have, but of ", &size, " bytes ", &given, " ", came];
        let message = message.concat() + "; the request was not completed, so Salesforce should have taken nothing";
        Error::new(ErrorKind::InvalidArgument, Outcome::Unknown, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::files::Target;
    use crate::core::http::Method;

    fn uploading(size: u64) -> Result<Uploading> {
        let file = NewFile::parse("a.pdf".into(), &Target::Unlinked, None, None, None).unwrap();
        let mut last = 0;
        Uploading::parse(&file, size, &mut || {
            last += 1;
            last
        })
    }

    #[test]
    fn the_length_is_that_of_the_parts_and_what_is_around_them() {
        let connection = Connection::parse("https://example.my.salesforce.com", "00D!TOKEN", None).unwrap();
        let mut uploading = uploading(5).unwrap();
        let request = uploading.request(&connection);
        assert_eq!(
            (request.method, request.path_and_query.ends_with("/sobjects/ContentVersion")),
            (Method::Post, true)
        );
        uploading.take(2).unwrap();
        uploading.take(3).unwrap();
        let body = [uploading.before(), b"bytes".to_vec(), uploading.after().unwrap()].concat();
        let length = ("content-length", body.len().to_string().into_bytes());
        assert!(request.headers().contains(&length), "{:?}", request.headers());
        let text = String::from_utf8(body).unwrap();
        let boundary = "00000000000000010000000000000002";
        assert!(text.starts_with(&format!("--{boundary}\r\n")) && text.ends_with(&format!("\r\n--{boundary}--\r\n")));
        assert!(request.body.unwrap().content_type.ends_with(boundary));
    }

    #[test]
    fn other_bytes_than_were_said_are_an_error() {
        assert!(uploading(0).err().unwrap().message.starts_with("size: expected at least 1 byte"));
        let mut short = uploading(5).unwrap();
        short.take(4).unwrap();
        let error = short.after().unwrap_err();
        assert_eq!((error.kind, error.outcome), (ErrorKind::InvalidArgument, Outcome::Unknown));
        assert!(error.message.contains("of 5 bytes 4 came; the request was not completed"), "{}", error.message);
        assert!(short.take(2).unwrap_err().message.contains("of 5 bytes 6 or more came"));
        let mut endless = uploading(u64::MAX).unwrap();
        endless.take(usize::MAX).unwrap();
    }
}
