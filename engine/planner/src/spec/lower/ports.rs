//! Ports of the gateways of one environment: none twice, none that the agents need, and one for whoever has none.

use super::Entries;
use crate::spec::builtin::{PORT_RANGE, RESERVED_PORTS};
use crate::spec::code;
use crate::spec::reader::{Given, Reader, quote};
use crate::spec::written;
use model::Diagnostic;
use model::source::{Located, Place};
use std::collections::BTreeMap;

/// The ports that are taken, by whom, and where that is written.
pub(super) struct Ports<'d> {
    taken: BTreeMap<u16, (&'d str, Place)>,
}

impl<'d> Ports<'d> {
    /// Takes every port that is given.
    pub(super) fn new(gateways: &'d Entries<written::Gateway>, reader: &mut Reader) -> Self {
        let mut ports = Ports { taken: BTreeMap::new() };
        for (name, gateway) in gateways {
            if let Some(port) = gateway.port.yes() {
                ports.take(name, port, reader);
            }
        }
        ports
    }

    fn take(&mut self, name: &'d str, port: &Located<u32>, reader: &mut Reader) {
        if let Some((_, reason)) = RESERVED_PORTS.iter().find(|(reserved, _)| *reserved == port.value) {
            reader.error(
                code::RESERVED_PORT,
                port.place,
                format!("the port {} is not free: {reason}", port.value),
                "choose another one",
            );
            return;
        }
        let Ok(number) = u16::try_from(port.value) else { return };
        if let Some((other, first)) = self.taken.get(&number) {
            reader.complain(
                Diagnostic::error(
                    code::PORT_TAKEN,
                    port.place,
                    format!("the port {number} is taken by the gateway {}", quote(other)),
                )
                .help("give each gateway of an environment a port of its own")
                .related(*first, "it is taken here"),
            );
            return;
        }
        self.taken.insert(number, (name, port.place));
    }

    /// The port of a gateway: the one that is given, or one that follows from its name, so that it stays when others come and go.
    pub(super) fn of(&mut self, name: &'d str, gateway: &Located<written::Gateway>, reader: &mut Reader) -> Option<Located<u16>> {
        match &gateway.port {
            Given::Bad => None,
            Given::Yes(port) => u16::try_from(port.value).ok().map(|number| Located::at(number, port.place)),
            Given::No => {
                let Some(port) = self.free(name) else {
                    let message = format!("no port is left for the gateway {}", quote(name));
                    reader.error(code::PORT_TAKEN, gateway.place, message, "give it one with `port:`");
                    return None;
                };
                self.taken.insert(port, (name, gateway.place));
                Some(Located::default_value(port))
            }
        }
    }

    fn free(&self, name: &str) -> Option<u16> {
        let size = u32::from(PORT_RANGE.end() - PORT_RANGE.start()) + 1;
        // FNV-1a, 32 bits: a name always begins its search at the same port.
        let start = name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)) % size;
        let candidates =
            (0..size).filter_map(|step| u16::try_from((start + step) % size).ok()).map(|offset| PORT_RANGE.start() + offset);
        candidates.into_iter().find(|port| !self.taken.contains_key(port))
    }
}
