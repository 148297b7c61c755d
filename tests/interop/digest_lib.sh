# Digest in shell, with md5sum and sha256sum: what the peers' messages are held against. The second
# implementation of these tests, which shares nothing with ours.
. tests/interop/lib.sh

# message NAME sent|received N [METHOD]: the N-th message in a sipp's message file, of that method
message() {
    tr -d '\r' <"$WORK/$1.messages" | awk -v way="$2" -v n="$3" -v method="$4" '
        /^-----------------------------------------------/ { inside = 0; next }
        /^UDP message (sent|received)/ {
            wanted = ($3 == way || $3 == way ":"); fresh = 1; next
        }
        fresh && $0 == "" { next }
        fresh {
            fresh = 0
            inside = wanted && (method == "" || $1 == method) && ++count == n
        }
        inside { print }'
}

# parameter NAME: of the credentials on standard input, unquoted
parameter() { sed -n "s/.*[ ,]$1=\"\{0,1\}\([^\",]*\).*/\1/p"; }

hash() { # ALGORITHM TEXT
    case $1 in
    '' | MD5) printf '%s' "$2" | md5sum ;;
    SHA-256) printf '%s' "$2" | sha256sum ;;
    esac | cut -d ' ' -f 1
}

# response USER REALM PASSWORD METHOD URI NONCE ALGORITHM QOP NC CNONCE BODY-HASH
response() {
    ha1=$(hash "$7" "$1:$2:$3")
    ha2=$(hash "$7" "$4:$5${11:+:${11}}")
    if [ -n "$8" ]; then
        hash "$7" "$ha1:$6:$9:${10}:$8:$ha2"
    else
        hash "$7" "$ha1:$6:$ha2"
    fi
}

# right FILE REALM USER PASSWORD: the file's message carries credentials for the realm that are right
# in all: user, uri, algorithm's response. Sets $header to them.
right() {
    method=$(head -n 1 "$1" | cut -d ' ' -f 1) asked=$(head -n 1 "$1" | cut -d ' ' -f 2)
    header=$(grep -iE '^(Proxy-)?Authorization: Digest ' "$1" | grep -F "realm=\"$2\"")
    [ "$(printf '%s\n' "$header" | grep -c .)" = 1 ] ||
        { cat "$1"; die "not one set of credentials for $2"; }
    value() { printf '%s\n' "$header" | parameter "$1"; }
    [ "$(value username)" = "$3" ] || die "another user: $header"
    [ "$(value uri)" = "$asked" ] || die "another uri than $asked: $header"
    body=
    if [ "$(value qop)" = auth-int ]; then
        length=$(sed -n 's/^Content-Length: *//p' "$1")
        sed '1,/^$/d' "$1" | sed 's/$/\r/' | head -c "$length" >"$WORK/body"
        case $(value algorithm) in
        '' | MD5) body=$(md5sum <"$WORK/body") ;;
        *) body=$(sha256sum <"$WORK/body") ;;
        esac
        body=${body%% *}
    fi
    expected=$(response "$3" "$2" "$4" "$method" "$asked" "$(value nonce)" "$(value algorithm)" \
        "$(value qop)" "$(value nc)" "$(value cnonce)" "$body")
    [ -n "$expected" ] && [ "$(value response)" = "$expected" ] ||
        die "response is not $expected: $header"
}
