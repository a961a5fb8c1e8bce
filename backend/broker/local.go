package broker

import (
	"net"
	"net/url"
	"strings"

	"background-agents/backend/session"
)

// Local returns the servers of models that people run on their own computer, where they listen when nobody says otherwise:
// Ollama (https://docs.ollama.com/faq, OLLAMA_HOST), LM Studio (https://lmstudio.ai/docs/developer/core/server) and
// llama.cpp (tools/server/README.md). They speak OpenAI's protocol and want no key.
// Other programs listen there, too: nothing but the question what it is goes to one that has not said that it is what it is taken for.
func Local(env func(name string) string) []Endpoint {
	return []Endpoint{
		{ID: "ollama", Name: "Ollama", Kind: session.ProviderLocal, Protocol: OpenAI, URL: ollama(env("OLLAMA_HOST")), Keyless: true, Lists: true, Identity: isOllama},
		{ID: "lmstudio", Name: "LM Studio", Kind: session.ProviderLocal, Protocol: OpenAI, URL: "http://127.0.0.1:1234", Keyless: true, Lists: true, Identity: isLMStudio},
		{ID: "llamacpp", Name: "llama.cpp", Kind: session.ProviderLocal, Protocol: OpenAI, URL: "http://127.0.0.1:8080", Keyless: true, Lists: true, Identity: isLlamaCpp},
	}
}

// ollama reads OLLAMA_HOST as Ollama itself does: [scheme://]host[:port], each part of it optional. A server that listens
// everywhere is asked on this computer.
func ollama(host string) string {
	const fallback = "http://127.0.0.1:11434"
	scheme, rest, found := strings.Cut(strings.TrimSpace(host), "://")
	port := map[string]string{"http": "80", "https": "443"}[scheme]
	if !found {
		scheme, rest, port = "http", scheme, "11434"
	}
	rest, _, _ = strings.Cut(rest, "/")
	name, given, err := net.SplitHostPort(rest)
	if err != nil {
		name = strings.Trim(rest, "[]")
	} else if given != "" {
		port = given
	}
	if name == "" || name == "0.0.0.0" || name == "::" {
		name = "127.0.0.1"
	}
	u := url.URL{Scheme: scheme, Host: net.JoinHostPort(name, port)}
	if _, err := (Endpoint{ID: "ollama", URL: u.String()}).parse(); err != nil || port == "" {
		return fallback
	}
	return u.String()
}
