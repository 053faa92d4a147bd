#!/bin/sh
# Copies the primary where there is no copy yet, and then follows it.
set -eu

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  pg_basebackup --dbname="$PRIMARY" --pgdata="$PGDATA" --write-recovery-conf --slot=standby --checkpoint=fast
  # The primary's, which waits for this one: promoted, it would wait for itself.
  sed -i '/synchronous_standby_names/d' "$PGDATA/postgresql.auto.conf"
fi

exec postgres "$@"
