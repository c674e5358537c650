//! The only meeting of signals and session. [`Desk`] is `Copy` and passed by context; a component
//! tracks one of its few signals and reads what it shows.

use crate::edge::{address, catalogue, frame_loop::FrameLoop, media, panic, storage};
use ackscope_scene::Phrase;
use ackscope_session::{Command, Effects, Session};
use gloo_timers::callback::Timeout;
use leptos::prelude::*;

/// Wall time between two refreshes of the panels while time runs; the stage has every frame.
const PANELS_EVERY_US: u64 = 120_000;
/// The address is written when nothing changed for this long.
const ADDRESS_AFTER_MS: u32 = 400;

/// Paints what moves, outside the reactive graph, once a frame.
pub type Painter = Box<dyn FnMut(&Session)>;

/// Session and signals of one page.
#[derive(Clone, Copy)]
pub struct Desk {
    session: StoredValue<Session, LocalStorage>,
    frames: StoredValue<Option<FrameLoop>, LocalStorage>,
    painters: StoredValue<Vec<Painter>, LocalStorage>,
    writing: StoredValue<Option<Timeout>, LocalStorage>,
    since_panels_us: StoredValue<u64, LocalStorage>,
    /// The page is a figure in another page: it leaves address, keys and storage alone.
    pub figure: bool,
    /// The still part of the stage is out of date.
    pub revision: RwSignal<u64>,
    /// Panels are out of date; follows `revision` and the clock, a few times a second.
    pub panels: RwSignal<u64>,
    /// A person changed the run, its settings or which run is shown.
    pub edits: RwSignal<u64>,
    /// Playing, speed or pace changed.
    pub transport: RwSignal<u64>,
    /// Another message, node or entry is selected, or another filter.
    pub selection: RwSignal<u64>,
    /// The sentence below the stage changed.
    pub sentence: RwSignal<u64>,
    /// All texts changed.
    pub texts: RwSignal<u64>,
    /// The run's link changed.
    pub link: RwSignal<u64>,
    /// The search for what would have saved a message went on.
    pub cures: RwSignal<u64>,
}

impl Desk {
    /// Puts a session on the desk, gives it to the components below, and starts its frames.
    pub fn provide(session: Session, figure: bool) -> Desk {
        let desk = Desk {
            session: StoredValue::new_local(session),
            frames: StoredValue::new_local(None),
            painters: StoredValue::new_local(Vec::new()),
            writing: StoredValue::new_local(None),
            since_panels_us: StoredValue::new_local(0),
            figure,
            revision: RwSignal::new(0),
            panels: RwSignal::new(0),
            edits: RwSignal::new(0),
            transport: RwSignal::new(0),
            selection: RwSignal::new(0),
            sentence: RwSignal::new(0),
            texts: RwSignal::new(0),
            link: RwSignal::new(0),
            cures: RwSignal::new(0),
        };
        desk.frames
            .set_value(Some(FrameLoop::new(move |gap_us| desk.frame(gap_us))));
        on_cleanup(move || {
            desk.frames.try_update_value(|frames| {
                if let Some(frames) = frames.take() {
                    frames.end();
                }
            });
        });
        desk.remember_link();
        provide_context(desk);
        desk
    }

    /// The desk of the page that the present component is on.
    #[must_use]
    pub fn here() -> Desk {
        expect_context()
    }

    /// Tells the session what a person wants.
    pub fn dispatch(self, command: Command) {
        let effects = self
            .session
            .try_update_value(|session| session.update(command));
        if let Some(effects) = effects {
            self.after_edit(effects);
        }
    }

    /// Does an act as the text format writes it.
    ///
    /// # Errors
    /// Why it cannot be done.
    pub fn act_line(self, line: &str) -> Result<(), String> {
        let effects = self
            .session
            .try_update_value(|session| session.act_line(line));
        self.after_edit(effects.unwrap_or_else(|| Err("the page is gone".to_owned()))?);
        Ok(())
    }

    /// Reads from the session, without tracking anything.
    pub fn read<R>(self, read: impl FnOnce(&Session) -> R) -> R {
        self.session.with_value(read)
    }

    /// The same for callbacks that may outlive the page.
    pub fn try_read<R>(self, read: impl FnOnce(&Session) -> R) -> Option<R> {
        self.session.try_with_value(read)
    }

    /// A label of the page; tracks the language.
    #[must_use]
    pub fn text(self, key: &'static str) -> String {
        self.texts.track();
        self.read(|session| session.text(key))
    }

