//! Clients that are gone, that cannot be reached, or that hold deliveries for too long.

use super::{Clock, Effect, Fifo, Held, Key, Run, State};
use crate::ids::Pid;
use ackscope_kernel::SeatId;

impl Fifo {
    /// A client's process is gone: what it held comes back, counted (reference 3.5).
    pub(super) fn down(&mut self, pid: Pid, run: &mut Run) {
        self.enqueuers.remove(&pid);
        self.remove_consumers(pid, run);
        self.activate_next(run);
    }

    /// The connection to a client's node is down. The process may live on.
    pub(super) fn disconnected(&mut self, pid: Pid, run: &mut Run) {
        if self.new_rules() {
            self.suspect_one(pid, run);
        } else {
            self.suspect_node(pid.node, run);
        }
        self.last_active = run.now;
        run.fx.push(Effect::MonitorNode(pid.node));
    }

    /// 4.3: its messages stay with it for `consumer-disconnected-timeout`.
    fn suspect_one(&mut self, pid: Pid, run: &mut Run) {
        let at = run.now + self.config.disconnected;
        for (key, consumer) in &mut self.consumers {
            if consumer.pid == pid {
                consumer.held = Held::Suspected;
                let clock = Clock::Disconnected(*key);
                run.fx.push(Effect::Clock(clock, Some(at)));
            }
        }
        for (_, consumer) in &mut self.waiting {
            if consumer.pid == pid {
                consumer.held = Held::Suspected;
            }
        }
        self.sort_waiting();
        if let Some(enqueuer) = self.enqueuers.get_mut(&pid) {
            enqueuer.suspected = true;
        }
    }

    /// Up to 4.2: everything that consumers on that node held comes back at once, counted; another takes over.
    fn suspect_node(&mut self, node: SeatId, run: &mut Run) {
        let keys: Vec<Key> = self
            .consumers
            .iter()
            .filter(|(_, c)| c.pid.node == node)
            .map(|(key, _)| *key)
            .collect();
        for key in keys {
            if let Some(consumer) = self.consumers.get_mut(&key) {
                if consumer.state == State::Up {
                    consumer.held = Held::Suspected;
                } else if !self.config.single_active {
                    continue;
                }
            }
            self.return_all(key, true, run);
            self.queue_or_remove(key, run);
            if self.config.single_active
                && let Some(mut consumer) = self.consumers.remove(&key)
                && consumer.state != State::Cancelled
            {
                consumer.held = Held::Suspected;
                self.add_waiting(key, consumer);
            }
        }
        for (_, consumer) in &mut self.waiting {
            if consumer.pid.node == node {
                consumer.held = Held::Suspected;
            }
        }
        self.sort_waiting();
        for (pid, enqueuer) in &mut self.enqueuers {
            if pid.node == node {
                enqueuer.suspected = true;
            }
        }
        self.activate_next(run);
    }

    /// The connection to a node stands again: its processes are watched anew, which shows whether they live,
    /// and are taken for alive until then.
    pub(super) fn node_up(&mut self, node: SeatId, run: &mut Run) {
        let mut pids: Vec<Pid> = Vec::new();
        let consumers = self.consumers.values();
        let waiting = self.waiting.iter().map(|(_, c)| c);
        for consumer in consumers.chain(waiting) {
            if consumer.pid.node == node && consumer.held == Held::Suspected {
                pids.push(consumer.pid);
            }
        }
        for (pid, enqueuer) in &mut self.enqueuers {
            if pid.node == node && enqueuer.suspected {
                enqueuer.suspected = false;
                pids.push(*pid);
            }
        }
        pids.sort_unstable();
        pids.dedup();
        for pid in pids {
            run.fx.push(Effect::Monitor(pid));
            // Since 4.2 clients are told to send again what was not answered (13, partition-ignore-quorum-window).
            if self.version >= crate::system::Version::V4_2 {
                run.fx.push(Effect::LeaderChange(pid));
            }
        }
        let keys: Vec<Key> = self.consumers.keys().copied().collect();
        for key in keys {
            let Some(consumer) = self.consumers.get_mut(&key) else {
                continue;
            };
            if consumer.pid.node != node || consumer.held != Held::Suspected {
                continue;
            }
            consumer.held = if consumer.timed_out.is_empty() {
                Held::No
            } else {
                Held::TimedOut
            };
            run.fx.push(Effect::Clock(Clock::Disconnected(key), None));
            self.queue_or_remove(key, run);
        }
        for (_, consumer) in &mut self.waiting {
            if consumer.pid.node == node && consumer.held == Held::Suspected {
                consumer.held = Held::No;
            }
        }
        self.sort_waiting();
        self.activate_next(run);
    }

    /// A consumer's node has been away for too long (4.3): its messages come back, not counted.
    pub(super) fn stays_away(&mut self, key: Key, run: &mut Run) {
        if self.consumers.get(&key).map(|c| c.held) != Some(Held::Suspected) {
            return;
        }
        self.return_all(key, false, run);
        self.queue_or_remove(key, run);
        if self.config.single_active
            && let Some(consumer) = self.consumers.remove(&key)
        {
            if consumer.state != State::Cancelled {
                self.add_waiting(key, consumer);
            }
            self.last_active = run.now;
            self.activate_next(run);
        }
    }

    /// Deliveries that were not settled in time come back, not counted; their consumers get nothing more until
    /// they answer for them (4.3; reference 4.6, 13.4).
    pub(super) fn consumers_timed_out(&mut self, run: &mut Run) {
        if !self.new_rules() {
            return;
        }
        let keys: Vec<Key> = self.consumers.keys().copied().collect();
        for key in keys {
            let Some(consumer) = self.consumers.get_mut(&key) else {
                continue;
            };
            let late = consumer.out.iter().filter(|(_, (_, by))| run.now >= *by);
            let late: Vec<u64> = late.map(|(id, _)| *id).collect();
            if late.is_empty() {
                continue;
            }
            if consumer.held == Held::No {
                consumer.held = Held::TimedOut;
            }
            consumer.timed_out.extend(&late);
            consumer.timed_out.sort_unstable();
            let released = Effect::Released(consumer.pid, consumer.tag, late.clone());
            run.fx.push(released);
            for id in late {
                self.return_one(key, id, false, false, run);
            }
            self.queue_or_remove(key, run);
        }
        if self.config.single_active {
            let idle: Vec<Key> = self
                .consumers
                .iter()
                .filter(|(_, c)| c.held != Held::No && c.out.is_empty())
                .map(|(key, _)| *key)
                .collect();
            for key in idle {
                if let Some(consumer) = self.consumers.remove(&key) {
                    self.add_waiting(key, consumer);
                }
            }
        }
        self.activate_next(run);
    }
}
