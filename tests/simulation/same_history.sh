#!/usr/bin/env bash
# A seed decides everything: two processes print the same trace of its history.
# Usage: same_history.sh CASEBRIDGE_SIMULATE
set -euo pipefail
for seed in $(seq 1 12); do
    cmp <("$1" --trace "$seed") <("$1" --trace "$seed")
done
