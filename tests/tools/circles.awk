# Finds circles of files. Reads lines "D FILE SYMBOL" (defined) and "U FILE SYMBOL" (undefined), as
# check_circles.sh makes them of nm's; prints each set of files that call each other in a circle on
# one line, the files sorted. Silent where there is none.

$1 == "D" { home[$3] = $2 }
$1 == "U" { calls[$2 " " $3] = 1 }

# what can be reached from `file`, by calls, goes to reached[]
function walk(file, queue, n, at, i) {
    delete reached
    queue[n = 1] = file
    for (at = 1; at <= n; at++)
        for (i = 1; i <= below[queue[at]]; i++)
            if (!(edge[queue[at], i] in reached)) {
                reached[edge[queue[at], i]] = 1
                queue[++n] = edge[queue[at], i]
            }
}

END {
    for (pair in calls) {
        split(pair, one, " ")
        if (!(one[2] in home) || home[one[2]] == one[1]) continue
        edge[one[1], ++below[one[1]]] = home[one[2]]
        files[one[1]] = files[home[one[2]]] = 1
    }
    for (file in files) {
        walk(file)
        for (other in reached) reach[file, other] = 1
    }
    for (file in files) {
        if (!((file, file) in reach) || file in told) continue
        n = 0
        for (other in files)
            if ((file, other) in reach && (other, file) in reach) {
                told[other] = 1
                for (at = n++; at && circle[at] > other; at--) circle[at + 1] = circle[at]
                circle[at + 1] = other
            }
        for (at = 1; at <= n; at++) printf "%s%s", circle[at], at < n ? " " : "\n"
    }
}
