package backend

import (
	"net/http"
	"strings"

	"background-agents/backend/environment"
	"background-agents/backend/environment/toolchain"
)

// tools knows what projects need. Tools come from their makers, or from the mirrors of the user's own that Go and npm
// use too.
func tools(p Paths) *environment.Environments {
	bases := toolchain.Public
	if proxy := mirror(p.Env("GOPROXY")); proxy != "" {
		bases.GoProxy, bases.SumDB = proxy, proxy+"/sumdb/sum.golang.org"
	}
	if registry := mirror(p.Env("npm_config_registry")); registry != "" {
		bases.NPM = registry
	}
	return &environment.Environments{Fetcher: toolchain.Fetcher{Client: &http.Client{Transport: http.DefaultTransport}, Bases: bases}}
}

// mirror returns the first https address of a list like GOPROXY's.
func mirror(list string) string {
	for _, one := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == '|' }) {
		if strings.HasPrefix(one, "https://") {
			return strings.TrimSuffix(one, "/")
		}
	}
	return ""
}
