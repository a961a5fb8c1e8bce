package session

import (
	"path"
	"slices"
	"strings"
)

var shells = []string{"sh", "bash", "dash", "zsh", "ash", "ksh"}

// isScript reports whether an argument is the script of a shell, in which ${NAME} is a variable of the shell's: that of sh -c.
func isScript(command []string, at int) bool {
	return at > 1 && slices.Contains(shells, path.Base(command[0])) && strings.HasPrefix(command[at-1], "-") &&
		!strings.HasPrefix(command[at-1], "--") && strings.HasSuffix(command[at-1], "c")
}

// validArguments refuses a secret's name in an argument: with the value there, it would be on a command line.
func validArguments(s MCPServer) error {
	for at, arg := range s.Command {
		if isScript(s.Command, at) {
			continue
		}
		for _, match := range reference.FindAllString(arg, -1) {
			if literal(match) {
				continue
			}
			name := nameOf(match)
			hint := "Write $${ where the text ${ itself is meant."
			if checkSecretName(name) == nil {
				hint = "Let a shell fill it in: --env '" + name + "=${" + name + "}' -- sh -c '" + scriptOf(s.Command) + "'. " + hint
			}
			return newError(CodeInvalid, "An argument of "+s.Name+" has "+firstLine(match, 80)+", which would put a secret on a command line.", hint, nil)
		}
	}
	return nil
}

// scriptOf writes a command as a shell's script in which the secrets are variables.
func scriptOf(command []string) string {
	words := []string{"exec"}
	for _, arg := range command {
		if strings.ContainsAny(arg, " \t\n\"'$&|;<>()*?[]#~`\\") {
			arg = `"` + strings.NewReplacer(`"`, `\"`, "`", "\\`", "'", `'\''`).Replace(arg) + `"`
		}
		words = append(words, arg)
	}
	return strings.Join(words, " ")
}

// arguments returns a command as it is run.
func arguments(command []string) []string {
	out := slices.Clone(command)
	for at, arg := range out {
		if !isScript(command, at) {
			out[at] = strings.ReplaceAll(arg, "$${", "${")
		}
	}
	return out
}
