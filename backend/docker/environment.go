package docker

// The supervisor listens at proxy; local is what programs reach without it. Each of them reads this list its own way:
// some know networks, some want brackets around IPv6, some a dot before a domain.
const (
	proxyHost, proxyPort = "127.0.0.1", "3128"

	proxy = "http://" + proxyHost + ":" + proxyPort
	local = "localhost,.localhost,127.0.0.1,127.0.0.0/8,::1,[::1],0.0.0.0"
)

// environment is what every program in a sandbox finds; PATH is the image's. Most programs know the first names. Each
// of the rest is there because of one that does not.
var environment = []string{
	"HOME=/home/agent",
	"LANG=C.UTF-8", // the one that every image has; messages stay English, which agents and tests expect
	"HTTP_PROXY=" + proxy, "http_proxy=" + proxy,
	"HTTPS_PROXY=" + proxy, "https_proxy=" + proxy,
	"ALL_PROXY=" + proxy, "all_proxy=" + proxy,
	"NO_PROXY=" + local, "no_proxy=" + local,
	"NODE_USE_ENV_PROXY=1", // Node's own fetch and https, from 22.21 and 24 on
	"NODE_OPTIONS=--require=/usr/local/lib/background-agents/quiet.cjs", // which says so at every start; see sandbox/Dockerfile
	"BASH_ENV=/usr/local/lib/background-agents/missing.sh",              // and no other that an image brings along
	"GEM_HOME=/home/agent/.gem", "BUNDLE_PATH=/home/agent/.bundle",      // Debian's Ruby would write where only root may
	"YARN_HTTP_PROXY=" + proxy, "YARN_HTTPS_PROXY=" + proxy, // Yarn from 2 on
	// Every Java says on its standard error that it has read this. It is the one name that each of them reads, the daemons
	// and workers of Gradle too; Maven from 3.9 on has its own HTTP client, which must be told to look at it.
	"JAVA_TOOL_OPTIONS=-Dhttp.proxyHost=" + proxyHost + " -Dhttp.proxyPort=" + proxyPort +
		" -Dhttps.proxyHost=" + proxyHost + " -Dhttps.proxyPort=" + proxyPort + " -Daether.connector.http.useSystemProperties=true",
}
