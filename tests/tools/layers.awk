# Reads every direct #include of the files given and prints those that break the order of the house:
# a folder may include what its row says, and inside sip/ a file only what stands below it or, on
# its own line, to its left. Run in the root of the tree: awk -f house.awk -f layers.awk FILE...
# A file belongs to the module that its name starts with: transaction_internal.h and
# transaction_send.c are `transaction`. Knows names and #include lines alone; no preprocessor.

BEGIN {
    split("stdbool.h stddef.h stdint.h string.h limits.h", list, " ")
    for (i in list) portable[list[i]] = 1 # what a freestanding compiler or any libc has
    split("emmintrin.h immintrin.h tmmintrin.h arm_neon.h", list, " ")
    for (i in list) simd[list[i]] = 1 # a second path behind the same function
    split("error limits text siphash", list, " ") # siphash.h: openly added, header only as they are
    for (i in list) ground[list[i]] = 1 # what the codecs that are useful alone may share
    keeper["auth"] = keeper["account"] = 1 # openly: an application's account holds Digest's state
    for (i = 1; i < ARGC; i++) exists[ARGV[i]] = 1
}

function complain(why) {
    printf "%s:%d: %s: %s\n", FILENAME, FNR, $0, why
    broken++
}

function within_sip(path, mine, theirs) {
    mine = module(FILENAME)
    theirs = module(path)
    if (theirs == "") complain("names a module on no layer")
    else if (mine != "" && rank[theirs] > rank[mine])
        complain(mine " stands below " theirs)
}

# What the codecs that are useful alone may read of sip/: sdp/ the addresses, too.
function shared(from, to, path) {
    if (to != "sip" || path !~ /\.h$/) return 0
    return (module(path) in ground) || (from == "sdp" && path == "sip/address.h")
}

function check_core(from, to, path) {
    if (from == "sip" && to == "sip") within_sip(path)
    else if (from == "sip" && to == "digest") {
        if (!(module(FILENAME) in keeper)) complain("digest/ is included from sip/auth alone")
    } else if (from != to && !shared(from, to, path))
        complain(from "/ is useful alone: sip/{error,limits,text,siphash}.h, its own, libc")
}

function check_quoted(from, path, to) {
    to = folder(path)
    if (path ~ /(^|\/)plainsip\.h$/ && (from == "tests" || FILENAME ~ /^apps\/bare\//))
        return # the joined header, made when wanted
    if (!(path in exists)) complain("no such file in the tree")
    else if (path ~ /\.c$/ && from != "tests" && from != "fuzz") complain("a .c file is included")
    else if (from == "sip" || from == "sdp" || from == "digest") check_core(from, to, path)
    else if (from == "transport") {
        if (to != "sip" && to != "transport") complain("transport/ stands on sip/ alone")
    } else if (to == "tests" && from != "tests") complain("tests/ is included by tests alone")
    else if (to == "fuzz" && from != "fuzz" && from != "tests") complain("fuzz/ is on top")
    else if (to == "apps" && from != "apps" && from != "tests") complain("apps/ is on top")
}

function check_system(from, name) {
    if ((from == "sip" || from == "sdp" || from == "digest") && !(name in portable) && !(name in simd))
        complain("the core includes libc's memory and string functions and types alone")
}

FNR == 1 && FILENAME ~ /^sip\// && module(FILENAME) == "" {
    print FILENAME ": stands on no layer"
    broken++
}

/^[ \t]*#[ \t]*include[ \t]*"/ {
    name = $0
    sub(/^[^"]*"/, "", name)
    sub(/".*$/, "", name)
    includes++
    check_quoted(folder(FILENAME), resolve(FILENAME, name))
    next
}
/^[ \t]*#[ \t]*include[ \t]*</ {
    name = $0
    sub(/^[^<]*</, "", name)
    sub(/>.*$/, "", name)
    includes++
    check_system(folder(FILENAME), name)
    next
}
/^[ \t]*#[ \t]*include/ && !(FILENAME == "sip/limits.h" && /PS_CONFIG_FILE/) {
    complain("neither \"file\" nor <header>")
}

END {
    if (!includes) {
        print "no #include was seen"
        broken++
    }
    exit broken > 0
}
