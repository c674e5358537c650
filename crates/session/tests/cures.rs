use ackscope_session::cures::{Cures, Of};
use ackscope_session::scenario::{self, ALL, Overrides, Scenario};

#[test]
fn probe() {
    for (id, text) in ALL {
        let s = Scenario::parse(text).unwrap();
        let played = scenario::run(&s, &Overrides::default()).unwrap();
        let t = std::time::Instant::now();
        let mut cures = Cures::new(&played.recipe, Of::Worst);
        cures.finish();
        println!(
            "{id}: {:?} harmed {} progress {:?} {:?}",
            cures.harm(),
            cures.harmed(),
            cures.progress(),
            t.elapsed()
        );
        for (c, p) in cures.found() {
            let c: Vec<_> = c
                .iter()
                .map(|c| format!("{} {}: {}={}", c.scope, c.names.join(","), c.key, c.value))
                .collect();
            println!(
                "   {c:?} p99 {} dup {} unav {}",
                p.p99_us, p.duplicated_per_1000, p.unavailable_us
            );
        }
        println!("   {:?}", cures.why_not());
    }
}
