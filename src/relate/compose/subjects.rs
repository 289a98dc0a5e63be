//! The subjects: what is said of the end states of compose files. An end state is what one command brings up: a file
//! with its override, or a base with the layer that needs it, everything that they include and extend merged in.

use crate::fact::Type;

crate::subject! {
    /// The image of a service, variables filled in.
    pub struct Image: "compose.image" {
        /// As it is pulled; points to it.
        reference: Type::String,
        /// Without tag and digest.
        name: Type::String,
        /// Absent when there is none.
        tag: Type::String,
        /// Absent when there is none.
        digest: Type::String,
        /// Whether there is a tag or a digest.
        has_version: Type::Bool,
        /// Whether the tag is `latest`, and there is no digest.
        is_latest: Type::Bool,
        /// Whether the tag is a channel or a flavour without a number (`stable`, `alpine`), and there is no digest.
        tag_moves: Type::Bool,
        /// Whether a service of the repository builds this very name, so that the tag is no more than a name for it.
        is_built_here: Type::Bool,
        /// Whether it ends in what stands in for a variable that no file sets (`${TAG:-latest}`): whoever deploys chooses.
        is_fallback: Type::Bool,
    }

    /// A service of an end state. Stands at its name.
    pub struct Service: "compose.service" {
        /// Its name.
        name: Type::String,
        /// The files of the end state, as a command would name them: `compose.yaml + compose.prod.yaml`.
        files: Type::String,
        /// Its image; absent when it has none; unknown when it hangs on a variable that no file sets.
        image: Type::Record(Image::SUBJECT),
        /// Whether it has an image at all.
        has_image: Type::Bool,
        /// Whether it is built here; points to `build`.
        is_built: Type::Bool,
        /// What is known of the product in it: PostgreSQL; absent when nothing is.
        product: Type::String,
        /// What the product is deployed for (`database`, `cache`, `broker`, `proxy`, `console`, …); absent when unknown.
        product_role: Type::String,
        /// The fixed name of its container; absent when there is none.
        container_name: Type::String,
        /// Other services that have the same fixed name and may run at the same time.
        same_container_name: Type::List(&Type::String),
        /// Whether the fixed name has only characters that the engine takes; points to the name.
        container_name_is_valid: Type::Bool,
        /// `privileged`; points to it.
        is_privileged: Type::Bool,
        /// Added capabilities that are as good as root on the host, in upper case, without `CAP_`.
        dangerous_capabilities: Type::List(&Type::String),
        /// The other added capabilities that reach beyond the container.
        strong_capabilities: Type::List(&Type::String),
        /// Whether it drops any capability.
        drops_capabilities: Type::Bool,
        /// Whether it forbids its processes to gain privileges.
        forbids_escalation: Type::Bool,
        /// Entries of `security_opt` that switch a protection off.
        unconfined: Type::List(&Type::String),
        /// Whether its root file system is read-only.
        is_read_only: Type::Bool,
        /// `user`; absent when it is not set.
        user: Type::String,
        /// Whether `user` is root; points to it.
        sets_root: Type::Bool,
        /// Whether it shares the host's network; points to the setting.
        uses_host_network: Type::Bool,
        /// Namespaces of the host that it shares: `pid`, `ipc`, `uts`, `userns`, `cgroup`; each points to its setting.
        host_namespaces: Type::List(&Type::String),
        /// Devices of the host that give power over it (`/dev/mem`, `/dev/sda`); each points to its entry.
        dangerous_devices: Type::List(&Type::String),
        /// Whether it is a tool that watches or steers the host or its containers by design (profiler, node exporter,
        /// reverse proxy with discovery, VPN …), as its image says.
        is_host_tool: Type::Bool,
        /// Whether it is meant to run for ever: it is no job, test or one-off command.
        runs_forever: Type::Bool,
        /// Whether it starts only when a profile is asked for, or has no replicas.
        is_optional: Type::Bool,
        /// Whether only a further file brings it, which has to be asked for.
        is_added: Type::Bool,
        /// `restart`, or that of `deploy`; absent when there is none.
        restart: Type::String,
        /// Whether a policy starts it again after a failure.
        restarts: Type::Bool,
        /// Whether the number of attempts has an end.
        restart_is_bounded: Type::Bool,
        /// Whether nearly all services beside it that run for ever are started again: three in four, and three at least.
        restart_is_usual: Type::Bool,
        /// Its memory limit in bytes; absent when there is none.
        memory_limit: Type::Int,
        /// Whether memory or CPU are limited.
        has_limits: Type::Bool,
        /// Whether the number of processes is limited.
        has_pids_limit: Type::Bool,
        /// Whether anything checks its health: here, or in the image that is built for it. Unknown for an image of which
        /// nothing is known.
        has_healthcheck: Type::Bool,
        /// Whether the check of the image is switched off here; points to the setting.
        disables_healthcheck: Type::Bool,
        /// Services that depend on it.
        dependants: Type::List(&Type::String),
        /// `logging.driver`; absent when it is not set.
        log_driver: Type::String,
        /// Whether its log has a greatest size, or goes elsewhere.
        log_is_bounded: Type::Bool,
        /// Whether it says which networks it is on.
        has_networks: Type::Bool,
        /// `cgroup_parent`; absent when it is not set.
        cgroup_parent: Type::String,
        /// tmpfs mounts with `exec` or `suid`; each points to its entry.
        executable_tmpfs: Type::List(&Type::String),
        /// Whether a port of it is published beyond the host itself.
        is_published: Type::Bool,
        /// Whether everything else here is built to serve it: load generator, test client.
        is_test_client: Type::Bool,
        /// What the start command downloads or installs from the network; each points to the word.
        downloads: Type::List(&Type::String),
        /// Names of other services that its variables point to and that it does not depend on, not even through others;
        /// each points to the address.
        undeclared_needs: Type::List(&Type::String),
        /// Flags and variables of runtimes that let the heap grow to the memory limit or beyond; each points to its text.
        excessive_heaps: Type::List(&Type::String),
        /// Variables that turn the check of certificates off; each points to its value.
        unverified: Type::List(&Type::String),
        /// Whether it waits for any other service.
        has_dependencies: Type::Bool,
        /// Keys of the service in the usual order; points to the first that is not.
        is_ordered: Type::Bool,
    }

    /// A port of a service. Stands at its entry.
    pub struct Port: "compose.port" {
        /// Name of the service.
        service: Type::String,
        /// The address of the host; absent when none is written.
        host_ip: Type::String,
        /// The host's port, of a range the first; absent when the engine picks one.
        published: Type::Int,
        /// The container's port, of a range the first.
        target: Type::Int,
        /// `tcp` or `udp`.
        protocol: Type::String,
        /// Who can reach it: `loopback` (the host only), `address` (one address of the host), `all` (every interface),
        /// `none` (the entry is not in force). Unknown when a variable decides.
        exposure: Type::String,
        /// Whether it can be read; points to the entry.
        is_valid: Type::Bool,
        /// Whether it is written without quotes in a way that old readers take for a number to the base 60.
        is_sexagesimal: Type::Bool,
        /// Whether it is written without quotes.
        is_unquoted: Type::Bool,
        /// Other services that publish the same port of the host and may run at the same time.
        clashes: Type::List(&Type::String),
        /// Who talks to it, for a known product: `data`, `admin`, `metrics`, `cluster`; absent when unknown.
        purpose: Type::String,
        /// The product behind it; absent when unknown.
        product: Type::String,
        /// What the product is deployed for; absent when unknown.
        product_role: Type::String,
        /// Whether it is where users come in: a web proxy's port, 80 or 443, the only published port of all.
        is_entry: Type::Bool,
        /// Whether the service is built here or unknown, and another service of the set is where users come in.
        is_behind_entry: Type::Bool,
        /// Whether the product lets everybody in as it is shipped, and nothing here changes that; absent when that is not
        /// known.
        is_open: Type::Bool,
        /// Whether the image built for it exposes it; absent where that says nothing.
        is_exposed: Type::Bool,
        /// What the image exposes.
        exposed: Type::List(&Type::String),
        /// The port on which a web server of .NET listens since version 8, where port 80 of one is published that is built
        /// here and nothing that can be seen moves it; absent otherwise.
        listens_instead: Type::Int,
        /// Whether the service uses the host's network, so that the entry does nothing.
        is_ignored: Type::Bool,
    }

    /// A mount of a service. Stands at its entry.
    pub struct Mount: "compose.mount" {
        /// Name of the service.
        service: Type::String,
        /// `bind`, `volume`, `tmpfs`, `image`, or `anonymous`.
        form: Type::String,
        /// The folder of the host, or the name of the volume; absent for anonymous volumes.
        source: Type::String,
        /// Where it appears in the container.
        target: Type::String,
        /// Whether it is mounted read-only.
        is_read_only: Type::Bool,
        /// Whether it is the socket of the container runtime, or a folder that holds it.
        is_runtime_socket: Type::Bool,
        /// Whether the service is a tool that steers containers by design, or guards the socket.
        is_for_host_tool: Type::Bool,
        /// Whether whoever writes there owns the host: `/`, `/etc`, `/var/lib/docker` …
        is_root_equivalent: Type::Bool,
        /// Whether it shows what others should not see: `/`, `/etc`, `/home`, `~/.ssh` …
        is_sensitive: Type::Bool,
        /// Whether mounts made inside reach the host; points to the setting.
        is_shared: Type::Bool,
        /// Whether it is a single file, or a folder, that the service only reads, as others mount it or its name says.
        is_configuration: Type::Bool,
        /// Other services that mount the same named volume and may write to it.
        other_writers: Type::List(&Type::String),
        /// Whether a short form is written in quotes.
        is_quoted: Type::Bool,
        /// Whether it hides a folder that the image's build filled (`/app` over a build with `COPY . /app`).
        hides_build: Type::Bool,
    }

    /// That a service waits for another. Stands at the other's name.
    pub struct Dependency: "compose.dependency" {
        /// Name of the service.
        service: Type::String,
        /// Name of the one it waits for.
        target: Type::String,
        /// `service_started`, `service_healthy` or `service_completed_successfully`; points to it.
        condition: Type::String,
        /// Whether the start may go on without it.
        is_required: Type::Bool,
        /// Whether the end state has a service of that name.
        is_defined: Type::Bool,
        /// Whether the other starts whenever the service does: no profile keeps it back.
        is_active: Type::Bool,
        /// Whether anything checks the other's health. Unknown for an image of which nothing is known.
        is_checked: Type::Bool,
        /// Whether something is known to check it.
        has_check: Type::Bool,
        /// What the other is deployed for; absent when unknown.
        target_role: Type::String,
        /// Whether clients usually fail when the other is not ready: databases, brokers, caches, search, secrets,
        /// configuration.
        is_store: Type::Bool,
        /// Whether the other takes what it gets later too, so that waiting is no use: a collector of telemetry.
        is_lenient: Type::Bool,
        /// The services of the circle that it closes; absent when there is none.
        circle: Type::String,
        /// Whether the other surely ends by itself and leaves something for others: a schema, first data, buckets.
        prepares: Type::Bool,
        /// Whether the service is a job or a test.
        is_for_job: Type::Bool,
        /// Whether the service starts again when it fails, which stands in for waiting.
        restarts: Type::Bool,
    }

    /// A name of something that is described elsewhere: `network`, `volume`, `secret`, `config`, `link`, `extends`,
    /// `include`, `volumes_from`. Stands at the name.
    pub struct Reference: "compose.reference" {
        /// What it names.
        form: Type::String,
        /// The name.
        name: Type::String,
        /// The service; the file's own name for an include.
        service: Type::String,
        /// Whether it is there; unknown when it lies out of what was read.
        is_defined: Type::Bool,
        /// The services or files of the circle that it closes; absent when there is none.
        circle: Type::String,
    }

    /// A network, volume, secret or config of the top level. Stands at its name.
    pub struct Resource: "compose.resource" {
        /// `network`, `volume`, `secret` or `config`.
        form: Type::String,
        /// Its name.
        name: Type::String,
        /// Whether a service uses it.
        is_used: Type::Bool,
    }

    /// A file or folder that a service or a secret names: it must be there when the project starts. Stands at the path.
    pub struct Path: "compose.path" {
        /// `env_file`, `secret`, `config`, `context`, `dockerfile`.
        form: Type::String,
        /// As written, variables filled in.
        path: Type::String,
        /// Whether it is there. Unknown when it lies out of what was read, or git ignores it.
        exists: Type::Bool,
        /// Whether an example beside it shows how to make it, or its name is that of a file that everybody makes.
        is_made_by_hand: Type::Bool,
        /// Whether the start fails without it.
        is_required: Type::Bool,
        /// Name of the service; of the secret or config for those.
        owner: Type::String,
    }

    /// An image that a service builds. Stands at `build`.
    pub struct Build: "compose.build" {
        /// Name of the service.
        service: Type::String,
        /// The Dockerfile; absent when it cannot be seen.
        dockerfile: Type::String,
        /// The stage that is asked for; absent when none is.
        target: Type::String,
        /// Whether the Dockerfile has that stage; absent when none is asked for or the file cannot be seen. Points to it.
        target_exists: Type::Bool,
        /// Build arguments that the Dockerfile never declares; each points to its name. Empty when the file cannot be seen.
        unknown_arguments: Type::List(&Type::String),
        /// Whether the service also names an image.
        has_image: Type::Bool,
    }

    /// A check of a service's health. Stands at its test.
    pub struct Health: "compose.health" {
        /// Name of the service.
        service: Type::String,
        /// Whether any answer passes: a web client that ignores the status, a command that always succeeds. Points to the
        /// test.
        accepts_anything: Type::Bool,
        /// What passes; absent when the check can fail.
        flaw: Type::String,
        /// Whether it also passes while the product is still being set up for the first time.
        passes_during_setup: Type::Bool,
        /// Whether it can be read: a list begins with CMD, CMD-SHELL or NONE. Points to the test.
        is_valid: Type::Bool,
        /// Seconds after the start before the service counts as unhealthy: start period + interval × retries.
        patience: Type::Int,
        /// Whether there is a start period.
        has_start_period: Type::Bool,
        /// Whether a slow runtime (JVM) is likely, as the image or its variables say.
        is_slow_starter: Type::Bool,
        /// Services that wait until it passes.
        waiting: Type::List(&Type::String),
    }

    /// A service that runs a known product. Stands at the image.
    pub struct Product: "compose.product" {
        /// Its name for people: PostgreSQL.
        title: Type::String,
        /// What it is deployed for.
        role: Type::String,
        /// Name of the service.
        service: Type::String,
        /// Whether the service is meant to stay.
        runs_forever: Type::Bool,
        /// The version line (`16`; `before 2.36` for what is older than every line that is listed); absent when the tag does
        /// not say.
        cycle: Type::String,
        /// The last day with security updates; absent when unknown or not announced.
        ends: Type::String,
        /// Whether a line ends as soon as the next one is out.
        is_rolling: Type::Bool,
        /// Why nobody should start with these images any more; absent when they are fine.
        deprecated: Type::String,
        /// Whether data that somebody will miss is lost with the container unless a volume holds it.
        keeps_data: Type::Bool,
        /// Whether it may keep data, depending on what it is used for.
        may_keep_data: Type::Bool,
        /// Whether a named volume or a folder of the host holds its data; unknown when settings may have moved it. Points
        /// to the mount that does not last, else to the image.
        is_persisted: Type::Bool,
        /// The folder that should be on a volume.
        data_folder: Type::String,
        /// Accounts that everybody knows and nothing here replaces.
        default_accounts: Type::List(&Type::String),
        /// Whether everybody is let in as it is set up here; absent when that is not known.
        is_open: Type::Bool,
        /// Whether a port of it is published beyond the host itself.
        is_published: Type::Bool,
        /// Whether it has a memory limit and nothing of its own that keeps it below; absent for products without such a
        /// setting.
        memory_is_unbounded: Type::Bool,
        /// Its own memory setting where it contradicts the limit: what is set, and what the limit is; absent when it fits.
        memory_conflict: Type::String,
    }

    /// A variable or flag that turns off what protects a known product. Stands at its value.
    pub struct Insecure: "compose.insecure" {
        /// The product.
        title: Type::String,
        /// The variable or flag.
        name: Type::String,
        /// Whether its value turns the protection off.
        takes_effect: Type::Bool,
        /// What it does, as the end of "with this setting …".
        effect: Type::String,
        /// Name of the service.
        service: Type::String,
        /// Whether a port of the service is published beyond the host itself.
        is_published: Type::Bool,
        /// Whether it only shows what is there: nothing can be changed by it.
        only_shows: Type::Bool,
    }

    /// A variable that compose fills in. Stands at its use.
    pub struct Variable: "compose.variable" {
        /// Its name.
        name: Type::String,
        /// Whether it is written in a way that compose can read; points to it.
        is_valid: Type::Bool,
        /// Whether something stands in for it, or the start stops by intent.
        has_fallback: Type::Bool,
        /// Whether the `.env` beside the files, or another file for the shell, sets it.
        is_set: Type::Bool,
        /// Whether there is a `.env` beside the files.
        has_env_file: Type::Bool,
        /// Whether an example or another file beside tells people of it.
        is_documented: Type::Bool,
        /// Whether it is no more than passed on to the container, under whatever name.
        is_passed_on: Type::Bool,
        /// Whether an `env_file` of the service sets it, which does not count here.
        is_in_env_file: Type::Bool,
        /// Name of the service; empty outside of services.
        service: Type::String,
    }

    /// All services of an end state together. Stands at `services`.
    pub struct Set: "compose.set" {
        /// The files of the end state.
        files: Type::String,
        /// How many of its services are meant to run for ever.
        services: Type::Int,
        /// How many of those start again after a failure.
        restarting: Type::Int,
        /// How many of those have a memory limit.
        limited: Type::Int,
        /// How many of those have a log with a greatest size.
        rotated: Type::Int,
        /// How many of those have a health check, as far as it can be seen.
        checked: Type::Int,
        /// Whether it is made for Swarm, which starts services again by itself.
        is_for_swarm: Type::Bool,
        /// Whether it is only a layer, whose base was not found.
        is_partial: Type::Bool,
    }
}
