# sipsak asks `plainsip answer` and registers with `plainsip serve`. Its requests are its own: no <> in
# From, To and Contact, an unknown Via parameter; and it cuts a port of five digits in To.
. tests/interop/lib.sh
need sipsak

printf 'alice:secret\n' >"$WORK/users"
start serve "$PLAINSIP" serve --users "$WORK/users" --realm here.test --listen 127.0.0.1:0 --stats
listening serve
serve=127.0.0.1:$port
start answer "$PLAINSIP" answer --listen 127.0.0.1:0 --stats
listening answer

start options sipsak -vv -s "sip:bob@127.0.0.1:$port"
ended options 0
has_line options.out 'SIP/2\.0 200 OK' || die "options: no 200"
start register sipsak -U -u alice -a secret -x 60 -C sip:alice@127.0.0.1:9 -s "sip:alice@$serve"
ended register 0
start wrong sipsak -U -u alice -a nonsense -x 60 -C sip:alice@127.0.0.1:9 -s "sip:alice@$serve"
ended wrong 2
stop serve
stop answer
counted answer dropped_unparseable 0
counted serve dropped_unparseable 0
ok
