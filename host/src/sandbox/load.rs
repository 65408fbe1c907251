//! From bytes to a connector: shape, compile (or take from the cache), fit, describe.
//!
//! Each step only trusts what the ones before it have proven. The digest names the bytes as they came;
//! what is compiled is exactly those bytes.

use std::sync::Arc;

use probity_core::canonical::Digest;
use probity_core::connector::{Effect, Manifest, World};
use probity_core::instant::Instant;
use tokio::time::timeout;
use wasmtime::Engine;
use wasmtime::component::Component;

use super::call::{Answer, Ask, Moment};
use super::doorway::Behind;
use super::error::{LoadError, PageError};
use super::limits::Limits;
use super::{AnyConnector, Connector, IntakeConnector, Loaded, Sandbox, imports, text};

impl Sandbox {
    /// Loads a component of the world `connector`: refuses what is none, compiles it (or takes the code
    /// from the cache), and asks it to describe itself with every door shut, twice.
    ///
    /// Compiling runs on a thread of its own kind, one component at a time. It cannot be interrupted: when
    /// the time is up the load fails, but the thread goes on to its end and the next load waits for it.
    pub async fn load(&self, bytes: Vec<u8>) -> Result<Connector, LoadError> {
        let (digest, component) = self.component(bytes).await?;
        self.fitted(World::Source, digest, &component).await.map(Connector)
    }

    /// The same for a component of the world `intake-connector`.
    pub async fn load_intake(&self, bytes: Vec<u8>) -> Result<IntakeConnector, LoadError> {
        let (digest, component) = self.component(bytes).await?;
        self.fitted(World::Intake, digest, &component).await.map(IntakeConnector)
    }

    /// The same for a component of either world: for looking at one before it is known what it is for.
    pub async fn load_any(&self, bytes: Vec<u8>) -> Result<AnyConnector, LoadError> {
        let (digest, component) = self.component(bytes).await?;
        match imports::world_of(self.engine(), &component) {
            Some(World::Intake) => {
                let loaded = self.fitted(World::Intake, digest, &component).await?;
                Ok(AnyConnector::Intake(IntakeConnector(loaded)))
            }
            _ => Ok(AnyConnector::Source(Connector(self.fitted(World::Source, digest, &component).await?))),
        }
    }

    async fn component(&self, bytes: Vec<u8>) -> Result<(Digest, Component), LoadError> {
        check_shape(&bytes, self.limits())?;
        let digest = Digest::of(&bytes);
        let component = self.compile(digest, bytes).await?;
        check_resources(&component, self.limits())?;
        Ok((digest, component))
    }

    /// A component that fits the world and has described itself.
    async fn fitted(
        &self,
        world: World,
        digest: Digest,
        component: &Component,
    ) -> Result<Arc<Loaded>, LoadError> {
        // Told first: that it lacks this and that of a world it was never written for helps nobody.
        if imports::world_of(self.engine(), component).is_some_and(|written_for| written_for != world) {
            return Err(LoadError::OtherWorld { wanted: world });
        }
        imports::check_imports(world, self.engine(), component)?;
        imports::check_exports(world, self.engine(), component)?;
        let linked = self.0.linkers.link(world, component)?;
        let label: Arc<str> = digest.hex()[..12].into();
        let nameless = Loaded { sandbox: self.clone(), digest, linked, label, manifest: nothing_yet() };
        let manifest = describe(&nameless).await?;
        check_manifest(world, &manifest)?;
        let label = text::plain(&manifest.name, 64).into();
        Ok(Arc::new(Loaded { label, manifest, ..nameless }))
    }

    async fn compile(&self, digest: Digest, bytes: Vec<u8>) -> Result<Component, LoadError> {
        let limit = self.limits().compile;
        let permit = timeout(limit, Arc::clone(&self.0.compiling).acquire_owned())
            .await
            .map_err(|_| LoadError::CompileBusy { limit })?;
        let sandbox = self.clone();
        let work = tokio::task::spawn_blocking(move || {
            // Held until the thread is done, also when nobody waits for it any longer.
            let _permit = permit;
            sandbox.compiled(digest, &bytes)
        });
        match timeout(limit, work).await {
            Ok(Ok(component)) => component,
            // A panic of the compiler is the component's doing and must not become ours.
            Ok(Err(_)) => Err(LoadError::CompilerFailed),
            Err(_) => Err(LoadError::CompileTimeout { limit }),
        }
    }

    fn compiled(&self, digest: Digest, bytes: &[u8]) -> Result<Component, LoadError> {
        let engine = self.engine();
        let cache = self.0.cache.as_ref();
        if let Some(component) = cache.and_then(|cache| cache.get(engine, digest)) {
            return Ok(component);
        }
        let component = Component::from_binary(engine, bytes).map_err(|error| refused(&error))?;
        if let (Some(cache), Ok(code)) = (cache, component.serialize()) {
            cache.put(engine, digest, &code);
        }
        Ok(component)
    }
}

