# Takes the samples out of READMEs: awk -v dir=DIR -f samples.awk README.md... "<!-- sample NAME -->"
# stands before a sample's block; "after OTHER" puts it behind another one.

/^<!-- sample / {
    name = $3
    after = $4 == "after" ? $5 : ""
}
/^```$/ {
    if (out) close(out)
    out = ""
}
out { print > out }
/^```[a-z]+$/ && name {
    out = dir "/" name
    if (after)
        while ((getline line < (dir "/" after)) > 0) print line > out
    name = ""
}
