# The order of the house, for the scripts that need it (awk -f house.awk -f ...): the border, the rooms
# of sip/ from the ground up, and the part that a file belongs to when parts are left out.
# Knows paths alone; opens no file.

BEGIN {
    # sip/*.h, from left to right: a header includes only those before it
    border("sip", "error limits version text address names")
    border("sip", "uri header message body")
    border("sip", "machines handle capacity observe event account response auth")
    border("sip", "call registration subscription registrar stack")
    # of the other folders, what an application may include
    border("sdp", "sdp attribute negotiation")
    border("digest", "hash digest client server")
    border("transport", "loop udp resolver host")
    # sip/*/, from the ground up: a room includes those before it
    split("base message transaction core usage call stack", rooms, " ")
    for (r = 1; r in rooms; r++) room_level[rooms[r]] = r
    # what is left out with PS_WITHOUT_...; what is not named here is always there
    left_out("TRANSACTIONS", "sip/machines sip/handle sip/capacity sip/observe sip/base/memory sip/base/timer")
    left_out("TRANSACTIONS", "sip/base/capacity sip/base/environment sip/transaction/")
    left_out("STACK", "sip/event sip/account sip/response sip/auth sip/call sip/registration sip/subscription")
    left_out("STACK", "sip/registrar sip/stack sip/core/ sip/usage/ sip/call/ sip/stack/")
    left_out("DIGEST_SERVER", "digest/server digest/nonce digest/nonce_internal")
    left_out("SHA256", "digest/sha256")
    left_out("SHA512_256", "digest/sha512")
    # what the folders that are useful alone may share; siphash.h: openly added to the plan
    split("sip/error sip/limits sip/text sip/base/siphash", list, " ")
    for (i in list) ground[list[i] ".h"] = 1
}

function border(dir, names, n, i, words) {
    n = split(names, words, " ")
    for (i = 1; i <= n; i++) place[dir "/" words[i] ".h"] = ++places
}

function left_out(part, paths, n, i, words) {
    n = split(paths, words, " ")
    for (i = 1; i <= n; i++) part_of[words[i]] = part
}

function folder(path) { return path ~ /\// ? substr(path, 1, index(path, "/") - 1) : "" }

# The room of a file: "base" for sip/base/timer.c, "" for a file of another folder or of the border.
function room(path, words) {
    return split(path, words, "/") > 2 && words[1] == "sip" ? words[2] : ""
}

function is_header(path) { return path ~ /\.h$/ }

# May an application include it?
function is_public(path) { return path in place }

# "" for what is always there (parser and writer), else DIGEST SDP TRANSPORT TRANSACTIONS STACK, and
# of Digest DIGEST_SERVER SHA256 SHA512_256.
function part(path, stem, dir) {
    stem = path
    sub(/\.[ch]$/, "", stem)
    if (stem in part_of) return part_of[stem]
    dir = folder(path)
    if (dir != "sip") return toupper(dir)
    sub(/[^\/]*$/, "", stem)
    return (stem in part_of) ? part_of[stem] : ""
}

# The name between the quotes of an #include line.
function included(line) {
    sub(/^[^"]*"/, "", line)
    sub(/".*$/, "", line)
    return line
}

# The file that an #include "name" in `from` reads: beside it, or from the root (-I.). `exists` is
# the caller's table of the files in the tree.
function resolve(from, name, dir, path) {
    dir = from
    sub(/[^\/]*$/, "", dir)
    path = dir name
    while (path ~ /(^|\/)[^\/.]+\/\.\.\//) sub(/[^\/.]+\/\.\.\//, "", path)
    return (path in exists) ? path : name
}
