//! What names and images say of a service, where nothing better is known. Tables of data.

use crate::inspect::compose::document::{Form, Part};
use crate::product::ProductRole;

/// Whether a service of that name stands in front of the others.
pub(super) fn names_front(name: &str) -> bool {
    const WORDS: &str = "gateway proxy ingress nginx traefik caddy haproxy envoy edge loadbalancer lb";
    let mut words = name.split(['-', '_', '.']);
    words.any(|word| WORDS.split(' ').any(|known| known.eq_ignore_ascii_case(word)))
}

/// Whether a service is a job that ends: by its name, its policy, or what it runs.
pub(super) fn is_job(name: &str, service: &Part<'_>) -> bool {
    const WORDS: &str = "\
        migrate migration migrations migrator init initializer seed seeder setup bootstrap test tests e2e cypress playwright \
        lint build builder backup restore job import importer loader cli createbuckets create topics provision";
    let mut words = name.split(['-', '_', '.']);
    if words.any(|word| WORDS.split_whitespace().any(|known| known.eq_ignore_ascii_case(word))) {
        return true;
    }
    if service.get("restart").is_some_and(|part| part.raw == "no" || part.form == Form::Bool(false)) {
        return true;
    }
    let interactive = service.get("stdin_open").is_some_and(|part| part.form == Form::Bool(true));
    let command = service.get("command").or_else(|| service.get("entrypoint"));
    let text: Vec<&str> =
        command.map(|command| command.scalars().iter().map(|one| one.raw).collect()).unwrap_or_default();
    let text = text.join(" ");
    // A container that only holds volumes runs `true`.
    const COMMANDS: [&str; 11] = [
        "true",
        "/bin/true",
        "migrate",
        "db:migrate",
        "db upgrade",
        "alembic upgrade",
        "createsuperuser",
        "pg_dump",
        "mc mb",
        "bash",
        "sh",
    ];
    COMMANDS.iter().any(|known| text == *known)
        || (interactive && text.is_empty() && service.get("ports").is_none())
        || ["migrate deploy", "alembic upgrade head", "manage.py migrate", "db:migrate", "kafka-topics --create"]
            .iter()
            .any(|known| text.ends_with(known))
}

/// Whether a service surely ends by itself and leaves something for others: a schema, first data, buckets. What is
/// reached by a port, asked for its health or always started again stays, whatever it is called.
pub(super) fn prepares(name: &str, service: &Part<'_>, restarts: Option<bool>) -> bool {
    const WORDS: &str = "\
        migrate migration migrations migrator init initializer seed seeder setup createbuckets provision provisioner";
    let mut words = name.split(['-', '_', '.']);
    let is_named = words.any(|word| WORDS.split_whitespace().any(|known| known.eq_ignore_ascii_case(word)));
    let stays = ["ports", "healthcheck", "expose"].iter().any(|key| service.get(key).is_some());
    is_named && is_job(name, service) && !stays && restarts == Some(false)
}

/// Whether everything else is built to serve it: it makes load, or tests.
pub(super) fn is_test_client(name: &str, image: &str) -> bool {
    const WORDS: [&str; 9] =
        ["load", "loadgen", "loadgenerator", "locust", "k6", "gatling", "jmeter", "artillery", "vegeta"];
    let is =
        |text: &str| text.split(['-', '_', '.', '/', ':']).any(|word| WORDS.contains(&&*word.to_ascii_lowercase()));
    is(name) && name != "load-balancer" && !names_front(name) || is(image)
}

