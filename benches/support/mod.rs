//! What the measurements share: a site with many readers, the program run on it, and a mail server.
#![allow(dead_code)]

pub(crate) mod magazine;
pub(crate) mod process;
pub(crate) mod sink;
pub(crate) mod site;

use std::time::Duration;

/// The option `--NAME VALUE` of the command line, or what it is otherwise.
pub(crate) fn option<T: std::str::FromStr>(name: &str, otherwise: T) -> T {
    let mut arguments = std::env::args().skip_while(|given| *given != format!("--{name}"));
    let Some(value) = arguments.nth(1) else {
        return otherwise;
    };
    match value.parse() {
        Ok(value) => value,
        Err(_) => panic!("--{name} {value}: this is no such value"),
    }
}

/// Whether `--NAME` is on the command line.
pub(crate) fn flag(name: &str) -> bool {
    std::env::args().any(|given| given == format!("--{name}"))
}

/// The one in the middle; of an even number the lower of the two.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[(sorted.len() - 1) / 2]
}

/// `0.91 (0.88 to 0.97)`: the median, the least and the most.
pub(crate) fn spread(values: &[f64]) -> String {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    format!("{:.3} ({least:.3} to {most:.3})", median(values))
}

/// Prints how a bar was met; whether it was.
pub(crate) fn judge(what: &str, value: f64, bar: &str, holds: bool) -> bool {
    let verdict = if holds { "pass" } else { "FAIL" };
    println!("{verdict}  {what}: {value:.3} (wanted: {bar})");
    holds
}

/// Ends the program: status 1 where a bar was not met.
pub(crate) fn end(bars: &[bool]) -> ! {
    std::process::exit(i32::from(bars.contains(&false)))
}

/// How many others want the processors, as the system tells it: a measurement is worth less then.
pub(crate) fn load() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().unwrap_or_default().to_owned()
}

pub(crate) fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
