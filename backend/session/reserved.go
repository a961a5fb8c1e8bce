package session

import (
	"context"
	"slices"
	"strings"
)

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
	whyKey      = "it is a key for a model"
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
	"ANTHROPIC_API_KEY": whyKey, "ANTHROPIC_AUTH_TOKEN": whyKey, "CLAUDE_CODE_OAUTH_TOKEN": whyKey,
	"OPENAI_API_KEY": whyKey, "CODEX_API_KEY": whyKey, "CODEX_ACCESS_TOKEN": whyKey,
	"GOOGLE_GEMINI_BASE_URL": whyModel, "GEMINI_BASE_URL": whyModel,
}

var reservedPrefixes = []struct{ prefix, why string }{
	{"LD_", whyCode}, {"DYLD_", whyCode}, {"GLIBC_", whyCode}, {"MALLOC_", whyCode}, {"BASH_FUNC_", whyCode},
	{"LC_", whyShell},
	{"GIT_", whyGit},
	{"BGA_", whyOurs}, {"BACKGROUND_AGENTS_", whyOurs}, {"OPENCODE_", whyOurs}, {"CLAUDE_CODE_", whyOurs}, {"CODEX_",
		whyOurs}, {"ACP_", whyOurs},
}

// reserved says why no secret may have this name, "" where it may. What an agent needs beside these is looked at when it
// starts, since only then it is known which agent that is.
func reserved(name string) string {
	name = strings.ToUpper(name)
	if why := reservedNames[name]; why != "" {
		return why
	}
	for _, p := range reservedPrefixes {
		if strings.HasPrefix(name, p.prefix) {
			return p.why
		}
	}
	return ""
}

// allowed returns those whose names are not reserved, and the names of the others: they were stored when those were not.
func allowed(secrets []given) (kept []given, left []string) {
	for _, g := range secrets {
		if reserved(g.Name) == "" {
			kept = append(kept, g)
		} else if !slices.Contains(left, g.Name) {
			left = append(left, g.Name)
		}
	}
	return kept, left
}

// sayLeftOut tells the user in the transcript which secrets the sandbox does not get.
func (m *Manager) sayLeftOut(ctx context.Context, id ID, names []string) error {
	_, err := m.update(ctx, id, func(_ *Session, b *batch) error {
		for _, name := range names {
			e := reservedError(name)
			notice(b, "The secret "+name+" was left out. "+e.Message+" "+e.Hint)
		}
		return nil
	})
	return err
}

// reservedError says why no secret may have this name, nil where it may.
func reservedError(name string) *Error {
	switch why := reserved(name); why {
	case "":
		return nil
	case whyKey:
		return newError(CodeInvalid, "A secret cannot be named "+name+": "+why+".", "Add it under Models, where it never enters the sandbox.", nil)
	default:
		return newError(CodeInvalid, "A secret cannot be named "+name+": "+why+".", "Choose another name.", nil)
	}
}
