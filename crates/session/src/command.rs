//! Every intent of a person, as plain data. The page, its keyboard, menus, address and embedding all
//! speak it; nothing else changes a session.

pub use ackscope_check::Assumed;

/// An intent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    // ---- time ----
    /// Let time run.
    Play,
    /// Let it stand.
    Pause,
    /// Play or pause, whichever is not so.
    TogglePlay,
    /// To the next interesting event, and stand.
    StepForward,
    /// To the interesting event before this one, and stand.
    StepBack,
    /// To the beginning of the run.
    ToStart,
    /// To the end of the scenario, or to the furthest moment known.
    ToEnd,
    /// To a moment, in microseconds of virtual time.
    SeekTime(u64),
    /// To the moment at which this entry was written, and select it.
    SeekEntry(u32),
    /// Virtual time per wall time in thousandths: 1 (1/1000) to 64 000 (64 times). In paced time it
    /// scales the pace, 1000 being the ordinary one.
    SetSpeed(u32),
    /// Paced or real time.
    SetPace(Pace),
    /// Tokens step instead of gliding (`prefers-reduced-motion`).
    SetReducedMotion(bool),

    // ---- the world ----
    /// Act here and now. In the past this forks: the old future stays as a branch.
    Intervene(Act),
    /// Spell out a parameter. Scope, instance and key as in [`crate::view::SettingField`].
    Set {
        /// `producer`, `topic`, `broker`, `controller`, `consumer`, `group-coordinator`, `network`, ...
        scope: String,
        /// The client, topic or broker; empty for all.
        instance: String,
        /// The real key.
        key: String,
        /// The value as it would stand in a file.
        text: String,
    },
    /// Repeat the run from its beginning with this value, and play it: how a proposed change is tried.
    /// What was seen stays as a branch.
    SetFromStart {
        /// As in [`Command::Set`].
        scope: String,
        /// As in [`Command::Set`].
        instance: String,
        /// As in [`Command::Set`].
        key: String,
        /// As in [`Command::Set`].
        text: String,
    },
    /// Make a parameter a default again.
    Unset {
        /// As in [`Command::Set`].
        scope: String,
        /// As in [`Command::Set`].
        instance: String,
        /// As in [`Command::Set`].
        key: String,
    },
    /// Give a client's program another value (rate, size, policies). Keys as in
    /// [`crate::view::ProgramField`].
    SetProgram {
        /// The client.
        client: String,
        /// The field.
        key: String,
        /// The value.
        text: String,
    },
    /// Add a producer, consumer, broker; the session names it.
    AddNode(NewNode),
    /// Remove a client that was added, or any other client, from the run's beginning.
    RemoveNode(String),

    // ---- which run ----
    /// Load a scenario by its id.
    ChooseScenario(String),
    /// Repeat the run with another seed.
    ChooseSeed(u64),
    /// Repeat the present run from its beginning.
    Restart,
    /// Show another branch.
    ChooseBranch(u32),
    /// Forget a branch.
    DropBranch(u32),
    /// Load what a link's fragment says.
    OpenLink(String),
    /// Run it again from its seed and acts, and compare digests.
    Verify,
    /// Search for what would have saved a message: settings with which the same faults do it no harm.
    FindCures(u64),
    /// Leave that search at what it has found.
    StopCures,
    /// Repeat the run with the n-th cure that was found, and play it.
    TryCure(usize),
    /// The notices were read.
    DismissNotices,

    // ---- looking ----
    /// Select a message, or none.
    SelectMessage(Option<u64>),
    /// Select a node, or none.
    SelectNode(Option<String>),
    /// Select an entry of the log, or none.
    SelectEntry(Option<u32>),
    /// Show or hide kinds of token and background chatter.
    SetFilter(TokenFilter),
    /// Which fault *at risk* assumes.
    SetAssumed(Assumed),
    /// The stage has this size in CSS pixels.
    Resize {
        /// Width.
        width: u32,
        /// Height.
        height: u32,
    },
    /// Speak another language: `en` or `zh-CN`.
    SetLanguage(String),
    /// The text of a catalogue file has arrived: language and contents of one `.ftl` file.
    AddCatalogue {
        /// Its language.
        language: String,
        /// Its contents.
        text: String,
    },
}

/// How virtual time follows wall time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Each interesting event gets its moment, idle gaps are folded.
    Paced,
    /// Virtual time times the speed.
    Real,
}

/// Which tokens are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenFilter {
    /// Records and their answers.
    pub records: bool,
    /// Fetches of followers and what they get.
    pub replication: bool,
    /// Fetches and commits of consumers.
    pub reading: bool,
    /// Metadata, elections, group membership.
    pub control: bool,
    /// Connections being opened and closed.
    pub connections: bool,
    /// Periodic chatter of every kind: empty fetches, heartbeats.
    pub background: bool,
}

