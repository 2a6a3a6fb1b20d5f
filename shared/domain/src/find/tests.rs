//! Words of every vocabulary.

use super::*;
use crate::health::vocabulary::{find, shipped};

/// S0-27
#[test]
fn every_word_of_every_vocabulary_is_understood() {
    for vocabulary in shipped() {
        for word in words_of(vocabulary) {
            let own = std::slice::from_ref(vocabulary);
            let status = Status::find(&word.label.to_uppercase(), own).expect("its own word");
            assert_eq!((status.words.id.as_str(), status.label), (vocabulary.id.as_str(), word.label.as_str()));
            assert!(Status::find(&word.label, shipped()).is_some());
        }
    }
    let found = |word: &str, id: Option<&str>| {
        let within = id.map_or(shipped(), |id| std::slice::from_ref(find(Some(id)).expect("shipped")));
        Status::find(word, within).map(|status| (status.words.id.as_str(), status.label))
    };
    assert_eq!(found("Connected", None), Some(("s0", "Active")), "both words mean the same");
    assert_eq!(found("connected", Some("s3")), Some(("s3", "Active")));
    assert_eq!(found("active", Some("s4")), Some(("s4", "Connected")));
    assert_eq!(found("needs sync", None), Some(("s4", "Needs Sync")));
    assert_eq!(found("Inactive", None), Some(("s3", "Inactive")));
    assert_eq!(found("Active", Some("s2")), None, "S2 has no word for it");
    assert_eq!(found("Needs Sync", Some("s0")), None);
    assert_eq!(found("", None), None);
}
