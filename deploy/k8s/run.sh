#!/bin/sh
# Runs the three jobs one after the other in the current context and namespace, and prints the merged report.
set -eu
cd "$(dirname "$0")"

# $1: manifest and job, $2: seconds. Ends with the job, complete or failed.
job() {
  kubectl apply -f "$1.yaml"
  left=$2
  until kubectl get "job/loadgen-$1" -o 'jsonpath={.status.conditions[*].type}' | grep -qE 'Complete|Failed'; do
    left=$((left - 5))
    [ "$left" -gt 0 ] || { echo "loadgen-$1 took more than $2 s" >&2; exit 1; }
    sleep 5
  done
  kubectl wait --for=condition=complete --timeout=1s "job/loadgen-$1"
}

kubectl apply -f config.yaml
job prepare 3600
job shards 7200
job merge 3600
kubectl logs job/loadgen-merge
