# sipp's built-in uac scenario calls `plainsip answer` 2,000 times, 100 a second: every call works,
# and not one message of either side is lost, repeated or unexpected.
. tests/interop/lib.sh
need sipp
calls=2000

start answer "$PLAINSIP" answer --listen 127.0.0.1:0 --stats
listening answer
sipp_start uac -sn uac -m $calls -r 100 "127.0.0.1:$port"
ended uac 0 400
sipp_clean uac $calls
stop answer
counted answer messages_received $((3 * calls)) # INVITE, ACK, BYE
counted answer messages_sent $((3 * calls))     # 180, 200, 200
for name in retransmissions_sent retransmissions_absorbed dropped_unparseable dropped_ack_stray \
    dropped_response_stray dropped_pool_empty refused_503_pool_empty refused_503_per_source \
    transaction_timeouts transport_errors udp_queue_full udp_kernel_dropped udp_send_errors; do
    counted answer $name 0
done
echo "note: $calls calls of sipp answered, $(sipp_value uac 'CallRate(C)') a second, 0 failed"
ok
