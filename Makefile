# Each target is one script or one command; CI runs the same.
.DEFAULT_GOAL := help
.PHONY: help build test conformance bench fuzz lint fmt cover docs verify

help: ## show this
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-13s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build bin/desksync, static
	CGO_ENABLED=0 go build -trimpath -o bin/desksync ./cmd/desksync

test: ## run everything on both databases; installs what it needs
	@scripts/test.sh

conformance: ## hold the sandboxes against foreign clients
	@scripts/conformance.sh

bench: ## run the benchmarks and print the figures
	@scripts/bench.sh

fuzz: ## run every fuzz function for 100,000 inputs
	@scripts/fuzz.sh

lint: ## lint, and see the linter find planted offences
	@scripts/lint.sh

fmt: ## format
	@scripts/lint.sh fmt

cover: ## print how much of the code the tests run
	@scripts/cover.sh

docs: ## make the generated files again
	go generate ./...

verify: ## go.mod tidy, generated files up to date, changelog well-formed, deploy/ right
	@scripts/verify.sh
