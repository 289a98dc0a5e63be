//! What shows that an image wants to be root: rights over the host that it is given, and what it installs.

use std::collections::BTreeSet;

use super::start::is_true;
use crate::fact::{Data, Fact, Value};
use crate::syntax::tree::Node;

/// Capabilities that are of use only to who manages the machine or its network.
const CAPABILITIES: [&str; 9] =
    ["ALL", "NET_ADMIN", "NET_RAW", "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO", "SYS_NICE", "SYS_TIME"];

fn is_right(capability: &str) -> bool {
    let name = capability.to_ascii_uppercase();
    CAPABILITIES.contains(&name.trim_start_matches("CAP_"))
}

/// Whether a service of a compose file gets devices, capabilities or all rights of the host.
pub(super) fn of_service(service: Node<'_>) -> bool {
    let items = |key: &str| service.get(key).into_iter().flat_map(Node::items);
    service.get("privileged").is_some_and(|value| value.text() == "true")
        || items("devices").next().is_some()
        || items("cap_add").any(|item| is_right(item.text()))
}

/// Whether instructions start something with such rights.
pub(super) fn are_told(text: &str) -> bool {
    let is_flag = |flag: &str| {
        text.match_indices(flag).any(|(at, _)| {
            let rest = text[at + flag.len()..].trim_start_matches(['=', ' ', '"']);
            match flag {
                "--device" => rest.starts_with("/dev/"),
                "--cap-add" => rest.get(..3).is_some_and(|start| start.chars().all(|c| c.is_ascii_uppercase())),
                _ => true,
            }
        })
    };
    ["--device", "--cap-add", "docker run --privileged"].iter().any(|flag| is_flag(flag))
        || ["- /dev/", "- \"/dev/", "- '/dev/", "- NET_ADMIN", "- SYS_ADMIN"].iter().any(|item| text.contains(item))
}

/// The names of images to which a manifest gives such rights.
pub(super) fn of_images(facts: &[Fact<'_>]) -> BTreeSet<String> {
    let mut images = BTreeSet::new();
    for fact in facts.iter().filter(|fact| fact.subject().name == "kubernetes.container") {
        let Some(Data::Record(image)) = fact.record.get("image").map(|image| &image.data) else { continue };
        let Some(repository) = image.get("repository").and_then(Value::as_str) else { continue };
        let added = match fact.record.get("added_capabilities").map(|list| &list.data) {
            Some(Data::List(items)) => items.iter().filter_map(Value::as_str).any(is_right),
            _ => false,
        };
        if added || is_true(&fact.record, "privileged") {
            images.insert(repository.rsplit('/').next().unwrap_or(repository).to_ascii_lowercase());
        }
    }
    images
}

/// Ports on which only DHCP, TFTP and tunnels are spoken.
pub(super) fn is_port_of_root(port: &Fact<'_>) -> bool {
    let number = match port.record.get("number").map(|number| &number.data) {
        Some(Data::Int(number)) => Some(*number),
        _ => None,
    };
    matches!(number, Some(67 | 68 | 69 | 500 | 1194 | 1701 | 4500 | 51820))
}

/// Whether a command installs what works on the machine itself, or changes users.
pub(super) fn installs_tool_of_root(command: &Fact<'_>) -> bool {
    const TOOLS: [&str; 34] = [
        "bluez",
        "bridge-utils",
        "cifs-utils",
        "cryptsetup",
        "dnsmasq",
        "e2fsprogs",
        "ebtables",
        "ethtool",
        "eudev",
        "fail2ban",
        "fuse",
        "fuse3",
        "hostapd",
        "i2c-tools",
        "ifupdown",
        "ipset",
        "iptables",
        "ipvsadm",
        "kmod",
        "libpcap",
        "libpcap0.8",
        "libusb",
        "libusb-1.0-0",
        "lvm2",
        "mdadm",
        "nfs-common",
        "nftables",
        "openvpn",
        "smartmontools",
        "strongswan",
        "sudo",
        "tcpdump",
        "udev",
        "wireguard-tools",
    ];
    if command.record.get("action").and_then(Value::as_str) != Some("install") {
        return false;
    }
    let Some(Data::List(packages)) = command.record.get("packages").map(|packages| &packages.data) else {
        return false;
    };
    packages.iter().any(|package| match &package.data {
        Data::Record(package) => package.get("name").and_then(Value::as_str).is_some_and(|name| TOOLS.contains(&name)),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::are_told;

    #[test]
    fn instructions_that_give_rights_of_the_host() {
        for told in [
            "docker run --device=/dev/ttyUSB0 x",
            "docker run --device /dev/ttyACM0 x",
            "docker run --cap-add=NET_ADMIN x",
            "docker run --cap-add NET_RAW x",
            "docker run --privileged x",
            "    devices:\n      - /dev/ttyUSB0:/dev/ttyUSB0",
        ] {
            assert!(are_told(told), "{told}");
        }
        for other in ["", "run.py --device cuda", "the flag --cap-add is not needed", "--privileged users", "/dev/null"]
        {
            assert!(!are_told(other), "{other}");
        }
    }
}
