use ackscope_session::scenario::{self, Overrides, Scenario};
use ackscope_kernel::What;
fn main() {
    let mut args = std::env::args().skip(1);
    let file = args.next().unwrap();
    let from: u64 = args.next().map_or(0, |s| s.parse().unwrap());
    let all = args.next().is_some();
    let s = Scenario::parse(&std::fs::read_to_string(file).unwrap()).unwrap();
    let p = scenario::run(&s, &Overrides::default()).unwrap();
    let w = p.history.world();
    for (id, e) in p.history.trace().range(p.zero_entries, p.history.trace().len()) {
        let t = e.at.0 - 30_000_000;
        if t < from { continue; }
        let show = all || match &e.what { What::Note(_) | What::Acted(_) | What::Down(_) | What::Up => true, What::Sent { brief, .. } => !brief.background, _ => false };
        if show { let d = format!("{:?}", e.what); println!("{:>5} {:>10.6} {:<4} {}", id.0, t as f64/1e6, w.name(e.seat), &d[..d.len().min(230)]); }
    }
}
