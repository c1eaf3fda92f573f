# `make help` lists the targets.
VENV := .venv
PYTHON := $(VENV)/bin/python
READY := $(VENV)/.ready
# Tests run in four processes, each file in one of them. `make test WORKERS=` runs them all in one.
WORKERS := -n 4 --dist loadfile
# What `make image` makes. The stack runs arm64 unless its parameter Architecture says x86_64.
IMAGE := warmline
PLATFORM ?= linux/arm64
# SAM needs no AWS account here. It finds Lambda's version of Python in our environment.
OUR_PYTHON_FIRST := PATH="$(CURDIR)/$(VENV)/bin:$$PATH"
SAM := $(OUR_PYTHON_FIRST) SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=us-east-1 .venv-deploy/bin/sam
# The modules that encode and decode the messages of Twilio and OpenAI.
CODECS := openai.client_events openai.server_events openai.usage twilio.media_stream

# The disk space of each environment.
MB_deploy := , 390 MB
MB_lambda := , 50 MB
MB_checkov := , 270 MB
MB_bench := , 320 MB
MB_container := , 160 MB
MB_peers := , 570 MB
MB_browser := , 600 MB

# `make demo ARTIFACTS=1` runs the functions as `sam build` makes them.
BUILT := $(filter 1,$(ARTIFACTS))

# What each target takes on make's command line. Anything else is a slip of the pen: it would be ignored without a word.
TWILIO_KEYS := TWILIO_ACCOUNT_SID TWILIO_AUTH_TOKEN TWILIO_API_KEY_SID TWILIO_API_KEY_SECRET
TAKES_bench := PEERS
TAKES_board := NO_BROWSER PORT REGION STACK
TAKES_carrier := NO_BROWSER PORT PUBLIC_URL URL TWILIO_ACCOUNT_SID TWILIO_AUTH_TOKEN
TAKES_contract := OPENAI_API_KEY OPENAI_LIVE REALTIME_URL TWILIO_API_URL TWILIO_FROM TWILIO_LIVE TWILIO_TO $(TWILIO_KEYS)
TAKES_coverage := WORKERS
TAKES_delete-caller-data := DELETE NUMBER RECORDINGS REGION STACK
TAKES_demo := ARTIFACTS CALLER HUMAN MODEL OPENAI_API_KEY REALTIME_URL
TAKES_deploy := REGION STAGE
TAKES_doctor := AGENT DIRECTORY FIX NUMBER REGION SANDBOX STACK
TAKES_image := PLATFORM
TAKES_outputs := REGION STACK
TAKES_play := MODEL NO_BROWSER OPENAI_API_KEY PORT
TAKES_remove := CUT_CALLS REGION STACK YES
TAKES_report := CALL NUMBERS REGION STACK
TAKES_secrets := OPENAI_API_KEY REGION ROTATE TWILIO_API_URL $(TWILIO_KEYS)
TAKES_test := WORKERS
TAKES_tunnel := MODEL NO_BROWSER NUMBER OPENAI_API_KEY PORT TWILIO_API_URL URL YES $(TWILIO_KEYS)
SWITCHES := ARTIFACTS CUT_CALLS DELETE FIX NO_BROWSER NUMBERS OPENAI_LIVE PEERS RECORDINGS SANDBOX TWILIO_LIVE YES

