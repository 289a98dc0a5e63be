//! Names to addresses, through hickory.

use std::net::{IpAddr, SocketAddr};

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    LookupIpStrategy, NameServerConfig, ProtocolConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::system_conf::read_system_conf;

use super::{Failure, Net, Options};

/// All addresses of `host`, v4 and v6, permitted or not.
pub(super) async fn addresses(net: &Net, host: &str) -> Result<Vec<IpAddr>, Failure> {
    // The final dot keeps the search list of the machine out: what a policy names is whole.
    let name = if host.ends_with('.') { host.to_owned() } else { format!("{host}.") };
    match net.resolver()?.lookup_ip(name.as_str()).await {
        Ok(found) => {
            let all: Vec<IpAddr> = found.iter().collect();
            if all.is_empty() { Err(Failure::Unresolved("no record".into())) } else { Ok(all) }
        }
        Err(error) if error.is_nx_domain() => Err(Failure::Unresolved("it does not exist (NXDOMAIN)".into())),
        Err(error) if error.is_no_records_found() => Err(Failure::Unresolved("no record".into())),
        Err(_) => Err(Failure::Unresolved("the name server did not answer".into())),
    }
}

/// Who looks names up.
pub(super) fn resolver(options: &Options) -> Result<TokioResolver, Failure> {
    let (config, mut opts) = match options.resolver {
        Some(server) => (ResolverConfig::from_name_servers(vec![server_config(server)]), ResolverOpts::default()),
        None => system()?,
    };
    opts.timeout = options.timeout;
    // One try over UDP and one more within the time of the whole look-up, which `within` bounds.
    opts.attempts = 1;
    opts.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
    if options.resolver.is_some() {
        opts.use_hosts_file = ResolveHosts::Never;
    }
    let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
    *builder.options_mut() = opts;
    builder.build().map_err(|_| Failure::Io("the name resolver cannot be set up".into()))
}

/// The name servers to ask.
pub(super) fn name_servers(options: &Options) -> Result<Vec<SocketAddr>, Failure> {
    if let Some(server) = options.resolver {
        return Ok(vec![server]);
    }
    let (config, _) = system()?;
    let port = |server: &NameServerConfig| {
        let plain = server.connections.iter().find(|one| matches!(one.protocol, ProtocolConfig::Udp));
        plain.map_or(53, |connection| connection.port)
    };
    Ok(config.name_servers().iter().map(|server| SocketAddr::new(server.ip, port(server))).collect())
}

fn system() -> Result<(ResolverConfig, ResolverOpts), Failure> {
    read_system_conf().map_err(|_| Failure::Io("the system names no name server; give one with --resolver".into()))
}

fn server_config(server: SocketAddr) -> NameServerConfig {
    let mut config = NameServerConfig::udp_and_tcp(server.ip());
    for connection in &mut config.connections {
        connection.port = server.port();
    }
    config
}
