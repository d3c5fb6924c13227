//! Building a graph, finding that it has no circle, and putting it in order: for every shape, at three sizes.

#![allow(missing_docs, reason = "criterion's macros make items without documentation")]

use benches::shapes::{Shape, recipe};
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

fn build_and_order(criterion: &mut Criterion) {
    for shape in Shape::ALL {
        let mut group = criterion.benchmark_group(format!("graph/{}", shape.word()));
        group.sample_size(10);
        for count in [1_000, 10_000, 50_000] {
            let recipe = recipe(shape, count);
            group.throughput(Throughput::Elements(count as u64));
            group.bench_with_input(BenchmarkId::new("build, check, order", count), &recipe, |bencher, recipe| {
                bencher.iter_batched(
                    || recipe.clone(),
                    |recipe| {
                        let (graph, edges) = recipe.build();
                        let length = graph.order().map(|order| order.len()).unwrap_or_default();
                        (graph, edges, length)
                    },
                    BatchSize::LargeInput,
                );
            });
        }
        group.finish();
    }
}

fn find_a_circle(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("graph/circle");
    group.sample_size(10);
    for count in [1_000, 10_000, 50_000] {
        let (graph, _) = recipe(Shape::Chain, count).with_a_circle().build();
        group.throughput(Throughput::Elements(count as u64));
        group.bench_with_input(BenchmarkId::new("chain", count), &graph, |bencher, graph| {
            bencher.iter(|| graph.order().map(|order| order.len()).map_err(|cycle| cycle.members.len()));
        });
    }
    group.finish();
}

criterion_group!(benches, build_and_order, find_a_circle);
criterion_main!(benches);
