# Sourced by tools/run, tools/test and .ci/run, from the root of the repository: quiet steps, a line each.

# step NAME COMMAND...: runs the command with its output kept aside; says how long it took, or shows the end of it and fails.
step() {
  local name=$1 begun=$SECONDS log status=0 running
  shift
  log=$(mktemp)
  "$@" >"$log" 2>&1 </dev/null &
  running=$!
  if [[ -t 1 ]]; then
    while kill -0 "$running" 2>/dev/null; do
      printf '\r\033[K%-28s %4d s  %s' "$name" $((SECONDS - begun)) "$(tail -n 1 "$log" | cut -c 1-60)"
      sleep 0.3
    done
    printf '\r\033[K'
  fi
  wait "$running" || status=$?
  if [[ $status -eq 0 ]]; then
    printf '%-28s %4d s\n' "$name" $((SECONDS - begun))
  else
    printf '%-28s failed after %d s\n' "$name" $((SECONDS - begun))
    grep -v '^\[[0-9]*/[0-9]*\] [A-Z]' "$log" | tail -n 60 >&2
  fi
  rm -f "$log"
  return $status
}

# build PRESET [TARGET...]: configures when that was not done yet, then builds. SESSION_WERROR=ON makes warnings errors.
build() {
  local preset=$1
  shift
  if [[ ! -f build/$preset/build.ninja || -n "${SESSION_WERROR:-}" ]]; then
    step "configure $preset" cmake --preset "$preset" ${SESSION_WERROR:+"-DSESSION_WERROR=$SESSION_WERROR"} || return
  fi
  step "build $preset${1:+: $*}" cmake --build --preset "$preset" ${1:+--target "$@"}
}
