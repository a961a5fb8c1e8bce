package session

import (
	"fmt"
	"slices"
	"strings"
)

// maxToldPackages bounds how many packages an agent is told by name.
const maxToldPackages = 60

// instructions are what an agent is told of its sandbox when it starts.
func (s Session) instructions() string {
	var b strings.Builder
	b.WriteString("You work in a sealed sandbox: a Linux container, as a user without root rights.\n" +
		"- Its base image usually has git, Node.js, npm, Python 3, make and common command-line tools.\n")
	if len(s.Has.Tools) > 0 {
		var tools []string
		for _, t := range s.Has.Tools {
			tools = append(tools, t.String())
		}
		fmt.Fprintf(&b, "- Tools of this project, on PATH: %s. Those that are no Debian packages are below "+
			"/opt/tools/NAME/VERSION, read-only.\n", strings.Join(tools, ", "))
	}
	if n := len(s.Has.Packages); n > 0 {
		names := strings.Join(s.Has.Packages[:min(n, maxToldPackages)], ", ")
		if n > maxToldPackages {
			names += fmt.Sprintf(" and %d more", n-maxToldPackages)
		}
		fmt.Fprintf(&b, "- Debian packages of this project: %s.\n", names)
	}
	if l := s.Limits; l.MemoryMB > 0 {
		fmt.Fprintf(&b, "- At most %s of memory, of which %s can be files in /tmp, and %g processors.\n",
			megabytes(l.MemoryMB), megabytes(l.TmpMB), l.CPUs)
	}
	b.WriteString("- Only the hosts that the user's network policy allows are reached, through the proxy that is set.\n" +
		"System packages can't be installed here. If a language, compiler, library or command is missing that the work " +
		"needs, don't work around it: say which one, and that the user can add it to the project's environment in the " +
		"project's settings or with `bga env`. The sandbox has it after a restart.\n")
	return b.String()
}

// made returns the part of an environment that a sandbox has: planned are the tools that are volumes, have those of
// them that were made; packages says whether its packages, and the tools that come as such, were installed.
func (e Environment) made(planned, have []Toolchain, packages bool) Environment {
	out := Environment{Tools: []Toolchain{}, Packages: []string{}}
	for _, t := range e.Tools {
		if slices.Contains(have, t) || packages && !slices.Contains(planned, t) {
			out.Tools = append(out.Tools, t)
		}
	}
	if packages {
		out.Packages = append(out.Packages, e.Packages...)
	}
	return out
}