    /// The same as a function, for attributes and children.
    pub fn label(self, key: &'static str) -> impl Fn() -> String + Copy + Send + Sync + 'static {
        move || self.text(key)
    }

    /// A phrase in the present language; tracks the language.
    #[must_use]
    pub fn say(self, phrase: &Phrase) -> String {
        self.texts.track();
        self.read(|session| session.say(phrase))
    }

    /// Adds something that is painted each frame, until the present owner ends.
    pub fn on_frame(self, painter: Painter) {
        self.painters
            .try_update_value(|painters| painters.push(painter));
        self.wake();
    }

    /// Asks for a frame.
    pub fn wake(self) {
        self.frames.try_with_value(|frames| {
            if let Some(frames) = frames {
                frames.wake();
            }
        });
    }

    /// The same without tracking, for what is made anew when the language changes.
    #[must_use]
    pub fn say_now(self, phrase: &Phrase) -> String {
        self.read(|session| session.say(phrase))
    }

    /// The words for a fate of the ledger; tracks the language.
    #[must_use]
    pub fn fate(self, fate: &str) -> String {
        self.say(&Phrase::new(format!("fate-{fate}")))
    }

    /// The address of the run as it is shown now.
    #[must_use]
    pub fn address(self) -> String {
        format!("{}#{}", address::page(), self.read(Session::link))
    }

    /// Speaks another language, whose texts are fetched first.
    pub fn speak(self, language: &'static str, failed: impl Fn(String) + 'static) {
        wasm_bindgen_futures::spawn_local(async move {
            match catalogue::fetch(language, &catalogue::FILES).await {
                Ok(texts) => self.add_texts(language, texts),
                Err(why) => return failed(why),
            }
            self.dispatch(Command::SetLanguage(language.to_owned()));
            media::set_document_language(language);
            if !self.figure {
                storage::save("language", language);
            }
        });
    }

    /// Takes the texts of catalogue files.
    pub fn add_texts(self, language: &str, texts: Vec<String>) {
        for text in texts {
            self.dispatch(Command::AddCatalogue {
                language: language.to_owned(),
                text,
            });
        }
    }

    fn frame(self, gap_us: u64) -> bool {
        let Some(effects) = self
            .session
            .try_update_value(|session| session.tick(gap_us))
        else {
            return false;
        };
        let playing = self
            .try_read(|session| session.transport().playing)
            .unwrap_or(false);
        let searches = self.try_read(Session::searches).unwrap_or(false);
        self.after_tick(effects, gap_us, playing);
        self.painters.try_update_value(|painters| {
            self.session.try_with_value(|session| {
                for paint in painters.iter_mut() {
                    paint(session);
                }
            });
        });
        playing || searches
    }

    fn after_edit(self, effects: Effects) {
        if effects.revision || effects.moved {
            bump(self.revision);
        }
        if effects.revision || effects.moved || effects.selection || effects.transport {
            bump(self.panels);
        }
        if effects.revision {
            bump(self.edits);
        }
        self.after_any(effects);
        self.wake();
    }

    fn after_tick(self, effects: Effects, gap_us: u64, playing: bool) {
        if effects.revision {
            bump(self.revision);
        }
        let waited = self.since_panels_us.try_update_value(|waited| {
            *waited += gap_us;
            *waited
        });
        let due = waited.is_some_and(|waited| waited >= PANELS_EVERY_US);
        if due || effects.transport || !playing {
            let _ = self.since_panels_us.try_set_value(0);
            if effects.moved || effects.revision || effects.transport || due {
                bump(self.panels);
            }
        }
        self.after_any(effects);
    }

    fn after_any(self, effects: Effects) {
        let signals = [
            (effects.transport, self.transport),
            (effects.selection, self.selection),
            (effects.sentence, self.sentence),
            (effects.texts, self.texts),
            (effects.address, self.link),
            (effects.cures, self.cures),
        ];
        for (changed, signal) in signals {
            if changed {
                bump(signal);
            }
        }
        if effects.address {
            self.write_address();
        }
    }

    /// Writes the address when no further change comes for a while.
    fn write_address(self) {
        let later = Timeout::new(ADDRESS_AFTER_MS, move || {
            self.remember_link();
            if !self.figure
                && let Some(link) = self.try_read(Session::link)
            {
                address::write(&link);
            }
        });
        // Dropping the timer that waits cancels it.
        let _ = self.writing.try_set_value(Some(later));
    }

    fn remember_link(self) {
        if let Some(link) = self.try_read(Session::link) {
            let fragment = if self.figure {
                address::figure(&link)
            } else {
                link
            };
            panic::remember(format!("{}#{fragment}", address::page()));
        }
    }
}

fn bump(signal: RwSignal<u64>) {
    signal.try_update(|count| *count += 1);
}
