package session

import (
	"slices"
	"strings"
)

// maxAnnounced bounds what an agent is told of its sandbox, in bytes.
const maxAnnounced = 2000

// has lists what a sandbox has beside its base image, where wanted is the project's environment, asked its plan and
// made what could be had of it.
func has(wanted *Environment, asked, made EnvironmentPlan, image ImageSpec) string {
	if wanted == nil {
		return ""
	}
	bare := len(asked.Packages) > 0 && len(image.Packages) == 0 // the packages could not be installed
	var there Environment
	for _, t := range wanted.Tools {
		volume := slices.Contains(asked.Tools, t)
		if volume && slices.Contains(made.Tools, t) || !volume && !bare {
			there.Tools = append(there.Tools, t)
		}
	}
	if !bare {
		there.Packages = wanted.Packages
	}
	return firstLine(there.String(), maxAnnounced)
}

// announce adds to a prompt that is about to be sent what its agent has not been told of the sandbox. A slash command
// stays as it is: what follows it would be its arguments.
func announce(s *Session, p *Prompt) {
	if s.Environment == s.Announced || strings.HasPrefix(strings.TrimSpace(p.Text), "/") {
		return
	}
	note := "This sandbox has these tools beside those of its base image: " + s.Environment + "."
	if s.Environment == "" {
		note = "This sandbox has the tools of its base image alone now."
	}
	if len(note)+len(p.Text)+2 <= MaxPromptText {
		p.Note, s.Announced = note, s.Environment
	}
}

// sent is a prompt's text as the agent gets it.
func (p Prompt) sent() string {
	if p.Note == "" {
		return p.Text
	}
	return p.Text + "\n\n" + p.Note
}
