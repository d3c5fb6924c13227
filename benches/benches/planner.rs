//! From the text of a spec to its plan, stage by stage and as a whole, against a world in which all is as wanted: at three sizes.
//! And a spec with many mistakes against a clean one.

#![allow(missing_docs, reason = "criterion's macros make items without documentation")]
#![allow(clippy::expect_used, reason = "a generated spec is right, or the benchmark is worth nothing")]

use benches::generate::{Layout, spec};
use benches::mistakes::with_mistakes;
use benches::pipeline::{ground, planned};
use benches::size::{FILE, compiled, parsed};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use jiff::civil::date;
use planner::plan::diff::diff;
use planner::policy::{Case, judge};
use planner::render::Style;
use planner::render::diagnostics::diagnostics;
use planner::spec::parse;

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];

fn text_to_plan(criterion: &mut Criterion) {
    for size in SIZES {
        let ground = ground(size).expect("a ground");
        let spec = parsed(&ground.text).expect("a spec");
        let wanted = compiled(&spec).expect("a graph");
        let mut group = criterion.benchmark_group("spec");
        group.sample_size(10).throughput(Throughput::Elements(ground.resources as u64));
        group.bench_function(BenchmarkId::new("parse", size), |bencher| bencher.iter(|| parsed(&ground.text)));
        group.bench_function(BenchmarkId::new("compile", size), |bencher| bencher.iter(|| compiled(&spec)));
        group.bench_function(BenchmarkId::new("plan", size), |bencher| bencher.iter(|| planned(&ground, &spec, &wanted)));
        let made = planned(&ground, &spec, &wanted);
        group.bench_function(BenchmarkId::new("judge", size), |bencher| {
            bencher.iter(|| judge(&Case::of(&spec, &wanted.graph, date(2027, 1, 15)).plan(&made)));
        });
        group.bench_function(BenchmarkId::new("diff", size), |bencher| {
            bencher.iter(|| {
                let differences = |(address, seen): (&model::Address, &model::observation::Observed)| {
                    let resource = wanted.graph.get(address).expect("it is wanted");
                    diff(address.kind(), &resource.document, &seen.document, &ground.digests).len()
                };
                ground.snapshot.objects().map(differences).sum::<usize>()
            });
        });
        group.bench_function(BenchmarkId::new("text to plan", size), |bencher| {
            bencher.iter(|| {
                let spec = parsed(&ground.text).expect("a spec");
                let wanted = compiled(&spec).expect("a graph");
                planned(&ground, &spec, &wanted)
            });
        });
        group.finish();
    }
}

fn mistakes(criterion: &mut Criterion) {
    let clean = spec(Layout::of_cells(500));
    let wrong = with_mistakes(&clean, 1_000);
    let mut group = criterion.benchmark_group("diagnostics");
    group.throughput(Throughput::Bytes(clean.len() as u64));
    group.bench_function("clean", |bencher| bencher.iter(|| parse(FILE, clean.as_bytes()).is_ok()));
    group.bench_function("1,000 mistakes", |bencher| {
        bencher.iter(|| {
            let complaints = parse(FILE, wrong.as_bytes()).err().unwrap_or_default();
            diagnostics(&complaints, FILE, &wrong, Style::PLAIN).len()
        });
    });
    group.finish();
}

criterion_group!(benches, text_to_plan, mistakes);
criterion_main!(benches);
