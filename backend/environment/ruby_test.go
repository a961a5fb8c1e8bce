package environment

import "testing"

func TestRuby(t *testing.T) {
	for _, e := range []example{{
		name: "gem with specs",
		files: memory{"a.gemspec": "Gem::Specification.new do |s|\n  s.required_ruby_version = [\">= 3.1\", \"< 3.4\"]\nend\n", "Gemfile": "gemspec\n",
			"spec/a_spec.rb": ""},
		tools: "gcc 12.2, ruby 3.3.10", parts: []string{" | ruby | bundle install | bundle exec rspec"},
		reasons: []string{`Gemfile:0 gcc "" any`, `a.gemspec:2 ruby ">= 3.1, < 3.4" minimum`},
	}, {
		name:  "lock file is a pin, after the Gemfile",
		files: memory{"Gemfile": "source 'x'\nruby '3.3.10'\n", "Gemfile.lock": "GEM\n\nRUBY VERSION\n   ruby 3.2.9p123\n", "Rakefile": ""},
		tools: "gcc 12.2, ruby 3.3.10", parts: []string{" | ruby | bundle install | bundle exec rake test"},
		reasons: []string{`Gemfile:0 gcc "" any`, `Gemfile:2 ruby "3.3.10" pin`, `Gemfile.lock:4 ruby "3.2.9" pin`},
	}, {
		name:  "approximate version",
		files: memory{"Gemfile": "# ruby '2.0'\nruby \"~> 3.2.0\"\n", ".ruby-version": "# none\n"},
		tools: "gcc 12.2, ruby 3.2.9", reasons: []string{`Gemfile:0 gcc "" any`, `Gemfile:2 ruby "~> 3.2.0" minimum`},
	}, {
		name:  ".ruby-version",
		files: memory{".ruby-version": "ruby-3.1\n", "Gemfile": "ruby file: \".ruby-version\"\n"},
		tools: "gcc 12.2, ruby 3.1.7",
	}, {
		name: "JRuby is unknown", files: memory{".ruby-version": "jruby-9.4\n"}, unknown: []string{`.ruby-version:1 ruby "jruby-9.4" pin`},
	}} {
		e.run(t)
	}
}
