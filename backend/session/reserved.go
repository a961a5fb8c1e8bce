package session

import "strings"

// Why a name is reserved, as the end of a sentence.
const (
	whyShell    = "every program in the sandbox is led by it"
	whyCode     = "it makes programs load code"
	whyGit      = "it would change what git does in the sandbox"
	whyProxy    = "the sandbox reaches the network by it"
	whyOurs     = "the application itself uses such names"
	whyModel    = "it says where the agent finds its model"
	whyCommand  = "it names commands that other programs run"
	whyVersions = "it decides which programs run"
)

// reservedNames are in upper case: some programs take them in either.
var reservedNames = map[string]string{
	"PATH": whyShell, "HOME": whyShell, "SHELL": whyShell, "USER": whyShell, "LOGNAME": whyShell, "PWD": whyShell, "OLDPWD": whyShell,
	"TMPDIR": whyShell, "LANG": whyShell, "LANGUAGE": whyShell, "TERM": whyShell, "HOSTNAME": whyShell, "SHLVL": whyShell, "IFS": whyShell,
	"PS1": whyShell, "PS4": whyShell, "UID": whyShell, "EUID": whyShell, "PPID": whyShell, "CDPATH": whyShell, "_": whyShell,
	"ENV": whyCode, "BASH_ENV": whyCode, "BASHOPTS": whyCode, "SHELLOPTS": whyCode, "PROMPT_COMMAND": whyCode,
	"NODE_OPTIONS": whyCode, "NODE_PATH": whyCode, "BUN_OPTIONS": whyCode, "NODE_REPL_EXTERNAL_MODULE": whyCode,
	"PYTHONPATH": whyCode, "PYTHONHOME": whyCode, "PYTHONSTARTUP": whyCode, "PYTHONUSERBASE": whyCode,
	"PERL5LIB": whyCode, "PERL5OPT": whyCode, "PERL5DB": whyCode, "RUBYLIB": whyCode, "RUBYOPT": whyCode,
	"JAVA_TOOL_OPTIONS": whyCode, "_JAVA_OPTIONS": whyCode, "JDK_JAVA_OPTIONS": whyCode, "CLASSPATH": whyCode, "MAVEN_OPTS": whyCode, "GRADLE_OPTS": whyCode,
	"GCONV_PATH": whyCode, "OPENSSL_CONF": whyCode, "OPENSSL_MODULES": whyCode,
	"EDITOR": whyCommand, "VISUAL": whyCommand, "PAGER": whyCommand, "BROWSER": whyCommand, "LESSOPEN": whyCommand, "SSH_ASKPASS": whyCommand,
	"SSH_AUTH_SOCK": whyGit, "NPM_CONFIG_PREFIX": whyVersions, "NPM_CONFIG_SCRIPT_SHELL": whyCommand,
	"HTTP_PROXY": whyProxy, "HTTPS_PROXY": whyProxy, "ALL_PROXY": whyProxy, "NO_PROXY": whyProxy, "FTP_PROXY": whyProxy,
	"NODE_USE_ENV_PROXY": whyProxy, "YARN_HTTP_PROXY": whyProxy, "YARN_HTTPS_PROXY": whyProxy, "CARGO_HTTP_PROXY": whyProxy,
	"NPM_CONFIG_PROXY": whyProxy, "NPM_CONFIG_HTTPS_PROXY": whyProxy, "NPM_CONFIG_NOPROXY": whyProxy,
	"ANTHROPIC_BASE_URL": whyModel, "ANTHROPIC_API_URL": whyModel, "ANTHROPIC_CUSTOM_HEADERS": whyModel,
	"ANTHROPIC_BEDROCK_BASE_URL": whyModel, "ANTHROPIC_VERTEX_BASE_URL": whyModel,
	"OPENAI_BASE_URL": whyModel, "OPENAI_API_BASE": whyModel, "OPENAI_API_HOST": whyModel,
	"GOOGLE_GEMINI_BASE_URL": whyModel, "GEMINI_BASE_URL": whyModel,
}

var reservedPrefixes = []struct{ prefix, why string }{
	{"LD_", whyCode}, {"DYLD_", whyCode}, {"GLIBC_", whyCode}, {"MALLOC_", whyCode}, {"BASH_FUNC_", whyCode},
	{"LC_", whyShell},
	{"GIT_", whyGit},
	{"BGA_", whyOurs}, {"OPENCODE_", whyOurs}, {"CLAUDE_CODE_", whyOurs}, {"CODEX_", whyOurs}, {"ACP_", whyOurs},
}

// reserved says why no secret may have this name, "" where it may. What an agent needs beside these is looked at when it
// starts, since only then it is known which agent that is.
func reserved(name string) string {
	name = strings.ToUpper(name)
	for _, p := range reservedPrefixes {
		if strings.HasPrefix(name, p.prefix) {
			return p.why
		}
	}
	return reservedNames[name]
}
