//! What is done to the world, behind the back of the engine.

use model::connection::Connection;
use model::{Address, Duration};
use simulator::fault::Fault;
use simulator::world::{Edit, World};
use std::error::Error;

/// One thing that is done to the world.
pub(super) enum Change {
    /// Let the clusters and servers of these connections be there.
    Furnish(Vec<Connection>),
    /// The fault, and how it was written.
    Fail(Fault, String),
    /// The fault, and how it was written.
    Heal(Fault, String),
    Seal,
    Unseal,
    Edit(Address, Edit),
    Advance(Duration),
}

impl Change {
    pub(super) fn make(&self, world: &mut World) -> Result<(), Box<dyn Error + Send + Sync>> {
        match self {
            Change::Furnish(connections) => drop(world.furnish(connections)),
            Change::Fail(fault, _) => world.inject(fault)?,
            Change::Heal(fault, _) => world.mend(fault)?,
            Change::Seal => world.seal()?,
            Change::Unseal => world.unseal()?,
            Change::Edit(address, edit) => world.edit(address, edit)?,
            Change::Advance(length) => world.advance(*length),
        }
        Ok(())
    }

    /// What was done, as a sentence.
    pub(super) fn words(&self) -> String {
        match self {
            Change::Furnish(connections) => {
                let systems: Vec<String> = connections.iter().map(|connection| connection.system.to_string()).collect();
                format!("There are {}.", systems.join(", "))
            }
            Change::Fail(_, words) => format!("Broken: {words}."),
            Change::Heal(_, words) => format!("Mended: {words}."),
            Change::Seal => "Vault is sealed.".to_owned(),
            Change::Unseal => "Vault is unsealed.".to_owned(),
            Change::Edit(address, Edit::Delete) => format!("Deleted: {address}."),
            Change::Edit(address, Edit::Create { .. }) => format!("Made: {address}; it is nobody's."),
            Change::Edit(address, _) => format!("Changed: {address}."),
            Change::Advance(length) => format!("{length} passed."),
        }
    }
}
