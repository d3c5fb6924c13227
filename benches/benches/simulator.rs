//! The reference platform in virtual time: three regions, two clusters in each of five nodes, three gateway agents a cell. A quiet month,
//! a quiet day, and what it takes to look at all cells.

#![allow(missing_docs, reason = "criterion's macros make items without documentation")]
#![allow(clippy::expect_used, reason = "the reference platform comes up, or the benchmark is worth nothing")]

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use model::Duration;
use simulator::operator::Desired;
use simulator::run::Warm;

const REFERENCE: &str = include_str!("../../specs/simulate/reference.yaml");

fn quiet(criterion: &mut Criterion) {
    let desired = Desired::read("reference.yaml", REFERENCE.as_bytes()).expect("a spec");
    let warm = Warm::up(&desired).expect("a platform that comes up");
    let mut group = criterion.benchmark_group("quiet");
    group.sample_size(10);
    for (name, days) in [("day", 1), ("month", 30)] {
        let pass = |mut world: simulator::world::World| {
            world.advance(Duration::minutes(days * 24 * 60));
            // Agents make up for the renewals of all that time before Vault changes.
            world.seal().expect("there is a Vault");
            world.cells()
        };
        group.bench_function(name, |bencher| bencher.iter_batched(|| warm.world.clone(), pass, BatchSize::LargeInput));
    }
    group.bench_function("cells", |bencher| bencher.iter(|| warm.world.cells()));
    group.finish();
}

criterion_group!(benches, quiet);
criterion_main!(benches);
