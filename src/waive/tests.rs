use super::directive::{Meaning, Reach, read};

fn names(comment: &str) -> Vec<String> {
    read(comment).into_iter().flat_map(|one| one.names).map(|name| name.word).collect()
}

#[test]
fn our_words() {
    let one = read("# seaworthy: ignore[a/b, DL3006] reason=\"it is so\" until=2027-01-31 and a remark").remove(0);
    assert_eq!(one.names.len(), 2);
    assert_eq!(
        (one.reason.as_deref(), one.until.map(|day| day.to_string()).as_deref()),
        (Some("it is so"), Some("2027-01-31"))
    );
    assert_eq!(one.mistake, None);
    for wrong in [
        "# seaworthy: ignore",
        "# seaworthy: ignore[a/b",
        "# seaworthy: ignore[] reason=\"it is so\" until=2027-01-31",
        "# seaworthy: ignore[a/b] reason=it until=2027-01-31",
        "# seaworthy: ignore[a/b] reason=\"open until=2027-01-31",
        "# seaworthy: ignore[a/b] reason=\"\" until=2027-01-31",
        "# seaworthy: ignore[a/b] reason=\"it is so\" until=soon",
        "# seaworthy: ignroe[a/b]",
    ] {
        assert!(read(wrong).remove(0).mistake.is_some(), "{wrong}");
    }
    assert!(read("# as seaworthy: says").is_empty());
}

#[test]
fn peers_words() {
    assert_eq!(names("# hadolint ignore=DL3008,SC2046 , DL3009 and why"), ["DL3008", "SC2046", "DL3009"]);
    assert_eq!(read("# hadolint global ignore=DL3008").remove(0).reach, Reach::File);
    assert_eq!(read("#checkov:skip=CKV_DOCKER_2:no need").remove(0).reason.as_deref(), Some("no need"));
    assert_eq!(names("#trivy:ignore:AVD-DS-0001 trivy:ignore:DS002:exp:2027-01-01"), ["AVD-DS-0001", "DS002"]);
    assert_eq!(
        read("# trivy:ignore:DS002 exp:2027-01-01").remove(0).until.map(|day| day.to_string()).as_deref(),
        Some("2027-01-01")
    );
    assert_eq!(read("# gitleaks:allow").remove(0).names.remove(0).meaning, Meaning::Secrets);
    assert_eq!(read("# pragma: allowlist nextline secret").remove(0).reach, Reach::NextLine);
    assert_eq!(names("# dotenv-linter:off LowercaseKey, UnorderedKey"), ["LowercaseKey", "UnorderedKey"]);
    assert!(read("# hadolint is good, and so is tally").is_empty());
    let skip = super::directive::buildkit("skip=A,B;error=true", 8).expect("a directive");
    assert_eq!(skip.names.iter().map(|name| name.range.clone()).collect::<Vec<_>>(), [13..14, 15..16]);
    assert!(super::directive::buildkit("error=true", 8).is_none());
}
