use std::collections::BTreeMap;

use super::*;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn ended(reference: &str, now: &str) -> Option<bool> {
    known(reference)?.line().map(|line| line.has_ended(day(now)))
}

#[test]
fn every_file_is_embedded_and_well_formed() {
    for (id, _, json) in FILES {
        let read: Result<Product, _> = serde_json::from_str(json);
        assert!(read.is_ok(), "products/{id}.yaml: {}", read.unwrap_err());
    }
    assert_eq!(products().iter().count(), FILES.len());
    assert!(FILES.len() >= 30, "{}", FILES.len());
    for product in products().iter() {
        let id = &product.id;
        assert!(!product.title.is_empty() && !product.images.is_empty(), "{id}");
        assert!(!product.sources.is_empty(), "{id} has no source");
        assert!(product.sources.iter().all(|source| source.starts_with("https://")), "{id}");
        assert!(product.as_of.year >= 2025, "{id}");
        assert!(!product.ports_complete || !product.ports.is_empty(), "{id} says that no port is all there is");
        for cycle in &product.cycles {
            assert!(!cycle.name.is_empty() && cycle.codename.as_deref() != Some(""), "{id}");
        }
    }
}

#[test]
fn a_repository_belongs_to_one_product_and_is_in_short_form() {
    let mut seen = BTreeMap::new();
    for product in products().iter() {
        for name in product.images.iter().flat_map(|image| &image.names) {
            assert_eq!(seen.insert(name, &product.id), None, "{name} is named twice");
            let reference = Reference::parse(name).unwrap();
            assert_eq!((reference.repository, reference.tag, reference.digest), (name.as_str(), None, None));
            assert_eq!(by_image(name).map(|found| &found.id), Some(&product.id));
        }
    }
}

#[test]
fn settings_have_one_name_and_ports_and_folders_are_not_repeated() {
    for product in products().iter() {
        let id = &product.id;
        let lists = [&product.durable_when, &product.insecure, &product.memory];
        let ports = || product.ports.iter().chain(product.images.iter().flat_map(|image| image.ports.iter().flatten()));
        let data = || product.images.iter().flat_map(|image| &image.data);
        let settings = lists.into_iter().flatten();
        let settings = settings.chain(product.accounts.iter().flat_map(|account| &account.replaced_by));
        let settings = settings.chain(product.authentication.iter().flat_map(|auth| &auth.enabled_by));
        let settings = settings.chain(ports().flat_map(|port| &port.moved_by));
        for setting in settings.chain(data().flat_map(|data| &data.moved_by)) {
            let names = [&setting.env, &setting.flag, &setting.key];
            assert_eq!(names.iter().filter(|name| name.is_some()).count(), 1, "{id}: {setting:?}");
            assert!(!setting.name().is_empty(), "{id}");
        }
        assert!(product.insecure.iter().all(|setting| setting.effect.is_some()), "{id}: an insecure setting says why");
        assert!(data().all(|data| data.path.starts_with('/')), "{id}");
        let mut own: Vec<_> = product.ports.iter().map(|port| (port.port, port.protocol == Protocol::Udp)).collect();
        own.sort_unstable();
        assert!(own.windows(2).all(|pair| pair[0] != pair[1]), "{id}: {own:?}");
    }
}

#[test]
fn images_are_found_by_their_whole_repository() {
    for reference in ["docker.io/library/postgres:16", "postgres", "public.ecr.aws/docker/library/postgres:16.1"] {
        assert_eq!(by_image(reference).unwrap().id, "postgres", "{reference}");
    }
    for reference in ["mypostgres", "me/postgres", "postgres-exporter", "ghcr.io/library/postgres", "${DB}", ""] {
        assert!(by_image(reference).is_none(), "{reference}");
    }
}

#[test]
fn ports_lead_to_products() {
    let ids = |port| by_port(port).map(|(product, _)| product.id.as_str()).collect::<Vec<_>>();
    assert_eq!(ids(5432), ["postgres"]);
    assert_eq!(ids(6379), ["redis", "valkey"]);
    assert!(ids(1).is_empty());
    let nginx = known("nginxinc/nginx-unprivileged:1.29").unwrap();
    assert_eq!(nginx.ports().iter().map(|port| port.port).collect::<Vec<_>>(), [8080]);
}

