#!/usr/bin/env bash
# Makes the virtual environment of the tests that need Python tools, once for each state of requirements.txt.
set -euo pipefail
folder=$1
here=$(cd "$(dirname "$0")" && pwd)
if cmp -s "$here/requirements.txt" "$folder/requirements.txt"; then
  exit 0
fi
echo "make: installing the Python tools the tests use into $folder"
rm -rf "$folder"
python3 -m venv "$folder"
"$folder/bin/pip" install --quiet --requirement "$here/requirements.txt"
cp "$here/requirements.txt" "$folder/requirements.txt"
