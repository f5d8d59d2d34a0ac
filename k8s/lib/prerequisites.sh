# shellcheck shell=bash
# What must be on this machine first. All that is missing is said at once, each with the command that installs it.

readonly WANTED_MEMORY_MIB=6000

need() {
  if is_dry_run; then return 0; fi
  local tool missing=()
  for tool in "$@"; do
    command -v "$tool" >/dev/null || missing+=("$tool is missing: $(how_to_install "$tool")")
  done
  if ((${#missing[@]} > 0)); then fail "these scripts need $*." "${missing[@]}"; fi
}

how_to_install() {
  if [[ $(uname -s) == Darwin ]]; then
    case $1 in
      docker) say 'brew install --cask docker, and start it' ;;
      *) say "brew install $1" ;;
    esac
    return
  fi
  local arch=amd64
  case $(uname -m) in aarch64 | arm64) arch=arm64 ;; esac
  case $1 in
    docker) say 'curl -fsSL https://get.docker.com | sh' ;;
    kind) say "curl -fLo ~/.local/bin/kind https://kind.sigs.k8s.io/dl/v$KIND_VERSION/kind-linux-$arch && chmod +x ~/.local/bin/kind" ;;
    minikube) say "curl -fLo ~/.local/bin/minikube https://storage.googleapis.com/minikube/releases/latest/minikube-linux-$arch && chmod +x ~/.local/bin/minikube" ;;
    kubectl) say "curl -fLo ~/.local/bin/kubectl https://dl.k8s.io/release/v$KUBERNETES_VERSION/bin/linux/$arch/kubectl && chmod +x ~/.local/bin/kubectl" ;;
    helm) say 'curl -fsSL https://raw.githubusercontent.com/helm/helm/main/scripts/get-helm-4 | bash' ;;
    *) say "install $1" ;;
  esac
}

# need_docker: that it answers, and has memory enough.
need_docker() {
  if is_dry_run; then return 0; fi
  local bytes
  bytes=$(docker info --format '{{.MemTotal}}' 2>/dev/null) ||
    fail 'docker does not answer: start it (Docker Desktop, or: sudo systemctl start docker).' \
      "If it runs, your user may not use it: sudo usermod -aG docker $(id -un), and log in anew."
  if [[ $bytes =~ ^[0-9]+$ ]] && ((bytes / 1048576 < WANTED_MEMORY_MIB)); then
    warn "docker has $((bytes / 1048576)) MiB; all of this wants $WANTED_MEMORY_MIB MiB (Docker Desktop: Settings, Resources)"
  fi
}

# need_cluster: that the context exists and its cluster answers.
need_cluster() {
  if is_dry_run; then return 0; fi
  kubectl --context "$CONTEXT" version >/dev/null 2>&1 ||
    fail "no cluster answers for the context \"$CONTEXT\"." 'kubectl config get-contexts lists those that you have.'
}
