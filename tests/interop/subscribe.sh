# Notifiers: sipp, which sees a subscription made, refreshed and ended; and the phone baresip, whose
# presence is asked for once and followed until we leave.
. tests/interop/lib.sh
need sipp

sipp_peer notifier -sf tests/interop/subscribe_uas.xml -m 1 -timeout 20 -timeout_error
start mail "$PLAINSIP" subscribe "sip:box@127.0.0.1:$port" --event message-summary \
    --listen 127.0.0.1:0 --stats --trace
await mail "^status 200 OK$"
await mail '^notify active;expires=4$'
await mail '^Messages-Waiting: no'
await mail '^notify active;expires=3600$' 80
await mail '^Messages-Waiting: yes'
stop mail
has_line mail.out '^notify terminated;reason=timeout$' || die "mail: no last NOTIFY"
ended notifier 0
sipp_clean notifier 1
counted mail retransmissions_sent 0
counted mail dropped_unparseable 0
counted mail "subscriptions" "8 live 0"

# nobody notifies
free_port
start none "$PLAINSIP" subscribe "sip:box@127.0.0.1:$port" --event presence --t1 20
ended none 3
start phone "$PLAINSIP" answer --listen 127.0.0.1:0
listening phone
start refused "$PLAINSIP" subscribe "sip:box@127.0.0.1:$port" --event presence
ended refused 1
has_line refused.out '^status 489 Bad Event$' || die "refused: not told"
stop phone

command -v baresip >/dev/null 2>&1 || { echo "note: no baresip: sipp alone"; ok; }
for modules in /usr/lib/baresip/modules /usr/lib/*/baresip/modules /usr/local/lib/baresip/modules; do
    [ ! -e "$modules/presence.so" ] || break
done
free_port
cat >"$WORK/config" <<END
sip_listen 127.0.0.1:$port
net_interface 127.0.0.1
module_path $modules
module stdio.so
module g711.so
module_tmp account.so
module_app contact.so
module_app presence.so
module_app menu.so
END
echo "<sip:alice@127.0.0.1>;regint=0" >"$WORK/accounts"
: >"$WORK/contacts"
mkfifo "$WORK/keys"
exec 3<>"$WORK/keys"
start baresip sh -c 'exec baresip -f "$1" <"$1/keys"' baresip "$WORK"
within 100 taken "$port" || die "baresip: does not listen"
start watcher "$PLAINSIP" subscribe "sip:alice@127.0.0.1:$port" --event presence \
    --accept application/pidf+xml --listen 127.0.0.1:0 --trace=full --stats
await watcher '^status 2'
await watcher '^notify active'
await watcher '^content-type application/pidf\+xml'
stop watcher
has_line watcher.out '^notify terminated' || die "watcher: no last NOTIFY"
counted watcher dropped_unparseable 0
echo /quit >&3
ended baresip 0
ok
