# shellcheck shell=bash
# A PostgreSQL for a trial: one pod, one volume, no backups.

readonly POSTGRES_ADDRESS=ebb-postgres.ebb-data:5432

install_postgres() {
  if is_mine PostgreSQL ebb-data postgres "$POSTGRES_VERSION" 'statefulset/ebb-postgres -n ebb-data'; then
    namespace ebb-data
    if ! kube_exists secret/ebb-postgres -n ebb-data; then
      # The password is in the data as well: a new one would fit no more.
      if kube_exists persistentvolumeclaim/data-ebb-postgres-0 -n ebb-data; then
        fail 'PostgreSQL has its data (PersistentVolumeClaim data-ebb-postgres-0 in ebb-data), but Secret ebb-postgres with its password is gone.' \
          'Restore the Secret; or, to lose the data: kubectl delete namespace ebb-data, and start again.'
      fi
      secret ebb-data ebb-postgres "password=$(random_text)"
    fi
    mark ebb-data postgres installing
    apply postgres.yaml
  fi
}

await_postgres() {
  if is_without postgres; then return 0; fi
  wait_until 'PostgreSQL answers' 300 ebb-data workloads_ready ebb-data
  if [[ $(mark_of ebb-data postgres) == installing ]] || is_dry_run; then mark ebb-data postgres "$POSTGRES_VERSION"; fi
}

postgres_password() {
  if is_dry_run; then
    printf 'made-at-install'
    return
  fi
  kube_ask get secret ebb-postgres -n ebb-data -o 'go-template={{index .data "password" | base64decode}}'
}