GOALS := $(or $(MAKECMDGOALS),help)
TAKEN := $(sort $(foreach goal,$(GOALS),$(TAKES_$(goal))))
GIVEN := $(foreach each,$(.VARIABLES),$(if $(findstring command line,$(origin $(each))),$(each)))
UNKNOWN := $(firstword $(filter-out $(TAKEN) VENV AWS_%,$(GIVEN)))
# A stage is a section of samconfig.toml, which only the deploy reads. Everybody else is told the name of a stack.
HINT := $(if $(filter STAGE,$(UNKNOWN)),; a stage is only for make deploy)$(if $(filter STACK,$(UNKNOWN)),$(if $(filter deploy,$(GOALS)),; a deploy takes a stage of samconfig.toml))
$(if $(UNKNOWN),$(error make $(GOALS): $(UNKNOWN)=...: expected $(or $(addsuffix =...,$(TAKEN)),nothing)$(HINT)))
STAGES := $(shell sed -n 's/^\[\([a-z]*\)\.deploy.*/\1/p' samconfig.toml)
# ALLOW(word, choices): where the word is taken, it is empty or one of them.
ALLOW = $(if $(filter $(1),$(TAKEN)),$(if $(filter-out $(2),$($(1)))$(word 2,$($(1))),$(error $(1)=$($(1)): expected one of $(2))))
$(call ALLOW,STAGE,$(STAGES))
$(call ALLOW,PLATFORM,linux/amd64 linux/arm64)
$(call ALLOW,ROTATE,begin switch end)
$(foreach each,$(SWITCHES),$(call ALLOW,$(each),0 1))
PROCESSES := (-n *([0-9]+|auto|logical))?( *--dist [a-z]+)?
$(if $(filter WORKERS,$(GIVEN)),$(if $(shell printf '%s\n' '$(WORKERS)' | grep -vxE '$(PROCESSES)'),$(error WORKERS=$(WORKERS): expected nothing, or pytest's options such as WORKERS="-n 2")))

.DEFAULT_GOAL := help
.PHONY: help setup demo play board report test contract coverage check check-deploy build deploy outputs remove bench bench-quick bench-cold simulate doctor secrets carrier tunnel delete-caller-data format voices image check-image check-pages lock

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY)  ## install everything that demo, tests and checks need (once; takes minutes)

$(READY): requirements/dev.txt .python-version
	@[ ! -L $(VENV) ] || { echo "$(VENV) is a link: clearing it would empty a shared environment. Update that one, then touch $(READY)."; exit 1; }
	@command -v python3.13 >/dev/null || { echo "Warmline needs Python 3.13: 'python3.13' was not found on PATH."; exit 1; }
	@python3.13 -c 'import venv, ensurepip' || { echo "This Python 3.13 lacks venv: install it (Debian: python3.13-venv)."; exit 1; }
	@echo "Setting up $(VENV): $$(grep -cE '^[A-Za-z].*==' $<) packages, 430 MB, once; this takes a minute or more."
	@python3.13 -m venv --clear $(VENV)
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $<
	@touch $@

demo: $(READY) $(and $(BUILT),.venv-deploy/.ready .venv-lambda/.ready)  ## run one call through the whole system (HUMAN=no-answer|busy|declines|voicemail, CALLER=asks, MODEL=openai; ARTIFACTS=1 installs another 440 MB)
	@$(and $(BUILT),$(PYTHON) -m sandbox.aws.artifacts &&) $(PYTHON) -m sandbox.demo

play: $(READY)  ## talk to your agent from the browser, and see what happens (MODEL=sandbox|openai|wss://..., PORT=, NO_BROWSER=1)
	@$(PYTHON) -m console.play $(if $(PORT),--port '$(PORT)') $(if $(MODEL),--model '$(MODEL)')

report: $(READY)  ## write a call of a deployed stack into one HTML file (CALL=CA..., STACK=..., REGION=..., NUMBERS=1: whole numbers)
	@[ -n '$(CALL)' ] || { echo "make report needs the CallSid of a call, such as CALL=CA0123…; make board lists them."; exit 1; }
	@$(PYTHON) -m console.report --call '$(CALL)' $(if $(STACK),--stack '$(STACK)') $(if $(REGION),--region '$(REGION)') \
		$(if $(filter 1,$(NUMBERS)),--numbers)

board: $(READY)  ## look at the calls of a deployed stack in the browser, with your AWS credentials (STACK=..., REGION=..., PORT=, NO_BROWSER=1)
	@$(PYTHON) -m console.board $(if $(STACK),--stack '$(STACK)') $(if $(REGION),--region '$(REGION)') $(if $(PORT),--port '$(PORT)')

test: $(READY)  ## run the whole test suite (minutes)
	@$(PYTHON) -m pytest $(WORKERS)

contract: $(READY)  ## test what Warmline assumes about Twilio and OpenAI, against the sandbox; with TWILIO_LIVE=1 or OPENAI_LIVE=1 against the real services (README has the cost)
	@$(PYTHON) -m pytest tests/contract

coverage: $(READY)  ## check that the core's and the codecs' own tests take every branch
	@$(PYTHON) -m pytest --quiet $(WORKERS) \
		tests/socket_server/core tests/socket_server/openai tests/socket_server/twilio \
		--cov=socket_server.core $(CODECS:%=--cov=socket_server.%) \
		--cov-branch --cov-report=term-missing:skip-covered --cov-fail-under=100

check: $(READY) .venv-container/.ready  ## check style, types, the directory of people and the agent
	@$(PYTHON) -m doctor.people; people=$$?; .venv-container/bin/python -m socket_server.agent_check && exit $$people
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m mypy

check-deploy: $(READY) .venv-deploy/.ready .venv-checkov/.ready .venv-lambda/.ready  ## check template.yaml and what is built from it (minutes; no account, no Docker)
	@$(SAM) validate --lint
	@.venv-deploy/bin/cfn-lint template.yaml
	@mkdir -p .aws-sam
	@AWS_DEFAULT_REGION=us-east-1 .venv-deploy/bin/python tests/deploy/translate.py template.yaml >.aws-sam/translated.json
	@.venv-deploy/bin/cfn-lint .aws-sam/translated.json
	@BC_SKIP_MAPPING=TRUE .venv-checkov/bin/checkov --config-file .checkov.yaml
	@$(SAM) build >.aws-sam/build.log 2>&1 || { cat .aws-sam/build.log; exit 1; }
	@$(PYTHON) -m pytest -n 2 --dist loadfile tests/deploy

build: $(READY)  ## build what is deployed, with the project's own Python (needs SAM's CLI; no Docker)
	@command -v sam >/dev/null || { echo "make $@ needs SAM's CLI, and 'sam' was not found on PATH: pipx install aws-sam-cli"; exit 1; }
	@$(OUR_PYTHON_FIRST) sam build

deploy: check build  ## check, build and deploy (STAGE=prod for real callers; REGION=...); the end shows the outputs
	@$(OUR_PYTHON_FIRST) sam deploy $(if $(STAGE),--config-env '$(STAGE)') $(if $(REGION),--region '$(REGION)')

outputs:  ## show the URLs of a deployed stack again (STACK=..., REGION=...)
	@command -v sam >/dev/null || { echo "make $@ needs SAM's CLI, and 'sam' was not found on PATH: pipx install aws-sam-cli"; exit 1; }
	@sam list stack-outputs --stack-name '$(or $(STACK),warmline)' $(if $(REGION),--region '$(REGION)')

remove: $(READY)  ## delete a stack, with all that it stores (STACK=..., REGION=..., YES=1: do not ask, CUT_CALLS=1)
	@[ -n '$(STACK)' ] || { echo "make remove needs the name of the stack, such as STACK=warmline-prod."; exit 1; }
	@$(PYTHON) -m doctor.remove --stack '$(STACK)' $(if $(REGION),--region '$(REGION)') \
		$(if $(filter 1,$(YES)),--yes) $(if $(filter 1,$(CUT_CALLS)),--cut-calls)

doctor: $(READY)  ## check an installation from this machine (STACK= REGION= NUMBER=+1... FIX=1), or SANDBOX=1
	@$(PYTHON) -m $(if $(filter 1,$(SANDBOX)),sandbox.doctor_target,doctor) \
		$(if $(STACK),--stack '$(STACK)') $(if $(REGION),--region '$(REGION)') $(if $(NUMBER),--number '$(NUMBER)') \
		$(if $(AGENT),--agent '$(AGENT)') $(if $(DIRECTORY),--directory '$(DIRECTORY)') $(if $(filter 1,$(FIX)),--fix)

secrets: $(READY)  ## ask for Twilio's and OpenAI's keys and store them in Secrets Manager (REGION=..., ROTATE=begin|switch|end)
	@$(PYTHON) -m doctor.secrets $(if $(REGION),--region '$(REGION)') $(if $(ROTATE),--rotate '$(ROTATE)')

delete-caller-data: $(READY)  ## show what is stored about a caller (NUMBER=+1..., STACK=..., REGION=...); DELETE=1 deletes it, RECORDINGS=1 their messages at Twilio too
	@$(PYTHON) -m doctor.delete_caller_data --number '$(NUMBER)' $(if $(STACK),--stack '$(STACK)') $(if $(REGION),--region '$(REGION)') \
		$(if $(filter 1,$(DELETE)),--delete) $(if $(filter 1,$(RECORDINGS)),--recordings)

carrier: $(READY)  ## call any Twilio application of this machine from the browser (URL=http://127.0.0.1:5050/incoming-call, PUBLIC_URL=https://..., PORT=, NO_BROWSER=1)
	@$(if $(filter 1,$(NO_BROWSER)),NO_BROWSER=1) $(PYTHON) -m console.carrier --url '$(URL)' \
		$(if $(PUBLIC_URL),--public-url '$(PUBLIC_URL)') $(if $(PORT),--port '$(PORT)')

tunnel: $(READY)  ## answer a real telephone from this machine, without AWS (URL=https://..., NUMBER=+1..., PORT=5060, MODEL=wss://..., NO_BROWSER=1, YES=1)
	@$(PYTHON) -m console.tunnel --url '$(URL)' $(if $(PORT),--port '$(PORT)') $(if $(NUMBER),--number '$(NUMBER)') \
		$(if $(MODEL),--model '$(MODEL)') $(if $(filter 1,$(YES)),--yes)

format: $(READY)  ## format the code
	@$(PYTHON) -m ruff check --fix .
	@$(PYTHON) -m ruff format .

voices: $(READY)  ## render the demo's spoken lines again, after a change of sandbox/speech/voices/lines.toml (needs flite)
	@$(PYTHON) -m sandbox.speech.voices.render

bench: $(READY) .venv-bench/.ready $(and $(filter 1,$(PEERS)),.venv-peers/.ready)  ## measure the container under load, and other relays for comparison (half an hour, with nothing else running; PEERS=1)
	@.venv-bench/bin/python -m bench $(and $(filter 1,$(PEERS)),--peers)

bench-quick: $(READY) .venv-bench/.ready  ## measure CPU at 40 calls, and compare it with the baseline in the repository (two minutes)
	@.venv-bench/bin/python -m bench --quick

bench-cold: $(READY) .venv-deploy/.ready .venv-lambda/.ready  ## measure cold starts of the functions, and of handlers that only make the same clients (a minute)
	@$(PYTHON) -m sandbox.aws.artifacts
	@$(PYTHON) -m bench.cold_start

simulate: .venv-bench/.ready  ## simulate callers and the template's scaling; prints tables, writes the plots of docs/scale.md (minutes)
	@.venv-bench/bin/python -m bench.simulation

# Large tools have environments of their own, created when a target first needs them.
.venv-%/.ready: requirements/%.txt
	@[ ! -L .venv-$* ] || { echo ".venv-$* is a link: clearing it would empty a shared environment. Update that one, then touch $@."; exit 1; }
	@echo "Setting up .venv-$*: $$(grep -cE '^[A-Za-z].*==' $<) packages$(MB_$*), once; this takes a minute or more."
	@python3.13 -m venv --clear .venv-$*
	@.venv-$*/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $<
	@touch $@

check-image: $(READY) .venv-deploy/.ready  ## build the container's image with buildah, without Docker, and run a call through it (minutes; needs root)
	@for tool in buildah debootstrap curl unzip; do command -v $$tool >/dev/null || { echo "make check-image needs $$tool (Debian: apt-get install $$tool)."; exit 1; }; done
	@[ "$$(id -u)" = 0 ] || { echo "make check-image needs root: it mounts the image's files."; exit 1; }
	@$(PYTHON) -m pytest tests/image

check-pages: .venv-browser/.ready  ## test the pages in Chromium, without a window (minutes)
	@command -v chromium >/dev/null || { echo "make check-pages needs Chromium, and 'chromium' was not found on PATH (Debian: apt-get install chromium)."; exit 1; }
	@.venv-browser/bin/python -m pytest tests/browser

image:  ## build the container's image with Docker, for the parameter ImageUri (PLATFORM=linux/amd64)
	@command -v docker >/dev/null || { echo "make image needs Docker. Without it, 'sam deploy' has the image built by CodeBuild."; exit 1; }
	@docker buildx version >/dev/null 2>&1 || { echo "make image needs Docker's plugin buildx, and this docker has none (Debian: docker-buildx, from Docker docker-buildx-plugin)."; exit 1; }
	@docker info >/dev/null 2>&1 || { echo "make image needs Docker's daemon, and none answers: start it, or see 'docker info'."; exit 1; }
	@rm -rf .aws-sam/image
	@$(MAKE) --no-print-directory --silent -C image build-SocketServerSource ARTIFACTS_DIR="$(CURDIR)/.aws-sam/image"
	docker buildx build --platform $(PLATFORM) --load --tag $(IMAGE) .aws-sam/image
	@echo "$(IMAGE) is built for $(PLATFORM). Push it to where ECS can pull it from, and deploy it by its digest:"
	@echo "  docker tag $(IMAGE) REGISTRY/warmline:TAG && docker push REGISTRY/warmline:TAG"
	@echo "  in samconfig.toml: parameter_overrides = \"... ImageUri=REGISTRY/warmline@sha256:...\", then sam deploy"

lock:  ## write requirements/*.txt from requirements/*.in (needs uv)
	@command -v uv >/dev/null || { echo "make lock needs uv (https://docs.astral.sh/uv), and it was not found on PATH."; exit 1; }
	@for name in bench browser dev container deploy checkov lambda peers; do \
		uv pip compile --quiet --universal --python-version 3.13 --generate-hashes --no-header --no-annotate \
			requirements/$$name.in -o requirements/$$name.txt || exit 1; done
