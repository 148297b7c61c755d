# Which file of sip/ sdp/ digest/ transport/ calls which, from the symbols of their objects, and what
# of it breaks the order of the house: a call from a room to one above it, and files that call each
# other in a circle. A header that two files share hides both from layers.awk.
#   nm -A -g OBJECT... | awk -v base=build/ [-v open=FILE] -f house.awk -f calls.awk
# `open` names a file of lines "FROM TO" and "circle FILE FILE...": known, counted and not printed.
# With -v edges_only=1 prints "FROM TO" for each call instead. A call by pointer is not seen.

BEGIN {
    while (open != "" && (getline line < open) > 0)
        if (line !~ /^(#|$)/) known[line] = 1
}

{
    file = $1
    sub(/:.*$/, "", file)
    sub(/\.o$/, ".c", file)
    if (index(file, base) == 1) file = substr(file, length(base) + 1)
    if (!(file in seen)) {
        seen[file] = 1
        files[++n] = file
    }
    if ($(NF - 1) ~ /^[TDRBVWi]$/) home[$NF] = file
    else if ($(NF - 1) == "U") wants[file, ++wanted[file]] = $NF
}

function complain(key, why) {
    if (key in known) known[key]++
    else {
        print key ": " why
        broken++
    }
}

function add(from, to) {
    if (from == to || to == "" || ((from, to) in call)) return
    call[from, to] = 1
    calls++
    edge[from, ++edges[from]] = to
    if (edges_only) print from " " to
    else if (room(from) != "" && room(to) != "" && room_level[room(to)] > room_level[room(from)])
        complain(from " " to, "room " room(from) " calls up into " room(to))
}

function reach(from, to, i) {
    for (i = 1; i <= edges[from]; i++)
        if (!((to, edge[from, i]) in reached)) {
            reached[to, edge[from, i]] = 1
            reach(edge[from, i], to)
        }
}

function circles(i, k, members) {
    for (i = 1; i <= n; i++) reach(files[i], files[i])
    for (i = 1; i <= n; i++) {
        if ((files[i] in told) || !((files[i], files[i]) in reached)) continue
        members = "circle"
        for (k = i; k <= n; k++)
            if (((files[i], files[k]) in reached) && ((files[k], files[i]) in reached)) {
                told[files[k]] = 1
                members = members " " files[k]
            }
        complain(members, "they call each other")
    }
}

END {
    for (i = 1; i <= n; i++)
        for (k = 1; k <= wanted[files[i]]; k++) add(files[i], home[wants[files[i], k]])
    if (edges_only) exit 0
    circles()
    for (key in known) still += known[key] > 1
    if (still) print "note: " still " calls and circles still break the order (" open ")"
    if (!calls) {
        print "no call was seen"
        broken++
    }
    exit broken > 0
}