impl Default for TokenFilter {
    fn default() -> Self {
        TokenFilter {
            records: true,
            replication: true,
            reading: true,
            control: true,
            connections: false,
            background: false,
        }
    }
}

/// What can be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the role of the same name")]
pub enum NewNode {
    Producer,
    Consumer,
    Broker,
}

/// What can be done to the world, as plain data: nodes by name, packets by the entry that sent them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// SIGKILL.
    Crash {
        /// Whom.
        node: String,
    },
    /// SIGTERM: controlled shutdown, `close()`.
    Stop {
        /// Whom.
        node: String,
    },
    /// Start a process that is down.
    Start {
        /// Whom.
        node: String,
    },
    /// SIGSTOP, a long pause of the garbage collector.
    Freeze {
        /// Whom.
        node: String,
    },
    /// End a freeze.
    Thaw {
        /// Whom.
        node: String,
    },
    /// The host loses power, and with it of what was not synced all but what `keep` says.
    PowerOff {
        /// Whom.
        node: String,
        /// What stays.
        keep: Keep,
    },
    /// The disk is replaced by an empty one; the process must be down.
    Wipe {
        /// Whose.
        node: String,
    },
    /// Packets between the two sides vanish.
    Cut {
        /// One side.
        from: Vec<String>,
        /// The other side.
        to: Vec<String>,
        /// In both directions; else from the first to the second only.
        both: bool,
    },
    /// Ends such a cut.
    Mend {
        /// One side.
        from: Vec<String>,
        /// The other side.
        to: Vec<String>,
        /// In both directions.
        both: bool,
    },
    /// Cuts a node off from all others.
    Isolate {
        /// Whom.
        node: String,
    },
    /// Cuts a node off from other servers; clients still reach it.
    IsolateFromServers {
        /// Whom.
        node: String,
    },
    /// Ends all cuts.
    Heal,
    /// Each packet between two nodes takes this much longer, both ways; 0 ends it.
    Slow {
        /// One end.
        from: String,
        /// The other end.
        to: String,
        /// Microseconds.
        by_us: u64,
    },
    /// This share of the packets between two nodes is lost and sent again; 0 ends it.
    Lose {
        /// One end.
        from: String,
        /// The other end.
        to: String,
        /// Parts per million.
        ppm: u32,
    },
    /// Each sync takes this much longer; 0 ends it.
    SlowDisk {
        /// Whose.
        node: String,
        /// Microseconds.
        by_us: u64,
    },
    /// No space is left, or there is again.
    FillDisk {
        /// Whose.
        node: String,
        /// Full or not.
        full: bool,
    },
    /// Keep a packet, and what is behind it on its connection.
    Hold {
        /// The entry that sent it.
        entry: u32,
    },
    /// Let it go on.
    Release {
        /// The entry that sent it.
        entry: u32,
    },
    /// Break its connection at this packet.
    Drop {
        /// The entry that sent it.
        entry: u32,
    },
    /// It arrives at once, and what is before it on its connection.
    Deliver {
        /// The entry that sent it.
        entry: u32,
    },
    /// A producer's application sends this many messages more.
    Produce {
        /// The producer.
        node: String,
        /// How many.
        count: u32,
    },
    /// A client's program pauses or goes on.
    RunProgram {
        /// The client.
        node: String,
        /// It runs.
        on: bool,
    },
}

/// What a power loss leaves of what was written and not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Nothing.
    Synced,
    /// A drawn part of it, per file.
    Drawn,
    /// This many records more than what is synced, per file.
    Records(u32),
    /// All of it.
    All,
}

/// On what something can be done; see [`crate::session::Session::acts_for`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A node, by name.
    Node(String),
    /// A link, by the names of its ends.
    Link(String, String),
    /// A packet in flight, by the entry that sent it.
    Token(u32),
}

/// What became different through a command or a tick. The page re-reads what it shows of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// Something happened in the run, or another run or branch is shown: panels and the still part of
    /// the stage are out of date.
    pub revision: bool,
    /// The clock moved: tokens and timers are elsewhere.
    pub moved: bool,
    /// Playing began or ended, speed or pace changed.
    pub transport: bool,
    /// The selection or the filter changed.
    pub selection: bool,
    /// The link to this run is another now; write it to the address after a pause.
    pub address: bool,
    /// The sentence at the bottom of the stage is another now.
    pub sentence: bool,
    /// Texts changed: another language, or a catalogue arrived.
    pub texts: bool,
    /// The search for cures went on, or another one was asked for.
    pub cures: bool,
}

impl Effects {
    /// Both.
    #[must_use]
    pub fn and(self, other: Effects) -> Effects {
        Effects {
            revision: self.revision || other.revision,
            moved: self.moved || other.moved,
            transport: self.transport || other.transport,
            selection: self.selection || other.selection,
            address: self.address || other.address,
            sentence: self.sentence || other.sentence,
            texts: self.texts || other.texts,
            cures: self.cures || other.cures,
        }
    }
}
