//! Which keys the Compose specification has where, and what may stand under them. A table, and the walk along it.

use crate::syntax::suggest::suggest;
use crate::syntax::tree::{Entry, Kind, Node};

/// Something that the specification does not have.
#[derive(Debug)]
pub(super) struct Wrong<'s> {
    /// Where: the key, else the value.
    pub(super) entry: Entry<'s>,
    /// The keys on the way, with dots.
    pub(super) path: String,
    /// What is wrong with it, as the end of "… is".
    pub(super) problem: &'static str,
    /// What is meant instead, where that is clear.
    pub(super) instead: Option<String>,
    /// Whether the key itself is unknown; else its value is wrong.
    pub(super) is_unknown_key: bool,
}

const TOP: &str = "version name services networks volumes configs secrets include models";
const SERVICE: &str = "\
    annotations attach blkio_config build cap_add cap_drop cgroup cgroup_parent command configs container_name cpu_count \
    cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares cpus cpuset credential_spec depends_on deploy \
    develop device_cgroup_rules devices dns dns_opt dns_search domainname entrypoint env_file environment expose extends \
    external_links extra_hosts gpus group_add healthcheck hostname image init ipc isolation label_file labels links logging \
    mac_address mem_limit mem_reservation mem_swappiness memswap_limit models network_mode networks oom_kill_disable \
    oom_score_adj pid pids_limit platform ports post_start pre_stop privileged profiles provider pull_policy \
    pull_refresh_after read_only restart runtime scale secrets security_opt shm_size stdin_open stop_grace_period \
    stop_signal storage_opt sysctls tmpfs tty ulimits use_api_socket user userns_mode uts volumes volumes_from working_dir";
const BUILD: &str = "\
    additional_contexts args cache_from cache_to context dockerfile dockerfile_inline entitlements extra_hosts isolation \
    labels network no_cache no_cache_filter platforms privileged provenance pull sbom secrets shm_size ssh tags target ulimits";
const HEALTHCHECK: &str = "disable interval retries start_interval start_period test timeout";
const DEPLOY: &str = "\
    endpoint_mode labels mode placement replicas resources restart_policy rollback_config update_config";
const LOGGING: &str = "driver options";
const DEPENDENCY: &str = "condition required restart";
const VOLUME: &str = "driver driver_opts external labels name";
const NETWORK: &str = "\
    attachable driver driver_opts enable_ipv4 enable_ipv6 external internal ipam labels name";
const SECRET: &str = "driver driver_opts environment external file labels name template_driver";
const CONFIG: &str = "content driver driver_opts environment external file labels name template_driver";
const PORT: &str = "app_protocol host_ip mode name protocol published target";
const MOUNT: &str = "bind cluster consistency image read_only source subpath target tmpfs type volume";

/// Keys of the versions before the specification, and what took their place.
const OLD: &[(&str, &str)] = &[
    ("dockerfile", "build.dockerfile"),
    ("log_driver", "logging.driver"),
    ("log_opt", "logging.options"),
    ("net", "network_mode"),
    ("volume_driver", "volumes.<name>.driver"),
    ("context", "build.context"),
    ("memory", "deploy.resources.limits.memory"),
    ("env", "environment"),
    ("entry_point", "entrypoint"),
    ("replicas", "deploy.replicas"),
    ("resources", "deploy.resources"),
    ("restart_policy", "deploy.restart_policy"),
    ("target", "build.target"),
    ("args", "build.args"),
];

/// Keys of a service with the kinds of value that they take.
const KINDS: &[(&str, &[Kind], &str)] = &[
    ("build", &[Kind::Str, Kind::Map], "a path or a mapping"),
    ("cap_add", &[Kind::List], "a list"),
    ("cap_drop", &[Kind::List], "a list"),
    ("depends_on", &[Kind::List, Kind::Map], "a list or a mapping"),
    ("deploy", &[Kind::Map], "a mapping"),
    ("devices", &[Kind::List], "a list"),
    ("environment", &[Kind::List, Kind::Map], "a list or a mapping"),
    ("expose", &[Kind::List], "a list"),
    ("healthcheck", &[Kind::Map], "a mapping"),
    ("image", &[Kind::Str], "text"),
    ("logging", &[Kind::Map], "a mapping"),
    ("networks", &[Kind::List, Kind::Map], "a list or a mapping"),
    ("ports", &[Kind::List], "a list"),
    ("profiles", &[Kind::List], "a list"),
    ("security_opt", &[Kind::List], "a list"),
    ("volumes", &[Kind::List], "a list"),
    ("volumes_from", &[Kind::List], "a list"),
];

