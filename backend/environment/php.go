package environment

import (
	"maps"
	"slices"
	"strings"

	"background-agents/backend/session"
)

// phpPackages are the Debian packages of PHP's extensions. "" is built in.
var phpPackages = map[string]string{
	"xml": "php-xml", "dom": "php-xml", "simplexml": "php-xml", "xmlreader": "php-xml", "xmlwriter": "php-xml", "xsl": "php-xml",
	"mbstring": "php-mbstring", "curl": "php-curl", "zip": "php-zip", "intl": "php-intl", "gd": "php-gd",
	"sqlite3": "php-sqlite3", "pdo_sqlite": "php-sqlite3", "mysql": "php-mysql", "mysqli": "php-mysql", "pdo_mysql": "php-mysql",
	"pgsql": "php-pgsql", "pdo_pgsql": "php-pgsql", "bcmath": "php-bcmath",
	"calendar": "", "ctype": "", "date": "", "exif": "", "fileinfo": "", "filter": "", "ftp": "", "gettext": "", "hash": "",
	"iconv": "", "json": "", "libxml": "", "openssl": "", "pcntl": "", "pcre": "", "pdo": "", "phar": "", "posix": "",
	"random": "", "reflection": "", "session": "", "shmop": "", "sockets": "", "sodium": "", "spl": "", "standard": "",
	"tokenizer": "", "zlib": "",
}

func readComposer(d *detector, f file) {
	doc := d.tree.document(f.path)
	if text := doc.text("require", "php"); text != "" && text != "*" {
		d.minimum(at{f, doc.line("require", "php")}, "php", text, composerRange(text))
	}
	// The platform is what dependencies are chosen for: a newer PHP runs them too.
	if text := doc.text("config", "platform", "php"); text != "" {
		d.minimum(at{f, doc.line("config", "platform", "php")}, "php", text, atLeast(text))
	}
	for _, key := range []string{"require", "require-dev"} {
		for _, name := range slices.Sorted(maps.Keys(doc.table(key))) {
			extension, ok := strings.CutPrefix(strings.ToLower(name), "ext-")
			if !ok {
				continue
			}
			a := at{f, doc.line(key, name)}
			if pkg, known := phpPackages[strings.ReplaceAll(extension, "-", "_")]; !known {
				d.unknown(a, "ext-"+extension, "", session.DemandAny, "No Debian package is known for this extension of PHP.")
			} else if pkg != "" {
				d.debian(a, pkg)
			}
		}
	}
}

// composerRange reads a range as Composer does, such as "^8.2" or "8.1 - 8.4".
func composerRange(text string) fits {
	if strings.Contains(text, " - ") {
		return npmRange(text)
	}
	return specifiers(text, "~")
}

func (d *detector) phpParts() {
	for _, f := range d.tree.named("composer.json") {
		if d.covered(f.dir, "composer") {
			continue
		}
		doc := d.tree.document(f.path)
		d.ensure(f, "php")
		d.ensure(f, "composer")
		test := ""
		switch {
		case doc.has("scripts", "test"):
			test = "composer test"
		case d.tree.has(f.dir, "phpunit.xml", "phpunit.xml.dist") != "" || doc.has("require-dev", "phpunit/phpunit"):
			test = "vendor/bin/phpunit"
		}
		d.part(f.dir, "composer", "composer install", test)
	}
}
