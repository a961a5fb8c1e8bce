package toolchain

// javaTools are JDKs of Eclipse Temurin, of which 25, 21, 17, 11 and 8 have long support, and the tools that build
// with them. Debian's JDK needs the folder /usr/share/man/man1, which slim images lack, while it is installed.
var javaTools = []Definition{{
	Name: "java", Label: "Java (JDK)", Untried: true, Sample: "javac -version",
	Path:      []string{"{root}/bin"},
	Variables: map[string]string{"JAVA_HOME": "{root}"},
	Releases: []Release{
		temurin("26.0.2", "jdk-26.0.2+10"), temurin("25.0.4", "jdk-25.0.4+7"), temurin("21.0.12", "jdk-21.0.12+8"),
		temurin("17.0.20", "jdk-17.0.20+8"),
		{Version: "17", Packages: []string{"openjdk-17-jdk-headless"}, Root: "/usr/lib/jvm/java-17-openjdk-{arch}"},
		temurin("11.0.32", "jdk-11.0.32+9"), temurin("8.0.502", "jdk8u502-b07"),
	},
}, {
	Name: "maven", Label: "Maven", Untried: true, Sample: "mvn --version", Needs: []string{"java"},
	Path: []string{"{root}/bin"}, Caches: []string{".m2/repository", ".m2/wrapper"},
	Releases: []Release{
		mavenRelease("3.9.16"), mavenRelease("3.9.15"), mavenRelease("3.9.14"),
		{Version: "3.8.7", Packages: []string{"maven"}}, mavenRelease("3.8.6"),
	},
}, {
	// Debian's Gradle 4.4 builds no project of today.
	Name: "gradle", Label: "Gradle", Untried: true, Sample: "gradle --version", Needs: []string{"java"},
	Path: []string{"{root}/bin"}, Caches: []string{".gradle/caches", ".gradle/wrapper"},
	Releases: []Release{
		gradleRelease("9.7.1"), gradleRelease("9.6.1"), gradleRelease("8.14.5"), gradleRelease("8.13"),
		gradleRelease("7.6.3"),
	},
}}

func temurin(version, release string) Release {
	return Release{Version: version, Source: adoptium(release), Max: 400 << 20}
}

func mavenRelease(version string) Release {
	return Release{Version: version, Source: apacheMaven{}, Max: 40 << 20}
}

func gradleRelease(version string) Release {
	return Release{Version: version, Source: gradleVersions{}, Max: 300 << 20}
}
