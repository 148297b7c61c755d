# Each command that opens a socket, under valgrind: no error, and nothing that it does not give back.
. tests/interop/lib.sh
need valgrind

# checked NAME COMMAND...: in the background; T1 is long, as everything takes long here
checked() {
    checked_name=$1 command=$2
    shift 2
    start "$checked_name" valgrind -q --leak-check=full --show-leak-kinds=all \
        --errors-for-leak-kinds=all --error-exitcode=99 "$PLAINSIP" "$command" --t1 4000 "$@"
}
# clean NAME STATUS: ended with that status; valgrind had nothing to say
clean() {
    ended "$1" "$2" 300
    ! grep -q '^==' "$WORK/$1.err" || die "$1: valgrind complains"
}
stopped() {
    kill -INT "$(pid_of "$1")"
    clean "$1" 0
}
until_listening() {
    await "$1" '^listening on udp:' 300
    listening "$1"
}

printf 'alice:secret\nbob:hush\n@ha1 carol r MD5 0123456789abcdef0123456789abcdef\n' >"$WORK/users"
PLAINSIP_PASSWORD=secret
export PLAINSIP_PASSWORD

checked serve serve --users "$WORK/users" --realm r --listen 127.0.0.1:0 --stats --trace=full
until_listening serve
serve=127.0.0.1:$port
checked answer answer --user alice --realm r --listen 127.0.0.1:0 --trace=full
until_listening answer
phone=127.0.0.1:$port

checked once register --aor sip:alice@r --registrar "$serve" --user alice --once
clean once 0
checked wrong register --aor sip:alice@r --registrar "$serve" --user bob --once
clean wrong 1
checked kept register --aor sip:alice@r --registrar "$serve" --user alice --trace=full
await kept '^status 200 OK$' 300
stopped kept
checked options options "sip:$phone" --user alice
clean options 0
checked message message "sip:$phone" hello --user alice
clean message 0
checked subscribe subscribe "sip:$phone" --event presence
clean subscribe 1
checked call call --to "sip:$phone" --user alice --talk 0 --trace=full --stats
clean call 0
checked calls call --to "sip:$phone" --user alice --talk 0 --count 10 --rate 20
clean calls 0
checked nobody call --to sip:nobody@r --proxy "$serve"
clean nobody 1
checked absent call --to sip:bob@r --proxy "$serve"
clean absent 1
checked leaving call --to "sip:$phone" --user alice --talk 600
await leaving '^status 200 OK$' 300
stopped leaving
checked left call --to "sip:$phone" --user alice --talk 600
await left '^status 200 OK$' 300
stopped answer
clean left 0
stopped serve
checked unheard options "sip:$phone" --t1 5
clean unheard 3
checked usage call --to nonsense
clean usage 2
checked file serve --users "$WORK/absent"
clean file 2
start demo valgrind -q --leak-check=full --show-leak-kinds=all --errors-for-leak-kinds=all \
    --error-exitcode=99 "$PLAINSIP" demo
clean demo 0
ok
