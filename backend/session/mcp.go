package session

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

var mcpName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$`)

// maxServers bounds the servers of tools of a project.
const maxServers = 30

func validMCP(list []MCPServer) error {
	if len(list) > maxServers {
		return newError(CodeInvalid, fmt.Sprintf("There are more than %d servers of tools.", maxServers), "Remove some.", nil)
	}
	taken := map[string]bool{}
	for _, s := range list {
		if !mcpName.MatchString(s.Name) || taken[s.Name] {
			return newError(CodeInvalid, "\""+firstLine(s.Name, 60)+"\" is no name for a server of tools, or is taken.", "Use letters, digits, - and _, and each name once.", nil)
		}
		taken[s.Name] = true
		if s.URL == "" {
			if err := validCommand(s.Command); err != nil {
				return err
			}
			if err := validArguments(s); err != nil {
				return err
			}
			if err := validEnv(s.Env); err != nil {
				return err
			}
		} else if err := validServerURL(s); err != nil {
			return err
		}
		for _, value := range slices.Concat(s.Env, s.Headers, []string{s.URL}) {
			if err := validReferences(s.Name, value); err != nil {
				return err
			}
		}
	}
	return nil
}

func validServerURL(s MCPServer) error {
	u, err := url.Parse(s.URL) // which takes no ${NAME} for a host: the policy has to know that
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" || len(s.URL) > maxWordText {
		return newError(CodeInvalid, "The address of "+s.Name+" is no http or https URL.", "Such as https://tools.example.com/mcp.", nil)
	}
	if len(s.Command) > 0 {
		return newError(CodeInvalid, s.Name+" has both a command and an address.", "Keep one of them.", nil)
	}
	for _, h := range s.Headers {
		name, value, found := strings.Cut(h, ":")
		if !found || strings.TrimSpace(name) == "" || strings.ContainsAny(name, " \t") || strings.ContainsAny(value, "\x00\r\n") || len(h) > maxWordText {
			return newError(CodeInvalid, "\""+firstLine(name, 60)+"\" is no header.", "Write Name: value.", nil)
		}
	}
	return nil
}