/// The first bytes: whether this can be a component at all.
fn check_shape(bytes: &[u8], limits: &Limits) -> Result<(), LoadError> {
    if bytes.len() > limits.component_bytes {
        return Err(LoadError::TooLarge { size: bytes.len(), limit: limits.component_bytes });
    }
    let not = |found, remedy| Err(LoadError::NotAComponent { found, remedy });
    if Engine::detect_precompiled(bytes).is_some() || bytes.starts_with(b"\x7fELF") {
        return not(
            "it is compiled native code, which is never taken from outside",
            "give the component itself",
        );
    }
    match bytes.get(..8) {
        Some(b"\0asm\x0d\0\x01\0") => Ok(()),
        Some(b"\0asm\x01\0\0\0") => {
            not("it is a core module and not a component", "build it for the target wasm32-wasip2")
        }
        Some(preamble) if preamble.starts_with(b"\0asm") => {
            not("it is WebAssembly of a version this host does not know", "build it with current tools")
        }
        _ if bytes.trim_ascii_start().starts_with(b"(") => {
            not("it is WebAssembly text", "translate it with `wasm-tools parse` first")
        }
        _ => not("it is not WebAssembly", "give the file that the build made for the target wasm32-wasip2"),
    }
}

/// What the compiler refused. The pool's own bounds on size are ours and are told as such.
fn refused(error: &wasmtime::Error) -> LoadError {
    let reason = text::plain(&format!("{error:#}"), 600);
    let beyond_pool =
        ["exceeds the configured maximum", "exceeds the limit of", "exceeds the per-instance limit"];
    if beyond_pool.iter().any(|words| reason.contains(words)) {
        LoadError::Resources { excess: reason }
    } else {
        LoadError::Invalid { reason }
    }
}

/// What an instance takes from the start, known without running it.
fn check_resources(component: &Component, limits: &Limits) -> Result<(), LoadError> {
    let excess = |excess: String| Err(LoadError::Resources { excess });
    let Some(needs) = component.resources_required() else {
        return excess("it imports a core module, so that nobody can tell what it needs".into());
    };
    if needs.num_memories > limits.memories {
        return excess(format!(
            "it has {} memories and the limit is {}",
            needs.num_memories, limits.memories
        ));
    }
    if needs.num_tables > limits.tables {
        return excess(format!("it has {} tables and the limit is {}", needs.num_tables, limits.tables));
    }
    if needs.max_initial_memory_size.is_some_and(|bytes| bytes > limits.memory as u64) {
        return excess(format!("it starts with more than {} bytes of memory", limits.memory));
    }
    if needs.max_initial_table_size.is_some_and(|elements| elements > limits.table_elements as u64) {
        return excess(format!("it starts with more than {} table elements", limits.table_elements));
    }
    Ok(())
}

/// Asks twice, in fresh stores that differ in all a store can differ in, and wants one answer.
async fn describe(connector: &Loaded) -> Result<Manifest, LoadError> {
    let first = describe_once(connector, 1).await?;
    let second = describe_once(connector, 2).await?;
    if first == second {
        return Ok(first);
    }
    let difference = match (serde_json::to_string(&first), serde_json::to_string(&second)) {
        (Ok(first), Ok(second)) => first_difference(&first, &second),
        _ => "in some field".into(),
    };
    Err(LoadError::DescribeUnstable { difference })
}

async fn describe_once(connector: &Loaded, round: u32) -> Result<Manifest, LoadError> {
    // A year apart: what depends on the date shows.
    let instant = Instant::from_micros(i64::from(round) * 365 * 86_400 * 1_000_000).ok_or_else(|| {
        LoadError::Describe { source: PageError::Host { reason: "no such instant".into() } }
    })?;
    let moment = Moment { instant, seed: round.into() };
    let answer = connector.ask(moment, Behind::Nothing, Ask::Describe).await;
    match answer.map_err(|source| LoadError::Describe { source })?.0 {
        Answer::Manifest(manifest) => Ok(manifest),
        _ => Err(LoadError::Describe { source: PageError::Host { reason: "another answer".into() } }),
    }
}

fn first_difference(first: &str, second: &str) -> String {
    let at = first.char_indices().zip(second.chars()).find(|((_, a), b)| a != b);
    let at = at.map_or_else(|| first.len().min(second.len()), |((at, _), _)| at);
    let window = |text: &str| {
        let from = text.floor_char_boundary(at.saturating_sub(20));
        text::plain(&text[from..], 60)
    };
    format!("`{}` and then `{}`", window(first), window(second))
}

fn check_manifest(world: World, manifest: &Manifest) -> Result<(), LoadError> {
    let writes = manifest.endpoints.iter().find(|endpoint| endpoint.effect == Effect::Write);
    if let (World::Source, Some(endpoint)) = (world, writes) {
        return Err(LoadError::WriteEffect { endpoint: text::plain(&endpoint.id, 100) });
    }
    manifest
        .check(world)
        .map_err(|faults| LoadError::Manifest { faults: faults.iter().map(ToString::to_string).collect() })
}

/// Stands in for the manifest until the component has described itself; nobody outside ever sees it.
const fn nothing_yet() -> Manifest {
    Manifest {
        name: String::new(),
        version: String::new(),
        title: String::new(),
        summary: String::new(),
        config_schema: String::new(),
        auth: Vec::new(),
        endpoints: Vec::new(),
        mounts: Vec::new(),
        streams: Vec::new(),
    }
}
