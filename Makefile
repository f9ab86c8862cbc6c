.DEFAULT_GOAL := help
.PHONY: help up install test faults check bench conformance properties fuzz client lock sbom audit

PYTHON_IN_VENV := .venv/bin/python

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

up: ## start the whole platform in the foreground (PORT, ORDINAUT_HOME, DATABASE_URL, REDIS_URL)
	@deploy/install.sh base
	@exec $(PYTHON_IN_VENV) manage.py up

install: ## build .venv from the hashed requirements; nothing when nothing changed
	@deploy/install.sh base

test: ## run every test, on servers of its own
	@deploy/install.sh base dev audit
	@deploy/test.sh

faults: ## every row of the fault matrix; ORDINAUT_FAULTS_REPEATS (1), ORDINAUT_FAULTS_SEED (1), ORDINAUT_FAULTS_TABLE
	@deploy/install.sh base dev
	@$(PYTHON_IN_VENV) -m pytest -v -p no:randomly -m faults tests/faults

check: ## lint, types, import contracts, migrations
	@deploy/install.sh base dev
	@deploy/check.sh

bench: ## benchmarks, each beside a peer or the raw limit of the same run; ONLY="drain io" for some
	@deploy/install.sh base dev
	@$(PYTHON_IN_VENV) -m tests.benchmarks $(ONLY)

properties: ## the queue against its model and an oracle (ORDINAUT_QUEUE_CASES), random recurrences against a brute force (an hour)
	@deploy/install.sh base dev
	@ORDINAUT_QUEUE_CASES=$${ORDINAUT_QUEUE_CASES:-500} $(PYTHON_IN_VENV) -m pytest -q tests/unit/queue_model \
	  tests/integration/queue/test_conformance.py tests/integration/queue/test_stateful.py
	@$(PYTHON_IN_VENV) -m tests.benchmarks recurrence_properties

fuzz: ## 100,000 expressions and 20,000 pipelines that nobody would write (ORDINAUT_FUZZ_EXPRESSIONS, ORDINAUT_FUZZ_DEFINITIONS)
	@deploy/install.sh base dev
	@ORDINAUT_FUZZ_EXPRESSIONS=$${ORDINAUT_FUZZ_EXPRESSIONS:-100000} \
	  ORDINAUT_FUZZ_DEFINITIONS=$${ORDINAUT_FUZZ_DEFINITIONS:-20000} \
	  $(PYTHON_IN_VENV) -m pytest -q -p no:randomly --timeout=3600 tests/unit/pipelines/test_fuzz.py

conformance: ## the running API against its OpenAPI document, all cases of schemathesis (ORDINAUT_CONFORMANCE_CASES, _EVERY)
	@deploy/install.sh base dev
	@ORDINAUT_CONFORMANCE_CASES=$${ORDINAUT_CONFORMANCE_CASES:-100} \
	  ORDINAUT_CONFORMANCE_EVERY=$${ORDINAUT_CONFORMANCE_EVERY:-1} ORDINAUT_TOKEN_SECONDS=86400 \
	  $(PYTHON_IN_VENV) -m pytest -q -p no:randomly tests/integration/api/test_schemathesis.py

lock: ## compile requirements/*.in to hashed .txt
	@deploy/install.sh base dev
	@for name in uv base dev bench audit; do \
	  .venv/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-emit-index-url \
	    --custom-compile-command "make lock" requirements/$$name.in -o requirements/$$name.txt || exit 1; done

sbom: ## the CycloneDX bill of materials of what the platform runs with (SBOM=sbom.json); asks no service
	@deploy/install.sh base audit
	@.venv/audit/bin/python deploy/sbom.py $${SBOM:-sbom.json}

audit: ## known vulnerabilities of every locked package, as pypi.org tells; fails if it cannot be asked
	@deploy/install.sh base audit
	@deploy/audit.sh

client: ## write the OpenAPI document that the Python client is generated from, and generate it
	@deploy/install.sh base
	@$(PYTHON_IN_VENV) manage.py spectacular --format openapi-json --file client/openapi.json
	@deploy/install.sh base dev
