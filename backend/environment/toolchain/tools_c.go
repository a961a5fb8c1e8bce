package toolchain

// cTools are those for C and C++, from Debian: programs are linked against the libraries of the same image.
var cTools = []Definition{{
	Name: "gcc", Label: "C and C++ (GCC)", Sample: "gcc --version",
	Caches:   []string{".cache/ccache"},
	Releases: []Release{{Version: "12", Packages: []string{"gcc", "g++", "make", "pkg-config"}}},
}, {
	Name: "cmake", Label: "CMake", Sample: "cmake --version", Needs: []string{"gcc"},
	Releases: []Release{{Version: "3.25", Packages: []string{"cmake", "ninja-build"}}},
}}
