#!/bin/sh
# Write the bill of materials (CycloneDX, JSON) of what an installation consists of: Varco from this checkout and what the
# lock names, in an environment of its own. `tools/sbom.sh [FILE]`; PYTHON names one that is installed already, to describe that.
set -eu
cd "$(dirname "$0")/.."
file="${1:-dist/varco.cdx.json}"
mkdir -p "$(dirname "$file")"
if [ -z "${PYTHON:-}" ]; then
    environment="$(mktemp -d)"
    trap 'rm -rf "$environment"' EXIT
    .venv/bin/python -m venv "$environment"
    PYTHON="$environment/bin/python"
    "$PYTHON" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
    .venv/bin/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir "$environment" .
    "$PYTHON" -m pip install --quiet --disable-pip-version-check --no-deps "$environment"/varco-*.whl
    "$PYTHON" -m pip uninstall --quiet --yes pip
fi
.venv/bin/cyclonedx-py environment "$PYTHON" --pyproject pyproject.toml --mc-type application --output-reproducible --validate --of JSON -o "$file"
