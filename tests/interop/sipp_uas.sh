# sipp's built-in uas scenario is called 200 times, 100 a second, by `plainsip call --count`: every
# call works, and not one message of either side is lost, repeated or unexpected.
. tests/interop/lib.sh
need sipp
calls=200

sipp_peer uas -sn uas -m $calls
start call "$PLAINSIP" call --to "sip:service@127.0.0.1:$port" --listen 127.0.0.1:0 --count $calls \
    --rate 100 --talk 1 --stats
ended call 0 150
ended uas 0 100
sipp_clean uas $calls
grep -qx "calls $calls succeeded $calls failed 0" "$WORK/call.out" || die "call: another result"
counted call messages_sent $((3 * calls))     # INVITE, ACK, BYE
counted call messages_received $((3 * calls)) # 180, 200, 200
for name in retransmissions_sent retransmissions_absorbed dropped_unparseable \
    dropped_response_stray dropped_pool_empty transaction_timeouts transport_errors; do
    counted call $name 0
done

# one call, with what it prints
sipp_peer one -sn uas -m 1
start single "$PLAINSIP" call --to "sip:service@127.0.0.1:$port" --listen 127.0.0.1:0 --talk 0
ended single 0
ended one 0 100
sipp_clean one 1
has_line single.out '^status 200 OK$' || die "single: no status"
has_line single.out '^media audio 127\.0\.0\.1:[0-9]+ PCMU/8000 sendrecv$' || die "single: no media"
ok