/// Whether an image is made to watch or steer the host or its containers.
pub(super) fn is_host_tool(image: &str) -> bool {
    const PARTS: &str = "\
        profiler node-exporter node_exporter cadvisor portainer watchtower traefik autoheal ofelia dozzle netdata glances \
        docker-socket-proxy dockerproxy socket-proxy nginx-proxy docker-gen acme-companion wireguard openvpn tailscale \
        headscale zerotier gluetun softether strongswan falco sysdig tetragon ebpf promtail fluent-bit fluentd filebeat \
        metricbeat datadog/agent newrelic/infrastructure telegraf diun ouroboros docker:dind dind home-assistant \
        homeassistant keepalived pihole adguard dockprom docker-events scrutiny smokeping vector otel/opentelemetry-collector \
        alloy act_runner gitlab-runner github-runner actions-runner drone-runner woodpecker buildkit yacht dockge komodo \
        homepage uptime-kuma caddy-gen caddy-docker-proxy visualizer swarmpit shepherd lazydocker";
    has_word(&image.to_ascii_lowercase(), PARTS.split_whitespace())
}

/// Whether a word of `text` begins with one of `parts`: `vector` in `timberio/vector`, not in `pgvector`.
fn has_word<'p>(text: &str, parts: impl Iterator<Item = &'p str> + Clone) -> bool {
    let is_start = |at: usize| at == 0 || text.as_bytes().get(at - 1).is_some_and(|byte| !byte.is_ascii_alphanumeric());
    let mut words = (0..text.len()).filter(|at| is_start(*at)).filter_map(|at| text.get(at..));
    words.any(|word| parts.clone().any(|part| word.starts_with(part)))
}

/// Whether an image guards the socket of the runtime, so that others need not have it.
pub(super) fn guards_socket(image: &str) -> bool {
    let image = image.to_ascii_lowercase();
    ["socket-proxy", "dockerproxy", "docker-proxy"].iter().any(|part| image.contains(part))
}

/// Whether clients usually fail when such a product is not ready.
pub(super) fn is_store(role: ProductRole) -> bool {
    use ProductRole::{Broker, Cache, Coordination, Database, ObjectStore, Search, Secrets};
    matches!(role, Database | Broker | Cache | Search | ObjectStore | Coordination | Secrets)
}

/// Whether a product keeps what it is sent for later, or its clients do, so that waiting is no use.
pub(super) fn is_lenient(role: Option<ProductRole>, name: &str, image: &str) -> bool {
    use ProductRole::{Dashboard, Logs, Metrics, Traces};
    const PARTS: [&str; 8] = ["collector", "otel", "jaeger", "zipkin", "fluent", "statsd", "mailhog", "mailpit"];
    let telemetry = matches!(role, Some(Dashboard | Logs | Metrics | Traces));
    let text = format!("{name} {image}").to_ascii_lowercase();
    telemetry || has_word(&text, PARTS.into_iter())
}

/// The product role as rules read it.
pub(super) fn role_name(role: ProductRole) -> &'static str {
    match role {
        ProductRole::Database => "database",
        ProductRole::Cache => "cache",
        ProductRole::Broker => "broker",
        ProductRole::Search => "search",
        ProductRole::ObjectStore => "object-store",
        ProductRole::Coordination => "coordination",
        ProductRole::Secrets => "secrets",
        ProductRole::Metrics => "metrics",
        ProductRole::Logs => "logs",
        ProductRole::Traces => "traces",
        ProductRole::Dashboard => "dashboard",
        ProductRole::Proxy => "proxy",
        ProductRole::Identity => "identity",
        ProductRole::Delivery => "delivery",
        ProductRole::Application => "application",
        ProductRole::Console => "console",
        ProductRole::Runtime => "runtime",
        ProductRole::Os => "os",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_begin_where_words_begin() {
        assert!(
            is_host_tool("prom/node-exporter:v1")
                && is_host_tool("timberio/vector:0.40")
                && is_host_tool("docker:27-dind")
        );
        assert!(!is_host_tool("pgvector/pgvector:pg16") && !is_host_tool("example.com/subtraefik:1"));
        assert!(is_lenient(None, "otel-collector", "") && is_lenient(None, "x", "fluent/fluent-bit"));
        assert!(!is_lenient(None, "hotel", "example.com/hotel:1"));
    }
}
