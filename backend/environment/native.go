package environment

import (
	"path"
	"regexp"
	"slices"
)

var (
	makeTest  = regexp.MustCompile(`(?m)^test[ \t]*:(?:[^=]|$)`)
	makeCheck = regexp.MustCompile(`(?m)^check[ \t]*:(?:[^=]|$)`)
)

// nativeParts are of C and C++: by CMake, Meson, autotools or make, in this order. They are asked for wherever they
// stand alone; a part they are only where no other has the folder in it.
func (d *detector) nativeParts() {
	for _, f := range d.tree.named("CMakeLists.txt") {
		if d.native(f, "cmake", "cmake -B build && cmake --build build", "ctest --test-dir build") {
			d.any(at{f, 0}, "gcc")
			d.ensure(f, "cmake")
		}
	}
	for _, f := range d.tree.named("meson.build") {
		if d.native(f, "meson", "meson setup build && ninja -C build", "meson test -C build") {
			d.any(at{f, 0}, "gcc")
			d.debian(at{f, 0}, "meson")
			d.debian(at{f, 0}, "ninja-build")
		}
	}
	for _, f := range d.tree.named("configure.ac", "configure.in", "autogen.sh") {
		install := "autoreconf -fi && ./configure && make"
		if f.base == "autogen.sh" {
			install = "./autogen.sh && ./configure && make"
		}
		if d.native(f, "autotools", install, "make check") {
			d.any(at{f, 0}, "gcc")
			for _, name := range []string{"autoconf", "automake", "libtool"} {
				d.debian(at{f, 0}, name)
			}
		}
	}
	for _, f := range d.tree.named("Makefile", "GNUmakefile", "makefile") {
		if !d.tree.native[f.dir] && !d.tree.native[path.Join(f.dir, "src")] {
			continue
		}
		data, test := d.tree.text(f.path), ""
		switch {
		case makeTest.Match(data):
			test = "make test"
		case makeCheck.Match(data):
			test = "make check"
		}
		if d.native(f, "make", "make", test) {
			d.any(at{f, 0}, "gcc")
		}
	}
}

// native adds a part of C or C++, unless another part builds the folder. It says whether the build files ask for their
// tools: not where a folder above has the same kind of build, or another of these.
func (d *detector) native(f file, kind, install, test string) bool {
	builds := []string{"cmake", "meson", "autotools", "make"}
	other := false
	for _, p := range d.parts {
		if within(f.dir, p.Dir) {
			if slices.Contains(builds, p.Kind) {
				return false
			}
			other = true
		}
	}
	if !other {
		d.part(f.dir, kind, install, test)
	}
	return true
}
