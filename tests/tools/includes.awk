# Draws who includes whom, or who calls whom, as Graphviz: a box a folder or room of sip/, from the
# ground up, and an arrow from each file to what it needs; with -v rooms_only=1 the boxes alone, an
# arrow with the number of lines behind it.
#   awk [-v rooms_only=1] -f house.awk -f includes.awk EDGES       with "FROM TO" a line

function box(path, r) {
    r = room(path)
    if (r != "") return "sip/" r
    return folder(path) == "sip" ? "sip/*.h" : folder(path)
}

function add(path) {
    if (path in box_of) return
    box_of[path] = box(path)
    if (!(box_of[path] in number)) number[box_of[path]] = ++boxes
    files[++n] = path
}

NF == 2 {
    add($1)
    add($2)
    from[++edges] = $1
    to[edges] = $2
    if (box($1) != box($2)) between[box($1) "\" -> \"" box($2)]++
}

END {
    print "digraph plainsip {\n    rankdir=BT; node [shape=box, fontname=Helvetica, fontsize=10]; edge [arrowsize=0.5];"
    if (rooms_only) {
        for (b in number) print "    \"" b "\";"
        for (pair in between) print "    \"" pair "\" [label=" between[pair] "];"
    } else {
        for (b in number) {
            print "    subgraph cluster_" number[b] " { label=\"" b "\";"
            for (i = 1; i <= n; i++)
                if (box_of[files[i]] == b) print "        \"" files[i] "\";"
            print "    }"
        }
        for (i = 1; i <= edges; i++) print "    \"" from[i] "\" -> \"" to[i] "\";"
    }
    print "}"
}
