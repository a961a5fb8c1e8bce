package sandboxlink

import (
	"background-agents/backend/session"
	"background-agents/sandbox/wire"
)

// Here, and nowhere before, secrets become text: what is written to the channel.

// revealed returns secrets as the supervisor gets them: variables as NAME=value, and files.
func revealed(secrets []session.SecretValue) (env []string, files []wire.Secret) {
	for _, s := range secrets {
		if s.Delivery == session.DeliverFile {
			files = append(files, wire.Secret{Name: s.Name, Value: s.Value.Reveal()})
		} else {
			env = append(env, s.Name+"="+s.Value.Reveal())
		}
	}
	return env, files
}

func servers(list []session.FilledMCPServer) []wire.MCPServer {
	var out []wire.MCPServer
	for _, s := range list {
		out = append(out, wire.MCPServer{
			Name: s.Name, Command: s.Command, URL: s.URL.Reveal(), Env: pairs(s.Env, "="), Headers: pairs(s.Headers, ":"),
		})
	}
	return out
}

func pairs(values []session.FilledValue, sign string) []string {
	var out []string
	for _, v := range values {
		out = append(out, v.Name+sign+v.Value.Reveal())
	}
	return out
}
