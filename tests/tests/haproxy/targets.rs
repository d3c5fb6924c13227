//! Tiny targets on loopback ports. Each answers `NAME PATH FORWARDED-FOR`, so that a test sees who got what.

use crate::cells::external;
use planner::spec::types::Target;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

/// Start a target that speaks HTTP. Its thread ends with the test program.
pub(crate) fn start(name: &'static str) -> Target {
    serve(move |stream| answer(name, stream))
}

/// Start a target that says its name to whoever connects.
pub(crate) fn start_tcp(name: &'static str) -> Target {
    serve(move |mut stream| stream.write_all(name.as_bytes()))
}

fn serve(handle: impl Fn(TcpStream) -> std::io::Result<()> + Send + 'static) -> Target {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A health check connects and leaves: no reason to stop.
            let _ = handle(stream);
        }
    });
    external("127.0.0.1", port)
}

fn answer(name: &str, mut stream: TcpStream) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    let Some(path) = first.split(' ').nth(1) else { return Ok(()) };
    let mut forwarded = String::new();
    for line in lines {
        let line = line?;
        if line.is_empty() {
            break;
        }
        if let Some((header, value)) = line.split_once(": ")
            && header.eq_ignore_ascii_case("x-forwarded-for")
        {
            forwarded = value.to_owned();
        }
    }
    let body = format!("{name} {path} {forwarded}");
    write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}
