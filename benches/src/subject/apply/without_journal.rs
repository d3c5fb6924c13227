//! The embedded platform with a journal that is written nowhere: what an apply takes without it.

use embedded::EmbeddedPlatform;
use model::Timestamp;
use port::{Event, Platform, PlatformError, Request};

/// Answers every record at once, and hands all else on.
pub(super) struct WithoutJournal<'a> {
    platform: &'a mut EmbeddedPlatform,
    recorded: Vec<Event>,
}

impl<'a> WithoutJournal<'a> {
    pub(super) fn around(platform: &'a mut EmbeddedPlatform) -> Self {
        WithoutJournal { platform, recorded: Vec::new() }
    }
}

impl Platform for WithoutJournal<'_> {
    fn now(&self) -> Timestamp {
        self.platform.now()
    }

    fn submit(&mut self, request: Request) {
        match request {
            Request::Record { ticket, .. } => self.recorded.push(Event::Recorded { ticket }),
            other => self.platform.submit(other),
        }
    }

    async fn next(&mut self) -> Result<Vec<Event>, PlatformError> {
        if self.recorded.is_empty() { self.platform.next().await } else { Ok(std::mem::take(&mut self.recorded)) }
    }
}
