# shellcheck shell=bash
# What a person sees, and the one way in which commands are run.

STEP=0
STEPS=0

# say <text>: a line of progress.
say() { printf '%s\n' "$*"; }

# step <text>: the next thing that is done, counted.
step() {
  STEP=$((STEP + 1))
  say "[$STEP/$STEPS] $* ($((SECONDS / 60))m$((SECONDS % 60))s)"
}

warn() { printf 'warning: %s\n' "$*" >&2; }

# fail <sentence> [hint…]: the end; each hint on a line of its own.
fail() {
  printf 'error: %s\n' "$1" >&2
  shift
  local hint
  for hint in "$@"; do printf '       %s\n' "$hint" >&2; done
  exit 1
}

is_dry_run() { [[ $DRY_RUN == 1 ]]; }

# shown <command…>: as it could be typed.
shown() {
  local word line=''
  for word in "$@"; do
    if [[ $word =~ ^[A-Za-z0-9_@%+=:,./-]+$ ]]; then line+="$word "; else line+="'${word//\'/\'\\\'\'}' "; fi
  done
  printf '%s' "${line% }"
}

# run <command…>: runs it, or prints it in a dry run. What changes something goes through here, and nothing else does.
run() {
  if is_dry_run; then say "+ $(shown "$@")"; else "$@"; fi
}

# run_with <what stands on standard input> <command…>: the same, with the caller's standard input.
run_with() {
  local what=$1
  shift
  if is_dry_run; then
    say "+ $(shown "$@") < $what"
    cat >/dev/null
  else
    "$@"
  fi
}

# ask <command…>: a question that changes nothing. A dry run asks nobody: all that is asked for is not there.
ask() {
  if is_dry_run; then return 1; fi
  "$@" 2>/dev/null
}

# run_again <command…>: three times at most, because downloads and webhooks that just started fail now and then.
run_again() {
  local attempt
  for attempt in 1 2; do
    if run "$@"; then return 0; fi
    say "      it failed; trying again in ${POLL_SECONDS} s ($attempt of 2)"
    sleep "$POLL_SECONDS"
  done
  run "$@" || fail "this failed three times: $(shown "$@")" 'Its own message is above. To start anew is safe: what is done is left as it is.'
}
