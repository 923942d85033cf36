//! Just enough HTTP to ask the engine on this machine how it is.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

/// Gets a path and returns the status of the answer, such as `200 OK`.
///
/// # Errors
/// When there is no answer within `patience`, or it is not HTTP.
pub fn status_of(port: u16, path: &str, patience: Duration) -> io::Result<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(patience))?;
    let head = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes())?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    match line.trim_end().split_once(' ') {
        Some((version, status)) if version.starts_with("HTTP/") => Ok(status.to_owned()),
        Some(_) | None => Err(io::Error::other(format!("{line:?} is no answer"))),
    }
}