#[test]
fn lines_end() {
    assert_eq!(ended("postgres:12", "2026-11-21"), Some(true));
    assert_eq!(ended("postgres:14", "2026-11-12"), Some(false), "the last day counts");
    assert_eq!(ended("postgres:14", "2026-11-13"), Some(true));
    assert_eq!(ended("postgres:9.6-alpine", "2026-11-21"), Some(true));
    assert_eq!(ended("node:16.20.2-buster", "2026-11-21"), Some(true));
    assert_eq!(ended("python:3", "2026-11-21"), Some(false), "a moving tag is the newest line");
    assert_eq!(ended("python:2", "2026-11-21"), Some(true));
    assert_eq!(ended("debian:buster-slim", "2026-11-21"), Some(true));
    assert_eq!(ended("ubuntu:jammy-20240111", "2026-11-21"), Some(false));
    assert_eq!(ended("alpine:3.20.3", "2026-11-21"), Some(true));
    assert_eq!(ended("prom/prometheus:v2.4.2", "2026-11-21"), Some(true), "older than every line that is listed");
    for unknown in ["postgres", "postgres:alpine", "postgres:99", "postgres@sha256:00", "confluentinc/cp-kafka:3.2"] {
        assert_eq!(ended(unknown, "2026-11-21"), None, "{unknown}");
    }
}

#[test]
fn a_tag_names_its_operating_system() {
    let base = |reference: &str| {
        let (os, line) = known(reference)?.base_line()?;
        Some((os.id.as_str(), line.has_ended(day("2026-11-21"))))
    };
    assert_eq!(base("python:3.13-slim-buster"), Some(("debian", true)));
    assert_eq!(base("golang:1.26-alpine3.17"), Some(("alpine", true)));
    assert_eq!(base("node:24-trixie"), Some(("debian", false)));
    assert_eq!(base("node:24-alpine"), None);
    assert_eq!(base("gcr.io/distroless/static-debian11:nonroot"), Some(("debian", true)));
    assert_eq!(base("debian:buster"), None, "its own support says it");
}

#[test]
fn facts_follow_the_version() {
    let folders = |reference: &str| known(reference).unwrap().data().map(|data| data.path.as_str()).collect::<Vec<_>>();
    assert_eq!(folders("postgres:17"), ["/var/lib/postgresql/data"]);
    assert_eq!(folders("postgres:18.1"), ["/var/lib/postgresql"]);
    assert_eq!(folders("postgres:alpine").len(), 2, "it could be either");
    let non_root = |reference: &str| known(reference).unwrap().runs_as_non_root();
    assert_eq!(non_root("haproxy:2.3"), Some(false));
    assert_eq!(non_root("haproxy:3.2"), Some(true));
    assert_eq!(non_root("haproxy:alpine"), None);
    assert_eq!(non_root("gcr.io/distroless/static-debian12:nonroot"), Some(true));
    assert_eq!(non_root("gcr.io/distroless/static-debian12"), Some(false));
    let accounts = |reference: &str| known(reference).unwrap().accounts().map(|a| a.name.clone()).collect::<Vec<_>>();
    assert_eq!(accounts("opensearchproject/opensearch:2.11.1"), ["admin"]);
    assert!(accounts("opensearchproject/opensearch:2.12.0").is_empty());
    assert!(accounts("opensearchproject/opensearch:2").is_empty(), "not sure");
    assert_eq!(accounts("rabbitmq:4-management"), ["guest"]);
    assert!(accounts("bitnami/rabbitmq:4.1").is_empty(), "it has its own");
}

#[test]
fn settings_take_effect_by_value() {
    let postgres = by_image("postgres").unwrap();
    let trust = postgres.insecure.iter().find(|setting| setting.name() == "POSTGRES_HOST_AUTH_METHOD").unwrap();
    assert!(trust.takes_effect("trust") && trust.takes_effect("TRUST"));
    assert!(!trust.takes_effect("scram-sha-256") && !trust.takes_effect(""));
}

#[test]
fn days_are_days() {
    for text in ["2026-02-29", "2026-13-01", "2026-1-1", "2026-00-10", "2026-01-00", "20260101", "2026-01-01-01", ""] {
        assert!(text.parse::<Day>().is_err(), "{text}");
    }
    assert_eq!(day("2024-02-29").to_string(), "2024-02-29");
    assert!(day("2026-11-21") < day("2026-12-01"));
}
