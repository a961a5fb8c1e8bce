package environment

import "testing"

func TestElixir(t *testing.T) {
	example{name: "Phoenix has two parts, the assets second",
		files: memory{"mix.exs": "defmodule A do\n  def project do\n    [elixir: \"~> 1.15\"]\n", "assets/package.json": `{"dependencies":{"a":"1"}}`},
		tools: "node 24.11.1", parts: []string{" | mix | mix deps.get | mix test", "assets | npm | npm install | "},
		unknown: []string{`mix.exs:0 erlang "" any`, `mix.exs:3 elixir "~> 1.15" minimum`}}.run(t)
}
