package scripted

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// pacing is how the demo job streams: as fast as one can read along.
var pacing = step{Do: "chunks", N: 24, Pause: 15 * time.Millisecond}

const look = "git log --oneline -5 2>/dev/null; git ls-files | head -40"

// job returns what the model does where the prompt holds no script: a look at the repository, a plan, one new file, a
// check, a commit, and a summary. It depends on what the tools answered so far, and never changes in hindsight.
func (c *conversation) job() []step {
	title := topic(c.Prompt)
	if c.offered(bashTools) == nil || c.offered(writeTools) == nil && c.offered(patchTools) == nil {
		return append([]step{pacing}, c.readOnlyJob(title)...)
	}
	steps := []step{
		pacing,
		{Do: "think", Text: "The user wants: " + title + "\nI should see what is in the repository before I plan anything.\n"},
		{Do: "text", Text: "I'll have a look at the repository first.\n"},
		{Do: "bash", Text: look},
	}
	if len(c.Result) == 0 {
		return steps
	}
	files := listed(c.Result[0])
	note := freeName(files, slug(title))
	plan := []entry{{"Look at the repository", "completed"}, {"Write " + note, "in_progress"}, {"Check it", "pending"}, {"Commit it", "pending"}}
	if c.offered(todoTools) != nil {
		steps = append(steps, step{Do: "todo", Entries: plan})
	}
	readme := ""
	for _, f := range files {
		if strings.EqualFold(f, "README.md") || strings.EqualFold(f, "README") {
			readme = f
			steps = append(steps, step{Do: "read", Path: f})
		}
	}
	steps = append(steps,
		step{Do: "think", Text: fmt.Sprintf("There are %d files at hand. One new file, %s, keeps the change small and easy to review.\n", len(files), note)},
		step{Do: "text", Text: "Now the note itself.\n"},
		step{Do: "write", Path: note, Text: noteText(title, files)},
		step{Do: "bash", Text: "wc -lw " + note + " && git status --short"},
		step{Do: "text", Text: "It is as I wanted it. I commit it.\n"},
		step{Do: "bash", Text: "git add -- " + note + " && git commit -q -m " + quote("Add notes: "+title) + " && git log --oneline -1"},
	)
	if c.offered(todoTools) != nil {
		done := make([]entry, len(plan))
		for i, e := range plan {
			done[i] = entry{e.Text, "completed"}
		}
		steps = append(steps, step{Do: "todo", Entries: done})
	}
	return append(steps, step{Do: "text", Text: summary(title, note, readme, files)})
}

// readOnlyJob is for an agent that may not change anything (its plan mode), or has no tools at all.
func (c *conversation) readOnlyJob(title string) []step {
	steps := []step{{Do: "think", Text: "I can read here and not write. So I plan.\n"}}
	if c.offered(readTools) != nil {
		steps = append(steps, step{Do: "text", Text: "I'll read what is there first.\n"}, step{Do: "read", Path: "README.md"})
	}
	return append(steps, step{Do: "text", Text: "## Plan: " + title + "\n\n1. Look at the files that this touches\n2. Write a short note beside them\n" +
		"3. Check it, and commit it\n\nNothing has been changed. Switch to **build** and say *go on* to have it done.\n"})
}

var commitLine = regexp.MustCompile(`^[0-9a-f]{7,40} `)

// listed finds the names of files in what the first command printed.
func listed(output string) []string {
	var files []string
	for line := range strings.Lines(output) {
		line = strings.TrimSpace(line)
		if line == "" || commitLine.MatchString(line) || strings.ContainsAny(line, "<>:\t\"") {
			continue
		}
		files = append(files, line)
	}
	return files
}

func freeName(files []string, slug string) string {
	taken := map[string]bool{}
	for _, f := range files {
		taken[f] = true
	}
	name := "notes/" + slug + ".md"
	for n := 2; taken[name]; n++ {
		name = fmt.Sprintf("notes/%s-%d.md", slug, n)
	}
	return name
}

func noteText(title string, files []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\nWritten by the demo model, which follows a script and understands nothing.\n", title)
	if len(files) > 0 {
		b.WriteString("\n## What is here\n\n")
		for _, f := range files[:min(len(files), 10)] {
			fmt.Fprintf(&b, "- `%s`\n", f)
		}
	}
	b.WriteString("\n## Next\n\n- [ ] Choose a model of your own in the composer\n- [ ] Ask again\n")
	return b.String()
}

func summary(title, note, readme string, files []string) string {
	read := "the list of files"
	if readme != "" {
		read = "`" + readme + "`"
	}
	return fmt.Sprintf("## Done: %s\n\n| Step | Result |\n|---|---|\n| Looked around | %d files, read %s |\n| Wrote | `%s` |\n| Checked | lines and words counted |\n"+
		"| Committed | on this session's branch |\n\nThe change is **one new file**. Look at it under *Changes*; to undo it:\n\n```sh\ngit revert --no-edit HEAD\n```\n\n"+
		"I am the demo model: I follow a script. Everything else you saw, the agent, its tools and the sandbox, is real.\n", title, len(files), read, note)
}

// topic returns the first line of a prompt, short enough for a title.
func topic(prompt string) string {
	for line := range strings.Lines(prompt) {
		line = strings.Trim(strings.TrimSpace(line), "#*`\"' ")
		if strings.HasPrefix(line, directive) {
			line = strings.TrimSpace(strings.TrimPrefix(line, directive))
		}
		if line == "" {
			continue
		}
		words := strings.Fields(line)
		short := ""
		for _, w := range words {
			if len(short)+len(w) > 50 {
				break
			}
			short = strings.TrimSpace(short + " " + w)
		}
		if short == "" {
			short = strings.ToValidUTF8(line[:min(len(line), 50)], "")
		}
		return strings.TrimRight(short, ".,:;!?")
	}
	return "A look at the repository"
}

func slug(title string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(title) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	s := strings.Trim(b.String()[:min(b.Len(), 40)], "-")
	if s == "" {
		return "note"
	}
	return s
}
