//! Import circles, between files and between top-level modules.

use crate::rules::{Breach, House, Target};
use std::collections::{BTreeMap, BTreeSet};

/// Who imports whom, and the first place where.
type Graph = BTreeMap<String, BTreeMap<String, (String, usize)>>;

/// Every circle once, at its first import.
pub(crate) fn breaches(house: &House) -> Vec<Breach> {
    let (mut files, mut tops) = (Graph::new(), Graph::new());
    for file in &house.files {
        for named in file.paths.iter().filter(|named| !named.handed_on) {
            let Target::Inside(path) = house.resolve(file, &named.segments) else {
                continue;
            };
            // The root holds no code of its own: it only lists the modules.
            let Some(holder) = house.holder(&path).filter(|holder| !holder.module.is_empty()) else {
                continue;
            };
            let place = (file.path.clone(), named.line);
            add(&mut files, &file.path, &holder.path, &place);
            if let Some(top) = file.module.first() {
                add(&mut tops, top, &holder.module[0], &place);
            }
        }
    }
    let mut found = circles(&files, "no circle between files");
    found.extend(circles(&tops, "no circle between modules"));
    found
}

fn add(graph: &mut Graph, from: &str, to: &str, place: &(String, usize)) {
    if from != to {
        graph
            .entry(from.to_owned())
            .or_default()
            .entry(to.to_owned())
            .or_insert_with(|| place.clone());
    }
}

fn circles(graph: &Graph, rule: &'static str) -> Vec<Breach> {
    let mut found = Vec::new();
    let mut told = BTreeSet::new();
    for start in graph.keys() {
        if told.contains(start) {
            continue;
        }
        let Some(circle) = shortest_back(graph, start) else {
            continue;
        };
        told.extend(circle.iter().cloned());
        let steps: Vec<String> = circle
            .iter()
            .zip(circle.iter().cycle().skip(1))
            .map(|(from, to)| {
                let (file, line) = &graph[from][to];
                format!("{from} → {to} ({file}:{line})")
            })
            .collect();
        let (file, line) = graph[&circle[0]][&circle[1]].clone();
        found.push(Breach {
            file,
            line,
            rule,
            what: steps.join(", "),
            instead: "move what both need into a file below both".to_owned(),
        });
    }
    found
}

/// The shortest way from a node back to itself, by breadth.
fn shortest_back(graph: &Graph, start: &str) -> Option<Vec<String>> {
    let mut ways = vec![vec![start.to_owned()]];
    let mut seen = BTreeSet::new();
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for way in ways {
            for next in graph.get(way.last()?).into_iter().flat_map(BTreeMap::keys) {
                if next == start {
                    return Some(way);
                }
                if seen.insert(next.clone()) {
                    longer.push([way.as_slice(), std::slice::from_ref(next)].concat());
                }
            }
        }
        ways = longer;
    }
    None
}
