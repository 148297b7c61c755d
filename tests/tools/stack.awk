# The deepest stack of any public function, from gcc's -fcallgraph-info=su over the joined file:
#   awk [-v top=N] -f stack.awk plainsip.ci      prints the N deepest: bytes, and the path to there
# A call by pointer (__indirect_call) is taken to reach the deepest function that nobody calls by
# name and that is not public: that is how a table's rows are called. What libc's memory functions
# need is not in it. Recursion and stack of no known size are said, and fail.

function field(name, s) {
    if (!match($0, name ": \"[^\"]*\"")) return ""
    s = substr($0, RSTART, RLENGTH)
    sub(/^[^"]*"/, "", s)
    sub(/"$/, "", s)
    return s
}
/^node:/ {
    title = field("title")
    label = field("label")
    if (match(label, /[0-9]+ bytes \([a-z,]+\)/)) {
        size = substr(label, RSTART, RLENGTH)
        if (size !~ /static|bounded/) unbounded[title] = size
        own[title] = size + 0
    }
}
/^edge:/ {
    from = field("sourcename")
    to = field("targetname")
    calls[from] = calls[from] SUBSEP to
    if (to != from) called[to] = 1
}

function depth(f, n, list, i, d, best) {
    if (f in deepest) return deepest[f]
    if (f in open) {
        print "recursion through " f
        failed = 1
        return 0
    }
    open[f] = 1
    best = 0
    next_of[f] = ""
    n = split(substr(calls[f], 2), list, SUBSEP)
    for (i = 1; i <= n; i++) {
        d = list[i] == "__indirect_call" ? by_pointer() : depth(list[i])
        if (d > best) {
            best = d
            next_of[f] = list[i] == "__indirect_call" ? pointed : list[i]
        }
    }
    delete open[f]
    return deepest[f] = own[f] + best
}

# Bounded once: a function called by pointer that itself calls by pointer counts as one level.
function by_pointer(f, d, best) {
    if (pointer_known) return pointer_depth
    pointer_known = 1
    for (f in own)
        if (f ~ /:/ && !(f in called)) {
            d = depth(f)
            if (d > best) { best = d; pointed = f }
        }
    return pointer_depth = best + 0
}

END {
    for (f in unbounded) {
        print "no known size: " f ", " unbounded[f]
        failed = 1
    }
    by_pointer()
    for (n = 0; n < (top ? top : 1); n++) {
        worst = 0
        for (f in own)
            if (f !~ /:/ && !(f in told) && depth(f) > worst) {
                worst = depth(f)
                name = f
            }
        if (!worst) break
        told[name] = 1
        path = name " " own[name]
        steps = 0
        for (f = next_of[name]; f != "" && steps++ < 40; f = next_of[f]) {
            short = f
            sub(/^.*:/, "", short)
            path = path " > " short " " own[f]
        }
        print worst, path
    }
    exit failed
}
