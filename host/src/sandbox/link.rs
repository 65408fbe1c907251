//! What a component is offered, by its world, and where its exports are.
//!
//! Each world has a linker of its own: a door that a world does not have is not there to be found.

use probity_core::connector::World;
use wasmtime::Engine;
use wasmtime::component::{Component, HasSelf, InstancePre, Linker};

use super::bindings::exports::probity::connector::{intake, manifest, source};
use super::bindings::probity::connector::{files, http, log, schema, types};
use super::error::LoadError;
use super::state::Guest;
use super::{imports, text, wasi};

/// The linkers of the two worlds.
pub(super) struct Linkers {
    source: Linker<Guest>,
    intake: Linker<Guest>,
}

impl Linkers {
    pub(super) fn new(engine: &Engine) -> wasmtime::Result<Self> {
        let mut source = with_the_network(engine)?;
        files::add_to_linker::<_, HasSelf<Guest>>(&mut source, |guest| guest)?;
        Ok(Self { source, intake: with_the_network(engine)? })
    }

    /// A component with everything it imports in place.
    pub(super) fn link(&self, world: World, component: &Component) -> Result<Linked, LoadError> {
        let linker = match world {
            World::Source => &self.source,
            World::Intake => &self.intake,
        };
        let pre = linker.instantiate_pre(component).map_err(|error| {
            // The interfaces are offered, so it is a function or a type inside one of them.
            let told = text::plain(&format!("{error:#}"), 600);
            imports::denied(world, vec![format!("what it needs differs: {told}")])
        })?;
        Linked::new(world, pre).map_err(|error| {
            let missing = text::plain(&format!("{error:#}"), 600);
            LoadError::ExportMissing { missing, world: world.as_str() }
        })
    }
}

/// What both worlds have: the deterministic profile, the network door and the log.
fn with_the_network(engine: &Engine) -> wasmtime::Result<Linker<Guest>> {
    let mut linker = Linker::new(engine);
    wasi::add_to_linker(&mut linker)?;
    types::add_to_linker::<_, HasSelf<Guest>>(&mut linker, |guest| guest)?;
    schema::add_to_linker::<_, HasSelf<Guest>>(&mut linker, |guest| guest)?;
    http::add_to_linker::<_, HasSelf<Guest>>(&mut linker, |guest| guest)?;
    log::add_to_linker::<_, HasSelf<Guest>>(&mut linker, |guest| guest)?;
    Ok(linker)
}

/// A component ready to be instantiated, and its exports.
#[derive(Clone)]
pub(super) struct Linked {
    pub(super) pre: InstancePre<Guest>,
    pub(super) manifest: manifest::GuestIndices,
    pub(super) work: Work,
}

/// What a component does, by its world.
#[derive(Clone)]
pub(super) enum Work {
    Source(source::GuestIndices),
    Intake(intake::GuestIndices),
}

impl Linked {
    fn new(world: World, pre: InstancePre<Guest>) -> wasmtime::Result<Self> {
        let manifest = manifest::GuestIndices::new(&pre)?;
        let work = match world {
            World::Source => Work::Source(source::GuestIndices::new(&pre)?),
            World::Intake => Work::Intake(intake::GuestIndices::new(&pre)?),
        };
        Ok(Self { pre, manifest, work })
    }
}
