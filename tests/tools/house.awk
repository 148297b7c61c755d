# The order of the house, for the scripts that need it (awk -f house.awk -f ...): the layers of sip/
# from the ground up, and the part that a file belongs to when parts are left out.
# Openly added to the plan: siphash and address on line 1; values, via, rules, scan, copy, frame,
# multipart and body where the codec grew into more files; memory and environment on line
# 4; account on line 5; event, request (RFC 3261 8.1) and response (8.2) left of the usages.

BEGIN {
    order("", "error limits text scan names siphash address")
    order("", "uri header values via rules")
    order("", "message parse write copy check frame multipart body")
    order("TRANSACTIONS", "handle capacity observe memory timer environment machines transaction")
    order("STACK", "account response auth dialog")
    order("STACK", "event request responder usage uas rows subscription publication registration registrar call")
    order("STACK", "stack layout report usages")
}

function order(part, line, n, i, words) {
    n = split(line, words, " ")
    for (i = 1; i <= n; i++) {
        rank[words[i]] = ++ranks
        layer_part[words[i]] = part
    }
}

function folder(path) { return path ~ /\// ? substr(path, 1, index(path, "/") - 1) : "" }

# The module of a file in sip/: the longest known name that its base name is, or starts with "_".
function module(path, base, m, best) {
    base = path
    sub(/^.*\//, "", base)
    sub(/\.[ch]$/, "", base)
    best = ""
    for (m in rank)
        if ((base == m || index(base, m "_") == 1) && length(m) > length(best)) best = m
    return best
}

# "" for what is always there (parser and writer), else DIGEST SDP TRANSPORT TRANSACTIONS STACK.
function part(path, dir) {
    dir = folder(path)
    return dir == "sip" ? layer_part[module(path)] : toupper(dir)
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
