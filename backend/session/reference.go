package session

import (
	"net/url"
	"regexp"
	"strings"
)

// reference is ${NAME} in a value of a server of tools: the secret of that name, which comes into its place when a session starts
// and is stored nowhere. $${ is the text ${ itself.
var reference = regexp.MustCompile(`\$?\$\{([^}]*)\}`)

func literal(match string) bool { return strings.HasPrefix(match, "$$") }

// nameOf returns the name in a match of reference.
func nameOf(match string) string { return match[2 : len(match)-1] }

// validReferences checks that what a value names could be secrets.
func validReferences(server, value string) error {
	for _, match := range reference.FindAllString(value, -1) {
		if literal(match) {
			continue
		}
		if err := checkSecretName(nameOf(match)); err != nil {
			return newError(CodeInvalid, "A value of "+server+" has a ${…} that names no secret. "+AsError(err).Message,
				"Write ${NAME} for the secret NAME, and $${ where the text ${ itself is meant.", err)
		}
	}
	return nil
}

// FilledMCPServer is an MCPServer with the secrets that its values name. It is for the channel alone.
type FilledMCPServer struct {
	Name    string
	Command []string
	Env     []FilledValue
	URL     Secret
	Headers []FilledValue
}

// FilledValue is a variable or a header; Value begins with what follows on the sign between them.
type FilledValue struct {
	Name  string
	Value Secret
}

// fill returns a project's servers of tools with the secrets that their values name, of each name the most specific.
func fill(list []MCPServer, secrets []given) ([]FilledMCPServer, error) {
	f := filling{values: map[string]Secret{}}
	for _, g := range effective(secrets) {
		f.values[g.Name] = g.value
	}
	filled := make([]FilledMCPServer, 0, len(list))
	for _, s := range list {
		if err := validArguments(s); err != nil {
			return nil, err // it was stored when this was not looked at
		}
		f.server = s.Name
		filled = append(filled, FilledMCPServer{
			Name: s.Name, Command: arguments(s.Command), URL: NewSecret(f.address(s.URL)),
			Env: f.each(s.Env, "=", asVariable), Headers: f.each(s.Headers, ":", asLine),
		})
	}
	return filled, f.err
}

// filling puts secrets into the values of servers, until something is in the way.
type filling struct {
	values map[string]Secret
	server string
	size   int // of all that was put in; bounded by maxDelivered
	err    error
}

// each fills what follows sep in each of the pairs.
func (f *filling) each(pairs []string, sep string, as func(string) (value, why string)) []FilledValue {
	out := make([]FilledValue, 0, len(pairs))
	for _, p := range pairs {
		name, value, _ := strings.Cut(p, sep)
		out = append(out, FilledValue{name, NewSecret(f.text(value, as))})
	}
	return out
}

// address fills a URL, so that its server reads the value as it is.
func (f *filling) address(at string) string {
	path, query, found := strings.Cut(at, "?")
	path = f.text(path, func(v string) (string, string) { return url.PathEscape(strings.TrimRight(v, "\r\n")), "" })
	if found {
		path += "?" + f.text(query, func(v string) (string, string) { return url.QueryEscape(strings.TrimRight(v, "\r\n")), "" })
	}
	return path
}

func (f *filling) text(value string, as func(string) (value, why string)) string {
	return reference.ReplaceAllStringFunc(value, func(match string) string {
		if literal(match) {
			return match[1:]
		}
		if f.err != nil {
			return ""
		}
		name := nameOf(match)
		secret, found := f.values[name]
		if !found {
			f.err = newError(CodeSecretMissing, "The server of tools "+f.server+" needs the secret "+name+", which this session does not have.",
				"Set it in the project's settings or with `bga secret set "+name+"`, then Retry.", nil)
			return ""
		}
		v, why := as(secret.Reveal())
		if f.size += len(v); why == "" && f.size > maxDelivered {
			why = "with it this project's servers of tools get more than 1 MB"
		}
		if why != "" {
			f.err = newError(CodeInvalid, "The server of tools "+f.server+" cannot be given the secret "+name+": "+why+".", "Set another value, then Retry.", nil)
			return ""
		}
		return v
	})
}

func asVariable(v string) (value, why string) {
	if strings.ContainsRune(v, 0) {
		return "", "it holds a zero byte, which no variable can"
	}
	return v, ""
}

// asLine leaves out the end of the last line, which files have.
func asLine(v string) (value, why string) {
	if v = strings.TrimRight(v, "\r\n"); strings.ContainsAny(v, "\x00\r\n") {
		return "", "it has several lines, which no header can"
	}
	return v, ""
}
