package environment

import "testing"

func TestDotnet(t *testing.T) {
	for _, e := range []example{{
		name: "feature band", files: memory{"global.json": "{\n\"sdk\": {\n\"version\": \"8.0.400\"\n}\n}", "App.sln": ""},
		tools: "dotnet 8.0.416", parts: []string{" | dotnet | dotnet restore | dotnet test"},
		reasons: []string{`global.json:3 dotnet "8.0.400" pin`},
	}, {
		name: "roll forward", files: memory{"global.json": `{"sdk":{"version":"8.0.100","rollForward":"latestMajor"}}`}, tools: "dotnet 10.0.100",
	}, {
		name: "exact", files: memory{"global.json": `{"sdk":{"version":"8.0.404","rollForward":"disable"}}`}, tools: "dotnet 8.0.404",
	}, {
		name: "none fits", files: memory{"global.json": `{"sdk":{"version":"8.0.500"}}`}, unknown: []string{`global.json:1 dotnet "8.0.500" pin`},
	}, {
		name:  "target frameworks run side by side",
		files: memory{"src/A.csproj": "<Project>\n<PropertyGroup>\n<TargetFrameworks>net8.0;net9.0-windows;netstandard2.0;net48</TargetFrameworks>\n"},
		tools: "dotnet 8.0.416, dotnet 9.0.307", parts: []string{"src | dotnet | dotnet restore | dotnet test"},
		reasons: []string{`src/A.csproj:3 dotnet "net8.0" minimum`, `src/A.csproj:3 dotnet "net9.0-windows" minimum`},
		unknown: []string{`src/A.csproj:3 dotnet "net48" minimum`},
	}, {
		name: "target without a version of its own", files: memory{"A.fsproj": "<TargetFramework>net6.0</TargetFramework>"}, tools: "dotnet 10.0.100",
	}, {
		name:  "a solution of C++ alone",
		files: memory{"vs/a.sln": `Project("{8BC9}") = "a", "a.vcxproj"`, "CMakeLists.txt": "project(a)\n"},
		tools: "cmake 4.1.2, gcc 12.2",
		parts: []string{" | cmake | cmake -B build && cmake --build build | ctest --test-dir build"},
	}, {
		name: "a solution of both", files: memory{"a.sln": `Project("{8BC9}") = "a", "a.vcxproj", "b.csproj"`}, tools: "dotnet 10.0.100",
	}} {
		e.run(t)
	}
}
