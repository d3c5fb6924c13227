//! What programs in clusters find around them: whether the stores let them in and hold what they need to start.

use super::Stores;
use crate::kubernetes::{Program, Starting, Surroundings};
use crate::vault::Storage;
use model::System;

impl Surroundings for Stores {
    fn can_start(&self, starting: &Starting<'_>) -> Result<(), String> {
        match starting.program {
            // The world runs their processes, which ask by themselves.
            Program::GatewayAgent | Program::WorkflowAgent => Ok(()),
            Program::Lifter => self.answers(&System::Vault),
            // VMP-2: Vamp is started only when MySQL and Vault answer.
            Program::Vamp => self.answers(&System::Mysql).and_then(|()| self.answers(&System::Vault)),
            // Observed on Vault 1.21.0: without its MySQL it exits at once.
            Program::Vault if self.vault.state().storage == Storage::Mysql => {
                self.answers(&System::Mysql).map_err(|why| format!("Error initializing storage of type mysql: {why}"))
            }
            Program::Vault | Program::Mysql | Program::Elasticsearch | Program::Other => Ok(()),
        }
    }

    fn runs(&self, program: Program) -> bool {
        program.is_agent()
    }
}

impl Stores {
    fn answers(&self, system: &System) -> Result<(), String> {
        self.gap(system).map_or(Ok(()), |gap| Err(format!("{system}: {gap}")))
    }
}
