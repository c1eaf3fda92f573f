# How SAM builds the functions that a caller waits for, and their layer: what pip installs, without what nobody imports,
# and with bytecode. SAM leaves that out, and Lambda cannot write it: every cold start would compile whatever it
# imports, which took longer than everything else together.
#
# In each folder that is built so, the Makefile is a link to this file: SAM copies it with the folder, and takes a change
# of it for a change of the folder. SAM does not say which processor it builds for: the artifacts have what is compiled
# for both, side by side, under names that tell it apart.
FUNCTIONS := VoiceWebhookFunction TransferFunction TransferCandidateFunction
PLATFORM = --platform manylinux2014_$(1) --platform manylinux_2_28_$(1) --implementation cp --python-version 3.13
# Nothing but what is named: what Lambda brings along and what is only for other uses of a package stays out.
INSTALL = python3.13 -m pip install --quiet --disable-pip-version-check --no-deps --no-compile --only-binary :all: \
	$(call PLATFORM,$(1)) --requirement requirements.txt --target
# By hash, so that the same code is the same artifact at any time, and a file that is changed in Lambda's console is
# compiled anew. Under the names that the files will have there.
COMPILE = python3.13 -m compileall -q --invalidation-mode checked-hash -s "$(1)" -p $(2) "$(1)"

.PHONY: $(FUNCTIONS:%=build-%) build-CallRecordLayer
$(FUNCTIONS:%=build-%):
	$(call INSTALL,aarch64) "$(ARTIFACTS_DIR)"
	$(call INSTALL,x86_64) x86_64
	cd x86_64 && find . -name '*.so' -exec cp {} "$(ARTIFACTS_DIR)/{}" ';'
	rm -rf "$(ARTIFACTS_DIR)/bin" "$(ARTIFACTS_DIR)"/twilio/rest/*/
	cp *.py $(wildcard *.toml) requirements.txt "$(ARTIFACTS_DIR)"
	$(call COMPILE,$(ARTIFACTS_DIR),/var/task)

build-CallRecordLayer:
	mkdir -p "$(ARTIFACTS_DIR)/python"
	cp *.py "$(ARTIFACTS_DIR)/python"
	$(call COMPILE,$(ARTIFACTS_DIR)/python,/opt/python)
