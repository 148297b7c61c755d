# The declarations of exported functions, one a line: awk -f prototypes.awk NAMES PREPROCESSED.
# NAMES has a name a line; the other file is `cc -E -P` of plainsip.h.

FNR == NR { exported[$1] = 1; next }
{
    n = split($0, letter, "")
    for (i = 1; i <= n; i++) {
        c = letter[i]
        if (c == "{") depth++
        if (!depth) text = text c
        if (c == "}" && depth) {
            depth--
            if (!depth && text !~ /^[ \t]*(typedef|struct|union|enum)[^()]*$/) text = "" # a body
        }
        if (c == ";" && !depth) statement()
    }
    text = text " "
}

function statement() {
    gsub(/[ \t]+/, " ", text)
    sub(/^ /, "", text)
    sub(/^extern "C" /, "", text)
    if (match(text, /ps_[a-z0-9_]+ ?\(/)) {
        name = substr(text, RSTART, RLENGTH)
        sub(/ ?\($/, "", name)
        if (name in exported) print "function " text
    }
    text = ""
}
