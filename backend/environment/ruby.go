package environment

import (
	"regexp"
	"strings"
)

var (
	gemfileRuby = regexp.MustCompile(`^ruby[\s(]+(["'].*)$`)
	gemspecRuby = regexp.MustCompile(`\brequired_ruby_version\s*=\s*(.*)$`)
	quoted      = regexp.MustCompile(`["']([^"']{1,100})["']`)
	lockRuby    = regexp.MustCompile(`^ruby (\d+(?:\.\d+){1,2})`)
)

func readRubyVersion(d *detector, f file) {
	d.firstLine(f, func(a at, text string) { d.pin(a, "ruby", strings.TrimPrefix(text, "ruby-"), rankFile) })
}

// requirements joins the quoted texts of a line of Ruby, such as ">= 3.1", "< 4". Others, such as file:
// ".ruby-version", end them.
func requirements(code string) string {
	var all []string
	for _, m := range quoted.FindAllStringSubmatch(code, 5) {
		if term.FindString(m[1]) == "" {
			break
		}
		all = append(all, m[1])
	}
	return strings.Join(all, ", ")
}

func readGemfile(d *detector, f file) {
	lines(d.tree.text(f.path), "#", func(n int, line string) {
		m := gemfileRuby.FindStringSubmatch(line)
		if m == nil {
			return
		}
		code, _, _ := strings.Cut(m[1], "engine")
		text := requirements(code)
		switch {
		case text == "":
		case lineFits(text) != nil:
			d.pin(at{f, n}, "ruby", text, rankSecond)
		default:
			d.minimum(at{f, n}, "ruby", text, specifiers(text, "~>"))
		}
	})
}

// readGemfileLock takes the version below RUBY VERSION, without its patch level.
func readGemfileLock(d *detector, f file) {
	inside := false
	lines(d.tree.text(f.path), "", func(n int, line string) {
		if m := lockRuby.FindStringSubmatch(line); inside && m != nil {
			d.pin(at{f, n}, "ruby", m[1], rankThird)
		}
		inside = line == "RUBY VERSION"
	})
}

func readGemspec(d *detector, f file) {
	lines(d.tree.text(f.path), "#", func(n int, line string) {
		if m := gemspecRuby.FindStringSubmatch(line); m != nil {
			if text := requirements(m[1]); text != "" {
				d.minimum(at{f, n}, "ruby", text, specifiers(text, "~>"))
			}
		}
	})
}

func (d *detector) rubyParts() {
	for _, f := range d.tree.named("Gemfile", "*.gemspec") {
		if d.covered(f.dir, "ruby") {
			continue
		}
		d.ensure(f, "ruby")
		d.any(at{f, 0}, "gcc") // gems with a part in C are built when they are installed
		test := ""
		if d.tree.specs[f.dir] || d.tree.has(f.dir, ".rspec") != "" {
			test = "bundle exec rspec"
		} else if d.tree.has(f.dir, "Rakefile") != "" {
			test = "bundle exec rake test"
		}
		d.part(f.dir, "ruby", "bundle install", test)
	}
}
