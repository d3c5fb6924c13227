//! Every part of every conversation has a box, boxes do not overlap, and the picture is XML.

use super::boxes::boxes;
use crate::spec::Spec;
use crate::topology::conversations;

fn specs() -> Vec<(String, Spec)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../specs/valid");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: std::path::PathBuf| {
        let spec = crate::spec::parse("vamp.yaml", &std::fs::read(&path).unwrap()).unwrap().spec;
        (path.file_stem().unwrap().to_string_lossy().into_owned(), spec)
    };
    paths.into_iter().map(read).collect()
}

#[test]
fn every_end_of_every_conversation_has_its_box_and_no_two_boxes_overlap() {
    for (name, spec) in specs() {
        let all = conversations(&spec);
        let boxes = boxes(&spec, &all);
        for one in &all {
            assert!(boxes.of(&one.from).is_some() && boxes.of(&one.to).is_some(), "{name}: {one:?}");
        }
        for (index, one) in boxes.all.iter().enumerate() {
            assert!(one.y + one.height <= boxes.height && one.x + one.width <= super::boxes::WIDTH, "{name}: {one:?}");
            for other in &boxes.all[index + 1..] {
                let apart = one.x + one.width <= other.x
                    || other.x + other.width <= one.x
                    || one.y + one.height <= other.y
                    || other.y + other.height <= one.y;
                assert!(apart, "{name}: {one:?} {other:?}");
            }
        }
    }
}

#[test]
fn what_leaves_a_country_is_drawn_broken_and_says_so() {
    let (_, m4) = specs().into_iter().find(|(name, _)| name == "m4").unwrap();
    let picture = super::svg(&m4, &conversations(&m4), &[]);
    assert!(picture.contains("strand audit abroad") && picture.contains("leaves IE for DE"));
    let (_, m0) = specs().into_iter().find(|(name, _)| name == "m0").unwrap();
    assert!(!super::svg(&m0, &conversations(&m0), &[]).contains(" abroad\""));
}
