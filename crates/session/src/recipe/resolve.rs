//! From roles to names, and from names to acts of the kernel.

use super::{Found, Lookup, Unresolved};
use crate::founding;
use crate::scenario::act::{Kept, PacketAct, PlannedAct, Target};
use crate::topology::Topology;
use ackscope_kafka::system::Change;
use ackscope_kafka::{Kafka, Timer};
use ackscope_kernel::{Act, HostId, Keep, SeatId, Span, Trace};
use std::sync::Arc;

impl Lookup<'_> {
    fn hosts(&self, targets: &[Target]) -> Found<Vec<HostId>> {
        Ok(self
            .seats(targets)?
            .into_iter()
            .map(|seat| self.world.host(seat))
            .collect())
    }

    fn seats(&self, targets: &[Target]) -> Found<Vec<SeatId>> {
        let mut seats = Vec::new();
        for target in targets {
            seats.extend(self.targets(target)?);
        }
        seats.dedup();
        Ok(seats)
    }

    fn named(&self, targets: &[Target]) -> Found<Vec<Target>> {
        let name = |seat| Target::Named(self.world.name(seat).to_owned());
        Ok(self.seats(targets)?.into_iter().map(name).collect())
    }

    fn named_one(&self, target: &Target) -> Found<Target> {
        self.target(target)
            .map(|seat| Target::Named(self.world.name(seat).to_owned()))
    }

    /// The act with each target replaced by whoever is meant now.
    ///
    /// # Errors
    /// Somebody who is meant is not there.
    pub fn resolve(&self, act: &PlannedAct) -> Result<PlannedAct, Unresolved> {
        self.resolved(act).map_err(|reason| Unresolved {
            act: act.to_string(),
            reason,
        })
    }

    fn resolved(&self, act: &PlannedAct) -> Found<PlannedAct> {
        let groups = |groups: &[Vec<Target>]| {
            groups
                .iter()
                .map(|group| self.named(group))
                .collect::<Found<Vec<_>>>()
        };
        Ok(match act {
            PlannedAct::Crash(whom) => PlannedAct::Crash(self.named(whom)?),
            PlannedAct::Stop(whom) => PlannedAct::Stop(self.named(whom)?),
            PlannedAct::Start(whom) => PlannedAct::Start(self.named(whom)?),
            PlannedAct::Freeze(whom) => PlannedAct::Freeze(self.named(whom)?),
            PlannedAct::Thaw(whom) => PlannedAct::Thaw(self.named(whom)?),
            PlannedAct::PowerOff(whom, kept) => PlannedAct::PowerOff(self.named(whom)?, *kept),
            PlannedAct::Wipe(whom) => PlannedAct::Wipe(self.named(whom)?),
            PlannedAct::Cut {
                groups: all,
                one_way,
            } => PlannedAct::Cut {
                groups: groups(all)?,
                one_way: *one_way,
            },
            PlannedAct::Mend {
                groups: all,
                one_way,
            } => PlannedAct::Mend {
                groups: groups(all)?,
                one_way: *one_way,
            },
            PlannedAct::Slow { from, to, by_us } => PlannedAct::Slow {
                from: self.named_one(from)?,
                to: self.named_one(to)?,
                by_us: *by_us,
            },
            PlannedAct::Lose { from, to, ppm } => PlannedAct::Lose {
                from: self.named_one(from)?,
                to: self.named_one(to)?,
                ppm: *ppm,
            },
            PlannedAct::SlowDisk(whose, us) => PlannedAct::SlowDisk(self.named_one(whose)?, *us),
            PlannedAct::FillDisk(whose, full) => {
                PlannedAct::FillDisk(self.named_one(whose)?, *full)
            }
            PlannedAct::Fire(whose, timer) => {
                PlannedAct::Fire(self.named_one(whose)?, timer.clone())
            }
            PlannedAct::Heal
            | PlannedAct::Packet(..)
            | PlannedAct::Order(..)
            | PlannedAct::Set(_)
            | PlannedAct::Unset(_) => act.clone(),
        })
    }

    /// The act as the kernel does it, one after the other within one moment. `trace` holds the run
    /// since its entry number `zero`, for packets; `topology` holds the settings, and a `set` changes it.
    ///
    /// # Errors
    /// What the act names is not there, or Kafka refuses the value.
    pub fn kernel(
        &self,
        act: &PlannedAct,
        trace: &Trace<Kafka>,
        zero: u32,
        topology: &mut Topology,
    ) -> Result<Vec<Act<Kafka>>, Unresolved> {
        let done = self.kernel_acts(act, trace, zero, topology);
        done.map_err(|reason| Unresolved {
            act: act.to_string(),
            reason,
        })
    }

    fn kernel_acts(
        &self,
        act: &PlannedAct,
        trace: &Trace<Kafka>,
        zero: u32,
        topology: &mut Topology,
    ) -> Found<Vec<Act<Kafka>>> {
        let each = |whom: &[Target], make: fn(SeatId) -> Act<Kafka>| {
            Ok::<_, String>(self.seats(whom)?.into_iter().map(make).collect())
        };
        let host = |whose: &Target| Ok::<_, String>(self.world.host(self.target(whose)?));
        match act {
            PlannedAct::Crash(whom) => each(whom, Act::Crash),
            PlannedAct::Stop(whom) => each(whom, Act::Stop),
            PlannedAct::Start(whom) => each(whom, Act::Start),
            PlannedAct::Freeze(whom) => each(whom, Act::Freeze),
            PlannedAct::Thaw(whom) => each(whom, Act::Thaw),
            PlannedAct::PowerOff(whom, kept) => {
                let keep = match kept {
                    Kept::Synced => Keep::Synced,
                    Kept::Drawn => Keep::Drawn,
                    Kept::Records(more) => Keep::Records(*more),
                    Kept::All => Keep::All,
                };
                Ok(self
                    .hosts(whom)?
                    .into_iter()
                    .map(|host| Act::PowerOff(host, keep))
                    .collect())
            }
            PlannedAct::Wipe(whom) => Ok(self.hosts(whom)?.into_iter().map(Act::Wipe).collect()),
            PlannedAct::Cut { groups, one_way } => self.pairs(groups, *one_way, Act::Cut),
            PlannedAct::Mend { groups, one_way } => self.pairs(groups, *one_way, Act::Mend),
            PlannedAct::Heal => Ok(vec![Act::Heal]),
            PlannedAct::Slow { from, to, by_us } => {
                Ok(vec![Act::Slow(host(from)?, host(to)?, Span(*by_us))])
            }
            PlannedAct::Lose { from, to, ppm } => Ok(vec![Act::Lose(host(from)?, host(to)?, *ppm)]),
            PlannedAct::SlowDisk(whose, us) => Ok(vec![Act::SlowDisk(host(whose)?, Span(*us))]),
            PlannedAct::FillDisk(whose, full) => Ok(vec![Act::FillDisk(host(whose)?, *full)]),
            PlannedAct::Fire(whose, name) => {
                let timer = TIMERS.iter().find(|(known, _)| known == name);
                let timer = timer.ok_or_else(|| {
                    let known: Vec<_> = TIMERS.iter().map(|(name, _)| *name).collect();
                    format!("there is no timer {name}; there are: {}", known.join(", "))
                })?;
                Ok(vec![Act::Fire(self.target(whose)?, timer.1)])
            }
            PlannedAct::Packet(what, packet) => {
                let entry = self.packet(packet, trace, zero)?;
                Ok(vec![match what {
                    PacketAct::Hold => Act::Hold(entry),
                    PacketAct::Release => Act::Release(entry),
                    PacketAct::Drop => Act::Drop(entry),
                    PacketAct::Deliver => Act::Deliver(entry),
                }])
            }
            PlannedAct::Order(client, order) => {
                let seat = self.seat(client)?;
                Ok(vec![Act::Order(seat, self.order(seat, order)?)])
            }
            PlannedAct::Set(setting) => {
                topology.set(setting.clone());
                self.change(topology)
            }
            PlannedAct::Unset(setting) => {
                topology.unset(&setting.scope, &setting.name, &setting.key);
                self.change(topology)
            }
        }
    }

    fn change(&self, topology: &Topology) -> Found<Vec<Act<Kafka>>> {
        let (settings, refusals) = founding::settings(topology).map_err(|e| e.to_string())?;
        match refusals.first() {
            Some(refusal) => Err(refusal.to_string()),
            None => Ok(vec![Act::Change(Change::Replace(Arc::new(settings)))]),
        }
    }

    fn pairs(
        &self,
        groups: &[Vec<Target>],
        one_way: bool,
        make: fn(Vec<HostId>, Vec<HostId>) -> Act<Kafka>,
    ) -> Found<Vec<Act<Kafka>>> {
        let hosts: Vec<_> = groups
            .iter()
            .map(|group| self.hosts(group))
            .collect::<Found<_>>()?;
        let mut acts = Vec::new();
        for (at, from) in hosts.iter().enumerate() {
            for to in &hosts[at + 1..] {
                acts.push(make(from.clone(), to.clone()));
                if !one_way {
                    acts.push(make(to.clone(), from.clone()));
                }
            }
        }
        Ok(acts)
    }
}

/// Timers that an act can fire, by name.
const TIMERS: [(&str, Timer); 18] = [
    ("session-scan", Timer::SessionScan),
    ("balance", Timer::Balance),
    ("unclean-scan", Timer::UncleanScan),
    ("register", Timer::Register),
    ("heartbeat", Timer::Heartbeat),
    ("publication", Timer::Publication),
    ("acceptors", Timer::Acceptors),
    ("controller-link", Timer::ControllerLink),
    ("lag-check", Timer::LagCheck),
    ("checkpoint", Timer::Checkpoint),
    ("retention", Timer::Retention),
    ("offset-expiry", Timer::OffsetExpiry),
    ("net", Timer::Net),
    ("library", Timer::Library),
    ("member-heartbeat", Timer::MemberHeartbeat),
    ("auto-commit", Timer::AutoCommit),
    ("application", Timer::Application),
    ("processing", Timer::Processing),
];
