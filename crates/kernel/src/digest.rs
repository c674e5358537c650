//! The digest of a run: a hash over the canonical encoding of every entry and of the final world.

use crate::ENGINE_VERSION;
use crate::system::System;
use crate::trace::Trace;
use crate::world::World;
use borsh::BorshSerialize;
use xxhash_rust::xxh3::Xxh3Default;

/// Hashes whatever is written to it.
struct Sink(Xxh3Default);

impl borsh::io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> borsh::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> borsh::io::Result<()> {
        Ok(())
    }
}

/// Hash of the canonical encoding of one value.
#[must_use]
pub fn of<T: BorshSerialize>(value: &T) -> u64 {
    let mut sink = Sink(Xxh3Default::new());
    // Writing to a hash cannot fail.
    let _ = value.serialize(&mut sink);
    sink.0.digest()
}

/// Digest of a run up to the trace's cursor: engine version, every entry, the world.
#[must_use]
pub fn of_run<S: System>(world: &World<S>, trace: &Trace<S>) -> u64 {
    let mut sink = std::io::BufWriter::with_capacity(4096, Sink(Xxh3Default::new()));
    let _ = ENGINE_VERSION.serialize(&mut sink);
    let _ = trace.len().serialize(&mut sink);
    for (_, entry) in trace.range(0, trace.len()) {
        let _ = entry.serialize(&mut sink);
    }
    let _ = world.serialize(&mut sink);
    sink.into_inner().map_or(0, |sink| sink.0.digest())
}
