//! A cluster that has too much to do: a proxy on loopback that hands every request on to it, and refuses all of them (429) from when it is
//! told to. Between client and proxy there is no TLS, so that it can answer in the cluster's place.

use http::{Method, Request, Response};
use http_body_util::BodyExt;
use kube::client::Body;
use kube::config::{Config, KubeConfigOptions, Kubeconfig};
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

/// How long whoever is refused is asked to wait, in seconds: what an API server asks for
/// (`k8s.io/apiserver`, `pkg/server/filters/maxinflight.go`, `retryAfter`).
const RETRY_AFTER: u32 = 1;

/// The proxy; it is there for as long as the process.
#[derive(Clone, Debug)]
pub struct Refusing {
    address: SocketAddr,
    refuses: Arc<AtomicBool>,
    refused: Arc<AtomicU64>,
}

impl Refusing {
    /// A proxy before the cluster of a context.
    ///
    /// # Errors
    /// What the operating system says when no port can be had.
    pub fn before(kubeconfig: &Path, context: &str) -> std::io::Result<Refusing> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let proxy = Refusing { address: listener.local_addr()?, refuses: Arc::default(), refused: Arc::default() };
        let (serving, kubeconfig, context) = (proxy.clone(), kubeconfig.to_owned(), context.to_owned());
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (serving, kubeconfig, context) = (serving.clone(), kubeconfig.clone(), context.clone());
                // Whoever hangs up is hung up on.
                thread::spawn(move || drop(serving.serve(client, kubeconfig, context)));
            }
        });
        Ok(proxy)
    }

    /// Where it is.
    pub fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Refuse everything from now on, or nothing.
    pub fn set(&self, refuses: bool) {
        self.refuses.store(refuses, Ordering::SeqCst);
    }

    /// Requests that were refused so far.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::SeqCst)
    }

    /// Every request of a connection, one after the other.
    fn serve(&self, client: TcpStream, kubeconfig: PathBuf, context: String) -> std::io::Result<()> {
        client.set_nodelay(true)?;
        let (mut reader, mut writer) = (BufReader::new(client.try_clone()?), client);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let mut cluster = None;
        while let Some(request) = next(&mut reader)? {
            if self.refuses.load(Ordering::SeqCst) {
                self.refused.fetch_add(1, Ordering::SeqCst);
                writer.write_all(refusal().as_bytes())?;
                continue;
            }
            let answer = runtime.block_on(async {
                if cluster.is_none() {
                    cluster = Some(client_of(&kubeconfig, &context).await?);
                }
                match &cluster {
                    Some(cluster) => ask(cluster, request).await,
                    None => Err(std::io::Error::other("no client")),
                }
            })?;
            writer.write_all(&answer)?;
        }
        Ok(())
    }
}

async fn client_of(kubeconfig: &Path, context: &str) -> std::io::Result<kube::Client> {
    let kubeconfig = Kubeconfig::read_from(kubeconfig).map_err(std::io::Error::other)?;
    let options = KubeConfigOptions { context: Some(context.to_owned()), ..KubeConfigOptions::default() };
    let config = Config::from_custom_kubeconfig(kubeconfig, &options).await.map_err(std::io::Error::other)?;
    kube::Client::try_from(config).map_err(std::io::Error::other)
}

async fn ask(cluster: &kube::Client, request: Request<Body>) -> std::io::Result<Vec<u8>> {
    let (head, body) = cluster.send(request).await.map_err(std::io::Error::other)?.into_parts();
    let body = body.collect().await.map_err(std::io::Error::other)?.to_bytes();
    let mut answer = head_of(&Response::from_parts(head, ()), body.len()).into_bytes();
    answer.extend_from_slice(&body);
    Ok(answer)
}

fn head_of(response: &Response<()>, length: usize) -> String {
    let status = response.status().as_u16();
    let mut head = format!("HTTP/1.1 {status} -\r\ncontent-length: {length}\r\n");
    for name in ["content-type", "retry-after"] {
        if let Some(value) = response.headers().get(name).and_then(|value| value.to_str().ok()) {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    head + "\r\n"
}

fn refusal() -> String {
    let body = "Too many requests, please try again later.\n";
    let head = format!("HTTP/1.1 429 -\r\nretry-after: {RETRY_AFTER}\r\ncontent-type: text/plain\r\n");
    format!("{head}content-length: {}\r\n\r\n{body}", body.len())
}

/// The next request of a connection; nothing at its end. Of its headers those count that say what it holds and what is taken.
fn next(reader: &mut impl BufRead) -> std::io::Result<Option<Request<Body>>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace();
    let method: Method = words.next().unwrap_or_default().parse().map_err(std::io::Error::other)?;
    let mut request = Request::builder().method(method).uri(words.next().unwrap_or_default());
    let mut length = 0;
    loop {
        let mut header = String::new();
        if reader.read_line(&mut header)? == 0 || header.trim_end().is_empty() {
            break;
        }
        let (name, value) = header.trim_end().split_once(':').unwrap_or_default();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().map_err(std::io::Error::other)?,
            "content-type" | "accept" => request = request.header(name, value.trim()),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    request.body(Body::from(body)).map(Some).map_err(std::io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn requests_are_read_one_after_the_other_with_their_bodies() {
        let text = b"POST /a?b HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}GET /c HTTP/1.1\r\n\r\n";
        let mut reader = text.as_slice();
        let first = next(&mut reader).unwrap().unwrap();
        assert_eq!((first.method(), first.uri().to_string()), (&Method::POST, "/a?b".to_owned()));
        assert_eq!(first.headers()["content-type"], "application/json");
        assert_eq!(next(&mut reader).unwrap().unwrap().uri(), "/c");
        assert!(next(&mut reader).unwrap().is_none());
    }

    #[test]
    fn who_is_refused_hears_when_to_come_back() {
        let proxy = Refusing::before(Path::new("/nowhere"), "none").unwrap();
        proxy.set(true);
        let mut client = TcpStream::connect(proxy.address).unwrap();
        for _ in 0..2 {
            client.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
            let mut answer = vec![0; refusal().len()];
            client.read_exact(&mut answer).unwrap();
            let answer = String::from_utf8(answer).unwrap();
            assert!(answer.starts_with("HTTP/1.1 429 ") && answer.contains("\r\nretry-after: 1\r\n"), "{answer}");
        }
        assert_eq!(proxy.refused(), 2);
    }
}
