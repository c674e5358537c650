//! Disks in time: write-back, syncs, and what a power loss leaves.

use super::agenda::Due;
use super::{Core, Seat, Status, World, seat_id};
use crate::act::Keep;
use crate::dice::{self, Purpose};
use crate::disk::Disk;
use crate::ids::{EntryId, HostId, SeatId};
use crate::system::{Input, System};
use crate::time::Span;
use crate::trace::{Causes, DownWhy, Entry, Trace, What};
use std::sync::Arc;

impl<S: System> Core<S> {
    pub(crate) fn schedule_write_back(&mut self, host: HostId, file: &S::File) {
        if !self.hosts[host.0 as usize].dirty.contains(file) {
            self.hosts[host.0 as usize].dirty.insert(file.clone());
            let drawn = dice::roll(
                self.seed,
                Purpose::WriteBack,
                &[
                    u64::from(host.0),
                    crate::digest::of(file),
                    self.now.0 / 5_000_000,
                ],
            );
            let (low, high) = self.physics.write_back;
            let at = self.now + Span(dice::within(drawn, low.0, high.0));
            self.schedule(at, Due::WriteBack(host, file.clone()));
        }
    }

    pub(crate) fn schedule_sync(&mut self, seat: SeatId, file: &S::File, token: u64) {
        let host = &self.hosts[self.seat(seat).host.0 as usize];
        let upto = host.disk.len(file);
        let (low, high) = self.physics.sync;
        let key = [u64::from(seat.0), crate::digest::of(file), upto];
        let took = dice::within(dice::roll(self.seed, Purpose::Sync, &key), low.0, high.0);
        let at = self.now + Span(took) + host.slow_disk;
        let incarnation = self.seat(seat).incarnation;
        self.schedule(
            at,
            Due::Synced {
                seat,
                incarnation,
                file: file.clone(),
                token,
                upto,
            },
        );
    }
}

impl<S: System> World<S> {
    /// A sync came back.
    pub(super) fn synced(
        &mut self,
        seat: SeatId,
        incarnation: u32,
        file: S::File,
        token: u64,
        upto: u64,
        trace: &mut Trace<S>,
    ) {
        if self.core.seat(seat).incarnation != incarnation {
            return;
        }
        let host = self.core.seat(seat).host;
        Arc::make_mut(&mut self.core.hosts[host.0 as usize].disk).mark_synced(&file, upto);
        if self.defer(seat, || Due::Synced {
            seat,
            incarnation,
            file: file.clone(),
            token,
            upto,
        }) {
            return;
        }
        let input = Input::Synced(file.clone(), token);
        self.run(seat, What::Synced(file), Causes::NONE, input, trace);
    }

    /// The operating system writes a file's dirty pages back.
    pub(super) fn write_back(&mut self, host: HostId, file: S::File, trace: &mut Trace<S>) {
        let h = &mut self.core.hosts[host.0 as usize];
        h.dirty.remove(&file);
        let len = h.disk.len(&file);
        if h.powered && h.disk.synced(&file) < len {
            Arc::make_mut(&mut h.disk).mark_synced(&file, len);
            let on_host = |s: &Seat<S>| s.host == host;
            let seat = self.core.seats.iter().position(on_host);
            trace.push(Entry {
                at: self.core.now,
                seat: seat.map_or(SeatId(0), seat_id),
                causes: Causes::NONE,
                what: What::WrittenBack(file),
            });
        }
    }

    /// The disk of a host on which no process runs.
    pub(super) fn idle_disk(&mut self, host: HostId) -> Option<&mut Disk<S>> {
        let down = |s: &Seat<S>| s.host != host || s.status == Status::Down;
        let idle = self.core.seats.iter().all(down);
        idle.then(|| Arc::make_mut(&mut self.core.hosts[host.0 as usize].disk))
    }

    pub(super) fn power_off(
        &mut self,
        host: HostId,
        keep: Keep,
        entry: EntryId,
        trace: &mut Trace<S>,
    ) {
        for seat in self.seats() {
            if self.core.seat(seat).host == host {
                self.end_process(seat, DownWhy::PoweredOff, entry, trace);
            }
        }
        let (seed, now) = (self.core.seed, self.core.now);
        let h = &mut self.core.hosts[host.0 as usize];
        h.powered = false;
        let disk = Arc::make_mut(&mut h.disk);
        for file in disk.file_names() {
            let (synced, len) = (disk.synced(&file), disk.len(&file));
            let kept = match keep {
                Keep::Synced => synced,
                Keep::All => len,
                Keep::Records(more) => (synced + u64::from(more)).min(len),
                Keep::Drawn => {
                    let key = [u64::from(host.0), crate::digest::of(&file), now.0];
                    dice::within(dice::roll(seed, Purpose::PowerLoss, &key), synced, len)
                }
            };
            disk.truncate(&file, kept);
            disk.mark_synced(&file, kept);
        }
    }
}
