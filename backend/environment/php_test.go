package environment

import "testing"

func TestPHP(t *testing.T) {
	for _, e := range []example{{
		name: "laravel has two parts, the assets second",
		files: memory{"composer.json": "{\n\"require\": {\n\"php\": \"^8.2\",\n\"ext-dom\": \"*\",\n\"ext-json\": \"*\",\n\"ext-redis\": \"*\"\n},\n\"scripts\": {\"test\": [\"@php artisan test\"]}\n}",
			"package.json": `{"private":true,"scripts":{"dev":"vite"},"devDependencies":{"vite":"^7"}}`},
		tools: "composer 2.9.1, node 24.11.1, php 8.4.14", packages: "php-xml",
		parts: []string{" | composer | composer install | composer test", " | npm | npm install | "},
		reasons: []string{`composer.json:0 composer "" any`, `composer.json:3 php "^8.2" minimum`, `composer.json:4 php-xml "" any`,
			`package.json:0 node "" any`},
		unknown: []string{`composer.json:6 ext-redis "" any`},
	}, {
		name:  "alternatives, platform and PHPUnit",
		files: memory{"composer.json": `{"require":{"php":"~8.1 || 8.3.*"},"config":{"platform":{"php":"8.2.0"}},"require-dev":{"ext-pdo_sqlite":"*"}}`, "phpunit.xml.dist": ""},
		tools: "composer 2.9.1, php 8.4.14", packages: "php-sqlite3", parts: []string{" | composer | composer install | vendor/bin/phpunit"},
	}, {
		name: "hyphen", files: memory{"composer.json": `{"require":{"php":"8.1 - 8.3"}}`}, tools: "composer 2.9.1, php 8.3.27",
	}} {
		e.run(t)
	}
}
