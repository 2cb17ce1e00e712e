//! As much of HTTP/1.1 as the service needs: one bounded request a connection, one answer.

use std::fmt::Write as _;
use std::io::{self, Read, Write};

/// The longest request head that is read, in bytes.
pub const HEAD_LIMIT: usize = 8 * 1024;

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
pub struct Request {
    /// True for HEAD, false for GET.
    pub head_only: bool,
    /// The path before the question mark.
    pub path: String,
    /// What follows the question mark, empty when there is none.
    pub query: String,
}

/// What is answered: always JSON.
#[derive(Debug, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The body, one line of JSON.
    pub body: String,
}

impl Response {
    /// An answer with this status and this line of JSON.
    pub fn new(status: u16, body: impl Into<String>) -> Self {
        Self {
            status,
            body: body.into(),
        }
    }

    /// A refusal with its reason.
    pub fn refusal(status: u16, reason: &str) -> Self {
        Self::new(status, format!("{{\"error\":{}}}", quoted(reason)))
    }

    /// Sends the answer; the body is left out for HEAD.
    pub fn send(&self, head_only: bool, mut to: impl Write) -> io::Result<()> {
        let mut text = format!(
            "HTTP/1.1 {} {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n",
            self.status,
            reason_of(self.status),
            self.body.len() + 1
        );
        if self.status == 405 {
            text.push_str("Allow: GET, HEAD\r\n");
        }
        text.push_str("\r\n");
        if !head_only {
            text.push_str(&self.body);
            text.push('\n');
        }
        to.write_all(text.as_bytes())?;
        to.flush()
    }
}

/// Reads one request head.
///
/// The outer error is the connection's; the inner one is the answer to a request that cannot be served.
pub fn read_request(mut from: impl Read) -> io::Result<Result<Request, Response>> {
    let mut head = Vec::with_capacity(512);
    let mut chunk = [0; 1024];
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        if head.len() >= HEAD_LIMIT {
            return Ok(Err(Response::refusal(431, "the request head is too long")));
        }
        let count = from.read(&mut chunk)?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        head.extend_from_slice(&chunk[..count]);
    }
    Ok(parse(&head))
}

fn parse(head: &[u8]) -> Result<Request, Response> {
    let bad = |reason| Response::refusal(400, reason);
    let text = std::str::from_utf8(head).map_err(|_| bad("the request head is not text"))?;
    let line = text.lines().next().unwrap_or_default();
    let words: Vec<&str> = line.split(' ').collect();
    let [method, target, version] = words[..] else {
        return Err(bad("the request line has not three words"));
    };
    if !matches!(version, "HTTP/1.0" | "HTTP/1.1") {
        return Err(Response::refusal(
            505,
            "only HTTP/1.0 and HTTP/1.1 are spoken",
        ));
    }
    if !target.starts_with('/') {
        return Err(bad("the target is not a path"));
    }
    let head_only = match method {
        "GET" => false,
        "HEAD" => true,
        _ => return Err(Response::refusal(405, "only GET and HEAD are answered")),
    };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    Ok(Request {
        head_only,
        path: path.to_owned(),
        query: query.to_owned(),
    })
}

/// The text as a JSON string, quotes included.
pub fn quoted(text: &str) -> String {
    let mut json = String::from('"');
    for letter in text.chars() {
        match letter {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            control if control < ' ' => {
                // Writing to a String cannot fail.
                let _ = write!(json, "\\u{:04x}", u32::from(control));
            }
            other => json.push(other),
        }
    }
    json.push('"');
    json
}

fn reason_of(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        431 => "Request Header Fields Too Large",
        503 => "Service Unavailable",
        505 => "HTTP Version Not Supported",
        _ => "Internal Server Error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status_of(head: &str) -> u16 {
        read_request(head.as_bytes())
            .expect("a whole head")
            .map_or_else(|refusal| refusal.status, |_| 200)
    }

    #[test]
    fn path_and_query_are_told_apart() {
        let request = parse(b"GET /phase?date=2024-01-01 HTTP/1.1\r\n\r\n").expect("a request");
        assert_eq!(
            (request.path.as_str(), request.query.as_str()),
            ("/phase", "date=2024-01-01")
        );
        assert!(!request.head_only);
    }

    #[test]
    fn what_cannot_be_served_has_its_own_status() {
        assert_eq!(status_of("POST /phase HTTP/1.1\r\n\r\n"), 405);
        assert_eq!(status_of("GET /phase HTTP/2\r\n\r\n"), 505);
        assert_eq!(status_of("GET phase HTTP/1.1\r\n\r\n"), 400);
        assert_eq!(status_of("hello\r\n\r\n"), 400);
        assert_eq!(
            status_of(&format!(
                "GET / HTTP/1.1\r\nX: {}\r\n",
                "x".repeat(HEAD_LIMIT)
            )),
            431
        );
    }

    #[test]
    fn a_head_that_breaks_off_is_an_error_of_the_connection() {
        assert!(read_request(&b"GET / HT"[..]).is_err());
    }

    #[test]
    fn a_head_request_gets_the_length_but_no_body() {
        let mut sent = vec![];
        Response::new(200, "{}")
            .send(true, &mut sent)
            .expect("memory takes it");
        let text = String::from_utf8(sent).expect("text");
        assert!(text.contains("Content-Length: 3\r\n"));
        assert!(text.ends_with("\r\n\r\n"));
    }

    #[test]
    fn json_strings_are_escaped() {
        assert_eq!(quoted("a \"b\" \\ \n"), "\"a \\\"b\\\" \\\\ \\u000a\"");
    }
}
