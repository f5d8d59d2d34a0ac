# shellcheck shell=bash
# The Secrets that the chart is given by name: made when they are missing, and never changed.

# random_text: 40 letters and digits.
random_text() { head -c 512 /dev/urandom | base64 | tr -dc 'A-Za-z0-9' | cut -c1-40; }

# secret <namespace> <name> <key=value…>: with the keys that it does not have yet. Values never stand on a command line.
secret() {
  local namespace=$1 name=$2 known pair missing=()
  shift 2
  # shellcheck disable=SC2016 # the dollar signs are Go's
  known=$(kube_ask get secret "$name" -n "$namespace" -o 'go-template={{range $key, $value := .data}}{{$key}}{{"\n"}}{{end}}') || known=''
  for pair in "$@"; do
    if ! grep -Fxq -- "${pair%%=*}" <<<"$known"; then missing+=("$pair"); fi
  done
  if ((${#missing[@]} == 0)); then
    say "      Secret $name is here already"
  elif kube_exists "secret/$name" -n "$namespace"; then
    secret_manifest "$namespace" "$name" "${missing[@]}" |
      run_with "the missing keys: ${missing[*]%%=*}" kubectl --context "$CONTEXT" patch secret "$name" -n "$namespace" --type=merge --patch-file=/dev/stdin
  else
    secret_manifest "$namespace" "$name" "${missing[@]}" |
      run_with "Secret $name in $namespace with: ${missing[*]%%=*}" kubectl --context "$CONTEXT" create -f -
  fi
}

secret_manifest() {
  local pair
  printf 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: %s\n  namespace: %s\ntype: Opaque\nstringData:\n' "$2" "$1"
  shift 2
  for pair in "$@"; do printf '  %s: "%s"\n' "${pair%%=*}" "${pair#*=}"; done
}

install_secrets() {
  [[ -f $CHART/files/ebb.yaml && -f $CHART/files/database-roles.txt ]] ||
    fail 'the chart does not say which services there are: helm/ebb/files is not complete.' 'Write it with: npx ebb render --chart helm/ebb'
  namespace "$NAMESPACE"
  secret "$NAMESPACE" ebb-operator "token=$(random_text)" "control-token=$(random_text)"
  local key settings=()
  for key in $(secret_settings); do
    case $key in
      *WEBHOOK_SECRET) settings+=("$key=whsec_$(head -c 32 /dev/urandom | base64)") ;;
      # A key of 32 bytes.
      *=) settings+=("$key$(head -c 32 /dev/urandom | base64)") ;;
      *) settings+=("$key=$(random_text)") ;;
    esac
  done
  if ((${#settings[@]} > 0)); then secret "$NAMESPACE" ebb-settings "${settings[@]}"; fi
  identity_secret
  if is_without postgres; then
    say "      PostgreSQL is your own: make Secret ebb-database in $NAMESPACE yourself, as k8s/README.md says"
  else
    database_secret
  fi
}

# identity_secret: the key pair that callers are vouched for with, where somebody needs it. Two halves that belong together: it is made whole, or not at all.
identity_secret() {
  grep -q '^    identity: ' "$CHART/files/ebb.yaml" || return 0
  local manifest=''
  if kube_exists secret/ebb-identity -n "$NAMESPACE"; then
    say '      Secret ebb-identity is here already'
    return
  fi
  if ! is_dry_run; then
    manifest=$(node "$K8S/identity.mjs" "$NAMESPACE") || fail 'the key pair of Secret ebb-identity cannot be made: it needs Node.'
  fi
  run_with "Secret ebb-identity in $NAMESPACE with: private.jwk public.jwks" kubectl --context "$CONTEXT" create -f - <<<"$manifest"
}

# database_secret: a URL per role. The migrations make the roles, with the passwords that stand here.
database_secret() {
  local key role password urls=()
  password=$(postgres_password) || fail "the password of PostgreSQL cannot be read: Secret ebb-postgres in ebb-data"
  urls=("admin-url=$(database_url postgres "$password")")
  while read -r key role; do
    urls+=("$key=$(database_url "$role" "$(random_text)")")
  done <"$CHART/files/database-roles.txt"
  secret "$NAMESPACE" ebb-database "${urls[@]}"
}

database_url() { printf 'postgres://%s:%s@%s/ebb' "$1" "$2" "$POSTGRES_ADDRESS"; }

# What the services are, as `ebb render --chart` writes it: always in the same form.
readonly CHART=$K8S/../helm/ebb

# secret_settings: the names of the settings of services that are secrets and must be there, with an = after those that are keys of 32 bytes; a worker gets
# its own from elsewhere.
secret_settings() {
  awk '
    /^[^ #]/ { inside = /^apps:/ }
    inside && /^    kind: / { kind = $2 }
    inside && /^      - name: / { name = $3; secret = key = "" }
    inside && /^        secret: true/ { secret = 1 }
    inside && /^        key: true/ { key = "=" }
    inside && /^        required: true/ && secret && kind == "service" { print name key }' "$CHART/files/ebb.yaml" | sort -u
}

# public_workers: those that strangers are meant to come to, one a line.
public_workers() {
  awk '
    /^[^ #]/ { inside = /^apps:/ }
    inside && /^  [^ ]/ { name = $1; sub(/:.*/, "", name); listens = "" }
    inside && /^    [^ ]/ { listens = /^    listens:/ }
    inside && listens && /^      public: true/ { print name }' "$CHART/files/ebb.yaml"
}

# app_names: of all services and workers, one a line.
app_names() {
  awk '/^[^ #]/ { inside = /^apps:/ } inside && /^  [^ ]/ { sub(/:.*/, ""); print $1 }' "$CHART/files/ebb.yaml"
}
