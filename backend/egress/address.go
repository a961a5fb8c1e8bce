package egress

import (
	"net"
	"net/netip"
	"sync"
	"time"
)

// reach says how far an address may be reached.
type reach int

const (
	public  reach = iota
	private       // of the user's networks: only by an allow rule that names this very address
	never         // the host itself, its link, metadata services, and what is no single machine
)

func prefixes(texts ...string) []netip.Prefix {
	all := make([]netip.Prefix, len(texts))
	for i, t := range texts {
		all[i] = netip.MustParsePrefix(t)
	}
	return all
}

// From the IANA special-purpose address registries (RFC 6890 and its successors). The ranges for documentation are
// not here: no network of a user's has them, and build farms give them to their package mirrors.
var (
	neverReached = prefixes(
		"0.0.0.0/8",          // "this host": Linux connects to itself
		"127.0.0.0/8",        // loopback
		"169.254.0.0/16",     // link-local, and the metadata service of most clouds
		"100.100.100.200/32", // metadata of Alibaba Cloud
		"168.63.129.16/32",   // the host of an Azure machine
		"192.0.0.0/24",       // protocol assignments, and metadata of Oracle Cloud
		"192.88.99.0/24",     // 6to4 relays
		"224.0.0.0/4",        // multicast
		"240.0.0.0/4",        // reserved, and broadcast
		"fd00:ec2::/32",      // metadata of EC2
		"fe80::/10",          // link-local
		"ff00::/8",           // multicast
		"2001::/23",          // protocol assignments: Teredo, ORCHID, benchmarking
		"2002::/16",          // 6to4: an IPv4 address in disguise
	)
	privateNetworks = prefixes(
		"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
		"100.64.0.0/10", // shared by carriers and overlay networks
		"198.18.0.0/15", // benchmarking; some virtual networks
		"fc00::/7",      // unique local
		"fec0::/10",     // site-local
	)
	globalV6 = netip.MustParsePrefix("2000::/3")
	nat64    = netip.MustParsePrefix("64:ff9b::/96") // the last four bytes are the IPv4 address that is reached
)

func within(a netip.Addr, all []netip.Prefix) bool {
	for _, p := range all {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// reachOf judges an address. Local are the host's own addresses, each with the prefix of its network.
func reachOf(a netip.Addr, local []netip.Prefix) reach {
	if a = a.Unmap().WithZone(""); nat64.Contains(a) {
		b := a.As16()
		return reachOf(netip.AddrFrom4([4]byte(b[12:])), local)
	}
	switch {
	case !a.IsValid(), within(a, neverReached):
		return never
	case a.Is6() && !globalV6.Contains(a) && !within(a, privateNetworks):
		return never // everything else is unassigned, or carries another address within
	}
	for _, p := range local {
		if p.Addr() == a {
			return never
		}
	}
	// A neighbour in the same network is the user's too, also where its addresses are public, as in IPv6.
	if within(a, privateNetworks) || within(a, networks(local)) {
		return private
	}
	return public
}

// networks returns the networks of the host's addresses, without those so wide that they are routes and not links.
func networks(local []netip.Prefix) []netip.Prefix {
	all := make([]netip.Prefix, 0, len(local))
	for _, p := range local {
		if p.Addr().Is4() && p.Bits() >= 16 || p.Addr().Is6() && p.Bits() >= 48 {
			all = append(all, p.Masked())
		}
	}
	return all
}

// interfaces are the host's own addresses, read again when they are older than interfaceAge.
type interfaces struct {
	mu   sync.Mutex
	at   time.Time
	last []netip.Prefix
}

// interfaceAge is how long the host's own addresses count before they are read again.
const interfaceAge = 5 * time.Second

func (i *interfaces) prefixes() ([]netip.Prefix, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.last != nil && time.Since(i.at) < interfaceAge {
		return i.last, nil
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return nil, err
	}
	all := make([]netip.Prefix, 0, len(addrs))
	for _, a := range addrs {
		n, ok := a.(*net.IPNet)
		if !ok {
			continue
		}
		if addr, ok := netip.AddrFromSlice(n.IP); ok {
			bits, _ := n.Mask.Size()
			addr = addr.Unmap()
			all = append(all, netip.PrefixFrom(addr, min(bits, addr.BitLen())))
		}
	}
	i.at, i.last = time.Now(), all
	return all, nil
}
