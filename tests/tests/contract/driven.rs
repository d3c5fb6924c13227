//! Whatever stands behind the traits of `port`, driven one request after the other.

use model::Address;
use model::observation::Condition;
use model::operation::{Operation, OperationError, Receipt};
use port::{Event, Platform, Request, Ticket, Until};
use std::time::Duration;

/// A platform, and the tickets that were given out.
pub(crate) struct Driven<P> {
    pub(crate) platform: P,
    tickets: u64,
}

impl<P: Platform> Driven<P> {
    pub(crate) fn new(platform: P) -> Self {
        Driven { platform, tickets: 0 }
    }

    fn ticket(&mut self) -> Ticket {
        self.tickets += 1;
        Ticket(self.tickets)
    }

    pub(crate) async fn execute(&mut self, operation: Operation) -> Result<Receipt, OperationError> {
        let ticket = self.ticket();
        self.platform.submit(Request::Execute { ticket, operation });
        loop {
            for event in self.platform.next().await.unwrap() {
                match event {
                    Event::Executed { ticket: answered, result } if answered == ticket => return result,
                    _ => {}
                }
            }
        }
    }

    pub(crate) async fn wait(&mut self, address: &Address, until: Until) -> Result<(), String> {
        let ticket = self.ticket();
        self.platform.submit(Request::Watch { ticket, address: address.clone(), until });
        let mut last = String::from("nothing was said");
        let wait = async {
            loop {
                for event in self.platform.next().await.map_err(|error| error.to_string())? {
                    match event {
                        Event::Readiness { ticket: answered, condition } if answered == ticket => match condition {
                            Condition::Ready => return Ok(()),
                            Condition::Failed(why) => return Err(why),
                            Condition::NotReady(why) => last = why,
                        },
                        _ => {}
                    }
                }
            }
        };
        match tokio::time::timeout(Duration::from_secs(60), wait).await {
            Ok(result) => result,
            Err(_) => Err(format!("not within a minute: {last}")),
        }
    }
}
