//! What the connector can learn about the machine and the moment: it should be nothing.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Randomness as std gets it from the host.
pub fn random() -> u64 {
    RandomState::new().hash_one(7)
}

/// Everything, in one line.
pub fn everything() -> String {
    let order: HashMap<u32, ()> = (0..20).map(|key| (key, ())).collect();
    let order: Vec<String> = order.keys().map(u32::to_string).collect();
    let before = Instant::now();
    let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    std::thread::sleep(Duration::from_secs(86_400));
    let slept = before.elapsed();
    let still = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let env = std::env::vars().count();
    let args = std::env::args().count();
    let files = std::fs::read_dir("/").map(Iterator::count).map_err(|_| "none");
    let passwd = std::fs::read("/etc/passwd").is_ok();
    let mut line = String::new();
    let stdin = std::io::stdin().read_line(&mut line).map_err(|_| "closed");
    format!(
        "random={} order={} wall={wall:?} still={still:?} slept={slept:?} env={env} args={args} files={files:?} passwd={passwd} stdin={stdin:?}",
        random(),
        order.join(","),
    )
}
