package environment

import "regexp"

var mixElixir = regexp.MustCompile(`\belixir:\s*"([^"]{1,100})"`)

// readMix takes Elixir's version. We have neither Elixir nor Erlang, so both come to Unknown.
func readMix(d *detector, f file) {
	lines(d.tree.text(f.path), "#", func(n int, line string) {
		if m := mixElixir.FindStringSubmatch(line); m != nil {
			d.minimum(at{f, n}, "elixir", m[1], specifiers(m[1], "~>"))
		}
	})
}

func (d *detector) elixirParts() {
	for _, f := range d.tree.named("mix.exs") {
		if d.covered(f.dir, "mix") {
			continue
		}
		d.ensure(f, "elixir")
		d.ensure(f, "erlang")
		d.part(f.dir, "mix", "mix deps.get", "mix test")
	}
}
