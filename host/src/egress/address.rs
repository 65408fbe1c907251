//! Which addresses may be connected to.
//!
//! Public ones may, by the IANA special-purpose registries (RFC 6890 and its updates), read as an allow-list where
//! IPv6 has one (2000::/3). Anything else needs a range that the operator granted for the origin. A few are
//! refused even then: the addresses where clouds hand out credentials, and those that name nobody in particular.
//!
//! An IPv4 address inside an IPv6 one (mapped, NAT64) is judged as the IPv4 address it leads to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// What is thought of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Globally reachable.
    Public,
    /// Not public, inside a range that the operator granted.
    Granted,
    /// Not public and not granted.
    Private,
    /// Refused whatever is granted.
    Never,
}

const fn v4(a: u8, b: u8, c: u8, d: u8, length: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length)
}

const fn v6(first: u16, second: u16, length: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(first, second, 0, 0, 0, 0, 0, 0), length)
}

/// IPv4 ranges that are not globally reachable.
const SPECIAL_V4: [Ipv4Net; 15] = [
    v4(0, 0, 0, 0, 8),
    v4(10, 0, 0, 0, 8),
    v4(100, 64, 0, 0, 10),
    v4(127, 0, 0, 0, 8),
    v4(169, 254, 0, 0, 16),
    v4(172, 16, 0, 0, 12),
    v4(192, 0, 0, 0, 24),
    v4(192, 0, 2, 0, 24),
    v4(192, 88, 99, 0, 24),
    v4(192, 168, 0, 0, 16),
    v4(198, 18, 0, 0, 15),
    v4(198, 51, 100, 0, 24),
    v4(203, 0, 113, 0, 24),
    v4(224, 0, 0, 0, 4),
    v4(240, 0, 0, 0, 4),
];

/// The part of IPv6 that is handed out for the public Internet.
const PUBLIC_V6: Ipv6Net = v6(0x2000, 0, 3);

/// Ranges inside [`PUBLIC_V6`] that are not: protocol assignments with Teredo, documentation, 6to4.
const SPECIAL_V6: [Ipv6Net; 4] =
    [v6(0x2001, 0, 23), v6(0x2001, 0xdb8, 32), v6(0x2002, 0, 16), v6(0x3fff, 0, 20)];

/// NAT64's well-known prefix (RFC 6052).
const NAT64: Ipv6Net = v6(0x64, 0xff9b, 96);

/// Where clouds hand out credentials to their machines: the common address, ECS tasks, Alibaba, Oracle, Azure's
/// host (in a public range), and EC2 over IPv6.
const METADATA_V4: [Ipv4Addr; 6] = [
    Ipv4Addr::new(169, 254, 169, 254),
    Ipv4Addr::new(169, 254, 170, 2),
    Ipv4Addr::new(169, 254, 170, 23),
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(192, 0, 0, 192),
    Ipv4Addr::new(168, 63, 129, 16),
];
const METADATA_V6: [Ipv6Addr; 2] =
    [Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254), Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23)];

/// Whether an address is on the public Internet.
pub fn is_public(address: IpAddr) -> bool {
    match plain(address) {
        IpAddr::V4(address) => {
            !METADATA_V4.contains(&address) && !SPECIAL_V4.iter().any(|range| range.contains(&address))
        }
        IpAddr::V6(address) => {
            PUBLIC_V6.contains(&address) && !SPECIAL_V6.iter().any(|range| range.contains(&address))
        }
    }
}

/// What is thought of an address, given the ranges an operator granted.
pub fn judge(address: IpAddr, granted: &[IpNet]) -> Verdict {
    let address = plain(address);
    if is_never(address) {
        Verdict::Never
    } else if granted.iter().any(|range| range.contains(&address)) {
        Verdict::Granted
    } else if is_public(address) {
        Verdict::Public
    } else {
        Verdict::Private
    }
}

fn is_never(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            METADATA_V4.contains(&address)
                || address.is_multicast()
                || address.is_broadcast()
                || address.octets()[0] == 0
        }
        IpAddr::V6(address) => {
            METADATA_V6.contains(&address)
                || address.is_unspecified()
                || address.is_multicast()
                || six_to_four(address).is_some_and(|inner| is_never(IpAddr::V4(inner)))
        }
    }
}

/// The address that packets really go to: the IPv4 one where IPv6 only carries it.
fn plain(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    if let Some(v4) = v6.to_ipv4_mapped() {
        return IpAddr::V4(v4);
    }
    if NAT64.contains(&v6) {
        let [.., a, b, c, d] = v6.octets();
        return IpAddr::V4(Ipv4Addr::new(a, b, c, d));
    }
    address
}

/// The IPv4 address inside a 6to4 one (RFC 3056).
fn six_to_four(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [first, second, a, b, c, d, ..] = address.octets();
    (first == 0x20 && second == 0x02).then(|| Ipv4Addr::new(a, b, c, d))
}

#[cfg(test)]
mod tests {
    use super::{Verdict, judge};

    fn verdict(address: &str, granted: &[&str]) -> Verdict {
        let granted: Vec<_> = granted.iter().map(|range| range.parse().unwrap()).collect();
        judge(address.parse().unwrap(), &granted)
    }

    #[test]
    fn only_the_public_internet_is_public() {
        for public in [
            "1.1.1.1",
            "93.184.216.34",
            "2606:4700::1111",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "172.32.0.1",
        ] {
            assert_eq!(verdict(public, &[]), Verdict::Public, "{public}");
        }
        for private in [
            "10.0.0.1",
            "127.0.0.1",
            "127.255.255.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.1.1",
            "100.64.0.1",
            "192.0.2.1",
            "198.18.0.1",
            "198.51.100.7",
            "203.0.113.9",
            "250.0.0.1",
            "::1",
            "::7f00:1",
            "fe80::1",
            "fc00::1",
            "fd12:3456::1",
            "2001:db8::1",
            "2001::1",
            "2002:7f00:1::1",
            "2002:808:808::1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "3fff::1",
            "5f00::1",
        ] {
            assert_eq!(verdict(private, &[]), Verdict::Private, "{private}");
        }
    }

    #[test]
    fn a_granted_range_opens_itself_and_nothing_else() {
        assert_eq!(verdict("10.1.2.3", &["10.0.0.0/8"]), Verdict::Granted);
        assert_eq!(verdict("::ffff:10.1.2.3", &["10.0.0.0/8"]), Verdict::Granted);
        assert_eq!(verdict("192.168.0.1", &["10.0.0.0/8"]), Verdict::Private);
        assert_eq!(verdict("::1", &["127.0.0.0/8"]), Verdict::Private);
        assert_eq!(verdict("fd12::1", &["fd12::/16"]), Verdict::Granted);
    }

    #[test]
    fn metadata_services_cannot_be_granted() {
        let all = ["0.0.0.0/0", "::/0"];
        for never in [
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::1",
            "169.254.170.2",
            "100.100.100.200",
            "168.63.129.16",
            "fd00:ec2::254",
            "0.0.0.0",
            "::",
            "255.255.255.255",
            "224.0.0.1",
            "ff02::1",
        ] {
            assert_eq!(verdict(never, &all), Verdict::Never, "{never}");
        }
    }
}
