# One target per command; each is idempotent and says what it does.
SHELL := /bin/bash
.DEFAULT_GOAL := help
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

.PHONY: help up down twin test conformance e2e bench lint tools machines clean

help: ## this list
	@grep -hE '^[a-z0-9]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

# Without root there are no machines to boot, so nothing is made for them; `groundup up` says what that leaves out.
up: tools $(if $(filter 0,$(shell id -u)),machines) ## install every tool, start the local Hetzner, bring the stack `local` up
	@./bin/groundup up local

down: node_modules/.installed ## take the stack `local` and the local Hetzner down; nothing is left
	@./bin/groundup down local

twin: node_modules/.installed ## the local Hetzner by itself, for any client; with Debian machines where they can run
	@[ "$$(id -u)" != 0 ] || node tools/main.ts install debian
	@./bin/twin up

test: tools ## all tests that need no machines
	@vitest run --project fast

e2e: tools machines ## the whole way on real machines, in a local Hetzner of its own
	@vitest run --project e2e

conformance: tools machines ## clients that others wrote, against the local Hetzner; out/conformance.json
	@node test/conformance/main.ts

bench: tools machines ## every figure with its bound, as ratios where machines are noisy; out/bench.json
	@node bench/main.ts

lint: node_modules/.installed ## formatting, types, shell, Go, Ansible
	@biome check .
	@tsc --noEmit -p .
	@cd ansible && PATH="$$(node ../tools/main.ts install lint):$$PATH" ansible-lint --offline --strict --nocolor -q
	@shellcheck --shell=bash bin/* .ci/run twin/plugins/bin/* bench/kubeadm.sh
	@for module in tools/go/{tunnel,pause,probe,delay} test/conformance/go; do (cd $$module && test -z "$$(gofmt -l .)" && go vet ./...) || exit 1; done

tools: node_modules/.installed ## Node 24, Pulumi, the tunnel, kubectl, Ansible
	@node tools/main.ts install core

machines: node_modules/.installed ## Kubernetes and the Debian images that local machines boot from
	@node tools/main.ts install machines

node_modules/.installed: package-lock.json
	@exec 9>.npm.lock; flock -n 9 || { echo 'make: another make is installing the packages of this checkout; wait for it, then run this again' >&2; exit 1; }; \
	echo 'make: installing the npm packages of package-lock.json'; \
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && touch $@

clean: ## what was installed into the checkout; the cache of tools stays
	@rm -rf node_modules out
