package forge

import (
	"errors"
	"net"
	"net/url"
	"strings"
)

// Kinds of forges that are known.
const (
	github    = "github"
	gitlab    = "gitlab"
	bitbucket = "bitbucket"
)

// repository is one on a forge: host with its port where that is given, owner (with subgroups on GitLab), name.
type repository struct {
	scheme, host, owner, name string
}

var errNoForge = errors.New("the remote is not a repository on a host")

// parse reads a remote's URL: https, ssh, or the form of scp.
func parse(remote string) (repository, error) {
	if !strings.Contains(remote, "://") {
		host, path, ok := strings.Cut(remote, ":")
		if !ok || strings.ContainsAny(host, `/\`) || len(host) < 2 {
			return repository{}, errNoForge
		}
		remote = "ssh://" + host + "/" + path
	}
	u, err := url.Parse(remote)
	if err != nil || u.Hostname() == "" {
		return repository{}, errNoForge
	}
	r := repository{scheme: "https", host: strings.ToLower(u.Host)}
	switch u.Scheme {
	case "https":
	case "http":
		r.scheme = "http"
	case "ssh", "git+ssh", "ssh+git":
		r.host = strings.ToLower(u.Hostname()) // the port is ssh's
	default:
		return repository{}, errNoForge
	}
	switch r.host {
	case "ssh.github.com", "www.github.com":
		r.host = "github.com"
	case "altssh.bitbucket.org":
		r.host = "bitbucket.org"
	}
	path := strings.TrimSuffix(strings.Trim(u.Path, "/"), ".git")
	i := strings.LastIndexByte(path, '/')
	if i <= 0 || i == len(path)-1 || strings.Contains(path, "..") {
		return repository{}, errNoForge
	}
	r.owner, r.name = path[:i], path[i+1:]
	return r, nil
}

// kindOf knows the public hosts, and companies' by their usual names.
func kindOf(host string) string {
	name, _, _ := strings.Cut(host, ":")
	switch {
	case name == "github.com", strings.HasSuffix(name, ".ghe.com"):
		return github
	case strings.HasPrefix(name, "gitlab."), strings.Contains(name, ".gitlab."):
		return gitlab
	case name == "bitbucket.org":
		return bitbucket
	}
	return ""
}

func (r repository) path() string { return r.owner + "/" + r.name }

func (r repository) web() string { return r.scheme + "://" + r.host + "/" + escapePath(r.path()) }

// api is the root of the host's REST API (docs.github.com/rest, docs.github.com/enterprise-server/rest).
func (r repository) api() string {
	switch {
	case r.host == "github.com":
		return "https://api.github.com"
	case strings.HasSuffix(r.host, ".ghe.com"):
		return "https://api." + r.host
	}
	return r.scheme + "://" + r.host + "/api/v3"
}

// secure reports whether a token may go there.
func (r repository) secure() bool {
	if r.scheme == "https" {
		return true
	}
	name, _, err := net.SplitHostPort(r.host)
	if err != nil {
		name = r.host
	}
	ip := net.ParseIP(name)
	return name == "localhost" || ip != nil && ip.IsLoopback()
}

// escapePath escapes each part of a path.
func escapePath(path string) string {
	parts := strings.Split(path, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return strings.Join(parts, "/")
}
