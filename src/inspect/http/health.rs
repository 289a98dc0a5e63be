//! Words in which services say how they are.

/// Words for what works.
const WELL: [&str; 19] = [
    "up",
    "ok",
    "okay",
    "pass",
    "passed",
    "passing",
    "healthy",
    "success",
    "green",
    "alive",
    "live",
    "ready",
    "available",
    "serving",
    "operational",
    "running",
    "connected",
    "warn",
    "true",
];
/// Words for what does not.
const ILL: [&str; 19] = [
    "down",
    "fail",
    "failed",
    "failing",
    "failure",
    "unhealthy",
    "error",
    "degraded",
    "out_of_service",
    "critical",
    "red",
    "unavailable",
    "offline",
    "dead",
    "disconnected",
    "not_ready",
    "not_serving",
    "timeout",
    "false",
];

/// Whether the word says that something works; `None` when it is no such word.
pub fn is_well(word: &str) -> Option<bool> {
    let word = word.trim().to_ascii_lowercase().replace([' ', '-'], "_");
    let word = word.as_str();
    if WELL.contains(&word) {
        return Some(true);
    }
    ILL.contains(&word).then_some(false)
}

/// Whether a path is one that health is asked at.
pub fn is_path(path: &str) -> bool {
    const NAMES: [&str; 16] = [
        "health",
        "healthz",
        "healthcheck",
        "health-check",
        "health_check",
        "ready",
        "readyz",
        "readiness",
        "live",
        "livez",
        "liveness",
        "alive",
        "ping",
        "heartbeat",
        "lbheartbeat",
        "statusz",
    ];
    path.split('/').any(|part| NAMES.contains(&part.trim_start_matches('_').to_ascii_lowercase().as_str()))
}
