# run        set up what is missing and open the window (without a display: the demo, in the terminal)
# dev        the window with reload
# build      build/bin/background-agents and build/bin/bga
# test       all tests; installs what they need
# redteam    attacks on the sandbox and the window (R=name for some); `make test` runs all but the slow ones
# lint       formatters and linters
# check      what CI runs
# check-all  what takes longer: crashes, slow tests, packages, fresh systems (CASES=command for more of your own)
# bench      measurements, into build/bench/result.json (B=name for one, ONCE=1 for a small trial)
# package    deb, rpm, tar.gz, and where its tools are there the Windows installer
# crash      kill the backend many times in running turns (KILLS=n; ENGINE='command' restarts the engine too)
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := build
MAKEFLAGS += --no-print-directory

# Not from Go, which may be missing: build/setup says so.
OS := $(patsubst Linux,linux,$(patsubst Darwin,darwin,$(shell uname -s)))
VERSION ?= $(shell git describe --tags --always 2>/dev/null || echo dev)
LDFLAGS := -s -w -X background-agents/backend/control.Version=$(VERSION)
TAGS := $(if $(filter linux,$(OS)),webkit2_41)
comma := ,
BIN := build/bin
STAMPS := .bin/stamps

SUPERVISOR := $(STAMPS)/supervisor
MODULES := $(STAMPS)/node_modules
DIST := frontend/dist/index.html
SUPERVISOR_SOURCES := $(shell find sandbox -name '*.go' -not -name '*_test.go') go.mod
PAGE_SOURCES := $(shell find frontend/src frontend/public frontend/wailsjs frontend/index.html frontend/*.ts frontend/*.js -type f 2>/dev/null)

.PHONY: run dev build supervisor modules page app bga test redteam attacks lint check check-all bench package crash bindings
.DELETE_ON_ERROR:

# Without a display the window is neither built nor needed, nor are the packages that it takes to build it.
SCREEN := $(if $(filter linux,$(OS)),$(DISPLAY)$(WAYLAND_DISPLAY),yes)

# The application reads .env from its data folder, and from the checkout only because this says so.
run: export BGA_ENV_FILE := $(CURDIR)/.env
run:
ifneq ($(SCREEN),)
	@build/setup/run.sh window $(BIN)/background-agents
else
	@build/setup/run.sh terminal build/setup/demo.sh
endif

dev: $(SUPERVISOR) $(MODULES) .bin/wails
	.bin/wails dev -tags "$(TAGS)" -m -nosyncgomod

build: app bga

supervisor: $(SUPERVISOR)
modules: $(MODULES)
page: $(DIST)

app: $(SUPERVISOR) $(DIST)
	go build -tags desktop,production$(addprefix $(comma),$(TAGS)) -trimpath -ldflags '$(LDFLAGS)' -o $(BIN)/background-agents .

bga: $(SUPERVISOR)
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN)/bga ./app/cli

$(SUPERVISOR): $(SUPERVISOR_SOURCES)
	go generate ./sandbox
	@mkdir -p $(@D) && touch $@

$(MODULES): frontend/package.json frontend/package-lock.json
	npm --prefix frontend ci --no-audit --no-fund
	@mkdir -p $(@D) && touch $@

$(DIST): $(MODULES) $(PAGE_SOURCES)
	npm --prefix frontend run build
	@touch $@

# The bindings are committed; this generates them again after a method of app.API was changed.
# `wails build` writes the same files; it leaves the runtime's without the right to execute.
bindings:
	go run -tags bindings . >/dev/null
	@chmod 644 frontend/wailsjs/runtime/*

test:
	@build/setup/run.sh test build/test/run.sh

redteam:
	@build/setup/run.sh test $(MAKE) attacks R='$(R)'

attacks:
	BGA_SLOW=1 go test -count 1 -timeout 40m ./backend/redteam $(if $(R),-run '$(R)') -v
	cd frontend && CI=1 npx playwright test hostile

lint: $(MODULES)
	@build/test/lint.sh

check:
	@.ci/run

check-all:
	@build/test/check-all.sh

bench: app bga
	backend/bench/run.sh $(if $(B),-only $(B)) $(if $(ONCE),-once)

crash: $(SUPERVISOR)
	go test -timeout 6h -count 1 ./backend -run 'TestBackendMayBeKilledAtAnyMoment|TestTurnIsFoundAgain' -kills $(or $(KILLS),1000) $(if $(ENGINE),-restart-engine '$(ENGINE)') -v

package: build
	@VERSION=$(VERSION) build/package.sh

.bin/wails:
	GOBIN=$(CURDIR)/.bin go install github.com/wailsapp/wails/v2/cmd/wails@v2.15.0
