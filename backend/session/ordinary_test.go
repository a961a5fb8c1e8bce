package session

import "testing"

func TestOrdinaryValuesAreNoSecrets(t *testing.T) {
	for _, v := range []struct{ name, value string }{
		{"A", ""}, {"A", "12345"}, {"A", " true "}, {"A", "localhost"}, {"A", "Production"}, {"API_KEY", "changeme"},
		{"DB_PASSWORD", "postgres"}, {"DB_PASSWORD", "mysecretpassword"}, {"JWT_SECRET", "secret"},
		{"WEBAPP_URL", "http://localhost:3000"}, {"NEXTAUTH_URL", "http://localhost:3000/api/auth"}, {"AUTH_URL", "https://localhost"},
		{"A", "http://127.0.0.1:8080"}, {"A", "http://[::1]:8080/"}, {"A", "http://app.localhost:3000"}, {"A", "0.0.0.0:8080"},
		{"A", "localhost:9092,localhost:9093"}, {"A", "http://localhost:3000,http://localhost:3001"}, {"A", "[::1]:53"},
		{"REDIS_URL", "redis://cache:6379/0"}, {"REDIS_URL", "redis://localhost:6379"}, {"A", "http://host.docker.internal:11434"},
		{"DATABASE_URL", "postgres://postgres:postgres@localhost:5432/postgres"}, {"DATABASE_URL", "postgresql://user:pass@db:5432/shop?schema=public"},
		{"SMTP_FROM", "noreply@example.com"}, {"SMTP_FROM", "Our Shop <no-reply@mail.example.com>"}, {"MAIL", `"A Shop" <a.shop@example.co.uk>`},
		{"ADMIN_NAME", "Test User"}, {"APP_NAME", "shop-of-tests"}, {"LOG", "information"}, {"REGION", "us-east-1"}, {"ENVIRONMENT", "development"},
		{"DIR", "/usr/local/share"}, {"IMAGE", "node/alpine"}, {"A", "true or false"}, {"DB_HOST", "db.example.com:5432"},
	} {
		if !isOrdinary(v.name, v.value) {
			t.Errorf("%s=%s is hidden", v.name, v.value)
		}
	}
	for _, v := range []struct{ name, value string }{
		{"A", "123456"}, {"A", "hunter2"}, {"SECRET_KEY", "9f73s3ljTXVcMT3Blb3ljTqtsKiGHX"}, {"A", "sk-ant-api03-abcdef"}, {"A", "kqzjxvwp"},
		{"A", "ghp_16C7e42F292c6912E7710c838347Ae178B4a"}, {"DB_PASSWORD", "banana"}, {"PGPASSWORD", "sunshine"}, {"dbPassword", "sunshine"},
		{"TOKEN", "test user"}, {"SMTP_PASS", "Tr0ub4dor@example.com"}, {"GMAIL", "qzrt plmk vbnw xdsa"}, {"A", "correct horse battery staple again"},
		{"DATABASE_URL", "postgres://shop:9f73s3ljTX@localhost:5432/shop"}, {"DATABASE_URL", "postgres://shop:postgres@db.example.com/shop"},
		{"A", "http://localhost:3000/?token=9f73s3ljTX"}, {"A", "http://localhost:3000/9f73s3ljTX"}, {"A", "http://9f73s3ljTX@localhost"},
		{"A", "http://localhost#9f73s3ljTX"}, {"A", "localhost,9f73s3ljTX"}, {"A", "https://hooks.example.com/services/T0/B0/X"},
		{"A", "e3b0c442-98fc-1c14-9afb-f4c8996fb924"}, {"A", "deadbeef0123"}, {"A", "aB3dE5fG"},
	} {
		if isOrdinary(v.name, v.value) {
			t.Errorf("%s=%s is shown", v.name, v.value)
		}
	}
}
