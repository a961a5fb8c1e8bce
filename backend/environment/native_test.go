package environment

import "testing"

func TestNative(t *testing.T) {
	for _, e := range []example{{
		name: "CMake before make", files: memory{"CMakeLists.txt": "", "Makefile": "test:\n", "a.c": ""}, tools: "cmake 4.1.2, gcc 12.2",
		parts: []string{" | cmake | cmake -B build && cmake --build build | ctest --test-dir build"},
	}, {
		name: "Meson", files: memory{"meson.build": "", "meson/meson.build": ""}, tools: "gcc 12.2", packages: "meson ninja-build",
		parts: []string{" | meson | meson setup build && ninja -C build | meson test -C build"},
	}, {
		name: "autotools of jq", files: memory{"configure.ac": "", "Makefile.am": "", "src/main.c": ""}, tools: "gcc 12.2",
		packages: "autoconf automake libtool", parts: []string{" | autotools | autoreconf -fi && ./configure && make | make check"},
		reasons: []string{`configure.ac:0 autoconf "" any`, `configure.ac:0 automake "" any`, `configure.ac:0 gcc "" any`,
			`configure.ac:0 libtool "" any`},
	}, {
		name: "autogen.sh", files: memory{"autogen.sh": ""}, tools: "gcc 12.2", packages: "autoconf automake libtool",
		parts: []string{" | autotools | ./autogen.sh && ./configure && make | make check"},
	}, {
		name: "Makefile with C files below src", files: memory{"Makefile": "all:\n\ncheck: all\n\t./run\n", "src/a.cpp": ""}, tools: "gcc 12.2",
		parts: []string{" | make | make | make check"},
	}, {
		name: "Makefile alone", files: memory{"Makefile": "test:\n"}, parts: []string{},
	}, {
		name:  "native part of a Node project",
		files: memory{"package.json": `{}`, "native/CMakeLists.txt": "", "native/a.cc": ""}, tools: "cmake 4.1.2, gcc 12.2, node 24.11.1",
		parts: []string{" | npm | npm install | "},
	}} {
		e.run(t)
	}
}
