use super::*;

fn profile() -> Profile {
    let some = |text: &str| Some(text.to_owned());
    Profile {
        platform_account_id: "17841".to_owned(),
        kind: "profile".to_owned(),
        name: "Fjord Coffee".to_owned(),
        handle: some("fjord"),
        picture_url: some("https://cdn.example/1.jpg"),
        account_type: some("BUSINESS"),
        tier: some("basic"),
        verified: Some(false),
        role: some("admin"),
        linked_page_id: some("102"),
        linked_page_name: some("Fjord"),
        ..Profile::default()
    }
}

fn found(before: &Profile, after: &Profile) -> Vec<(&'static str, Option<String>, Option<String>)> {
    let seen = |profile| Seen { profile, has_picture: true };
    let changes = changes(seen(before), seen(after));
    changes.into_iter().map(|change| (change.kind.as_str(), change.from, change.to)).collect()
}

/// Each change alone.
#[test]
fn each_change_is_told_with_what_was_and_what_is() {
    type Make = fn(&mut Profile);
    type Told = Option<String>;
    let some = |text: &str| Some(text.to_owned());
    let rows: [(Make, &str, Told, Told, &str); 7] = [
        (|p| p.name = "Fjord".into(), "name", some("Fjord Coffee"), some("Fjord"), "account.profile_changed"),
        (|p| p.handle = Some("oslo".into()), "handle", some("fjord"), some("oslo"), "account.handle_changed"),
        (
            |p| p.account_type = Some("PERSONAL".into()),
            "type",
            some("BUSINESS"),
            some("PERSONAL"),
            "account.type_changed",
        ),
        (|p| p.tier = Some("premium".into()), "tier", some("basic"), some("premium"), "account.profile_changed"),
        (|p| p.verified = Some(true), "verification", some("false"), some("true"), "account.verification_changed"),
        (|p| p.role = Some("editor".into()), "role", some("admin"), some("editor"), "account.profile_changed"),
        (|p| p.linked_page_id = Some("103".into()), "linked_page", some("102"), some("103"), "account.profile_changed"),
    ];
    for (make, kind, from, to, event) in rows {
        let (before, mut after) = (profile(), profile());
        make(&mut after);
        assert_eq!(found(&before, &after), [(kind, from, to)]);
        let seen = |profile| Seen { profile, has_picture: true };
        let told = events(&changes(seen(&before), seen(&after)));
        assert_eq!(told.iter().map(|(event, _)| *event).collect::<Vec<_>>(), [event]);
    }
    assert_eq!(found(&profile(), &profile()), []);
}

#[test]
fn a_handle_can_be_taken_on_and_given_up() {
    let (with, without) = (profile(), Profile { handle: None, ..profile() });
    let fjord = Some("fjord".to_owned());
    assert_eq!(found(&without, &with), [("handle", None, fjord.clone())]);
    assert_eq!(found(&with, &without), [("handle", fjord, None)]);
}

#[test]
fn what_an_answer_does_not_tell_has_not_changed() {
    let silent = Profile {
        account_type: None,
        tier: None,
        verified: None,
        role: None,
        linked_page_id: None,
        linked_page_name: None,
        picture_url: None,
        ..profile()
    };
    assert_eq!(found(&profile(), &silent), []);
    // What is known for the first time was so before, unless it is something that one takes on.
    let kinds: Vec<_> = found(&silent, &profile()).into_iter().map(|(kind, from, _)| (kind, from)).collect();
    assert_eq!(kinds, [("tier", None), ("linked_page", None)]);
}

#[test]
fn a_picture_changes_when_it_comes_or_goes_and_not_with_its_address() {
    let before = profile();
    let after = Profile { picture_url: Some("https://cdn.example/1.jpg?signed=again".to_owned()), ..profile() };
    assert_eq!(found(&before, &after), []);
    let seen = |has_picture| Seen { profile: &before, has_picture };
    let shown = Some("shown".to_owned());
    let change = |from, to| vec![Change { kind: Kind::Picture, from, to }];
    assert_eq!(changes(seen(false), seen(true)), change(None, shown.clone()));
    assert_eq!(changes(seen(true), seen(false)), change(shown, None));
}

#[test]
fn changes_of_one_answer_make_one_event_of_each_type() {
    let after = Profile {
        name: "Fjord".to_owned(),
        handle: Some("oslo".to_owned()),
        role: Some("editor".to_owned()),
        verified: Some(true),
        ..profile()
    };
    let before = profile();
    let seen = |profile| Seen { profile, has_picture: true };
    let told = events(&changes(seen(&before), seen(&after)));
    let kinds: Vec<_> =
        told.iter().map(|(event, of)| (*event, of.iter().map(|c| c.kind).collect::<Vec<_>>())).collect();
    assert_eq!(
        kinds,
        [
            ("account.profile_changed", vec![Kind::Name, Kind::Role]),
            ("account.handle_changed", vec![Kind::Handle]),
            ("account.verification_changed", vec![Kind::Verification]),
        ]
    );
    assert!(kinds.iter().all(|(event, _)| crate::account::TOLD.contains(event)));
    assert_eq!(events(&[]), []);
}
