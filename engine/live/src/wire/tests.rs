//! Every way in which an answer can fail to come.

use super::fake::{Answer, block_on, wire};
use super::*;

fn ask(answer: impl Fn() -> Answer + Clone + Send + 'static) -> Result<Reply, Failure> {
    let wire = wire("cluster.eu-1", move |_| answer());
    block_on(wire.call(Request::get("/version").body(Vec::new()).unwrap()))
}

fn failure(answer: impl Fn() -> Answer + Clone + Send + 'static) -> String {
    ask(answer).err().unwrap().to_string()
}

#[test]
fn an_answer_is_taken_whatever_its_status() {
    let reply = ask(|| Answer::With(429, ("retry-after", "7"), "busy".into())).ok().unwrap();
    assert_eq!(
        (reply.status.as_u16(), reply.retry_after, reply.body.as_slice()),
        (429, Some(Duration::seconds(7)), &b"busy"[..])
    );
    let date = ask(|| Answer::With(503, ("retry-after", "Thu, 26 Nov 2026 00:00:00 GMT"), String::new())).ok().unwrap();
    assert_eq!(date.retry_after, None);
}

#[test]
fn every_failure_names_the_server_and_what_can_be_done() {
    assert_eq!(
        failure(|| Answer::Refused),
        "cluster.eu-1 (https://server.test) does not answer: Connection refused; does it run, and is this its address?"
    );
    assert_eq!(failure(|| Answer::Never), "cluster.eu-1 (https://server.test) did not answer within 1m00s");
    assert_eq!(
        failure(|| Answer::Endless),
        "cluster.eu-1 (https://server.test) answered with more than 1 MiB, and the rest was not read"
    );
    assert_eq!(
        failure(|| Answer::BreaksOff),
        "cluster.eu-1 (https://server.test) answered, and its answer broke off: connection reset by peer"
    );
}

#[test]
fn requests_are_counted_and_shown_without_headers_and_bodies() {
    let shown = Arc::new(std::sync::Mutex::new(Vec::new()));
    let lines = shown.clone();
    let trace = move |line: &str| lines.lock().unwrap().push(line.to_owned());
    let traffic = Traffic::new(Arc::new(|| model::Timestamp(0)), Some(Box::new(trace)));
    let wire = Wire { traffic: traffic.clone(), ..wire("vault", |_| Answer::Is(200, "hunter2".into())) };
    let request = Request::put("/v1/acme/data/x").header("x-vault-token", "hunter2").body(b"hunter2".to_vec()).unwrap();
    block_on(wire.call(request)).ok().unwrap();
    assert_eq!(*shown.lock().unwrap(), ["vault PUT /v1/acme/data/x 200 7 B 0ms"]);
    assert_eq!(traffic.counts().into_iter().collect::<Vec<_>>(), [(("vault".to_owned(), "PUT".to_owned()), 1)]);
}
