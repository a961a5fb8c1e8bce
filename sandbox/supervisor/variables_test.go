package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestVariablesOfTheProjectAreFoundAgain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "variables.json")
	if got, err := readVariables(file); err != nil || got != nil {
		t.Errorf("without a file: %q, %v", got, err)
	}
	for _, want := range [][]string{{"A=b", "TEXT=with = and\nlines"}, nil} {
		if err := keepVariables(file, want); err != nil {
			t.Fatal(err)
		}
		if got, err := readVariables(file); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q are %q, %v", want, got, err)
		}
	}
	for _, text := range []string{"", "no JSON", `{"A":"b"}`} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := readVariables(file); err == nil || got != nil {
			t.Errorf("%q gives %q", text, got)
		}
	}
	if err := os.WriteFile(file, []byte(`["no pair","=x","OK=1","B=a\u0000b","PATH=/x"]`), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := readVariables(file); err != nil || !slices.Equal(got, []string{"OK=1"}) {
		t.Errorf("it gives %q, %v", got, err)
	}
}
