//! The service's health, asked for from outside.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(5);
const ANSWER_LIMIT: u64 = 64 * 1024;

/// Asks the service at this address for its health; an error says what it answered instead.
pub fn health(address: &str) -> io::Result<()> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\n\r\n").as_bytes())?;
    let mut answer = String::new();
    stream.take(ANSWER_LIMIT).read_to_string(&mut answer)?;
    let body = answer
        .split_once("\r\n\r\n")
        .map_or("", |(_, body)| body.trim_end());
    if answer.starts_with("HTTP/1.1 200 ") {
        println!("{body}");
        return Ok(());
    }
    Err(io::Error::other(body.to_owned()))
}
