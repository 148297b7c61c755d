# Reads every direct #include of the files given and prints those that break the order of the house
# (house.awk), and every circle of files that include each other. Run in the root of the tree:
#   awk [-v open=FILE] -f house.awk -f layers.awk FILE...
# `open` names a file of "FROM TO" lines, includes that are known to break it: they are counted and not
# printed. Knows names and #include lines alone; runs no preprocessor.

BEGIN {
    split("stdbool.h stddef.h stdint.h string.h limits.h", list, " ")
    for (i in list) portable[list[i]] = 1 # what a freestanding compiler or any libc has
    split("emmintrin.h immintrin.h tmmintrin.h arm_neon.h", list, " ")
    for (i in list) simd[list[i]] = 1 # a second path behind the same function
    for (i = 1; i < ARGC; i++) exists[ARGV[i]] = 1
    while (open != "" && (getline line < open) > 0)
        if (line !~ /^(#|$)/) known[line] = 1
}

function complain(why, key) {
    key = FILENAME " " target
    if (key in known) {
        known[key]++
        return
    }
    printf "%s:%d: %s: %s\n", FILENAME, FNR, $0, why
    broken++
}

# Digest's headers: from core/auth.c, and from the public headers that hold its state.
function may_know_digest(path) { return path ~ /^sip\/(core\/)?auth[^\/]*$|^sip\/account\.h$/ }

function of_border(path) {
    if (!is_public(path)) complain("a public header includes public headers alone")
    else if (folder(path) == "sip" && place[path] >= place[FILENAME])
        complain("stands to its right on the border")
}

function of_room(mine, path, theirs) {
    theirs = room(path)
    if (theirs != "" && room_level[theirs] > room_level[mine])
        complain("room " mine " stands below " theirs)
}

function of_sip(path, to) {
    if (to == "digest") {
        if (!may_know_digest(FILENAME) || !is_public(path))
            complain("digest/ is known to core/auth, auth.h and account.h alone")
    } else if (to != "sip") complain("sip/ stands on digest/ and libc")
    else if (room(FILENAME) == "") of_border(path)
    else of_room(room(FILENAME), path)
}

function of_codec(from, path, to) {
    if (from == to || (path in ground)) return
    if (from == "sdp" && path ~ /^sip\/(base\/address_text|address)\.h$/) return
    complain(from "/ is useful alone: sip/{error,limits,text,base/siphash}.h, its own, libc")
}

function of_user(from, path, to) {
    if (from == to) return
    if (to == "tests" || to == "fuzz" || to == "apps") complain(to "/ is on top of " from "/")
    else if (from == "transport" && to != "sip") complain("transport/ stands on sip/ alone")
    else if (!is_public(path)) complain("private: applications and transport/ stay outside the border")
}

function check_quoted(from, path, to) {
    to = folder(path)
    if (path ~ /(^|\/)plainsip\.[ch]$/ && (from == "tests" || FILENAME ~ /^apps\/bare\//))
        return # the joined header, made when wanted
    if (!(path in exists)) complain("no such file in the tree")
    else if (path ~ /\.c$/ && from != "tests" && from != "fuzz") complain("a .c file is included")
    else if (from == "sip") of_sip(path, to)
    else if (from == "sdp" || from == "digest") of_codec(from, path, to)
    else if (from == "transport" || from == "apps") of_user(from, path, to)
    else if (to == "tests" && from != "tests") complain("tests/ is included by tests alone")
    else if (to == "apps" && from != "tests") complain("apps/ is on top")
}

function check_system(from, name) {
    if ((from == "sip" || from == "sdp" || from == "digest") && !(name in portable) && !(name in simd))
        complain("the core includes libc's memory and string functions and types alone")
}

# A file of sip/ stands on the border or in a room that is on the list.
FNR == 1 && FILENAME ~ /^sip\// && !is_public(FILENAME) && !(room(FILENAME) in room_level) {
    print FILENAME ": stands neither on the border nor in a room"
    broken++
}

/^[ \t]*#[ \t]*include[ \t]*"/ {
    target = resolve(FILENAME, included($0))
    includes++
    edge[FILENAME, ++edges[FILENAME]] = target
    check_quoted(folder(FILENAME), target)
    next
}
/^[ \t]*#[ \t]*include[ \t]*</ {
    target = $0
    sub(/^[^<]*</, "", target)
    sub(/>.*$/, "", target)
    includes++
    check_system(folder(FILENAME), target)
    next
}
/^[ \t]*#[ \t]*include/ && !(FILENAME == "sip/limits.h" && /PS_CONFIG_FILE/) {
    target = ""
    complain("neither \"file\" nor <header>")
}

# Walks the includes of `path`; `way` is how it came here.
function walk(path, way, i) {
    if (state[path] == "done") return
    if (state[path] == "open") {
        print "a circle: " substr(way, index(way, " " path " ") + 1) path
        broken++
        return
    }
    state[path] = "open"
    for (i = 1; i <= edges[path]; i++) walk(edge[path, i], way path " ")
    state[path] = "done"
}

END {
    for (i = 1; i < ARGC; i++) walk(ARGV[i], " ")
    for (key in known) still += known[key] > 1
    if (still) print "note: " still " includes still break the order (" open ")"
    if (!includes) {
        print "no #include was seen"
        broken++
    }
    exit broken > 0
}
