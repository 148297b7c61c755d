# Prints `kind name` for each name that our headers bring into a program's file scope; with
# -v only=KIND names of that kind alone, without the kind. Input: preprocessed C (cc -E) with its
# line marks; what comes from system headers is passed over. awk -f names.awk -f public_names.awk

/^# [0-9]+ "/ {
    file = $3
    gsub(/"/, "", file)
    ours = file ~ /^(\.\/)?(sip|sdp|digest|transport)\//
    next
}
ours { text = text " " bare($0) }

END {
    names_of(text, found)
    for (name in found)
        if (!only) print found[name], name
        else if (found[name] == only) print name
}
