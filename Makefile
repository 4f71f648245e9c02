# The two commands that a fresh machine needs are `make demo` and `make test`.

SWIFT_FLAGS := -c release
BUILD := .build
OUT ?= gibbon-demo
PREFIX ?= /usr/local
DESTDIR ?=

# Another oneDNN than the system's, 2.6 or later or 3.x: make ONEDNN=/path, where include and lib are. It is built
# apart, because everything depends on it.
ifneq ($(ONEDNN),)
override ONEDNN := $(abspath $(ONEDNN))
export ONEDNN
BUILD := .build/onednn
SWIFT_FLAGS += --scratch-path $(BUILD)
endif

TEST_FLAGS := $(SWIFT_FLAGS) --disable-testable-imports --disable-xctest
GIBBON := $(BUILD)/release/gibbon

# What is handed on holds Swift's own libraries, so that it runs where there is no Swift. It is built apart, because
# everything depends on that.
STATIC := $(BUILD)/static
PACKED := $(BUILD)/dist

SWIFT_FILES := Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Sources

.PHONY: demo build test lint format setup place static install uninstall dist deb check-dist man bench check-onnx check-corruptions check-hans check-pictures check-remedies check-tables check-tensorboard check-methods check-reliability check-attribution check-games clean

## Build, train, attack, repair, and write a report to OUT.
demo: build
	$(GIBBON) demo --out $(OUT)

## Build the command, optimised.
build: setup
	swift build $(SWIFT_FLAGS) --product gibbon

## Check the style, build with warnings as errors, and run all tests, optimised.
test: setup lint
	swift test $(TEST_FLAGS)

lint:
	swift format lint --strict --recursive $(SWIFT_FILES)

## Bring the sources into the style.
format:
	swift format --in-place --recursive $(SWIFT_FILES)

## Install what is missing.
setup: place
	@Scripts/setup.sh

# Compiled modules name their files by absolute paths; what Swift says of a folder that was moved helps nobody.
place:
	@mkdir -p .build
	@[ ! -e .build/place ] || [ "$$(cat .build/place)" = "$$(pwd -P)" ] || { \
	  printf 'gibbon build: .build was made in %s and cannot be used in %s; run make clean\n' \
	    "$$(cat .build/place)" "$$(pwd -P)" >&2; exit 2; }
	@pwd -P >.build/place

static: setup
	swift build $(SWIFT_FLAGS) --static-swift-stdlib --scratch-path $(STATIC) --product gibbon

## Install the command, its completions and licences below PREFIX.
install: static
	Scripts/install.sh $(STATIC) "$(DESTDIR)$(PREFIX)"

## Remove what `make install` installed.
uninstall:
	Scripts/install.sh --remove "$(DESTDIR)$(PREFIX)"

## Pack an archive that runs on any Linux with a glibc as new as this machine's.
dist: static
	Scripts/make-dist.sh $(STATIC) $(PACKED)

## Make a package of Debian.
deb: static
	Scripts/make-deb.sh $(STATIC) $(PACKED)

## Make the manual page from the help.
man: build
	Scripts/make-man.py --gibbon $(GIBBON)

## Run the archive and the package without network on a Debian that has nothing else; needs root, debootstrap and lintian.
check-dist: static
	Scripts/check-dist.sh $(STATIC)

## Compare with onnxruntime and with ONNX's own tests; makes a Python environment of its own first.
check-onnx: setup
	swift build $(SWIFT_FLAGS) --product onnx-check
	swift build $(SWIFT_FLAGS) --product gibbon
	test -d .venv-onnx || python3 -m venv .venv-onnx
	.venv-onnx/bin/pip install --quiet -r Scripts/requirements-onnx.txt
	.venv-onnx/bin/python Scripts/check-onnx-backend.py
	.venv-onnx/bin/python Scripts/check-onnx-attributes.py
	.venv-onnx/bin/python Scripts/check-onnx-patterns.py
	.venv-onnx/bin/python Scripts/check-round-trips.py
	.venv-onnx/bin/python Scripts/check-onnx.py

## Plant cues, find and repair them, and look for some where there are none.
check-hans: build
	python3 Scripts/check-hans.py --gibbon $(GIBBON)

## Compare corrupted pictures with imagecorruptions, and with the code of CIFAR-10-C and MNIST-C where ROBUSTNESS and
## MNIST_C name checkouts of it; makes a Python environment of its own first.
check-corruptions: build
	test -d .venv-corruptions || python3 -m venv .venv-corruptions
	.venv-corruptions/bin/pip install --quiet -r Scripts/requirements-corruptions.txt
	.venv-corruptions/bin/pip install --quiet --no-deps imagecorruptions==1.1.2
	.venv-corruptions/bin/python Scripts/check-corruptions.py --gibbon $(GIBBON) \
	  $(if $(ROBUSTNESS),--robustness $(ROBUSTNESS)) $(if $(MNIST_C),--mnist-c $(MNIST_C))

## Compare what is read of pictures with Pillow; makes a Python environment of its own first.
check-pictures: build
	test -d .venv-pictures || python3 -m venv .venv-pictures
	.venv-pictures/bin/pip install --quiet -r Scripts/requirements-pictures.txt
	.venv-pictures/bin/python Scripts/check-pictures.py --gibbon $(GIBBON)

## Carry out the remedies that messages about ONNX files name, with the exporters themselves.
check-remedies: build
	test -d .venv-remedies || python3 -m venv .venv-remedies
	.venv-remedies/bin/pip install --quiet -r Scripts/requirements-remedies.txt
	.venv-remedies/bin/python Scripts/check-remedies.py

## Compare what is read of tables with pandas; makes a Python environment of its own first.
check-tables: build
	test -d .venv-tables || python3 -m venv .venv-tables
	.venv-tables/bin/pip install --quiet -r Scripts/requirements-tables.txt
	.venv-tables/bin/python Scripts/check-tables.py --gibbon $(GIBBON)

## Compare games of payoffs with HiGHS; makes a Python environment of its own first.
check-games: build
	test -d .venv-games || python3 -m venv .venv-games
	.venv-games/bin/pip install --quiet -r Scripts/requirements-games.txt
	.venv-games/bin/python Scripts/check-games.py --gibbon $(GIBBON)

## Let TensorBoard read the files of events that are written; makes a Python environment of its own first.
check-tensorboard: setup
	swift build $(SWIFT_FLAGS) --product metrics-check
	test -d .venv-tensorboard || python3 -m venv .venv-tensorboard
	.venv-tensorboard/bin/pip install --quiet -r Scripts/requirements-tensorboard.txt
	.venv-tensorboard/bin/python Scripts/check-tensorboard.py --program $(BUILD)/release/metrics-check

## Compare attributions with captum's; makes a Python environment of its own first. Needs ../shared/data.
check-attribution: setup
	swift build $(SWIFT_FLAGS) --product attribution-check
	test -d .venv-attribution || python3 -m venv .venv-attribution
	.venv-attribution/bin/pip install --quiet -r Scripts/requirements-attribution.txt
	.venv-attribution/bin/python Scripts/check-attribution.py --program $(BUILD)/release/attribution-check

## Train the small network by each method, and see that it withstands more than plain training; some minutes.
check-methods: build
	python3 Scripts/check-methods.py --gibbon $(GIBBON)

## Kill runs before each of their writes, flip bits of their files, fill disks, and see that nothing is lost; about an hour.
check-reliability: build
	python3 Scripts/check-reliability.py --gibbon $(GIBBON)

## Compare with PyTorch; makes a Python environment of its own first.
bench: setup
	$(MAKE) -C Benchmarks

clean:
	rm -rf .build