/// What the specification does not have in the file whose outermost mapping is `root`.
pub(super) fn wrong(root: Node<'_>) -> Vec<Wrong<'_>> {
    let mut found = Vec::new();
    keys(root, "", TOP, &mut found);
    let sections =
        [("services", SERVICE), ("volumes", VOLUME), ("networks", NETWORK), ("secrets", SECRET), ("configs", CONFIG)];
    for (section, known) in sections {
        let Some(node) = root.get(section) else { continue };
        for entry in node.entries().filter(|entry| !entry.key.is_merge()) {
            let path = format!("{section}.{}", entry.key.text());
            if !entry.key.text().starts_with("x-") {
                keys(entry.value, &path, known, &mut found);
            }
            if section == "services" {
                service(entry.value, &path, &mut found);
            }
        }
    }
    found
}

fn service<'s>(node: Node<'s>, path: &str, found: &mut Vec<Wrong<'s>>) {
    for entry in node.entries() {
        let key = entry.key.text();
        let below = || format!("{path}.{key}");
        match key {
            "build" => keys(entry.value, &below(), BUILD, found),
            "healthcheck" => keys(entry.value, &below(), HEALTHCHECK, found),
            "deploy" => keys(entry.value, &below(), DEPLOY, found),
            "logging" => keys(entry.value, &below(), LOGGING, found),
            "ports" => entry.value.items().for_each(|item| keys(item, &below(), PORT, found)),
            "volumes" => entry.value.items().for_each(|item| keys(item, &below(), MOUNT, found)),
            "depends_on" => {
                for one in entry.value.entries() {
                    keys(one.value, &format!("{}.{}", below(), one.key.text()), DEPENDENCY, found);
                    let condition = one.value.entries().find(|entry| entry.key.text() == "condition");
                    if let Some(condition) = condition {
                        value(condition, &below(), &CONDITIONS, "no condition that compose knows", found);
                    }
                }
            }
            "restart" if entry.value.kind() == Kind::Str && !restarts(entry.value.text()) => {
                found.push(Wrong {
                    entry,
                    path: below(),
                    problem: "no restart policy",
                    instead: suggest(entry.value.text(), RESTARTS).map(str::to_owned),
                    is_unknown_key: false,
                });
            }
            _ => {}
        }
        let expected = KINDS.iter().find(|(name, ..)| *name == key);
        let Some((_, kinds, problem)) = expected else { continue };
        let kind = entry.value.kind();
        let is_text = kinds.contains(&Kind::Str) && matches!(kind, Kind::Int | Kind::Float | Kind::Bool);
        let is_filled_in = entry.value.tag().is_some() || entry.value.text().contains('$');
        if kind != Kind::Null && !kinds.contains(&kind) && !is_text && !is_filled_in {
            found.push(Wrong { entry, path: below(), problem, instead: None, is_unknown_key: false });
        }
    }
}

const CONDITIONS: [&str; 3] = ["service_started", "service_healthy", "service_completed_successfully"];
const RESTARTS: [&str; 4] = ["always", "unless-stopped", "on-failure", "no"];

fn restarts(text: &str) -> bool {
    let text = text.trim();
    text.contains('$')
        || matches!(text, "" | "no" | "always" | "unless-stopped" | "on-failure")
        || text.strip_prefix("on-failure:").is_some_and(|count| count.bytes().all(|byte| byte.is_ascii_digit()))
}

fn value<'s>(entry: Entry<'s>, path: &str, known: &[&str], problem: &'static str, found: &mut Vec<Wrong<'s>>) {
    let text = entry.value.text();
    if !known.contains(&text) && !text.contains('$') {
        let instead = suggest(text, known.iter().copied()).map(str::to_owned);
        found.push(Wrong { entry, path: path.to_owned(), problem, instead, is_unknown_key: false });
    }
}

/// The keys of `node` that are not among `known`.
fn keys<'s>(node: Node<'s>, path: &str, known: &str, found: &mut Vec<Wrong<'s>>) {
    for entry in node.entries() {
        let key = entry.key.text();
        let is_known = known.split(' ').any(|word| word == key) || key.starts_with("x-") || entry.key.is_merge();
        if is_known || key.is_empty() {
            continue;
        }
        let old = OLD.iter().find(|(old, _)| *old == key && std::ptr::eq(known, SERVICE)).map(|(_, new)| *new);
        let instead = old.or_else(|| suggest(key, known.split(' ')));
        let path = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        let problem = "no key of the Compose specification here";
        found.push(Wrong { entry, path, problem, instead: instead.map(str::to_owned), is_unknown_key: true });
    }
}
