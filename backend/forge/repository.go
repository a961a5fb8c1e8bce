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
	gitea     = "gitea" // and Forgejo
	azure     = "azure" // Azure DevOps
)

// repository is one on a forge: host with its port where that is given, owner (with subgroups on GitLab), name.
type repository struct {
	scheme, host, owner, name string
	ssh                       bool // the host may be a name that only ssh knows
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
		r.host, r.ssh = strings.ToLower(u.Hostname()), true // the port is ssh's
	default:
		return repository{}, errNoForge
	}
	r.host = canonical(r.host)
	path := strings.TrimSuffix(strings.Trim(u.Path, "/"), ".git")
	if r.ssh && kindOf(r.host) == azure { // v3/org/project/repo, of which the page is org/project/_git/repo
		path = strings.TrimPrefix(path, "v3/")
		if i := strings.LastIndexByte(path, '/'); i > 0 && !strings.Contains(path, "/_git/") {
			path = path[:i] + "/_git" + path[i:]
		}
	}
	i := strings.LastIndexByte(path, '/')
	if i <= 0 || i == len(path)-1 || strings.Contains(path, "..") {
		return repository{}, errNoForge
	}
	r.owner, r.name = path[:i], path[i+1:]
	return r, nil
}

// canonical is the host that serves the pages of one that serves git alone.
func canonical(host string) string {
	switch host {
	case "ssh.github.com", "www.github.com":
		return "github.com"
	case "altssh.bitbucket.org":
		return "bitbucket.org"
	case "altssh.gitlab.com":
		return "gitlab.com"
	case "ssh.dev.azure.com":
		return "dev.azure.com"
	}
	return host
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
	case name == "codeberg.org", name == "gitea.com", strings.HasPrefix(name, "gitea."), strings.HasPrefix(name, "forgejo."):
		return gitea
	case name == "dev.azure.com", strings.HasSuffix(name, ".visualstudio.com"):
		return azure
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
