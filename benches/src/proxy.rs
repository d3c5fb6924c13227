//! A server that is further away: a proxy on loopback that hands on what a client sends a while after it came. What is sent in the meantime
//! is under way as well, as on a long line; answers come back at once.

pub mod refusing;

use crate::measure::Stopwatch;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

/// Bytes of one read.
const CHUNK: usize = 1 << 16;

/// Let `server` be reached with this delay, for as long as this process lives: the address to ask instead.
///
/// # Errors
/// What the operating system says when no port can be had.
pub fn delayed(server: SocketAddr, delay: Duration) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            // Whoever cannot be connected is hung up on.
            let _ = connect(client, server, delay);
        }
    });
    Ok(address)
}

fn connect(client: TcpStream, server: SocketAddr, delay: Duration) -> std::io::Result<()> {
    let server = TcpStream::connect(server)?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (line, end) = channel();
    let (from_client, to_server) = (client.try_clone()?, server.try_clone()?);
    let clock = Stopwatch::start();
    thread::spawn(move || take(from_client, &line, clock, delay));
    thread::spawn(move || hand_on(to_server, &end, clock));
    thread::spawn(move || back(server, client));
    Ok(())
}

/// What came, and when it is due.
fn take(mut from: TcpStream, line: &Sender<(Duration, Vec<u8>)>, clock: Stopwatch, delay: Duration) {
    let mut chunk = vec![0; CHUNK];
    while let Ok(length) = from.read(&mut chunk) {
        let came = chunk.get(..length).unwrap_or_default().to_vec();
        if length == 0 || line.send((clock.elapsed() + delay, came)).is_err() {
            return;
        }
    }
}

#[allow(clippy::disallowed_methods, reason = "a delay is what this is for")]
fn hand_on(mut to: TcpStream, end: &Receiver<(Duration, Vec<u8>)>, clock: Stopwatch) {
    for (due, came) in end {
        thread::sleep(due.saturating_sub(clock.elapsed()));
        if to.write_all(&came).is_err() {
            return;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

fn back(mut from: TcpStream, mut to: TcpStream) {
    let _ = std::io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Both);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_takes_as_much_longer_as_is_said_and_comes_whole() {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = server.local_addr().unwrap();
        thread::spawn(move || {
            let (mut stream, _) = server.accept().unwrap();
            let mut question = vec![0; 200_000];
            stream.read_exact(&mut question).unwrap();
            stream.write_all(&question).unwrap();
        });
        let mut client = TcpStream::connect(delayed(address, Duration::from_millis(30)).unwrap()).unwrap();
        let question: Vec<u8> = (0..200_000_u32).map(|byte| (byte % 251) as u8).collect();
        let clock = Stopwatch::start();
        client.write_all(&question).unwrap();
        let mut answer = vec![0; question.len()];
        client.read_exact(&mut answer).unwrap();
        assert!(clock.elapsed() >= Duration::from_millis(30), "{:?}", clock.elapsed());
        assert_eq!(answer, question);
    }
}
