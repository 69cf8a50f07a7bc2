#!/usr/bin/env bash
# Trains a model of hadal-mini's shape (not its exact weights: see the model card): tokenizer and shards, the three stages, the draft block, and the export. Run from anywhere after `npm run build`.
# Every stage goes on where it stopped when this is run again. MINUTES scales the whole (default 120).
set -euo pipefail
cd "$(dirname "$0")/.."

PYTHON=${PYTHON:-python3}
MINUTES=${MINUTES:-120}
SHARDS=${SHARDS:-170}
MODEL=models/hadal-mini
DATA=train/data/train
HELD_OUT=train/data/heldout
RUNS=${RUNS:-train/runs}
EXTRA=${EXTRA:-} # for all stages, e.g. EXTRA="--procs 1 --device cuda --batch-tokens 32768"

part() { awk "BEGIN { print $MINUTES * $1 }"; }
newest() { ls "$1"/checkpoint-*.pt | tail -1; }
stage() { # stage, previous stage's folder or -, further options
  local name=$1 from=$2 init=()
  shift 2
  [ "$from" = - ] || init=(--init-from "$(newest "$from")")
  # shellcheck disable=SC2086
  "$PYTHON" train/train.py --stage "$name" --data $DATA --held-out $HELD_OUT --out "$RUNS/$name" --resume "${init[@]}" $EXTRA "$@"
}

[ -f $MODEL/tokenizer.json ] || node dist/src/train/generate.js tokenizer --out $MODEL/tokenizer.json
[ -f $DATA/meta.json ] || node dist/src/train/generate.js shards --tokenizer $MODEL/tokenizer.json --out $DATA --shards "$SHARDS"
[ -f $HELD_OUT/meta.json ] || node dist/src/train/generate.js shards --tokenizer $MODEL/tokenizer.json --out $HELD_OUT --shards 1 --split eval

stage dense - --minutes "$(part 0.60)"
stage indexer "$RUNS/dense" --minutes "$(part 0.03)" --start-shard $((SHARDS * 6 / 10))
stage sparse "$RUNS/indexer" --minutes "$(part 0.07)" --start-shard $((SHARDS * 7 / 10)) --min-len 257
"$PYTHON" train/train_mtp.py --trunk "$(newest "$RUNS/sparse")" --data $DATA --held-out $HELD_OUT --out "$RUNS/mtp" --resume \
  --minutes "$(part 0.30)" --start-shard $((SHARDS * 4 / 10))
"$PYTHON" train/export.py "$(newest "$RUNS/sparse")" "$RUNS/hadal-mini-hf" --mtp "$(newest "$RUNS/mtp")"
