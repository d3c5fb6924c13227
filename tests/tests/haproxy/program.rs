//! The real HAProxy: asked whether it accepts a text, and run on ports that are free.

use crate::cells::configuration;
use planner::spec::types::{Gateway, Named};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Debian puts it where only the administrator looks.
const PLACES: &[&str] = &["/usr/sbin/haproxy", "/usr/local/sbin/haproxy", "/usr/bin/haproxy", "/usr/local/bin/haproxy"];

fn installed() -> Option<&'static str> {
    PLACES.iter().copied().find(|place| std::path::Path::new(place).exists())
}

/// Whether there is no HAProxy; if so, the output says that the test was skipped.
pub(crate) fn say_missing() -> bool {
    if installed().is_none() {
        eprintln!("SKIPPED: haproxy is not installed, so nothing was checked or measured with it");
    }
    installed().is_none()
}

/// `haproxy -c`: what it complains about, if it refuses the text.
pub(crate) fn check(text: &str) -> Result<(), String> {
    let file = written(text);
    let output = Command::new(installed().expect("asked before")).args(["-c", "-f"]).arg(file.path()).output().unwrap();
    match output.status.success() {
        true => Ok(()),
        false => Err(format!("{}\n{text}", String::from_utf8_lossy(&output.stderr))),
    }
}

fn written(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::Builder::new().suffix(".cfg").tempfile().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

/// A port that nobody listens on.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A running HAProxy, ended with the test.
pub(crate) struct Running {
    child: Child,
    _file: tempfile::NamedTempFile,
    pub(crate) health_port: u16,
    pub(crate) virtual_hosts_port: u16,
    logs: UdpSocket,
}

impl Running {
    /// Run these gateways. The three ports that a cell always has are moved to free ones, since tests share one machine.
    pub(crate) fn start(gateways: &Named<Gateway>) -> Running {
        let logs = UdpSocket::bind("127.0.0.1:0").unwrap();
        logs.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
        let (health_port, virtual_hosts_port) = (free_port(), free_port());
        let text = configuration(gateways)
            .replace("bind :1988\n", &format!("bind 127.0.0.1:{health_port}\n"))
            .replace("bind :80\n", &format!("bind 127.0.0.1:{virtual_hosts_port}\n"))
            .replace("127.0.0.1:514 ", &format!("{} ", logs.local_addr().unwrap()));
        let file = written(&text);
        let mut command = Command::new(installed().expect("asked before"));
        let child = command.args(["-db", "-f"]).arg(file.path()).stderr(Stdio::null()).spawn().unwrap();
        let mut running = Running { child, _file: file, health_port, virtual_hosts_port, logs };
        running.wait(&text);
        running
    }

    #[expect(clippy::disallowed_methods, reason = "a real process has to come up in real time")]
    fn wait(&mut self, text: &str) {
        for _ in 0..200 {
            if TcpStream::connect(("127.0.0.1", self.health_port)).is_ok() {
                return;
            }
            assert!(self.child.try_wait().unwrap().is_none(), "haproxy ended at once with\n{text}");
            std::thread::sleep(Duration::from_millis(25));
        }
        panic!("haproxy does not listen within 5 s");
    }

    /// The next line of the log that is about a request.
    pub(crate) fn logged(&self) -> String {
        let mut buffer = [0; 8192];
        loop {
            let length = self.logs.recv(&mut buffer).expect("a line of the log within 2 s");
            let line = String::from_utf8_lossy(&buffer[..length]).into_owned();
            if let Some((_, json)) = line.split_once('{') {
                return format!("{{{}", json.trim_end());
            }
        }
    }

    /// Whether the log has no further line about a request now.
    pub(crate) fn logs_nothing_more(&self) -> bool {
        self.logs.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        let mut buffer = [0; 8192];
        self.logs.recv(&mut buffer).is_err()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What came back for a request.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    /// What the client would send back from now on: `NAME=VALUE; NAME=VALUE`.
    pub(crate) fn cookies(&self) -> String {
        let set = self.head.lines().filter_map(|line| line.split_once(": "));
        let set = set.filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
        set.filter_map(|(_, value)| value.split(';').next()).collect::<Vec<_>>().join("; ")
    }
}

/// One GET on a connection of its own.
pub(crate) fn get(port: u16, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut request = format!("GET {path} HTTP/1.1\r\nConnection: close\r\n");
    if !headers.iter().any(|(name, _)| *name == "Host") {
        request += "Host: localhost\r\n";
    }
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    stream.write_all((request + "\r\n").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}
