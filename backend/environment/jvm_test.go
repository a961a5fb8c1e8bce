package environment

import "testing"

const pom = `<?xml version="1.0" encoding="ISO-8859-1"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <!-- java.version -->
  <properties>
    <java.version>17</java.version>
    <maven.compiler.release>${java.version}</maven.compiler.release>
  </properties>
</project>
`

func wrapper(version string) string {
	return "distributionBase=GRADLE_USER_HOME\ndistributionUrl=https\\://services.example/distributions/gradle-" + version + "-bin.zip\n"
}

func TestJava(t *testing.T) {
	for _, e := range []example{{
		name: "release 8 of gson is a target",
		files: memory{"pom.xml": "<project>\n<properties>\n<maven.compiler.release>8</maven.compiler.release>\n</properties>\n</project>",
			"gson/pom.xml": "<project/>"},
		tools: "java 25.0.1+8, maven 3.9.11", parts: []string{" | maven | mvn -B dependency:go-offline | mvn -B test"},
		reasons: []string{`pom.xml:0 maven "" any`, `pom.xml:3 java "8" minimum`},
	}, {
		name: "target 1.8 of okio, with a Gradle that needs 17",
		files: memory{"settings.gradle.kts": "", "build.gradle.kts": "plugins {}\n// jvmToolchain(11)\nsourceCompatibility = JavaVersion.VERSION_1_8.toString()\n",
			"gradlew": "", "gradle/wrapper/gradle-wrapper.properties": wrapper("9.0.0")},
		tools: "java 21.0.9+10", parts: []string{" | gradle | ./gradlew testClasses | ./gradlew test"},
		reasons: []string{`build.gradle.kts:3 java "1.8" minimum`, `gradle/wrapper/gradle-wrapper.properties:2 java "Gradle 9.0" minimum`},
	}, {
		name:    "petclinic has Maven before Gradle",
		files:   memory{"pom.xml": pom, "mvnw": "", "build.gradle": "java {\n  toolchain {\n    languageVersion = JavaLanguageVersion.of(17)\n  }\n}\n", "gradlew": "", "settings.gradle": ""},
		tools:   "java 17.0.17+10",
		parts:   []string{" | maven | ./mvnw -B dependency:go-offline | ./mvnw -B test", " | gradle | ./gradlew testClasses | ./gradlew test"},
		reasons: []string{`build.gradle:3 java "17" pin`, `pom.xml:6 java "17" minimum`},
	}, {
		name:  "old Gradle can't run on a new Java",
		files: memory{"build.gradle": "sourceCompatibility = '11'\n", "gradlew": "", "gradle/wrapper/gradle-wrapper.properties": wrapper("7.4.2")},
		tools: "java 17.0.17+10",
	}, {
		name:  "toolchain that Gradle itself can't run on",
		files: memory{"build.gradle.kts": "kotlin { jvmToolchain(11) }\n", "gradlew": "", "gradle/wrapper/gradle-wrapper.properties": wrapper("9.2.0")},
		tools: "java 11.0.29+7, java 25.0.1+8",
	}, {
		name:  "release 7 is of no Java from 20 on",
		files: memory{"pom.xml": "<project><properties><maven.compiler.target>1.7</maven.compiler.target></properties></project>", "mvnw": ""},
		tools: "java 17.0.17+10",
	}, {
		name:    "SDKMAN and .java-version",
		files:   memory{".sdkmanrc": "# Enable auto-env\njava=17.0.9-tem\nmaven=3.8.7\n", ".java-version": "21\n"},
		tools:   "java 21.0.9+10, maven 3.8.7",
		reasons: []string{`.java-version:1 java "21" pin`, `.sdkmanrc:2 java "17.0.9-tem" pin`, `.sdkmanrc:3 maven "3.8.7" pin`},
	}, {
		name:  "compiler plugin and a Java that is no LTS",
		files: memory{"pom.xml": "<project><build><plugins><plugin>\n<configuration>\n<release>\n  26\n</release></configuration></plugin></plugins></build></project>", "mvnw": ""},
		tools: "java 26.0.1", reasons: []string{`pom.xml:4 java "26" minimum`},
	}, {
		name:  "manager's names of vendors",
		files: memory{".tool-versions": "java temurin-17.0.2+8\n", "a/.tool-versions": "java graalvm-22.3.1+java11"},
		tools: "java 11.0.29+7, java 17.0.17+10",
	}, {
		name:  "Android",
		files: memory{"build.gradle": "plugins {\n    id 'com.android.application' version '8.1'\n}\n", "gradlew": ""},
		tools: "java 25.0.1+8", unknown: []string{`build.gradle:2 android-sdk "" any`},
	}, {
		name:  "malformed pom.xml takes the newest LTS",
		files: memory{"pom.xml": "</a></b><project><<", "mvnw": ""},
		tools: "java 25.0.1+8",
	}} {
		e.run(t)
	}
}
