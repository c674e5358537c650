//! A tiny product for the kernel's tests: processes that send numbers to each other and keep a file.

#![allow(dead_code, reason = "each test file uses a part")]

use ackscope_kernel::world::Physics;
use ackscope_kernel::{
    Act, Brief, CloseWhy, ConnId, Env, Fact, History, Input, LedgerLine, Local, Message,
    MessageKey, Process, SeatId, Span, System, Time, Timer, What, World,
};
use borsh::BorshSerialize;

#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub(crate) struct Toy;

#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub(crate) struct Number(pub u32, pub u32);

impl Message for Number {
    fn brief(&self) -> Brief {
        Brief {
            kind: 8,
            background: false,
            first: None,
            count: 0,
            detail: i64::from(self.0),
        }
    }
    fn size(&self) -> u32 {
        self.1
    }
    fn meaning(&self) -> [u64; 3] {
        [u64::from(self.0), 0, 0]
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub(crate) enum Tick {
    Once(u8),
    Every(u64),
}

impl Timer for Tick {
    fn background(&self) -> bool {
        matches!(self, Tick::Every(_))
    }
}

#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub(crate) enum Do {
    Open(SeatId),
    /// Sends this number, of this many bytes, on the connection opened last.
    Send(u32, u32),
    Read(bool),
    Listen(bool),
    Close,
    /// Breaks the connection with an RST.
    Abort,
    Arm(u8, u64),
    Every(u64),
    Append(u32),
    Sync,
    /// Posts this number to this part.
    Post(u8, u32),
    /// Asks for the notice about the send queue of the connection opened last.
    Notify(u64),
}

#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub(crate) enum Saw {
    Opened,
    Refused,
    Closed(CloseWhy),
    Got(u32),
    Tick(u8),
    Synced,
    /// A part took a number, posted during this entry.
    Told(u8, u32, u32),
    /// A part crashed, with so many messages left that it had posted to part 9.
    PartDown(u8, u32),
    Written(u64),
    Booted(Vec<u32>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub(crate) struct Said(pub u32);

impl Local for Said {
    fn brief(&self) -> Brief {
        Number(self.0, 0).brief()
    }
}

impl Fact for Saw {
    fn lines(&self, me: SeatId, line: &mut dyn FnMut(LedgerLine)) {
        if let Saw::Got(n) = self {
            line(LedgerLine::Offered(MessageKey {
                origin: me,
                number: *n,
            }));
        }
    }
}

#[derive(Clone, Debug, Default, BorshSerialize)]
pub(crate) struct Peer {
    conn: Option<ConnId>,
    heard: u32,
}

impl System for Toy {
    type Process = Peer;
    type Message = Number;
    type Timer = Tick;
    type Order = Do;
    type Record = u32;
    type File = String;
    type Part = u8;
    type Local = Said;
    type Fact = Saw;
    type Settings = u8;
    type Change = u8;

    fn boot(env: &mut Env<'_, Self>) -> Peer {
        let kept = env
            .disk()
            .read(&"f".to_owned())
            .map_or_else(Vec::new, |f| f.iter().copied().collect());
        env.note(Saw::Booted(kept));
        Peer::default()
    }

    fn change(settings: &mut u8, change: &u8) {
        *settings = *change;
    }
}

impl Process<Toy> for Peer {
    fn step(&mut self, input: Input<Toy>, env: &mut Env<'_, Toy>) {
        let file = "f".to_owned();
        match input {
            Input::Order(Do::Open(to)) => self.conn = Some(env.open(to)),
            Input::Order(Do::Send(n, bytes)) => {
                if let Some(conn) = self.conn {
                    env.send(conn, Number(n, bytes));
                }
            }
            Input::Order(Do::Read(on)) => {
                if let Some(conn) = self.conn {
                    env.read(conn, on);
                }
            }
            Input::Order(Do::Listen(on)) => env.listen(on),
            Input::Order(Do::Close) => {
                if let Some(conn) = self.conn {
                    env.close(conn);
                }
            }
            Input::Order(Do::Abort) => {
                if let Some(conn) = self.conn {
                    env.abort(conn);
                }
            }
            Input::Order(Do::Arm(n, after)) => env.arm_in(Tick::Once(n), Span(after)),
            Input::Order(Do::Every(span)) => env.arm_in(Tick::Every(span), Span(span)),
            Input::Order(Do::Append(n)) => assert!(env.append(&file, n) != env.disk().full),
            Input::Order(Do::Sync) => env.sync(&file, 0),
            Input::Opened(_) => {
                env.note(Saw::Opened);
            }
            Input::Refused(_) => {
                env.note(Saw::Refused);
            }
            Input::Closed(conn, why) => {
                env.close(conn);
                env.note(Saw::Closed(why));
            }
            Input::Message { conn, message, .. } => {
                self.conn = Some(conn);
                self.heard += 1;
                env.note(Saw::Got(message.0));
            }
            Input::Timer(Tick::Once(n)) => {
                env.note(Saw::Tick(n));
            }
            Input::Timer(Tick::Every(span)) => env.arm_in(Tick::Every(span), Span(span)),
            Input::Synced(..) => {
                env.note(Saw::Synced);
            }
            Input::Order(Do::Post(part, n)) => env.post(part, Said(n)),
            Input::Order(Do::Notify(at_most)) => {
                if let Some(conn) = self.conn {
                    env.notify_written(conn, at_most);
                }
            }
            Input::Local {
                part,
                posted,
                message,
            } => {
                env.note(Saw::Told(part, message.0, posted.0));
                // Part 7 passes on what it hears to part 9.
                if part == 7 {
                    env.post(9, message);
                }
            }
            Input::PartCrashed(part) => {
                let waiting = env.waiting(&9);
                env.note(Saw::PartDown(part, waiting));
            }
            Input::Written(conn) => {
                let queued = env.backlog(conn);
                env.note(Saw::Written(queued));
            }
            Input::Shutdown => env.exit(),
            Input::Reconfigured => {}
        }
    }
}

pub(crate) const A: SeatId = SeatId(0);
pub(crate) const B: SeatId = SeatId(1);

/// Two hosts, both processes running, a connection from A to B that stands.
pub(crate) struct Bench {
    pub(crate) history: History<Toy, ()>,
}

impl Bench {
    pub(crate) fn started(seed: u64) -> Self {
        let mut world = World::new(seed, 0, Physics::default());
        let seats = [world.add("a"), world.add("b")];
        let mut bench = Bench {
            history: History::new(world, (), Vec::new()),
        };
        for seat in seats {
            bench.act(Act::Start(seat));
        }
        bench
    }

    pub(crate) fn connected(seed: u64) -> Self {
        let mut bench = Bench::started(seed);
        bench.order(A, Do::Open(B));
        bench.run_ms(10);
        bench
    }

    pub(crate) fn act(&mut self, act: Act<Toy>) {
        self.history.intervene(act);
    }

    pub(crate) fn order(&mut self, seat: SeatId, order: Do) {
        self.act(Act::Order(seat, order));
    }

    pub(crate) fn run_ms(&mut self, ms: u64) {
        let to = self.history.world().now() + Span(ms * 1000);
        self.history.advance(to);
    }

    pub(crate) fn now(&self) -> Time {
        self.history.world().now()
    }

    /// What a seat saw, with the times.
    pub(crate) fn saw(&self, seat: SeatId) -> Vec<(u64, Saw)> {
        let trace = self.history.trace();
        let noted = trace.range(0, trace.len()).filter(|(_, e)| e.seat == seat);
        noted
            .filter_map(|(_, e)| match &e.what {
                What::Note(saw) => Some((e.at.0, saw.clone())),
                _ => None,
            })
            .filter(|(_, saw)| !matches!(saw, Saw::Booted(_)))
            .collect()
    }

    pub(crate) fn saw_only(&self, seat: SeatId) -> Vec<Saw> {
        self.saw(seat).into_iter().map(|(_, saw)| saw).collect()
    }

    pub(crate) fn booted_with(&self, seat: SeatId) -> Option<Vec<u32>> {
        let trace = self.history.trace();
        let boots = trace.range(0, trace.len()).filter(|(_, e)| e.seat == seat);
        boots
            .filter_map(|(_, e)| match &e.what {
                What::Note(Saw::Booted(kept)) => Some(kept.clone()),
                _ => None,
            })
            .last()
    }
}
